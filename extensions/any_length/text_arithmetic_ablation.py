"""What does the network of four operations need? We take one thing away at a time; the number of updates is fixed.

    as it is               the network of text_arithmetic.py, with six candidates for each operation
    one candidate          each operation has a single program
    fingers see digits     starts and moves may depend on which digit it is
    one program for all    the four operations share their programs
    no pair                both characters go through 256 ReLU units; pairs have no places of their own
    lengths grow slowly    numbers reach their full length after half of the updates, not after a tenth

This is the first part of the training, which finds the programs. For each operation we keep the candidate with the most
characters right, set its fingers on one character each, and count new problems. The state is not rounded.
"""

import typing

import common
from extensions import experiments
from extensions.any_length import text_arithmetic
from extensions.any_length.fingers import N_CHARS
from extensions.any_length.problems import OPERATIONS
from extensions.any_length.text_arithmetic import DEFAULTS, Fingers, count_right, train_candidates

import keras
import numpy as np
from keras import layers, ops
from matplotlib.figure import Figure


class DigitFingers(Fingers):
    """Fingers that see each character."""

    kinds = np.eye(N_CHARS, dtype=np.float32)


class OneProgram(Fingers):
    """Fingers whose programs do not depend on the operation."""

    def program(self, candidate):
        """Return the numbers (n,) of the programs of candidates (n, 1)."""
        return candidate[:, 0]


class NoPair(Fingers):
    """Fingers whose two characters stand side by side and are read through a layer of ReLU units."""

    def __init__(self, *args):
        """Make the layers."""
        super().__init__(*args)
        self.reads = [
            keras.Sequential([layers.Dense(256, activation="relu"), layers.Dense(text_arithmetic.N_HIDDEN)])
            for _ in OPERATIONS
        ]

    def pair(self, read):
        """Return both characters (n, 2, 16) as (n, 32)."""
        return ops.reshape(read, (-1, 2 * N_CHARS))


class Variant(typing.NamedTuple):
    """What the ablation varies."""

    fingers: type = Fingers
    one_candidate: bool = False
    grow: float = 0.1


VARIANTS = {
    "as it is": Variant(),
    "one candidate": Variant(one_candidate=True),
    "fingers see digits": Variant(DigitFingers),
    "one program for all": Variant(OneProgram),
    "no pair": Variant(NoPair),
    "lengths grow slowly": Variant(grow=0.5),
}


def check(layer, reader, n_digits, rng):
    """Return for each operation and candidate the shares of characters and of answers right: two arrays (4, n)."""
    programs, kind = text_arithmetic.programs_of(layer), layer.kinds.argmax(axis=1)
    if isinstance(layer, OneProgram):
        programs = programs[:1] * len(OPERATIONS)
    shares = [count_right(programs[i], reader, i, np.full(200, n_digits), rng, kind) for i in range(len(OPERATIONS))]
    return np.array(shares).transpose(1, 0, 2)


def picture(results, tested):
    """Return a matplotlib Figure: a field for each variant, a row for each operation, a dot for each seed."""
    figure = Figure(figsize=(9, 4), dpi=100, layout="constrained")
    figure.suptitle(f"Problems of {tested} digits exact, each finger set on one character; a dot for each seed")
    for axes, (name, runs) in zip(figure.subplots(2, 3, sharex=True, sharey=True).flat, results.items(), strict=False):
        experiments.draw_dots(axes, {operation: [run[operation][-1] for run in runs] for operation in OPERATIONS})
        axes.set_title(name, size=10)
        axes.set(xlim=(-3, 103))
    figure.supxlabel("exact (%)")
    return figure


def main(argv=None):
    """Train and test each variant with each seed, and save; return the exit status."""
    shared = {name: DEFAULTS[name] for name in ("n_examples", "n_batch", "n_epoch", "learning_rate")}
    parser = common.argument_parser(__doc__, **shared)
    whole = common.number(1, 100)
    for name, meaning in (("n_digits", "most in training"), ("n_candidates", "programs for each operation")):
        option = "--" + name.replace("_", "-")
        parser.add_argument(option, type=whole, default=DEFAULTS[name], metavar="N", help=meaning)
    experiments.add_arguments(parser, n_seeds=2, search=False)
    parser.add_argument("--tested", nargs="+", type=whole, default=[5, 10, 20], metavar="N", help="digits")
    args = parser.parse_args(argv)

    def run(name, seed):
        variant, rng = VARIANTS[name], np.random.default_rng([seed, 1])
        n_candidates = 1 if variant.one_candidate else args.n_candidates
        keras.utils.set_random_seed(seed)
        own = np.random.default_rng(seed)
        layer, reader = train_candidates(variant.fingers, n_candidates, own, args, variant.grow)
        best = check(layer, reader, args.n_digits, rng)[0].argmax(axis=1)
        shares = [check(layer, reader, n_digits, rng)[1][range(len(best)), best] for n_digits in args.tested]
        return dict(zip(OPERATIONS, 100 * np.transpose(shares), strict=True))

    def report(results, folder):
        lines = [f"New problems exact, in %, of {', '.join(map(str, args.tested))} digits"]
        for name, runs in results.items():
            for i, exact in enumerate(runs):
                told = "; ".join(f"{operation} {experiments.listed(shares)}" for operation, shares in exact.items())
                lines.append(f"{name}, seed {args.seed + i}: {told}")
        return lines, picture(results, args.tested[-1])

    _, status = experiments.run_each("text_arithmetic_ablation", run, VARIANTS, report, args)
    return status


if __name__ == "__main__":
    common.run(main)
