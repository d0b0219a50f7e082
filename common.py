"""What the three scripts share: first what the article's reader copies, then arguments, report, pictures and files.

The first part needs `import random` and `import numpy as np`, no more. `to_string` calls `sequence_lengths`, and
`generate_data` calls `random_sum_pairs`, `to_string`, `integer_encode` and `one_hot_encode`; each of the others can be
copied alone. `report`, below, calls `scores` and `to_number`, and needs scikit-learn.
"""

import argparse
import contextlib
import itertools
import json
import math
import os
import random
import re
import sys
import tempfile
from pathlib import Path

try:  # these take seconds: Ctrl-C, or a backend that is missing, is no traceback
    import keras
    import numpy as np
    from matplotlib.figure import Figure
    from sklearn.metrics import root_mean_squared_error
except KeyboardInterrupt:
    raise SystemExit(130) from None
except (ImportError, ValueError) as error:
    raise SystemExit(f"error: {error} (see requirements.txt, and KERAS_BACKEND)") from None


def random_sum_pairs(n_examples, n_numbers, largest, rng=random):
    """Draw lists of whole numbers from 1 to `largest`, and their sums.

    n_examples, n_numbers, largest: ints; below 1 is a ValueError. rng: a random.Random, or the module random, whose
    `randint` includes its upper end; NumPy's does not.
    Returns X, a list of n_examples lists of n_numbers ints, and y, the list of their n_examples sums.
    Article: "Addition as a Mapping Problem" (random_sum_pairs).

    >>> random_sum_pairs(1, 2, 10, random.Random(1))
    ([[3, 10]], [13])
    """
    if min(n_examples, n_numbers, largest) < 1:
        raise ValueError(f"n_examples, n_numbers and largest must be at least 1: {n_examples}, {n_numbers}, {largest}")
    X = [[rng.randint(1, largest) for _ in range(n_numbers)] for _ in range(n_examples)]
    return X, [sum(terms) for terms in X]


def normalize(X, y, n_numbers, largest):
    """Scale terms and sums to the range (0, 1] by dividing by the largest possible sum.

    X: (n, n_numbers) numbers from 1 to `largest`. y: their n sums. Raises ValueError for others, or for other shapes.
    Returns float64 arrays (n, n_numbers) and (n,), in units of largest * n_numbers.
    Article: "Addition as a Mapping Problem" (the scaling).

    >>> X, y = normalize([[3, 10]], [13], 2, 10)
    >>> X.tolist(), y.tolist()
    ([[0.15, 0.5]], [0.65])
    """
    X, y = np.array(X, dtype=float), np.array(y, dtype=float)
    shapes_fit = X.shape == (len(X), n_numbers) and y.shape == (len(X),)
    if not shapes_fit or X.min() < 1 or X.max() > largest or not np.allclose(X.sum(axis=1), y):
        raise ValueError(f"X is not rows of {n_numbers} numbers from 1 to {largest}, or y not their sums")
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

    n_numbers, largest: ints; below 1 is a ValueError. Returns n_in, n_out.
    Article: "Addition as a Sequence Prediction Problem" (max_length; its ceil(log10()) is at times one too many).

    >>> sequence_lengths(2, 10), sequence_lengths(3, 33)  # 33+33+33 is 99, for which the article's formula gives 3
    ((5, 2), (8, 2))
    """
    if min(n_numbers, largest) < 1:
        raise ValueError(f"n_numbers and largest must be at least 1, not {n_numbers} and {largest}")
    return n_numbers * len(str(largest)) + n_numbers - 1, len(str(n_numbers * largest))


def to_string(X, y, n_numbers, largest):
    """Write sums as text: terms joined by '+', both sides padded with spaces on the left.

    X: n >= 1 lists of up to n_numbers whole numbers. y: their n sums, written as they are: nothing is added here.
    Returns two lists of n strings, of the two lengths that `sequence_lengths` gives.
    Raises ValueError for a row of too many terms and for a text too wide.
    Article: "Addition as a Sequence Prediction Problem" (to_string).

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

    X, y: n >= 1 strings each, of one length, n_in and n_out. alphabet: single characters, a string or a list.
    Returns integer arrays (n, n_in) and (n, n_out).
    Raises ValueError for a character outside the alphabet and for strings of different lengths.
    Article: "Addition as a Sequence Prediction Problem" (integer_encode).

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

    X, y: integer arrays (or nested lists) (n, n_in) and (n, n_out), n >= 1, each entry in 0..max_int - 1.
    Returns float32 arrays (n, n_in, max_int) and (n, n_out, max_int). Raises ValueError for anything else.
    Article: "Addition as a Sequence Prediction Problem" (one_hot_encode).

    >>> X, y = one_hot_encode([[2, 0]], [[1]], 3)
    >>> X.tolist(), y.tolist()
    ([[[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]], [[[0.0, 1.0, 0.0]]])
    """
    X, y = np.asarray(X), np.asarray(y)
    for indices in (X, y):
        if indices.dtype.kind not in "iu" or indices.min() < 0 or indices.max() >= max_int:
            raise ValueError(f"not all are whole numbers from 0 to {max_int - 1}: {indices}")
    vectors = np.eye(max_int, dtype=np.float32)
    return vectors[X], vectors[y]


def generate_data(n_samples, n_numbers, largest, alphabet, rng=random):
    """Draw sums and encode them as one-hot sequences: the article's four steps in a row.

    Returns float32 arrays (n_samples, n_in, n_chars) and (n_samples, n_out, n_chars), n_chars = len(alphabet).
    Raises ValueError as the four steps do. Article: "Addition as a Sequence Prediction Problem" (generate_data).

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

    seq: an array (n_steps, n_chars), n_chars = len(alphabet). Returns a string of n_steps characters, a question mark
    for a step with NaN.
    Raises ValueError for another shape. Article: "Addition as a Sequence Prediction Problem" (the second invert).

    >>> invert_encoding([[0.1, 0.9, 0.0], [0.2, 0.2, 0.6]], "01+")
    '1+'
    """
    seq = np.asarray(seq)
    if seq.ndim != 2 or seq.shape[1] != len(alphabet):
        raise ValueError(f"seq has the shape {seq.shape}, not (n_steps, {len(alphabet)}), the alphabet's length")
    return "".join("?" if np.isnan(step).any() else alphabet[step.argmax()] for step in seq)


# ---- Above: what the article's reader copies. Below: what only the scripts need, arguments first ---------------------


class HelpFormatter(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """argparse's help, with the defaults, and with the lines of the description as they are."""


class ArgumentParser(argparse.ArgumentParser):
    """argparse's parser, but a bad value is one line, without the usage, and the number of examples is checked."""

    def error(self, message):
        """End the program with the message and exit status 2."""
        self.exit(2, f"{self.prog}: error: {message}\n")

    def parse_args(self, args=None, namespace=None):
        """Return the arguments; refuse epochs that are not whole batches, and more examples than fit into memory."""
        args = super().parse_args(args, namespace)
        if "n_examples" in args and "n_batch" in args:
            if args.n_examples % args.n_batch:
                self.error(f"argument --n-examples: {args.n_examples} is not a multiple of --n-batch, {args.n_batch}")
            if (size := gibibytes(**vars(args))) > 8:
                self.error(f"argument --n-examples, --n-epoch or --n-numbers: that takes {size:.0f} GiB; allowed are 8")
        return args


def gibibytes(n_examples, n_epoch=1, n_numbers=2, largest=10**9, **others):
    """Return about how many GiB all examples take as text and one-hot vectors, with 10,000 for a picture: a float."""
    n_characters = sum(sequence_lengths(n_numbers, largest))
    return (n_epoch * n_examples + 10_000) * (150 * n_characters + 500) / 2**30


def number(lowest, highest, convert=int):
    """Return an argparse `type` for numbers from `lowest` to `highest`: whole ones, or any if `convert` is float."""

    def read(text):
        with contextlib.suppress(ValueError):
            if lowest <= convert(text) <= highest:
                return convert(text)
        kind = "whole number" if convert is int else "number"
        raise argparse.ArgumentTypeError(f"{text!r} is not a {kind} from {lowest} to {highest}")

    return read


def folder(text):
    """Return the Path of a folder that can be written, made if it is missing: an argparse `type`."""
    try:
        Path(text).mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=text).close()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a folder that can be written: {error.strerror}") from None
    return Path(text)


def argument_parser(description, limits=None, **defaults):
    """Return a parser of the arguments that the scripts share; others can be added to it.

    defaults: of some of the seven names below. limits: a dict of name -> (lowest, highest), where others are allowed.
    """
    arguments = {
        "n_examples": ("examples in each epoch, a multiple of n-batch", (1, 10**9)),
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


# ---- What depends on the backend -------------------------------------------------------------------------------------


def steps_per_execution(steps_per_epoch):
    """Return how many updates Keras makes in one go: many save time, but they must divide those of an epoch."""
    return 1 if keras.backend.backend() == "torch" else math.gcd(steps_per_epoch, 100)  # PyTorch makes one at a time


def unroll(n_steps):
    """Return whether an LSTM over n_steps is faster unrolled: over few steps, and neither on a GPU nor with PyTorch."""
    on_cpu = keras.backend.backend() != "torch" and "gpu" not in str(keras.distribution.list_devices()).lower()
    return on_cpu and n_steps <= 20


# ---- Scores, report, pictures ----------------------------------------------------------------------------------------


def to_number(answer):
    """Return an answer as a number: a text that is none becomes NaN, and what is no text stays as it is."""
    if not isinstance(answer, str):
        return answer
    return int(answer) if re.fullmatch(" *-?[0-9]+ *", answer) else math.nan


def scores(expected, predicted):
    """Return RMSE and counts of n >= 1 answers, whole numbers or texts each, as a dict; else raise ValueError.

    >>> scores(["13", " 9", "11"], ["13", "10", "+1"])  # the last is no number, and no part of the RMSE
    {'rmse': 0.7071067811865476, 'n_exact': 1, 'n_numbers': 2, 'n': 3}
    """
    if not 0 < len(expected) == len(predicted):
        raise ValueError(f"{len(expected)} expected and {len(predicted)} predicted answers cannot be compared")
    numbers = np.array([[to_number(x) for x in answers] for answers in (expected, predicted)], dtype=float)
    readable = ~np.isnan(numbers).any(axis=0)
    rmse = float(root_mean_squared_error(*numbers[:, readable])) if readable.any() else math.nan
    n_exact = sum(bool(a == b) for a, b in zip(expected, predicted, strict=True))
    return {"rmse": rmse, "n_exact": n_exact, "n_numbers": int(readable.sum()), "n": len(expected)}


def report(expected, predicted):
    """Return what the scripts print at the end, as text: RMSE, how many answers are exact, and the first 20 rows.

    expected, predicted: n >= 1 whole numbers or texts each, or ValueError. An answer is exact if both are the same.
    Article: the last part of each listing.

    >>> print(report(["13", " 9"], ["13", "10"]))
    RMSE: 0.707107
    Exact: 1 of 2 (50.00 %)
    Expected=13, Predicted=13 (err=0)
    Expected= 9, Predicted=10 (err=-1)
    """
    rmse, n_exact, n_numbers, n = scores(expected, predicted).values()
    of_which = "" if n_numbers == n else f" (of the {n_numbers} predictions that are numbers)"
    lines = [f"RMSE: {rmse:f}{of_which}", f"Exact: {n_exact} of {n} ({100 * n_exact / n:.2f} %)"]
    for answer, prediction in list(zip(expected, predicted, strict=True))[:20]:
        error = to_number(answer) - to_number(prediction)
        answer, prediction = (x if isinstance(x, str) else f"{x:.0f}" for x in (answer, prediction))
        lines.append(f"Expected={answer}, Predicted={prediction} (err={error:.0f})")
    return "\n".join(lines)


def settings(args):
    """Return the parsed arguments in one line, without the folder of the outputs."""
    return ", ".join(f"{name}={value}" for name, value in vars(args).items() if name != "outputs")


def sums_to_draw(n_numbers, largest, rng):
    """Return all sums of n_numbers terms up to `largest`, or 10,000 random ones if there are more: lists X, y."""
    if largest**n_numbers > 10_000:
        return random_sum_pairs(10_000, n_numbers, largest, rng)
    X = [list(terms) for terms in itertools.product(range(1, largest + 1), repeat=n_numbers)]
    return X, [sum(terms) for terms in X]


def error_picture(name, model, args, rng):
    """Return a matplotlib Figure: the error before rounding, for a model of scaled numbers, of every sum there is."""
    X, sums = sums_to_draw(args.n_numbers, args.largest, rng)
    X, _ = normalize(X, sums, args.n_numbers, args.largest)
    largest_sum = args.n_numbers * args.largest
    predicted = model.predict(X.reshape(-1, *model.input_shape[1:]), batch_size=1000, verbose=0)[:, 0]
    errors = np.array(sums) - largest_sum * predicted
    figure = Figure(figsize=(9, 3.6), dpi=100, layout="constrained")
    axes = figure.subplots()
    axes.plot(sums, errors, ".", markersize=2, color="black")
    axes.axhspan(-0.5, 0.5, color="lightgray")  # within it, rounding gives the right sum
    highest = max(2, 1.1 * np.abs(errors).max())
    axes.set(xlabel="sum", ylabel="expected - predicted", xlim=(0, largest_sum), ylim=(-highest, highest))
    right = f"{(abs(errors) < 0.5).mean():.1%} of {len(sums):,} sums right after rounding (grey)"
    axes.set_title(f"{name}, seed {args.seed}: {right}")
    return figure


# ---- Files, and the end of a script ----------------------------------------------------------------------------------


@contextlib.contextmanager
def written_whole(path):
    """Give a path in a new folder beside `path`; what is written there replaces `path` at the end, or not at all."""
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=path.parent) as unfinished:
        yield Path(unfinished, path.name)
        os.replace(Path(unfinished, path.name), path)


@contextlib.contextmanager
def locked(folder):
    """Keep other processes from saving into a folder for as long as the block runs; on Windows without effect."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def save(outputs, name, text=None, figure=None, model=None, scores=None):
    """Write NAME.txt, and of a figure NAME.png, a model NAME.keras, a dict NAME.json, into a folder: all or none.

    Old text, and scores with a model, go first; new text comes last: it never stands beside the model of another run.
    """
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=outputs) as folder, locked(outputs):
        unfinished = {ending: Path(folder, f"{name}.{ending}") for ending in ("keras", "png", "json", "txt")}
        if model:
            model.save(unfinished["keras"])
        if figure:
            figure.savefig(unfinished["png"])
        if scores:
            unfinished["json"].write_text(json.dumps(scores), encoding="utf-8")
        if text:
            unfinished["txt"].write_text(text + "\n", encoding="utf-8")
        for ending in ("txt", "json") if model or scores else ("txt",):
            Path(outputs, f"{name}.{ending}").unlink(missing_ok=True)
        for path in unfinished.values():
            if path.exists():
                os.replace(path, Path(outputs, path.name))


def n_finished(model):
    """Return how many epochs of a model's last training were finished."""
    return len(model.history.history.get("loss", [])) if hasattr(model, "history") else 0


def save_model(name, args, model):
    """Save a trained model as NAME.keras, so that nothing that follows can lose it.

    Raises KeyboardInterrupt if Ctrl-C came before the end of the first epoch: then there is nothing to save.
    """
    if not n_finished(model):
        print("interrupted in the first epoch: nothing is saved")
        raise KeyboardInterrupt
    save(args.outputs, name, model=model)
    print(f"Saved: {args.outputs / name}.keras (keras.saving.load_model reads it)")


def save_run(name, args, model, result, figure=None, scores=None):
    """Save what a script has made, and return its exit status: 130 if Ctrl-C ended the training early, else 0.

    result: the text of the transcript. scores: as from `scores`; saved with the settings. The model is saved once more:
    another run may have put its own into the folder since `save_model`.
    """
    lines, interrupted = [settings(args), result], n_finished(model) < args.n_epoch
    if interrupted:
        lines.insert(1, f"interrupted after {n_finished(model)} of {args.n_epoch} epochs")
        print(lines[1])
    scores = {"settings": settings(args), "n_finished": n_finished(model), **(scores or {})}
    save(args.outputs, name, "\n".join(lines), figure, model, scores)
    return 130 if interrupted else 0


def run(main):
    """Run a script's `main`, and exit with its status; Ctrl-C outside of training, or a full disk, is one line."""
    if sys.stdout is None:  # closed, as by >&-
        sys.stdout = open(os.devnull, "w")
    try:
        status = main()
    except KeyboardInterrupt:
        print("\nInterrupted.")
        status = 130
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        status = 1
    raise SystemExit(status)
