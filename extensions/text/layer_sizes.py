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

import common
import seq2seq_sum
from extensions import experiments
from extensions.text import data
from seq2seq_sum import ALPHABET

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

LEARNING_RATES = {25: 0.016, 50: 0.016, 100: 0.008, 200: 0.004, 400: 0.004}
FRAMINGS = ("as the article pads", "answer reversed")


def draw_split(n_examples, largest, rng):
    """Return the Split of n_examples pairs from 1 to `largest` to train on, and up to 1,000 each of others.

    >>> split = draw_split(1000, 9, random.Random(1))
    >>> len(split.training), len(split.validation), len(split.test)
    (1000, 4, 4)
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
    return experiments.Split(pairs, held_out[:n_held_out], held_out[n_held_out:], data.form)


def variant(cell):
    """Return the experiments.Variant of a cell: a framing, a number of digits, and the units of both LSTMs."""
    framing, n_digits, units = cell

    def build(n_in, n_out):
        return seq2seq_sum.build_model(n_in, n_out, len(ALPHABET), units=(units, units))

    def encode(pairs, training):
        texts, answers = common.to_string(pairs, [sum(pair) for pair in pairs], 2, 10**n_digits - 1)
        if framing == "answer reversed":
            answers = [text[::-1] for text in answers]
        return *data.encode_texts(texts, answers), None

    def draw(training, is_held_out, rng, n):
        return training  # drawn already

    return experiments.Variant(build, encode, LEARNING_RATES[units], draw)


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
    experiments.add_n_seeds(parser, default=1)
    parser.add_argument("--search", action="store_true", help="compare learning rates on the validation sums")
    digits = common.number(1, 9)
    parser.add_argument("--digits", nargs="+", type=digits, default=[2, 3, 4, 5], metavar="N", help="to train on")
    parser.add_argument(
        "--units", nargs="+", type=int, choices=LEARNING_RATES, default=list(LEARNING_RATES), help="sizes"
    )
    args = parser.parse_args(argv)
    cells = {
        (framing, n, units): (framing, n, units) for units in args.units for n in args.digits for framing in FRAMINGS
    }
    if args.search:
        cells = {f"{units} units": ("answer reversed", 3, units) for units in args.units}
    variants = {name: variant(cell) for name, cell in cells.items()}

    def split(name, seed):  # with one seed the same for each size and framing
        rng = random.Random(seed)
        return draw_split(args.n_epoch * args.n_examples, 10 ** cells[name][1] - 1, rng), rng

    if args.search:
        return experiments.search("layer_sizes", variants, split, args)
    results = experiments.compare(variants, split, args)
    lines, exact = [common.settings(args), "Held-out sums exact in %, of each seed"], {}
    for cell, runs in results.runs.items():
        framing, n_digits, units = cell
        exact[cell] = [100 * experiments.accuracy(run.expected, run.predicted) for run in runs]
        each = ", ".join(f"{value:.2f}" for value in exact[cell])
        lines.append(f"{framing}, up to {n_digits} digits, {units} units: {each} (n = {len(runs[0].expected)})")
    best = {n: max((np.mean(exact[cell]) for cell in exact if cell[1] == n), default=0) for n in args.digits}
    of_digits = ", ".join(f"{value:.1f} % at {n} digits" for n, value in best.items())
    title = f"Best size after {args.n_epoch * args.n_examples // args.n_batch:,} updates: {of_digits}"
    figure = picture(title, exact, args.digits, args.units)
    return experiments.finish("layer_sizes", lines, results, args, figure)


if __name__ == "__main__":
    common.run(main)
