"""Do numbers of twice the digits need twice the units? Layers of 25 to 400 units on sums of 2 to 5 digits.

The network is that of seq2seq_sum.py with as many units in the encoder as in the decoder. Each size learns sums of two
numbers of up to 2, 3, 4 or 5 digits, a network for each, with one budget of updates, once framed as the article does
and once with the answer reversed:

    as the article pads     " 678+45" -> " 723"        answer reversed     " 678+45" -> "327 "

For validation and for the test, up to 1,000 pairs each are held out, in both orders of their terms. Each size has the
learning rate, of 0.004, 0.008 and 0.016, with which it did best on validation sums of up to 3 digits, answer reversed,
seed 101 (--search).
"""

import random

import keras
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

import common
import seq2seq_sum
from extensions.shared import training
from seq2seq_sum import ALPHABET

LEARNING_RATES = {25: 0.016, 50: 0.016, 100: 0.008, 200: 0.004, 400: 0.004}
FRAMINGS = ("as the article pads", "answer reversed")


def build_model(n_in, n_out, units):
    """Return the article's encoder-decoder with so many units in both of its LSTMs, not compiled."""
    return seq2seq_sum.build_model(n_in, n_out, len(ALPHABET), (units, units))


def draw(n_examples, largest, rng):
    """Return pairs from 1 to `largest` for training, validation and test: three lists, no pair in two, in any order.

    >>> training, validation, test = draw(1000, 9, random.Random(1))
    >>> len(training), len(validation), len(test), {tuple(sorted(pair)) for pair in training} & set(validation + test)
    (1000, 4, 4, set())
    """
    n_held_out = min(1000, largest * (largest + 1) // 2 // 10)
    held_out = {}
    while len(held_out) < 2 * n_held_out:
        held_out[tuple(sorted((rng.randint(1, largest), rng.randint(1, largest))))] = None
    pairs = []
    while len(pairs) < n_examples:
        pair = rng.randint(1, largest), rng.randint(1, largest)
        if tuple(sorted(pair)) not in held_out:
            pairs.append(pair)
    held_out = list(held_out)
    return pairs, held_out[:n_held_out], held_out[n_held_out:]


def encode(framing, pairs, largest):
    """Return pairs and their sums in a framing as one-hot sequences: two arrays (n, steps, 12)."""
    texts, answers = common.to_string(pairs, [sum(pair) for pair in pairs], 2, largest)
    if framing == "answer reversed":
        answers = [text[::-1] for text in answers]
    return common.one_hot_encode(*common.integer_encode(texts, answers, ALPHABET), len(ALPHABET))


def picture(title, exact, n_digits, units):
    """Return a matplotlib Figure: a field for each framing, digits across, units up, the seeds' mean in each cell.

    exact: a dict of (framing, digits, units) -> exact match of each seed, in %.
    """
    figure = Figure(figsize=(9, 4), dpi=100, layout="constrained")
    figure.suptitle(title)
    for axes, framing in zip(figure.subplots(1, 2, sharey=True), FRAMINGS, strict=True):
        for x, digits in enumerate(n_digits):
            for y, size in enumerate(units):
                if cell := exact.get((framing, digits, size)):
                    mean = np.mean(cell)
                    axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, color=str(0.5 + mean / 200)))
                    axes.text(x, y, f"{mean:.1f}", ha="center", va="center")
        axes.set(
            title=f"{framing}: held-out sums exact (%)",
            xlabel="digits of both numbers, at most",
            xlim=(-0.5, len(n_digits) - 0.5),
        )
        axes.set_xticks(range(len(n_digits)), n_digits)
        axes.set_yticks(range(len(units)), units)
        axes.set_ylim(-0.5, len(units) - 0.5)
    figure.axes[0].set_ylabel("units of the encoder and of the decoder")
    return figure


def main(argv=None):
    """Train each size on each number of digits in both framings, and save; return the exit status."""
    parser = common.argument_parser(__doc__, n_examples=9600, n_batch=32, n_epoch=10)
    training.add_n_seeds(parser, default=1)
    parser.add_argument("--search", action="store_true", help="compare learning rates on the validation sums")
    digits = common.number(1, 9)
    parser.add_argument("--digits", nargs="+", type=digits, default=[2, 3, 4, 5], metavar="N", help="to train on")
    parser.add_argument(
        "--units", nargs="+", type=int, choices=LEARNING_RATES, default=list(LEARNING_RATES), help="sizes"
    )
    args = parser.parse_args(argv)
    n_steps = args.n_examples // args.n_batch

    def run(cell, seed, learning_rate):
        # Data: with one seed the same for each size and framing
        framing, n_digits, units = cell
        keras.utils.set_random_seed(seed)
        parts = draw(args.n_epoch * n_steps * args.n_batch, 10**n_digits - 1, random.Random(seed))
        (X, y), validation, test = (encode(framing, part, 10**n_digits - 1) for part in parts)

        # Model
        model = build_model(X.shape[1], y.shape[1], units)
        n_at_once = common.steps_per_execution(n_steps)
        optimizer = training.adam(learning_rate, args.n_epoch * n_steps)
        model.compile(optimizer, "categorical_crossentropy", metrics=[training.exact], steps_per_execution=n_at_once)

        # Training and evaluation
        model.fit(X, y, args.n_batch, epochs=args.n_epoch, steps_per_epoch=n_steps, shuffle=False, verbose=2)
        _, exact = model.evaluate(*(validation if args.search else test), batch_size=1000, verbose=0)
        return len(test[0]), None, [exact]

    if args.search:
        sizes = {f"{units} units": ("answer reversed", 3, units) for units in args.units}
        return training.search("layer_sizes", lambda name, seed, rate: run(sizes[name], seed, rate), sizes, args)
    cells = [(framing, n, units) for units in args.units for n in args.digits for framing in FRAMINGS]
    results, status = training.runs(lambda cell, seed: run(cell, seed, LEARNING_RATES[cell[2]]), cells, args)
    lines, exact = [common.settings(args), "Held-out sums exact in %, of each seed"], {}
    for cell, seeds in results.items():
        exact[cell] = [100 * value for _, _, [value] in seeds]
        each = ", ".join(f"{value:.2f}" for value in exact[cell])
        lines.append(f"{cell[0]}, up to {cell[1]} digits, {cell[2]} units: {each} (n = {seeds[0][0]})")
    best = {n: max((np.mean(exact[cell]) for cell in exact if cell[1] == n), default=0) for n in args.digits}
    of_digits = ", ".join(f"{value:.1f} % at {n} digits" for n, value in best.items())
    title = f"Best size after {args.n_epoch * n_steps:,} updates: {of_digits}"
    figure = picture(title, exact, args.digits, args.units)
    training.finish("layer_sizes", lines, results, status, args, figure)
    return status


if __name__ == "__main__":
    common.run(main)
