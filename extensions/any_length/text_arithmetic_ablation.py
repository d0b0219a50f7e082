"""What does the network of four operations need? One thing is taken away at a time, with as many updates.

    as it is               text_arithmetic.py: six candidates for each operation, the best of which is kept
    one candidate          each operation has one program
    fingers see digits     which digit it is has a say in starts and moves
    one program for all    the four operations share their programs
    no pair                both characters go through a layer of 256 ReLU, not each pair into a place of its own
    lengths grow slowly    all lengths after half of the updates, not after a tenth

Tested is the first part of the training, which finds the programs. As there, the candidate with the most characters
right is kept, with each finger set on one character; the state is not rounded.
"""

import typing

import common
from extensions import experiments
from extensions.any_length import automaton, problems, text_arithmetic
from extensions.any_length.fingers import N_CHARS, read
from extensions.any_length.problems import OPERATIONS
from extensions.any_length.text_arithmetic import DEFAULTS, Fingers

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
    """Fingers whose two characters are put beside each other, and read through a layer of ReLU."""

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


def train(variant, n_candidates, seed, args):
    """Return the trained Fingers of a variant, and the reader of what they read."""
    keras.utils.set_random_seed(seed)
    rng, n = np.random.default_rng(seed), args.n_epoch * args.n_examples
    text, answers = text_arithmetic.draw_texts(n, args.n_digits, rng, variant.grow)
    candidates = rng.integers(0, n_candidates, (n, 1), dtype=np.int32)
    fingers = variant.fingers(answers.shape[1], n_candidates)
    model = text_arithmetic.build_model(text.shape[1], fingers)
    schedule = keras.optimizers.schedules.CosineDecay(args.learning_rate, n // args.n_batch, alpha=0.2)
    text_arithmetic.train(model, [text, candidates], answers, args.n_epoch, schedule, args)
    return fingers, text_arithmetic.reader_of(model)


def check(fingers, reader, n_digits, rng):
    """Return for each operation and candidate the characters right, and the problems exact, in %, of 200 new ones."""
    programs, characters, exact = text_arithmetic.programs_of(fingers), [], []
    kind = fingers.kinds.argmax(axis=1)
    for i, operation in enumerate(OPERATIONS.values()):
        text, answers = problems.encode(operation, problems.draw(operation, np.full(200, n_digits), n_digits, rng))
        step, counts = text_arithmetic.make_step(reader, i), text_arithmetic.before_the_end(answers)
        for program in programs[0 if isinstance(fingers, OneProgram) else i]:
            _, symbols = read(program, text, answers.shape[1], kind)
            right = automaton.collect(step, text_arithmetic.START, symbols)[1] == answers
            characters.append(right[counts].mean())
            exact.append(100 * (right | ~counts).all(axis=1).mean())
    return np.reshape(characters, (4, -1)), np.reshape(exact, (4, -1))


def picture(results, tested):
    """Return a matplotlib Figure: a field for each variant, a row for each operation, a dot for each seed."""
    figure = Figure(figsize=(9, 4), dpi=100, layout="constrained")
    figure.suptitle(f"Problems of {tested} digits exact, each finger set on one character, two seeds")
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
        fingers, reader = train(variant, n_candidates, seed, args)
        best = check(fingers, reader, args.n_digits, rng)[0].argmax(axis=1)
        exact = {operation: [] for operation in OPERATIONS}
        for n_digits in args.tested:
            shares = check(fingers, reader, n_digits, rng)[1][range(4), best]
            for operation, share in zip(OPERATIONS, shares, strict=True):
                exact[operation].append(share)
        return exact

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
