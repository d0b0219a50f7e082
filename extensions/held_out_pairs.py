"""Does it learn or memorise? The article's model, tested on pairs of numbers that training never had.

The article tests on sums that training has seen: numbers up to 10 make 55 pairs, and training draws 30,000. Here a
fifth of the pairs, in both orders, is held out. The model and its training are the article's, for ten times its epochs:
once with numbers up to 10, once with numbers up to 99, which make 4,950 pairs. Nothing else differs.
"""

import itertools

import common
import seq2seq_sum
from extensions import expressions, training
from seq2seq_sum import ALPHABET


def run(largest, args, seed):
    """Train on four fifths of the pairs up to `largest`, evaluate on the others.

    Returns expected and predicted answers of the held-out pairs, a history, and a text if interrupted.
    """
    rng = common.set_seed(seed)

    # Data
    pairs, held_out = expressions.hold_out_pairs(largest, largest * (largest + 1) // 10, rng)

    def encode(pairs):
        X, y = common.to_string(pairs, [sum(pair) for pair in pairs], 2, largest)
        return common.one_hot_encode(*common.integer_encode(X, y, ALPHABET), len(ALPHABET))

    def draw(n):
        return encode(expressions.draw_pairs(pairs, n, rng))

    # Model: the article's, with a metric for whole answers.
    n_in, n_out = common.sequence_lengths(2, largest)
    model = seq2seq_sum.build_model(n_in, n_out, len(ALPHABET))
    steps_per_execution = common.steps_per_execution(args.n_examples, args.n_batch)
    model.compile("adam", "categorical_crossentropy", metrics=[training.exact], steps_per_execution=steps_per_execution)

    # Training: Keras evaluates the held-out pairs, in both orders, after each epoch; nothing is chosen by them.
    counted = expressions.count_held_out(pairs, held_out, name=lambda pair: tuple(sorted(pair)))
    print(f"\nNumbers up to {largest}, seed {seed}. {counted}")
    X, y = encode(held_out + [pair[::-1] for pair in held_out])
    history, interrupted = common.train(model, draw, args.n_examples, args.n_batch, args.n_epoch, (X, y))

    # Evaluation
    expected = [common.invert_encoding(seq, ALPHABET) for seq in y]
    return expected, expressions.answers(model, X, ALPHABET), history, interrupted


def picture(histories, n_article, title):
    """Draw the exact shares of the trained and of the held-out pairs against epochs, a line for each run.

    histories: a dict of the largest number -> for each run a history. n_article: the epochs of the article.
    Returns a matplotlib Figure.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4.5), layout="constrained")
    figure.suptitle(title)
    for axes, (largest, runs) in zip(figure.subplots(1, 2, sharey=True), histories.items(), strict=True):
        for i, history in enumerate(runs):
            for name, color, label in (("exact", "C0", "in training"), ("val_exact", "C1", "held out")):
                shares = [100 * share for share in history[name]]
                axes.plot(range(1, len(shares) + 1), shares, color=color, alpha=0.7, label=None if i else label)
        axes.axvline(n_article, color="gray", linestyle=":", label="the article's end")
        axes.set(title=f"numbers up to {largest}", xlabel="epoch", ylabel="answers exact (%)")
        axes.legend(title="a line for each seed", loc="center right")
        axes.grid(alpha=0.3)
    return figure


def main(argv=None):
    """Train on small and on large numbers with each seed, and save; return the exit status."""
    limits = {"largest": (11, 999)}
    parser = common.argument_parser(__doc__, limits, largest=99, n_examples=1000, n_batch=10, n_epoch=300)
    training.add_n_seeds(parser)
    args = parser.parse_args(argv)
    ranges = (10, args.largest)
    histories, lines, interrupted = training.compare(
        lambda largest, seed: run(largest, args, seed), ranges, args, "Numbers up to {}, the held-out pairs"
    )

    n_article = max(1, args.n_epoch // 10)
    lines += ["", "Answers exact, %: the mean of the seeds, and each seed"]
    for largest, n_epoch in itertools.product(filter(histories.get, ranges), (n_article, args.n_epoch)):
        for name, label in (("exact", "in training"), ("val_exact", "held out")):
            shares = [history[name][:n_epoch] for history in histories[largest]]
            lines += [f"up to {largest}, {n_epoch:3} epochs, {label:>11}: {training.mean_and_each(shares)}"]
    result = "\n".join(lines)
    print(result)
    figure = picture(histories, n_article, f"held_out_pairs: does it learn or memorise? {interrupted}")
    common.save(args.outputs, "held_out_pairs", result, figure)
    return 130 if interrupted else 0


if __name__ == "__main__":
    raise SystemExit(main())
