"""How large must the layers be? Layers of 25 to 200 units on sums of two and three digits.

The network is that of seq2seq_sum.py, but with as many units in the encoder as in the decoder. For each size we train
one network on sums of up to two digits and one on up to three, all with the same number of updates. Each is trained
twice, once as the article writes its sums and once with the answer reversed:

    as the article pads     " 678+45" -> " 723"        answer reversed     " 678+45" -> "327 "

Up to 1,000 pairs are held out for validation, and as many for the test, always in both orders. We compared learning
rates of 0.004, 0.008 and 0.016 on validation sums of up to 3 digits, with the answer reversed, with seed 101
(--search); each size uses its best rate.
"""

import functools
import itertools
import typing

import common
import seq2seq_sum
from extensions import experiments
from extensions.text import data

import numpy as np
from matplotlib.figure import Figure

LEARNING_RATES = {25: 0.016, 50: 0.016, 100: 0.008, 200: 0.004, 400: 0.004}
FRAMINGS = ("as the article pads", "answer reversed")


class Cell(typing.NamedTuple):
    """What is trained: a framing, the most digits that a term has, and the units of each LSTM."""

    framing: str
    n_digits: int
    units: int


def split(largest, rng):
    """Return a Split of the pairs from 1 to `largest`. Its training part is empty: too many to list, see `draw`."""
    n_held_out = min(1000, largest * (largest + 1) // 2 // 10)
    held_out = {}  # a dict keeps the order in which they are drawn
    while len(held_out) < 2 * n_held_out:
        held_out[data.form((rng.randint(1, largest), rng.randint(1, largest)))] = None
    held_out = list(held_out)
    return experiments.Split([], held_out[:n_held_out], held_out[n_held_out:], data.form)


def draw(training, is_held_out, rng, n, largest):
    """Return n pairs from 1 to `largest` that are not held out."""
    pairs = []
    while len(pairs) < n:
        pair = rng.randint(1, largest), rng.randint(1, largest)
        if not is_held_out(pair):
            pairs.append(pair)
    return pairs


def variant(cell):
    """Return the experiments.Variant of a cell."""
    largest = 10**cell.n_digits - 1

    def encode(pairs):
        texts, answers = common.to_string(pairs, [sum(pair) for pair in pairs], 2, largest)
        if cell.framing == "answer reversed":
            answers = [text[::-1] for text in answers]
        return data.encode_texts(texts, answers)

    build = functools.partial(seq2seq_sum.build_model, units=(cell.units, cell.units))
    draw_pairs = functools.partial(draw, largest=largest)
    return experiments.Variant(LEARNING_RATES[cell.units], encode, build, draw_pairs, problems=largest)


def main(argv=None):
    """Train each size in both framings, for each number of digits, and save; return the exit status."""
    parser = common.argument_parser(__doc__, n_examples=9600, n_batch=32, n_epoch=10)
    experiments.add_arguments(parser, n_seeds=1)
    digits, sizes = common.number(1, 9), list(LEARNING_RATES)
    parser.add_argument("--digits", nargs="+", type=digits, default=[2, 3], metavar="N", help="to train on")
    parser.add_argument("--units", nargs="+", type=int, choices=sizes, default=[25, 50, 100, 200], help="sizes")
    args = parser.parse_args(argv)
    cells = {}
    for units, n_digits, framing in itertools.product(args.units, args.digits, FRAMINGS):
        cells[f"{framing}, up to {n_digits} digits, {units} units"] = Cell(framing, n_digits, units)
    if args.search:
        cells = {f"{units} units": Cell("answer reversed", 3, units) for units in args.units}

    def report(results, folder):
        lines, exact = ["Held-out sums exact in %, of each seed"], {}
        for name, runs in results.items():
            exact[cells[name]] = [run.exact for run in runs]
            lines.append(f"{name}: {experiments.listed(exact[cells[name]])} (n = {len(runs[0].problems)})")
        best = {n: 0 for n in args.digits}
        for cell, values in exact.items():
            best[cell.n_digits] = max(best[cell.n_digits], np.mean(values))
        of_digits = ", ".join(f"{value:.1f} % at {n} digits" for n, value in best.items())
        n_updates = args.n_epoch * args.n_examples // args.n_batch
        return lines, picture(f"Best cell after {n_updates:,} updates: {of_digits}", exact)

    variants = {name: variant(cell) for name, cell in cells.items()}
    return experiments.compare("layer_sizes", variants, split, report, args)


def picture(title, exact):
    """Return a Figure with a panel for each framing: digits across, units up, and in each cell the mean of the seeds.

    exact: a dict of Cell -> exact match of each seed, in %.
    """
    n_digits, units = sorted({cell.n_digits for cell in exact}), sorted({cell.units for cell in exact})
    figure = Figure(figsize=(9, 4), dpi=100, layout="constrained")
    figure.suptitle(title)
    for axes, framing in zip(figure.subplots(1, 2, sharey=True), FRAMINGS, strict=True):
        means = np.full((len(units), len(n_digits)), np.nan)
        for cell, values in exact.items():
            if cell.framing == framing:
                row, column = units.index(cell.units), n_digits.index(cell.n_digits)
                means[row, column] = np.mean(values)
                axes.text(column, row, f"{means[row, column]:.1f}", ha="center", va="center")
        axes.imshow(means, cmap="gray", vmin=-100, vmax=100, origin="lower", aspect="auto")
        axes.set(title=f"{framing}: held-out sums exact (%)", xlabel="digits of both numbers, at most")
        axes.set_xticks(range(len(n_digits)), n_digits)
        axes.set_yticks(range(len(units)), units)
    figure.axes[0].set_ylabel("units of the encoder and of the decoder")
    return figure


if __name__ == "__main__":
    common.run(main)
