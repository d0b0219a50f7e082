"""Does it cope with two, three or four terms? The article's extension: one model for sums of various lengths.

Sums of two to four terms from 1 to 10, all padded to one length, the one that five terms need:

    "     3+10+1+7" -> encoder LSTM -> (100,) -> repeated (2, 100) -> decoder LSTM -> (2, 12) probabilities -> "21"

There are 11,100 sums; at least a tenth of them, with all orders of their terms, is held out of training. At the end the
model meets sums of five terms, of which it has never seen one.
"""

import collections

import common
import seq2seq_sum
from extensions import expressions, training
from seq2seq_sum import ALPHABET


def main(argv=None):
    """Train, evaluate on the held-out sums and on sums of five terms, and save; return the exit status."""
    limits = {"largest": (2, 20)}
    parser = common.argument_parser(__doc__, limits, n_examples=10_000, largest=10, n_batch=50, n_epoch=50)
    args = parser.parse_args(argv)
    rng = common.set_seed(args.seed)

    # Data. Sums of four terms, and values near 20, are most of all sums: the rarer ones are drawn more often.
    problems = [sum_ for n_numbers in (2, 3, 4) for sum_ in expressions.expressions(n_numbers, args.largest)]
    trained, held_out = expressions.hold_out(problems, len(problems) // 10, rng)
    longer, totals = common.random_sum_pairs(1000, 5, args.largest, rng)
    five_terms = [("+".join(map(str, terms)), total) for terms, total in zip(longer, totals, strict=True)]
    n_in, n_out = common.sequence_lengths(5, args.largest)
    X, y = expressions.encode(trained, n_in, n_out, ALPHABET)
    X_held_out, y_held_out = expressions.encode(held_out, n_in, n_out, ALPHABET)
    X_five_terms, _ = expressions.encode(five_terms, n_in, n_out, ALPHABET)
    values = collections.Counter(value for _, value in trained)
    lengths = collections.Counter(text.count("+") for text, _ in trained)
    weights = [(values[value] * lengths[text.count("+")]) ** -0.5 for text, value in trained]

    def draw(n):
        chosen = rng.choices(range(len(trained)), weights, k=n)
        return X[chosen], y[chosen]

    # Model
    model = seq2seq_sum.build_model(n_in, n_out, len(ALPHABET))
    training.compile_with_schedule(model, 0.006, args)
    summary = common.summary(model, args)
    print(summary)

    # Training: Keras evaluates the held-out sums after each epoch; nothing is chosen by them.
    history, interrupted = common.train(
        model, draw, args.n_examples, args.n_batch, args.n_epoch, (X_held_out, y_held_out)
    )

    # Evaluation
    expected = [str(value).rjust(n_out) for _, value in held_out]
    predicted = expressions.answers(model, X_held_out, ALPHABET)
    answers = expressions.answers(model, X_five_terms, ALPHABET)
    right = [answer == str(total).rjust(n_out) for answer, total in zip(answers, totals, strict=True)]
    familiar = [is_right for is_right, total in zip(right, totals, strict=True) if total <= 4 * args.largest]
    lines = [expressions.count_held_out(trained, held_out), common.report(expected, predicted, interrupted)]
    lines += [f"Five terms: {sum(right)} of {len(right)} exact"]
    lines += [f"Of those whose sum is at most {4 * args.largest}: {sum(familiar)} of {len(familiar)} exact"]
    result = "\n".join(lines)
    print(result)
    title = f"variable_terms: sums of two to four terms that training never had {interrupted}"
    figure = common.picture(title, history, "cross-entropy (nats per character)", expected, predicted)
    common.save(args.outputs, "variable_terms", f"{summary}\n{result}", figure, model)
    return 130 if interrupted else 0


if __name__ == "__main__":
    raise SystemExit(main())
