"""What the three scripts share: first the data helpers, meant to be copied, then arguments, scores, pictures, files.

The data helpers need `import random` and `import numpy as np`; `hold_out` needs hashlib, itertools, math. `to_string`
calls `sequence_lengths`. `generate_data` calls `random_sum_pairs`, `to_string`, `integer_encode` and `one_hot_encode`.
Each of the others can be copied alone. `report`, below them, calls `scores` and `to_number`; they need `Scores`, math,
re, numpy and scikit-learn's `root_mean_squared_error`.
"""

import argparse
import contextlib
import gc
import hashlib
import itertools
import json
import math
import os
import random
import re
import signal
import sys
import tempfile
import warnings
from pathlib import Path
from typing import NamedTuple

# Importing Keras makes millions of objects; looking for garbage among them, now and at the end, doubles the time.
gc.disable()
# One thread: on networks this small a second one saves little, and figures would depend on the number of cores.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# No newer vector instructions than these: figures would depend on the processor, as each kind rounds differently.
os.environ.setdefault("ONEDNN_MAX_CPU_ISA", "AVX2")  # TensorFlow's
os.environ.setdefault("OPENBLAS_CORETYPE", "Sandybridge")  # NumPy's; with AVX2, old processors would crash
# TensorFlow reports missing GPUs on stderr. Its messages are held back, and shown only if the import fails.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
stderr, messages = os.dup(2), tempfile.TemporaryFile()
os.dup2(messages.fileno(), 2)
try:
    import keras

    with contextlib.suppress(ImportError):
        import tensorflow  # noqa: F401  Keras does this when it saves a model, on every backend
except BaseException:
    messages.seek(0)
    os.write(stderr, messages.read())
    raise
finally:
    os.dup2(stderr, 2)
    messages.close()
import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import root_mean_squared_error

gc.enable()
gc.freeze()
keras.config.set_floatx("float32")  # whatever ~/.keras/keras.json says
warnings.filterwarnings("ignore", message="__array__ implementation")  # of Keras and NumPy 2, if warnings are errors


def random_sum_pairs(n_examples, n_numbers, largest, rng=random, skip=None):
    """Draw lists of whole numbers from 1 to `largest`, and their sums.

    n_examples, n_numbers, largest: ints; raises ValueError below 1. rng: a random.Random, or the module random; unlike
    NumPy's, its `randint` includes the upper end. skip: where this function of the terms is true, they are drawn again.
    Returns X, a list of n_examples lists of n_numbers ints, and y, the list of their n_examples sums.
    Article: "Addition as a Mapping Problem" (random_sum_pairs).

    >>> random_sum_pairs(1, 2, 10, random.Random(1))
    ([[3, 10]], [13])
    """
    if min(n_examples, n_numbers, largest) < 1:
        raise ValueError(f"n_examples, n_numbers and largest must be at least 1: {n_examples}, {n_numbers}, {largest}")
    X = []
    while len(X) < n_examples:
        terms = [rng.randint(1, largest) for _ in range(n_numbers)]
        if skip is None or not skip(terms):
            X.append(terms)
    return X, [sum(terms) for terms in X]


def hold_out(n_numbers, largest, percent, seed):
    """Choose at random the sums to hold out of training, each in every order of its terms, as 3+10 and 10+3.

    Returns a function of a list of terms that tells whether their sum is held out. At least `percent` percent of all
    ordered sums are; if there are over a million different sums, too many to list, about `percent` percent.
    Raises ValueError if nothing is left to train on.

    >>> is_held_out = hold_out(2, 10, 20, seed=1)
    >>> len([(a, b) for a in range(1, 11) for b in range(1, 11) if is_held_out([a, b])])
    21
    """

    def place(terms):  # a random number from 0 to 1, the same for every order of the terms, and for NumPy's numbers
        digest = hashlib.blake2b(repr((seed, sorted(map(int, terms)))).encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") / 2**64

    def n_orders(terms):
        return math.factorial(n_numbers) // math.prod(math.factorial(terms.count(term)) for term in set(terms))

    limit = percent / 100
    if percent > 0 and math.comb(largest + n_numbers - 1, n_numbers) <= 10**6:
        different = sorted(itertools.combinations_with_replacement(range(1, largest + 1), n_numbers), key=place)
        so_far = itertools.accumulate(map(n_orders, different))
        last = next(i for i, n in enumerate(so_far) if 100 * n >= percent * largest**n_numbers)
        if last == len(different) - 1:
            raise ValueError(f"{percent} percent of {largest**n_numbers} sums leave nothing to train on")
        limit = place(different[last])
    return lambda terms: place(terms) <= limit


def normalize(X, y, n_numbers, largest):
    """Scale terms and answers by dividing by the largest possible sum; terms and sums then lie in (0, 1].

    X: (n, n_numbers) numbers from 1 to `largest`. y: n numbers. Raises ValueError for other values of X or shapes.
    Returns float64 arrays (n, n_numbers) and (n,), in units of largest * n_numbers.
    Article: "Addition as a Mapping Problem" (the scaling).

    >>> X, y = normalize([[3, 10]], [13], 2, 10)
    >>> X.tolist(), y.tolist()
    ([[0.15, 0.5]], [0.65])
    """
    X, y = np.array(X, dtype=float), np.array(y, dtype=float)
    if X.shape != (len(y), n_numbers) or y.ndim != 1 or not len(y) or not (1 <= X.min() <= X.max() <= largest):
        raise ValueError(f"X is not rows of {n_numbers} numbers from 1 to {largest}, or y not one number for each row")
    return X / float(largest * n_numbers), y / float(largest * n_numbers)


def invert_normalization(value, n_numbers, largest):
    """Scale a normalized sum back and round it to the nearest whole number.

    value: a float or an array of floats, in units of largest * n_numbers.
    Returns the whole number as a float64, or an array of them in the same shape; NaN stays NaN.
    Article: "Addition as a Mapping Problem" (the first invert).

    >>> print(invert_normalization(0.65, 2, 10))
    13.0
    """
    return np.rint(np.asarray(value, dtype=float) * float(largest * n_numbers)) + 0.0  # + 0.0 turns -0.0 into 0.0


def sequence_lengths(n_numbers, largest):
    """Count the characters of the widest possible input and of the widest possible sum.

    n_numbers, largest: ints; raises ValueError below 1. Returns n_in, n_out.
    Article: "Addition as a Sequence Prediction Problem" (max_length; its ceil(log10()) is sometimes one too many).

    >>> sequence_lengths(2, 10), sequence_lengths(3, 33)  # 33+33+33 is 99, for which the article's formula gives 3
    ((5, 2), (8, 2))
    """
    if min(n_numbers, largest) < 1:
        raise ValueError(f"n_numbers and largest must be at least 1, not {n_numbers} and {largest}")
    return n_numbers * len(str(largest)) + n_numbers - 1, len(str(n_numbers * int(largest)))


def to_string(X, y, n_numbers, largest):
    """Write sums as text: terms joined by '+', both sides padded with spaces on the left.

    X: n >= 1 lists of up to n_numbers whole numbers. y: n answers, written as given, not recomputed.
    Returns two lists of n strings, of the two lengths that `sequence_lengths` gives.
    Raises ValueError for a row of no or too many terms, for too wide a text, for no rows, or if lengths differ.
    Article: "Addition as a Sequence Prediction Problem" (to_string).

    >>> to_string([[3, 10]], [13], 2, 10)
    ([' 3+10'], ['13'])
    """
    n_in, n_out = sequence_lengths(n_numbers, largest)
    if not X or len(X) != len(y) or not all(1 <= len(terms) <= n_numbers for terms in X):
        raise ValueError(f"not rows of 1 to {n_numbers} terms, or not an answer for each: {X}, {y}")
    X = ["+".join(str(term) for term in terms).rjust(n_in) for terms in X]
    y = [str(total).rjust(n_out) for total in y]
    for texts, width in ((X, n_in), (y, n_out)):
        if len(max(texts, key=len)) > width:
            raise ValueError(f"{max(texts, key=len)!r} does not fit {width} characters")
    return X, y


def integer_encode(X, y, alphabet):
    """Replace each character by its index in the alphabet.

    X, y: n >= 1 strings each, all of X of one length n_in, all of y of n_out. alphabet: a string or a list.
    Returns integer arrays (n, n_in) and (n, n_out).
    Raises ValueError for a character outside the alphabet, for strings of different lengths, and for no strings.
    Article: "Addition as a Sequence Prediction Problem" (integer_encode).

    >>> X, y = integer_encode([" 3+10"], ["13"], "0123456789+ ")
    >>> X.tolist(), y.tolist()
    ([[11, 3, 10, 1, 0]], [[1, 3]])
    """
    index = {character: i for i, character in enumerate(alphabet)}
    for texts in (X, y):
        if len({len(text) for text in texts}) != 1:
            raise ValueError(f"not strings of one length, or none: {texts}")
        if unknown := set("".join(texts)) - set(index):
            raise ValueError(f"{min(unknown)!r} is not in the alphabet {''.join(alphabet)!r}")
    return tuple(np.array([[index[character] for character in text] for text in texts]) for texts in (X, y))


def one_hot_encode(X, y, max_int):
    """Replace each index by a vector of max_int zeros with a one in that place.

    X, y: integer arrays (or nested lists) (n, n_in) and (n, n_out), n >= 1, each entry in 0..max_int - 1.
    Returns float32 arrays (n, n_in, max_int) and (n, n_out, max_int). Raises ValueError for other entries.
    Article: "Addition as a Sequence Prediction Problem" (one_hot_encode).

    >>> X, y = one_hot_encode([[2, 0]], [[1]], 3)
    >>> X.tolist(), y.tolist()
    ([[[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]], [[[0.0, 1.0, 0.0]]])
    """
    X, y = np.asarray(X), np.asarray(y)
    for indices in (X, y):
        if indices.dtype.kind not in "iu" or not indices.size or indices.min() < 0 or indices.max() >= max_int:
            raise ValueError(f"not all are whole numbers from 0 to {max_int - 1}: {indices}")
    vectors = np.eye(max_int, dtype=np.float32)
    return vectors[X], vectors[y]


def generate_data(n_samples, n_numbers, largest, alphabet, rng=random, skip=None):
    """Draw sums and encode them as one-hot sequences: the article's four steps in a row.

    Returns float32 arrays (n_samples, n_in, n_chars) and (n_samples, n_out, n_chars), n_chars = len(alphabet).
    Arguments and errors are those of the four steps. Article: "Addition as a Sequence Prediction Problem".

    >>> X, y = generate_data(1, 2, 10, "0123456789+ ", random.Random(1))
    >>> X.shape, y.shape, invert_encoding(X[0], "0123456789+ ")
    ((1, 5, 12), (1, 2, 12), ' 3+10')
    """
    X, y = random_sum_pairs(n_samples, n_numbers, largest, rng, skip)
    X, y = to_string(X, y, n_numbers, largest)
    X, y = integer_encode(X, y, alphabet)
    return one_hot_encode(X, y, len(alphabet))


def invert_encoding(seq, alphabet):
    """Read one sequence of one-hot vectors, or of probabilities, as text: the likeliest character at each step.

    seq: an array (n_steps, n_chars), n_chars = len(alphabet); raises ValueError for another shape.
    Returns a string of n_steps characters, with a question mark for a step that contains NaN.
    Article: "Addition as a Sequence Prediction Problem" (the second invert).

    >>> invert_encoding([[0.1, 0.9, 0.0], [0.2, 0.2, 0.6]], "01+")
    '1+'
    """
    seq = np.asarray(seq)
    if seq.ndim != 2 or seq.shape[1] != len(alphabet):
        raise ValueError(f"seq has the shape {seq.shape}, not (n_steps, {len(alphabet)}), the alphabet's length")
    return "".join("?" if np.isnan(step).any() else alphabet[step.argmax()] for step in seq)


# ---- Above: the data helpers. Below: what only the scripts need ------------------------------------------------------


class HelpFormatter(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """argparse's help, with the defaults; it keeps the description's line breaks."""


class ArgumentParser(argparse.ArgumentParser):
    """argparse's parser, but it reports a bad value in one line, and checks arguments against each other."""

    def error(self, message):
        """End the program with the message and exit status 2."""
        self.exit(2, f"{self.prog}: error: {' '.join(message.split())[:500]}\n")

    def parse_args(self, args=None, namespace=None):
        """Return the arguments. Checks: whole batches, at most 10**7 terms in total. Creates the folder."""
        args = super().parse_args(args, namespace)
        if "n_examples" in args and "n_batch" in args:
            if args.n_examples % args.n_batch:
                self.error(f"argument --n-examples: {args.n_examples} is not a multiple of --n-batch, {args.n_batch}")
            n_terms = args.n_examples * vars(args).get("n_epoch", 1) * vars(args).get("n_numbers", 1)
            if n_terms > 10**7:
                self.error(f"argument --n-examples: {n_terms} terms in all epochs; at most {10**7} are allowed")
        if "outputs" in args:
            try:
                os.makedirs(args.outputs, exist_ok=True)
                tempfile.TemporaryFile(dir=args.outputs).close()
            except OSError as error:
                reason = f"is not a writable folder: {error.strerror}"
                self.error(f"argument --outputs: {args.outputs[:80]!r} {reason}")
            args.outputs = Path(args.outputs)
        return args


def number(lowest, highest, convert=int):
    """Return an argparse `type` for numbers from `lowest` to `highest`: whole ones, or any if `convert` is float."""

    def read(text):
        with contextlib.suppress(ValueError):
            if lowest <= convert(text) <= highest:
                return convert(text)
        kind = "whole number" if convert is int else "number"
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a {kind} from {lowest} to {highest}")

    return read


def argument_parser(description, limits=None, **defaults):
    """Return a parser of the arguments that the scripts share; others can be added to it.

    defaults: values for some of the names below. limits: a dict of name -> (lowest, highest) that replaces theirs.
    """
    arguments = {
        "n_examples": ("examples in each epoch, a multiple of n-batch", (1, 10**7)),
        "n_numbers": ("terms of each sum", (1, 1000)),
        "largest": ("largest term; the smallest is 1", (1, 10**12)),  # floats add a thousand of these exactly
        "n_batch": ("examples for each update of the weights", (1, 10**7)),
        "n_epoch": ("epochs of training", (1, 10**7)),
        "learning_rate": ("Adam's learning rate", (1e-9, 10.0, float)),
        "seed": ("seed of the data and of the model", (0, 2**32 - 1)),
    }
    parser = ArgumentParser(description=description, formatter_class=HelpFormatter)
    for name, default in {**defaults, "seed": 1}.items():
        meaning, limit = arguments[name]
        allowed = number(*(limits or {}).get(name, limit))
        parser.add_argument("--" + name.replace("_", "-"), type=allowed, default=default, metavar="N", help=meaning)
    outputs = str(Path(__file__).resolve().parent / "outputs")
    parser.add_argument("--outputs", default=outputs, metavar="FOLDER", help="where the run's folder goes")
    return parser


def settings_line(args):
    """Return the parsed arguments in one line, except the output folder and those that are None."""
    given = {name: value for name, value in vars(args).items() if name != "outputs" and value is not None}
    return ", ".join(f"{name}={value}" for name, value in given.items())


# ---- What depends on the backend -------------------------------------------------------------------------------------


def steps_per_execution(steps_per_epoch):
    """Return how many updates Keras makes per call. More saves time, but the number must divide the steps per epoch."""
    return 1 if keras.backend.backend() == "torch" else math.gcd(steps_per_epoch, 100)  # PyTorch allows only one


def unroll(n_steps):
    """Return whether unrolling makes an LSTM faster: over few steps, but not on a GPU and not with PyTorch."""
    on_cpu = keras.backend.backend() != "torch" and "gpu" not in str(keras.distribution.list_devices()).lower()
    return on_cpu and n_steps <= 20


@contextlib.contextmanager
def interruptible(model):
    """Let Ctrl-C end the training in this block, once an epoch is finished; before that, Ctrl-C ends the script."""
    try:
        yield
    except KeyboardInterrupt:
        if not (hasattr(model, "history") and model.history.epoch):
            raise


# ---- Scores, report, pictures ----------------------------------------------------------------------------------------


class Scores(NamedTuple):
    """How well n answers were predicted."""

    rmse: float  # of the answers that are numbers; NaN if none is
    n_exact: int
    n_numbers: int  # how many answers are numbers
    n: int


def to_number(answer):
    """Return an answer as a number. Text that is not a whole number becomes NaN; anything else passes through."""
    if not isinstance(answer, str):
        return answer
    return int(answer) if re.fullmatch(" *-?[0-9]+ *", answer) else math.nan


def scores(expected, predicted):
    """Return the Scores of n >= 1 answers, whole numbers or text. Raises ValueError if the lists differ in length.

    >>> scores(["13", " 9", "11"], ["13", "10", "+1"])  # the last is not a number, so the RMSE leaves it out
    Scores(rmse=0.7071067811865476, n_exact=1, n_numbers=2, n=3)
    """
    if not 0 < len(expected) == len(predicted):
        raise ValueError(f"{len(expected)} expected and {len(predicted)} predicted answers cannot be compared")
    numbers = np.array([[to_number(x) for x in answers] for answers in (expected, predicted)], dtype=float)
    readable = ~np.isnan(numbers).any(axis=0)
    rmse = float(root_mean_squared_error(*numbers[:, readable])) if readable.any() else math.nan
    n_exact = sum(bool(a == b) for a, b in zip(expected, predicted, strict=True))
    return Scores(rmse, n_exact, int(readable.sum()), len(expected))


def report(expected, predicted, exact=None):
    """Return what the scripts print at the end, as text: RMSE, how many answers are exact, and the first 20 rows.

    expected, predicted: n >= 1 numbers or texts each, else ValueError. An answer is exact if both are the same.
    exact: replaces the line on exact answers. Article: the last part of each listing.

    >>> print(report(["13", " 9"], ["13", "10"]))
    RMSE: 0.707107
    Exact: 1 of 2 (50.00 %)
    Expected=13, Predicted=13 (err=0)
    Expected= 9, Predicted=10 (err=-1)
    """
    rmse, n_exact, n_numbers, n = scores(expected, predicted)
    only_numbers = "" if n_numbers == n else f" (of the {n_numbers} predictions that are numbers)"
    lines = [f"RMSE: {rmse:f}{only_numbers}", exact or f"Exact: {n_exact} of {n} ({100 * n_exact / n:.2f} %)"]
    for answer, prediction in list(zip(expected, predicted, strict=True))[:20]:
        error = to_number(answer) - to_number(prediction)
        answer, prediction = (x if isinstance(x, str) else f"{x:.0f}" for x in (answer, prediction))
        lines.append(f"Expected={answer}, Predicted={prediction} (err={error:.0f})")
    return "\n".join(lines)


def sums_to_draw(n_numbers, largest, rng, n=10_000, skip=None):
    """Return all sums of n_numbers terms up to `largest`, or n random ones if there are more than 10,000: lists X, y.

    skip: as for `random_sum_pairs`.
    """
    if largest**n_numbers > 10_000:
        return random_sum_pairs(n, n_numbers, largest, rng, skip)
    X = [list(terms) for terms in itertools.product(range(1, largest + 1), repeat=n_numbers)]
    X = [terms for terms in X if skip is None or not skip(terms)]
    return X, [sum(terms) for terms in X]


def error_picture(name, model, args, rng):
    """Return a matplotlib Figure: the error of each sum before rounding, for a model that reads scaled numbers."""
    X, sums = sums_to_draw(args.n_numbers, args.largest, rng)
    X, _ = normalize(X, sums, args.n_numbers, args.largest)
    largest_sum = args.n_numbers * args.largest
    predicted = model.predict(X.reshape(-1, *model.input_shape[1:]), batch_size=1000, verbose=0)[:, 0]
    errors = largest_sum * predicted - np.array(sums)
    figure = Figure(figsize=(9, 3.6), dpi=100, layout="constrained")
    axes = figure.subplots()
    axes.plot(sums, errors, ".", markersize=2, color="black")
    axes.axhspan(-0.5, 0.5, color="lightgray")  # within it, rounding gives the right sum
    highest = max(2, 1.1 * np.abs(errors).max())
    axes.set(xlabel="sum", xlim=(0, largest_sum), ylabel="too low     predicted - sum     too high")
    axes.set_ylim(-highest, highest)
    right = f"{(abs(errors) < 0.5).mean():.1%} of {len(sums):,} sums right after rounding (grey)"
    axes.set_title(f"{name}, seed {args.seed}: {right}")
    return figure


# ---- Files, and the end of a script ----------------------------------------------------------------------------------


@contextlib.contextmanager
def run_folder(outputs, name):
    """Yield a new, empty folder. At the end it replaces outputs/NAME; after an error it is deleted instead.

    The folder never has files of two runs: of two runs at once, the last one wins.
    """
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=outputs) as unfinished:
        new = Path(unfinished, name)
        new.mkdir()
        yield new
        for i in range(9):  # once is enough, unless another run puts its folder there at the same moment
            with contextlib.suppress(FileNotFoundError):
                (outputs / name).rename(Path(unfinished, f"old {i}"))
            with contextlib.suppress(OSError):
                new.rename(outputs / name)
                return
        new.rename(outputs / name)


def save_run(name, args, model, result, figure=None, scores=None):
    """Save a run in the folder NAME, and return the script's exit status: 130 if Ctrl-C ended the training, else 0.

    result: the text of the transcript. scores: as from `scores`; they are saved with the settings.
    """
    lines, n_finished = [settings_line(args), result], len(model.history.epoch)
    if n_finished < args.n_epoch:
        lines.insert(1, f"interrupted after {n_finished} of {args.n_epoch} epochs")
        print(lines[1])
    with run_folder(args.outputs, name) as folder:
        model.save(folder / "model.keras")
        if figure:
            figure.savefig(folder / "picture.png")
        if scores:
            figures = {"settings": lines[0], "n_finished": n_finished, **scores._asdict()}
            (folder / "scores.json").write_text(json.dumps(figures), encoding="utf-8")
        (folder / "transcript.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"Saved in {args.outputs / name}")
    return 130 if n_finished < args.n_epoch else 0


def run(main):
    """Run a script's `main` and exit with its status. A full disk or Ctrl-C outside training prints one line."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as an exit, it leaves no unfinished folder behind
    if sys.stdout is None:  # closed, as by >&-
        sys.stdout = open(os.devnull, "w")
    try:
        status = main()
    except KeyboardInterrupt:
        print("\nInterrupted: nothing is saved.")
        status = 130
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        status = 1
    raise SystemExit(status)
