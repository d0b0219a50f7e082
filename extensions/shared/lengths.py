"""What the scripts on numbers of any length share: prediction in parts, tests by length, and problems of your own."""

import argparse
import re
import sys
import time
import typing

import keras
import numpy as np

import common
from extensions.shared import column_problems, columns, models, training
from extensions.shared.operations import OPERATIONS

# ---- Tests -----------------------------------------------------------------------------------------------------------


KINDS = {
    "random": column_problems.draw_random,
    "carrying": column_problems.draw,
    "unequal": column_problems.draw_unequal,  # sums only
}


def predict(reader, X, n_columns_at_once=1000):
    """Predict the digits of problems of any length, a part of their columns at a time: the memory stays bounded.

    reader: a model (n_problems, any, 20) -> (n_problems, any, 10) whose recurrent layer keeps its state from part to
    part. X: columns (n, n_columns, 2). Returns int8 (n, n_columns).
    """
    n, n_columns = X.shape[:2]
    n_problems, width = reader.input_shape[0], min(n_columns, n_columns_at_once)
    digits = np.empty((n, n_columns), dtype=np.int8)
    for i in range(0, n, n_problems):
        for layer in reader.layers:
            if hasattr(layer, "reset_state"):
                layer.reset_state()
        for j in range(0, n_columns, width):
            part = X[i : i + n_problems, j : j + width]
            filled = np.zeros((n_problems, width, 2), dtype=np.int8)  # always of one shape, to be compiled once
            filled[: part.shape[0], : part.shape[1]] = part
            answers = reader.predict_on_batch(columns.one_hot(filled)).argmax(axis=2)
            digits[i : i + n_problems, j : j + width] = answers[: part.shape[0], : part.shape[1]]
    return digits


def make_predict(reader, model):
    """Make a function from columns (n, n_columns, 2) to digits (n, n_columns) of a reader, as for `predict`.

    model: a trained model whose weights the reader gets.
    """
    reader.set_weights(model.get_weights())
    reader.compile(jit_compile=keras.backend.backend() != "torch")
    return lambda X: predict(reader, X)


class Result(typing.NamedTuple):
    """The test at one length: which are exact, booleans by kind; hard ones that are wrong; the carrying ones' carry."""

    exact: dict
    wrong: list
    longest_carry: np.ndarray | None


def evaluate(predict, operation, n_digits, n_trained, rng, kinds=("random", "carrying"), answer=None):
    """Test on new problems of n_digits digits: of each kind as many, and the hard ones. Returns a Result.

    predict: from columns to what the model writes. operation: a sign of OPERATIONS. n_trained: digits of the longest
    number in training. kinds: of KINDS. answer: from columns to what it should write, if that is more than the digits.
    Raises ValueError if a problem may occur in training, those with 0 alone and the kind "carrying" excepted.
    """
    n = next(n for most, n in ((10, 10_000), (100, 2_000), (1_000, 500), (10_000, 50), (np.inf, 1)) if n_digits <= most)
    rules = OPERATIONS[operation]
    names, hard = column_problems.hard_problems(operation, n_digits, rng)
    problems = {kind: KINDS[kind](n, n_digits, rng, operation=operation) for kind in kinds} | {"hard": hard}
    for kind, X in problems.items():
        numbers = X[:, :: rules.order, : 1 if rules.one_digit else 2]
        known = (columns.count_digits(numbers) <= n_trained) & numbers.any(axis=(1, 2))
        if n_digits > n_trained and kind != "carrying" and known.any():
            raise ValueError(f"{known.sum()} {kind} problems of {n_digits} digits may occur in training")
    X = np.concatenate(list(problems.values()))
    right = (predict(X) == (answer(X) if answer else columns.work(operation, X)[0])).all(axis=1)
    right = np.split(right, n * np.arange(1, len(problems)))
    carry = columns.longest_carry(problems["carrying"]) if operation == "+" and "carrying" in kinds else None
    return Result(dict(zip(problems, right, strict=True)), [names[i] for i in np.flatnonzero(~right[-1])], carry)


def count(right):
    """Write how many of the booleans are true.

    >>> count(np.arange(1200) > 0)
    '1,199/1,200'
    """
    return f"{right.sum():,}/{len(right):,}"


def table(results):
    """Write results, a dict of number of digits -> Result, as lines of a table."""
    *kinds, hard = next(iter(results.values())).exact
    lines = [f"{'digits':>9}{''.join(f'{kind:>15}' for kind in kinds)}{hard:>9}  exact"]
    for n_digits, (exact, wrong, _) in results.items():
        *counts, hard = map(count, exact.values())
        names = f"  not {', '.join(wrong[:3])}" + f" and {len(wrong) - 3} more" * (len(wrong) > 3)
        lines.append(f"{n_digits:9,}{''.join(f'{text:>15}' for text in counts)}{hard:>9}" + names * bool(wrong))
    return "\n".join(lines)


def by_carry(results):
    """Split the carrying sums by the columns that the longest carry passes, of 10 digits or else of the fewest tested.

    Returns the number of digits, and a dict of columns passed -> booleans, which are exact.
    """
    n_digits = 10 if 10 in results else min(results)
    exact, longest = results[n_digits].exact["carrying"], results[n_digits].longest_carry
    return n_digits, {int(n): exact[longest == n] for n in np.unique(longest)}


def shares(results):
    """Compute the share, in %, of all sums that are exact, hard ones included: a dict of number of digits -> share."""
    return {n: 100 * np.concatenate(list(result.exact.values())).mean() for n, result in results.items()}


def carry_line(results):
    """Write in one line how many of the carrying sums are exact, by the columns that the longest carry passes."""
    n_digits, exact = by_carry(results)
    counts = ", ".join(f"{n}: {count(right)}" for n, right in exact.items())
    return f"Carrying sums of {n_digits:,} digits exact, by the columns that the longest carry passes: {counts}"


def failures(results):
    """Say in one line what of the results, a dict of number of digits -> Result, is not exact."""
    lines = []
    for n_digits, result in results.items():
        counts = [f"{(~right).sum()} {kind}" for kind, right in result.exact.items() if not right.all()]
        lines += [f"wrong of {n_digits:,} digits: {', '.join(counts)}"] if counts else []
    return "; ".join(lines) or "all exact"


def runs(train, test, names, args):
    """Train and test for each name with each seed.

    train: a function of a name and a seed that returns a model. test: a function of a name, a model, a number of
    digits and a NumPy Generator that returns a Result.
    Returns a dict of name -> for each seed the model, the results and a line; and the exit status.
    """

    def run(name, seed):
        start = time.perf_counter()
        model = train(name, seed)
        seconds, rng = time.perf_counter() - start, np.random.default_rng([seed, 1])
        results = {n_digits: test(name, model, n_digits, rng) for n_digits in args.tested}
        line = f"{name}, seed {seed}, {seconds:.1f} s of training: {failures(results)}"
        print(line, flush=True)
        return model, results, line

    return training.runs(run, names, args)


def report(runs, args):
    """Write the settings, and for each name the table of its first seed and a line for each seed.

    runs: a dict as from `runs`. Returns a list of lines.
    """
    lines = [settings(args)]
    for name, seeds in runs.items():
        n_exact = sum(failures(results) == "all exact" for _, results, _ in seeds)
        lines += [f"{name}, seed {args.seed}:", table(seeds[0][1]), *(line for _, _, line in seeds)]
        lines += [f"{name}: all exact with {n_exact} of {len(seeds)} seeds"]
        if len(seeds) < args.n_seeds:
            lines += [f"{name}: interrupted, {args.n_seeds} seeds were asked for"]
    return lines


# ---- Arguments, and problems of your own -----------------------------------------------------------------------------


def add_lengths(parser, n_digits, tested):
    """Add the arguments: most digits in training, and the digits to test."""
    parser.add_argument("--n-digits", type=common.number(1, 18), default=n_digits, metavar="N", help="most in training")
    number = common.number(1, 10**8)
    parser.add_argument("--tested", nargs="+", type=number, default=tested, metavar="N", help="digits to test")


def add_problem(parser, pattern, example):
    """Add the argument of a problem of the user's own, as `problem` reads it."""
    own = problem(pattern, example)
    parser.add_argument("problem", nargs="?", type=own, metavar=example, help="one of your own; - for standard input")


def settings(args):
    """Write in one line the arguments that decide what is trained."""
    others = ("outputs", "n_seeds", "tested", "problem")
    return ", ".join(f"{name}={value}" for name, value in vars(args).items() if name not in others)


def problem(pattern, example):
    """Make an argparse `type` for problems of one pattern: a text, or "-" for one from standard input.

    pattern: a regular expression with two numbers and what is between them as its groups. Returns, when called, the
    groups, the numbers without leading zeros.

    >>> problem("([0-9]+)([+])([0-9]+)", "958+67")("958+067")
    ['958', '+', '67']
    """

    def read(text):
        try:
            text = (sys.stdin.read() if text == "-" else text).strip()
        except (AttributeError, UnicodeDecodeError):  # it is closed, or has something else
            raise argparse.ArgumentTypeError("standard input has no text") from None
        text = re.sub(r"\s*([^0-9\s])\s*", r"\1", text)  # spaces may stand beside the sign, not in a number
        if match := re.fullmatch(pattern, text):
            return [re.sub("^0+(?=[0-9])", "", group) for group in match.groups()]
        shown = repr(text if len(text) <= 40 else text[:40] + "...")
        raise argparse.ArgumentTypeError(f"{shown} is not a problem such as {example}")

    return read


def load_or_train(name, args, train):
    """Load the model NAME.keras of these settings, or train it and save it."""
    model = models.load(args.outputs / f"{name}.keras", settings(args))
    if model is None:
        model = train()
        common.save(args.outputs, name, settings(args), model=model)
    return model


def check(question, answer, compute):
    """Print the answer, and whether Python's integers say the same; return the exit status, 0 if they do, else 1.

    compute: a function without arguments that returns the right answer.
    """
    sys.set_int_max_str_digits(0)  # lifts Python's limit of 4,300 digits
    print(f"{question}={answer}")
    right = str(compute())
    print("Python's integers say the same." if answer == right else f"Wrong: Python's integers say {right}")
    return int(answer != right)
