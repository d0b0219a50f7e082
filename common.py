"""What the three scripts share: first what the article's reader copies, then arguments, report, pictures and files.

The first part is plain Python and NumPy. `to_string` calls `sequence_lengths`, and `generate_data` calls
`random_sum_pairs`, `to_string`, `integer_encode` and `one_hot_encode`; each of the others can be copied alone.
"""

import argparse
import contextlib
import itertools
import math
import os
import random
import re
import sys
import tempfile
from pathlib import Path

import keras
import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import root_mean_squared_error


def random_sum_pairs(n_examples, n_numbers, largest, rng=random):
    """Draw lists of whole numbers from 1 to `largest`, and their sums.

    n_examples, n_numbers, largest: ints >= 1, or ValueError. rng: anything with `randint`.
    Returns X, a list of n_examples lists of n_numbers ints, and y, the list of their n_examples sums.
    Article: "Adding Numbers" (random_sum_pairs).

    >>> random_sum_pairs(1, 2, 10, random.Random(1))
    ([[3, 10]], [13])
    """
    if min(n_examples, n_numbers, largest) < 1:
        raise ValueError(f"n_examples, n_numbers and largest must be at least 1: {n_examples}, {n_numbers}, {largest}")
    X = [[rng.randint(1, largest) for _ in range(n_numbers)] for _ in range(n_examples)]
    return X, [sum(terms) for terms in X]


def normalize(X, y, n_numbers, largest):
    """Scale terms and sums to the range (0, 1] by dividing by the largest possible sum.

    X: (n, n_numbers) whole numbers from 1 to `largest`. y: their n sums. Anything else is a ValueError.
    Returns float64 arrays (n, n_numbers) and (n,), in units of largest * n_numbers.
    Article: "Adding Numbers" (the normalize step).

    >>> X, y = normalize([[3, 10]], [13], 2, 10)
    >>> X.tolist(), y.tolist()
    ([[0.15, 0.5]], [0.65])
    """
    X, y = np.array(X, dtype=float), np.array(y, dtype=float)
    if X.shape != (len(y), n_numbers) or not (1 <= X.min() and X.max() <= largest and y.max() <= largest * n_numbers):
        raise ValueError(f"X is not {len(y)} rows of {n_numbers} numbers from 1 to {largest}, or y not their sums")
    return X / float(largest * n_numbers), y / float(largest * n_numbers)


def invert_normalization(value, n_numbers, largest):
    """Scale a normalized sum back and round it to the nearest whole number.

    value: a float or an array of floats, in units of largest * n_numbers.
    Returns the whole number as a float64, or an array of them in the same shape; NaN stays NaN.
    Article: "Adding Numbers" (the first invert).

    >>> print(invert_normalization(0.65, 2, 10))
    13.0
    """
    return np.rint(np.asarray(value, dtype=float) * float(largest * n_numbers)) + 0.0  # + 0.0 turns -0.0 into 0.0


def sequence_lengths(n_numbers, largest):
    """Count the characters of the widest possible input and of the widest possible sum.

    n_numbers, largest: ints >= 1, or ValueError. Returns n_in, n_out.
    Article: "Addition as a seq2seq Problem" (max_length; its ceil(log10()) is at times one too many).

    >>> sequence_lengths(2, 10), sequence_lengths(3, 33)  # 33+33+33 is 99, for which the article's formula gives 3
    ((5, 2), (8, 2))
    """
    if min(n_numbers, largest) < 1:
        raise ValueError(f"n_numbers and largest must be at least 1, not {n_numbers} and {largest}")
    return n_numbers * len(str(largest)) + n_numbers - 1, len(str(n_numbers * largest))


def to_string(X, y, n_numbers, largest):
    """Write sums as text: terms joined by '+', both sides padded with spaces on the left.

    X: n lists of up to n_numbers whole numbers. y: their n sums.
    Returns two lists of n strings, of the two lengths that `sequence_lengths` gives.
    Raises ValueError for a row of too many terms and for a text too wide.
    Article: "Addition as a seq2seq Problem" (to_string).

    >>> to_string([[3, 10]], [13], 2, 10)
    ([' 3+10'], ['13'])
    """
    n_in, n_out = sequence_lengths(n_numbers, largest)
    if len(max(X, key=len)) > n_numbers:
        raise ValueError(f"{max(X, key=len)} has more than {n_numbers} terms")
    X = ["+".join(str(term) for term in terms).rjust(n_in) for terms in X]
    y = [str(total).rjust(n_out) for total in y]
    for texts, width in ((X, n_in), (y, n_out)):
        if len(max(texts, key=len)) > width:
            raise ValueError(f"{max(texts, key=len)!r} does not fit {width} characters")
    return X, y


def integer_encode(X, y, alphabet):
    """Replace each character by its index in the alphabet.

    X, y: lists of strings of one length, n_in and n_out. alphabet: single characters, a string or a list.
    Returns integer arrays (n, n_in) and (n, n_out).
    Raises ValueError for a character outside the alphabet and for strings of different lengths.
    Article: "Addition as a seq2seq Problem" (integer_encode).

    >>> X, y = integer_encode([" 3+10"], ["13"], "0123456789+ ")
    >>> X.tolist(), y.tolist()
    ([[11, 3, 10, 1, 0]], [[1, 3]])
    """
    index = {character: i for i, character in enumerate(alphabet)}

    def encode(texts):
        shortest, longest = min(texts, key=len), max(texts, key=len)
        if len(shortest) != len(longest):
            raise ValueError(f"{shortest!r} and {longest!r} differ in length")
        try:
            return np.array([[index[character] for character in text] for text in texts])
        except KeyError as error:
            raise ValueError(f"{error} is not in the alphabet {''.join(alphabet)!r}") from None

    return encode(X), encode(y)


def one_hot_encode(X, y, max_int):
    """Replace each index by a vector of max_int zeros with a one in that place.

    X, y: integer arrays (or nested lists) (n, n_in) and (n, n_out), each entry in 0..max_int - 1.
    Returns float32 arrays (n, n_in, max_int) and (n, n_out, max_int). Raises ValueError for an index outside.
    Article: "Addition as a seq2seq Problem" (one_hot_encode).

    >>> X, y = one_hot_encode([[2, 0]], [[1]], 3)
    >>> X.tolist(), y.tolist()
    ([[[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]], [[[0.0, 1.0, 0.0]]])
    """
    X, y = np.asarray(X), np.asarray(y)
    for indices in (X, y):
        if indices.min() < 0 or indices.max() >= max_int:
            raise ValueError(f"an index is not from 0 to {max_int - 1}, but from {indices.min()} to {indices.max()}")
    vectors = np.eye(max_int, dtype=np.float32)
    return vectors[X], vectors[y]


def generate_data(n_samples, n_numbers, largest, alphabet, rng=random):
    """Draw sums and encode them as one-hot sequences: the article's four steps in a row.

    Returns float32 arrays (n_samples, n_in, n_chars) and (n_samples, n_out, n_chars), n_chars = len(alphabet).
    Raises ValueError as the four steps do. Article: "Addition as a seq2seq Problem" (generate_data).

    >>> X, y = generate_data(1, 2, 10, "0123456789+ ", random.Random(1))
    >>> X.shape, y.shape, invert_encoding(X[0], "0123456789+ ")
    ((1, 5, 12), (1, 2, 12), ' 3+10')
    """
    X, y = random_sum_pairs(n_samples, n_numbers, largest, rng)
    X, y = to_string(X, y, n_numbers, largest)
    X, y = integer_encode(X, y, alphabet)
    return one_hot_encode(X, y, len(alphabet))


def invert_encoding(seq, alphabet):
    """Read one sequence of one-hot vectors, or of probabilities, as text: the likeliest character at each step.

    seq: an array (n_steps, n_chars), n_chars = len(alphabet). Returns a string of n_steps characters.
    Raises ValueError for another shape. Article: "Addition as a seq2seq Problem" (the second invert).

    >>> invert_encoding([[0.1, 0.9, 0.0], [0.2, 0.2, 0.6]], "01+")
    '1+'
    """
    seq = np.asarray(seq)
    if seq.ndim != 2 or seq.shape[1] != len(alphabet):
        raise ValueError(f"seq has the shape {seq.shape}, not (n_steps, {len(alphabet)}), the alphabet's length")
    return "".join(alphabet[index] for index in seq.argmax(axis=1))


# ---- Above: what the article's reader copies. Below: what only the scripts need, arguments first ---------------------


class HelpFormatter(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """argparse's help, with the defaults, and with the lines of the description as they are."""


class ArgumentParser(argparse.ArgumentParser):
    """argparse's parser, but a bad value is one line, without the usage."""

    def error(self, message):
        """End the program with the message and exit status 2."""
        self.exit(2, f"{self.prog}: error: {message}\n")


def run(main):
    """Run a script's `main`, and end the program with the exit status that it returns.

    Ctrl-C in training is caught where the training is. Anywhere else it ends the program in one line, status 130. So
    does a file that cannot be written, as on a full disk, with status 1: the result is printed before.
    """
    try:
        status = main()
    except KeyboardInterrupt:
        print("\nInterrupted.")
        status = 130
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        status = 1
    raise SystemExit(status)


def number(lowest, highest, convert=int):
    """Make an argparse `type` for numbers from `lowest` to `highest`: whole ones, or any if `convert` is float."""

    def read(text):
        with contextlib.suppress(ValueError):
            if lowest <= convert(text) <= highest:
                return convert(text)
        kind = "whole number" if convert is int else "number"
        raise argparse.ArgumentTypeError(f"{text!r} is not a {kind} from {lowest} to {highest}")

    return read


def folder(text):
    """Make a folder, if it is missing, and be sure that it can be written: an argparse `type`. Returns its Path."""
    try:
        Path(text).mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=text).close()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a folder that can be written: {error.strerror}") from None
    return Path(text)


def argument_parser(description, limits=None, **defaults):
    """Make a parser of the arguments that the scripts share. limits: a dict of name -> (lowest, highest), if others."""
    arguments = {
        "n_examples": ("examples in each epoch, rounded up to whole batches", (1, 10**9)),
        "n_numbers": ("terms of each sum", (1, 1000)),
        "largest": ("largest term; the smallest is 1", (1, 10**12)),  # a thousand of these are exact as floats, too
        "n_batch": ("examples for each update of the weights", (1, 10**9)),
        "n_epoch": ("epochs of training", (1, 10**9)),
        "learning_rate": ("Adam's learning rate", (1e-9, 10.0, float)),
        "seed": ("seed of the data and of the model", (0, 2**32 - 1)),
    }
    parser = ArgumentParser(description=description, formatter_class=HelpFormatter)
    for name, default in {**defaults, "seed": 1}.items():
        meaning, limit = arguments[name]
        allowed = number(*(limits or {}).get(name, limit))
        parser.add_argument("--" + name.replace("_", "-"), type=allowed, default=default, metavar="N", help=meaning)
    outputs = str(Path(__file__).resolve().parent / "outputs")
    parser.add_argument("--outputs", type=folder, default=outputs, metavar="FOLDER", help="where the files go")
    return parser


def count_steps(parser, args, n_bytes, allowed=8 * 2**30):
    """Count the updates of an epoch, of whole batches; refuse more examples, of n_bytes each, than fit into memory."""
    n_steps = math.ceil(args.n_examples / args.n_batch)
    needed = args.n_epoch * n_steps * args.n_batch * (3 * n_bytes + 500)  # with the lists and texts on the way
    if needed > allowed:
        size = f"all examples of all epochs take about {needed / 2**30:.0f} GiB"
        parser.error(f"argument --n-examples, --n-batch or --n-epoch: {size}; allowed are {allowed / 2**30:.0f} GiB")
    return n_steps


def steps_per_execution(steps_per_epoch):
    """Choose how many updates Keras makes in one go: many save time, but it must be a divisor of those of an epoch."""
    return 1 if keras.backend.backend() == "torch" else math.gcd(steps_per_epoch, 100)  # PyTorch makes one at a time


def unroll(n_steps):
    """Tell whether an LSTM over n_steps is faster unrolled: over few steps, and neither on a GPU nor with PyTorch."""
    on_cpu = keras.backend.backend() != "torch" and "gpu" not in str(keras.distribution.list_devices()).lower()
    return on_cpu and n_steps <= 20


def to_number(answer):
    """Read an answer as a number: a text that is none becomes NaN, and what is no text stays as it is."""
    if not isinstance(answer, str):
        return answer
    return int(answer) if re.fullmatch(" *-?[0-9]+ *", answer) else math.nan


def report(expected, predicted):
    """Write what the scripts print at the end: RMSE, the share of exact answers, and the first 20 rows.

    expected, predicted: n >= 1 whole numbers or texts each, or ValueError. An answer is exact if both are the same.
    Article: the last part of each listing.

    >>> print(report(["13", " 9"], ["13", "10"]))
    RMSE: 0.707107
    Exact: 1 of 2 (50.00 %)
    Expected=13, Predicted=13 (err=0)
    Expected= 9, Predicted=10 (err=-1)
    """
    if not 0 < len(expected) == len(predicted):
        raise ValueError(f"{len(expected)} expected and {len(predicted)} predicted answers cannot be compared")
    numbers = np.array([[to_number(x) for x in answers] for answers in (expected, predicted)], dtype=float)
    readable = ~np.isnan(numbers).any(axis=0)
    rmse = root_mean_squared_error(*numbers[:, readable]) if readable.any() else math.nan
    of_which = "" if readable.all() else f" (of the {readable.sum()} predictions that are numbers)"
    n, n_exact = len(expected), sum(a == b for a, b in zip(expected, predicted, strict=True))
    lines = [f"RMSE: {rmse:f}{of_which}", f"Exact: {n_exact} of {n} ({100 * n_exact / n:.2f} %)"]
    for answer, prediction, error in list(zip(expected, predicted, numbers[0] - numbers[1], strict=True))[:20]:
        answer, prediction = (x if isinstance(x, str) else f"{x:.0f}" for x in (answer, prediction))
        lines.append(f"Expected={answer}, Predicted={prediction} (err={error:.0f})")
    return "\n".join(lines)


def losses(model):
    """List the loss of each finished epoch of the last training."""
    return model.history.history.get("loss", []) if hasattr(model, "history") else []


def settings(args):
    """Write the parsed arguments in one line, without the folder of the outputs."""
    return ", ".join(f"{name}={value}" for name, value in vars(args).items() if name != "outputs")


def transcript(args, model, result):
    """Write the settings in one line, another if the training was interrupted, and the result below."""
    lines = [settings(args)]
    if len(losses(model)) < args.n_epoch:
        lines.append(f"interrupted after {len(losses(model))} of {args.n_epoch} epochs")
    return "\n".join([*lines, result])


def sums_to_draw(n_numbers, largest, rng):
    """List all sums of n_numbers terms up to `largest`, or 10,000 random ones if there are more: X, y as above."""
    if largest**n_numbers > 10_000:
        return random_sum_pairs(10_000, n_numbers, largest, rng)
    X = [list(terms) for terms in itertools.product(range(1, largest + 1), repeat=n_numbers)]
    return X, [sum(terms) for terms in X]


def picture(title, losses, loss_name):
    """Draw the loss of each epoch on the left. Returns a matplotlib Figure, its axes, and empty ones on the right."""
    figure = Figure(figsize=(9, 3.8), dpi=100)
    figure.suptitle(title)
    left, right = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.09, right=0.97, bottom=0.14, top=0.86, wspace=0.25)
    left.semilogy(range(1, len(losses) + 1), losses, color="black", marker="." if len(losses) < 50 else None)
    left.set(xlabel="epoch", ylabel=loss_name)
    left.xaxis.get_major_locator().set_params(integer=True)
    return figure, left, right


def error_picture(title, losses, expected, errors):
    """Draw the loss, and errors before rounding over expected sums, two arrays (n,); between the lines all is right."""
    figure, left, right = picture(title, losses, "mean squared error (largest sum = 1)")
    left.set_ylim(1e-14, 1)
    right.plot(expected, errors, ".", markersize=2, color="black")
    right.hlines([-0.5, 0.5], min(expected), max(expected), color="tab:red", linewidth=1)
    highest = max(2, 1.1 * np.abs(errors).max())
    right.set(xlabel="expected sum", ylabel="expected - predicted", ylim=(-highest, highest))
    return figure


def answer_picture(title, losses, X, y, predicted, largest):
    """Draw the loss, and for each sum X a square, as light as its answer y is likely in predicted; a cross if wrong."""
    figure, _, axes = picture(title, losses, "cross-entropy (nats per character)")
    first, last = np.array(X)[:, 0], np.array(X)[:, -1]
    sure = (y * predicted).sum(axis=2).prod(axis=1)
    wrong = (y.argmax(axis=2) != predicted.argmax(axis=2)).any(axis=1)
    size = (200 / largest) ** 2
    squares = axes.scatter(last, first, s=size, c=sure, marker="s", cmap="gray", vmin=0, vmax=1)
    figure.colorbar(squares, ax=axes, label="probability of the right answer")
    axes.plot(last[wrong], first[wrong], "x", color="tab:red")
    axes.set(xlabel="last number", ylabel="first number")
    return figure


@contextlib.contextmanager
def written_whole(path):
    """Give a path beside `path`; what is written there replaces `path` at the end, or not at all."""
    unfinished = path.with_name(f".unfinished-{path.name}")
    try:
        yield unfinished
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def save(outputs, name, text, figure=None, model=None):
    """Write NAME.txt, and of a figure NAME.png, of a model NAME.keras, into a folder: all of them or none."""
    with contextlib.ExitStack() as files:

        def path(ending):
            return files.enter_context(written_whole(outputs / f"{name}.{ending}"))

        if model:
            model.save(path("keras"))
        if figure:
            figure.savefig(path("png"))
        path("txt").write_text(text + "\n", encoding="utf-8")
