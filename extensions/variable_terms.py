"""Does it cope with two, three or four terms? The article's extension: one model for sums of various lengths.

Sums of two to four terms from 1 to 10, all padded to one length, the one that five terms need:

    "     3+10+1+7" -> encoder LSTM -> (100,) -> repeated (2, 100) -> decoder LSTM -> (2, 12) probabilities -> "21"

There are 11,100 sums. For validation and for the test, a tenth each is held out, with all orders of their terms. At the
end the model reads sums of five terms, which it has never seen. Of the learning rates 0.004, 0.008 and 0.016, the one
used did best on validation sums of the seed 101 (--search). Most sums have four terms, or a value near 20: the rarer
ones are drawn more often, by a rule that was found on other splits.
"""

import collections
import random

import keras
import numpy as np
from matplotlib.figure import Figure

import common
import seq2seq_sum
from extensions.shared import expressions, training
from seq2seq_sum import ALPHABET

LEARNING_RATES = {"two to four terms": 0.008}
FIVE = "5 terms, sum "


def weigh(problems):
    """Return a weight for drawing each sum: 1 / sqrt(how many have the same value * how many have as many terms)."""
    values = collections.Counter(value for _, value in problems)
    lengths = collections.Counter(text.count("+") for text, _ in problems)
    return [(values[value] * lengths[text.count("+")]) ** -0.5 for text, value in problems]


def picture(exact):
    """Return a matplotlib Figure: a row for each kind of sum, a dot for each seed.

    exact: a dict of kind -> how many in % are exact with each seed.
    """
    figure = Figure(figsize=(9, 3), dpi=100, layout="constrained")
    axes = figure.subplots()
    training.draw_dots(axes, exact)
    five = [f"{np.mean(exact[kind]):.1f} % {kind[len(FIVE) :]}" for kind in exact if kind.startswith(FIVE)]
    axes.set(title=f"Sums of five terms were never trained; exact: {', '.join(five)}", xlim=(-3, 103))
    axes.set_xlabel("exact match on sums that were not in training (%), a dot for each seed")
    return figure


def main(argv=None):
    """Train, evaluate on the held-out sums and on sums of five terms, and save; return the exit status."""
    parser = common.argument_parser(
        __doc__, {"largest": (2, 20)}, n_examples=10_000, largest=10, n_batch=50, n_epoch=50
    )
    training.add_arguments(parser)
    args = parser.parse_args(argv)
    n_in, n_out = common.sequence_lengths(5, args.largest)
    n_steps = args.n_examples // args.n_batch
    up_to, above = f"{FIVE}up to {4 * args.largest}", f"{FIVE}above {4 * args.largest}"
    problems = [sum_ for n in (2, 3, 4) for sum_ in expressions.expressions(n, args.largest, "+")]

    def run(name, seed, learning_rate):
        # Data
        keras.utils.set_random_seed(seed)
        rng = random.Random(seed)
        parts = expressions.split(problems, len(problems) // 10, rng)
        (X, y), validation, test = (expressions.encode(part, n_in, n_out, ALPHABET) for part in parts)
        chosen = rng.choices(range(len(X)), weigh(parts[0]), k=args.n_epoch * n_steps * args.n_batch)

        # Model
        model = seq2seq_sum.build_model(n_in, n_out, len(ALPHABET))
        model.compile(
            training.adam(learning_rate, args.n_epoch * n_steps),
            loss="categorical_crossentropy",
            metrics=[training.exact],
            steps_per_execution=common.steps_per_execution(n_steps),
        )

        # Training
        history = model.fit(
            X[chosen],
            y[chosen],
            batch_size=args.n_batch,
            epochs=args.n_epoch,
            steps_per_epoch=n_steps,
            shuffle=False,
            validation_data=validation,
            validation_batch_size=1000,
            verbose=2,
        )

        # Evaluation: on the held-out sums,
        expected = [common.invert_encoding(seq, ALPHABET) for seq in test[1]]
        predicted = expressions.answers(model, test[0], ALPHABET)

        # and of five terms, never trained; the sums of four terms go to 40
        longer, totals = common.random_sum_pairs(1000, 5, args.largest, rng)
        five = [("+".join(map(str, terms)), total) for terms, total in zip(longer, totals, strict=True)]
        X_five, y_five = expressions.encode(five, n_in, n_out, ALPHABET)
        expected_five = [common.invert_encoding(seq, ALPHABET) for seq in y_five]
        kinds = [f"{text.count('+') + 1} terms" for text, _ in parts[2]]
        kinds += [up_to if total <= 4 * args.largest else above for total in totals]
        counts = training.count_by_kind(
            kinds, expected + expected_five, predicted + expressions.answers(model, X_five, ALPHABET)
        )
        return expected, predicted, history.history["val_exact"], counts

    if args.search:
        return training.search("variable_terms", run, LEARNING_RATES, args)
    results, status = training.runs(lambda name, seed: run(name, seed, LEARNING_RATES[name]), LEARNING_RATES, args)
    lines, figure = [common.settings(args)], None
    if results:
        lines += training.table({name: [run[:3] for run in runs] for name, runs in results.items()}, n_steps)
        [runs] = results.values()
        exact = {}
        for kind in ("2 terms", "3 terms", "4 terms", up_to, above):
            counts = [counts[kind] for *_, counts in runs if kind in counts]
            if counts:
                exact[kind] = [100 * n_exact / n for n_exact, n in counts]
                each = ", ".join(f"{value:.2f}" for value in exact[kind])
                lines.append(f"{kind:>24}: {training.share(*map(sum, zip(*counts, strict=True)))}; {each}")
        figure = picture(exact)
    training.finish("variable_terms", lines, results, status, args, figure)
    return status


if __name__ == "__main__":
    common.run(main)
