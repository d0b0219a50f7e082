"""What the three scripts share: data, encoding and its inversion first; then seeding, training, report and saving.

Each function can be copied out alone with the imports it uses. Keras, scikit-learn and matplotlib are imported where
they are needed, because they take seconds: `--help` and a bad argument are answered without them.
"""

import argparse
import contextlib
import math
import os
import random
import re
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

# ---- Data: sums of random whole numbers ----------------------------------------------------------------------------


def random_sum_pairs(n_examples, n_numbers, largest, rng=random):
    """Draw lists of whole numbers from 1 to `largest`, and their sums.

    n_examples, n_numbers, largest: ints >= 1. rng: anything with `randint`.
    Returns X, a list of n_examples lists of n_numbers ints, and y, the list of their n_examples sums.
    Raises ValueError for a count or a `largest` below 1.
    Article: "Adding Numbers" (random_sum_pairs).

    >>> random_sum_pairs(1, 2, 10, random.Random(1))
    ([[3, 10]], [13])
    """
    for name, value in (("n_examples", n_examples), ("n_numbers", n_numbers), ("largest", largest)):
        if value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}")
    X = [[rng.randint(1, largest) for _ in range(n_numbers)] for _ in range(n_examples)]
    y = [sum(terms) for terms in X]
    return X, y


def normalize(X, y, n_numbers, largest):
    """Scale terms and sums to the range (0, 1] by dividing by the largest possible sum.

    X: (n, n_numbers) whole numbers from 1 to `largest`. y: their n sums.
    Returns float64 arrays (n, n_numbers) and (n,), in units of largest * n_numbers.
    Raises ValueError for another shape, or for a number outside that range.
    Article: "Adding Numbers" (the normalize step).

    >>> X, y = normalize([[3, 10]], [13], 2, 10)
    >>> X.tolist(), y.tolist()
    ([[0.15, 0.5]], [0.65])
    """
    if n_numbers < 1:
        raise ValueError(f"n_numbers must be at least 1, not {n_numbers}")
    X, y = np.array(X, dtype=float), np.array(y, dtype=float)
    if X.shape != (len(y), n_numbers):
        raise ValueError(f"X has the shape {X.shape}, not ({len(y)}, {n_numbers}): one row of n_numbers for each sum")
    for values, highest in ((X, largest), (y, largest * n_numbers)):
        outside = values[~((values >= 1) & (values <= highest))]
        if outside.size:
            raise ValueError(f"{outside[0]:g} is not from 1 to {highest}")
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


# ---- Encoding: sums as sequences of characters, and back -----------------------------------------------------------


def sequence_lengths(n_numbers, largest):
    """Count the characters of the widest possible input and of the widest possible sum.

    n_numbers, largest: ints >= 1. Returns n_in, n_out. Raises ValueError for n_numbers or `largest` below 1.
    Article: "Addition as a seq2seq Problem" (max_length; its ceil(log10()) is at times one too many).

    >>> sequence_lengths(2, 10)
    (5, 2)
    >>> sequence_lengths(3, 33)  # 33+33+33 is 99: ceil(log10(99 + 1)) digits, but the article's formula gives 3
    (8, 2)
    """
    for name, value in (("n_numbers", n_numbers), ("largest", largest)):
        if value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}")
    return n_numbers * len(str(largest)) + n_numbers - 1, len(str(n_numbers * largest))


def to_string(X, y, n_numbers, largest):
    """Write sums as text: terms joined by '+', both sides padded with spaces on the left.

    X: n lists of up to n_numbers whole numbers. y: their n sums.
    Returns two lists of n strings, of the two lengths that `sequence_lengths` gives.
    Raises ValueError for a row of too many terms and for a number too wide.
    Article: "Addition as a seq2seq Problem" (to_string).

    >>> to_string([[3, 10]], [13], 2, 10)
    ([' 3+10'], ['13'])
    """
    n_in, n_out = sequence_lengths(n_numbers, largest)
    longest = max(X, key=len)
    if len(longest) > n_numbers:
        raise ValueError(f"{'+'.join(map(str, longest))} has {len(longest)} terms, more than {n_numbers}")
    for term in (min(map(min, X)), max(map(max, X))):
        if len(str(term)) > len(str(largest)):
            raise ValueError(f"{term} does not fit {len(str(largest))} characters, the width of {largest}")
    for total in (min(y), max(y)):
        if len(str(total)) > n_out:
            raise ValueError(f"{total} does not fit {n_out} characters, the width of {n_numbers * largest}")
    X = ["+".join(map(str, terms)).rjust(n_in) for terms in X]
    y = [str(total).rjust(n_out) for total in y]
    return X, y


def integer_encode(X, y, alphabet):
    """Replace each character by its index in the alphabet.

    X, y: lists of strings, all of one length within each list. alphabet: single characters, a string or a list.
    Returns integer arrays (n, n_in) and (n, n_out).
    Raises ValueError for a character outside the alphabet and for strings of different lengths.
    Article: "Addition as a seq2seq Problem" (integer_encode).

    >>> X, y = integer_encode([" 3+10"], ["13"], "0123456789+ ")
    >>> X.tolist(), y.tolist()
    ([[11, 3, 10, 1, 0]], [[1, 3]])
    """
    indices = {character: index for index, character in enumerate(alphabet)}
    for character in indices:
        if len(character) != 1:
            raise ValueError(f"{character!r} in the alphabet is not a single character")

    def encode(strings):
        shortest, longest = min(strings, key=len), max(strings, key=len)
        if len(shortest) != len(longest):
            raise ValueError(f"{shortest!r} and {longest!r} differ in length")
        text = "".join(strings)
        for character in set(text):
            if character not in indices:
                raise ValueError(f"{character!r} is not in the alphabet {''.join(alphabet)!r}")
        # One look-up for all characters at once: a table from code point to index.
        table = np.zeros(max(map(ord, alphabet)) + 1, dtype=np.int64)
        table[[ord(character) for character in indices]] = list(indices.values())
        code_points = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
        return table[code_points].reshape(len(strings), -1)

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
        outside = indices[(indices < 0) | (indices >= max_int)]
        if outside.size:
            raise ValueError(f"index {outside[0]} is not from 0 to {max_int - 1}")
    vectors = np.eye(max_int, dtype=np.float32)
    return vectors[X], vectors[y]


def generate_data(n_samples, n_numbers, largest, alphabet, rng=random):
    """Draw sums and encode them as one-hot sequences: the four steps above in a row.

    Returns float32 arrays (n_samples, n_in, n_chars) and (n_samples, n_out, n_chars), n_chars = len(alphabet).
    Raises ValueError as the four steps do.
    Article: "Addition as a seq2seq Problem" (generate_data).

    >>> X, y = generate_data(1, 2, 10, "0123456789+ ", random.Random(1))
    >>> X.shape, y.shape
    ((1, 5, 12), (1, 2, 12))
    >>> invert_encoding(X[0], "0123456789+ "), invert_encoding(y[0], "0123456789+ ")
    (' 3+10', '13')
    """
    X, y = random_sum_pairs(n_samples, n_numbers, largest, rng)
    X, y = to_string(X, y, n_numbers, largest)
    X, y = integer_encode(X, y, alphabet)
    return one_hot_encode(X, y, len(alphabet))


def invert_encoding(seq, alphabet):
    """Read one sequence of one-hot vectors, or of probabilities, as text: the likeliest character at each step.

    seq: an array (n_steps, n_chars), n_chars = len(alphabet). Returns a string of n_steps characters.
    Raises ValueError for another shape.
    Article: "Addition as a seq2seq Problem" (the second invert).

    >>> invert_encoding([[0.1, 0.9, 0.0], [0.2, 0.2, 0.6]], "01+")
    '1+'
    """
    seq = np.asarray(seq)
    if seq.ndim != 2 or seq.shape[1] != len(alphabet):
        raise ValueError(f"seq has the shape {seq.shape}, not (n_steps, {len(alphabet)}), the alphabet's length")
    return "".join(alphabet[index] for index in seq.argmax(axis=1))


# ---- Arguments -----------------------------------------------------------------------------------------------------


class ArgumentParser(argparse.ArgumentParser):
    """argparse's parser: a bad value is one line, without the usage, and exit status 2; `--outputs` can be written."""

    def parse_args(self, args=None, namespace=None):
        """Read the arguments, and make the folder of the outputs if it is missing."""
        args = super().parse_args(args, namespace)
        try:
            args.outputs.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=args.outputs).close()
        except OSError as error:
            self.error(f"argument --outputs: '{args.outputs}' is not a folder that can be written: {error.strerror}")
        return args

    def error(self, message):
        """End the program with the message."""
        self.exit(2, f"{self.prog}: error: {message}\n")


def number(lowest, highest, convert=int):
    """Make an argparse `type` that takes numbers from `lowest` to `highest`: whole ones, or any if convert is float.

    >>> number(1, 9)("7"), number(0, 1, float)("0.25")
    (7, 0.25)
    """

    def read(text):
        try:
            if lowest <= convert(text) <= highest:
                return convert(text)
        except ValueError:
            pass
        kind = "whole number" if convert is int else "number"
        raise argparse.ArgumentTypeError(f"{text!r} is not a {kind} from {lowest} to {highest}")

    return read


def argument_parser(description, limits=None, **defaults):
    """Make a parser of the arguments that the scripts share; a bad one ends the program before anything is trained.

    defaults: the article's settings, by name. limits: a dict of name -> (lowest, highest), for settings that a script
    limits further than here. What is parsed has an attribute for each of the defaults, for `seed`, and for `outputs`,
    a Path to a folder.
    """
    parser = ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments = {
        "n_examples": ("examples drawn for each epoch", (1, 10**9)),
        "n_numbers": ("terms of each sum", (1, 1000)),
        "largest": ("largest term; the smallest is 1", (1, 10**30)),
        "n_batch": ("examples for each update of the weights", (1, 10**9)),
        "n_epoch": ("epochs of training", (1, 10**9)),
        "learning_rate": ("Adam's learning rate", (1e-9, 10.0, float)),
        "seed": ("seed of the data and of the model", (0, 2**32 - 1)),
    }
    for name, default in {**defaults, "seed": 1}.items():
        meaning, limit = arguments[name]
        convert = number(*(limits or {}).get(name, limit))
        option = "--" + name.replace("_", "-")
        parser.add_argument(option, type=convert, default=default, metavar="N", help=f"{meaning} (default: {default})")
    outputs = Path(__file__).resolve().parent / "outputs"
    meaning = "where the files go (default: the project's outputs/)"
    parser.add_argument("--outputs", type=Path, default=outputs, metavar="FOLDER", help=meaning)
    return parser


# ---- Training ------------------------------------------------------------------------------------------------------


def set_seed(seed):
    """Seed Keras and return a random stream for the data alone.

    The data needs a stream of its own: Keras draws the seeds of its initialisers from Python's global one, and what
    it takes there would shift the article's numbers.
    """
    import keras

    keras.utils.set_random_seed(seed)
    return random.Random(seed)


def steps_per_execution(n_examples, n_batch):
    """Choose how many updates Keras makes in one go: at most 100, and a divisor of the updates of an epoch.

    With a number that is no divisor Keras would make more updates in an epoch than `steps_per_epoch` says.

    >>> steps_per_execution(1000, 10), steps_per_execution(1000, 1), steps_per_execution(7, 2)
    (100, 100, 4)
    """
    n_steps = math.ceil(n_examples / n_batch)
    return max(steps for steps in range(1, 101) if n_steps % steps == 0)


def train(model, draw, n_examples, n_batch, n_epoch, validation_data=None):
    """Fit the model to n_examples new examples in each epoch; after Ctrl-C, only to the end of the running epoch.

    draw: a function that takes a number of examples and returns so many, as arrays X, y. validation_data: arrays X, y
    to be evaluated after each epoch, as Keras's fit does.
    Returns history, a dict of lists with one entry for each finished epoch, what Keras logs and the "seconds" since the
    start, and interrupted, a text that says after which epoch Ctrl-C ended the training, or "". Ctrl-C pressed twice
    raises KeyboardInterrupt.
    Article: its loop makes the same updates in the same order, with one fit call for each epoch.
    """
    import keras

    # One fit call for many epochs saves most of the time; 100,000 examples at once keep the memory bounded. Where
    # n_batch does not divide n_examples, an epoch by itself: in a longer array Keras would fill the epoch's last
    # batch up with examples of the next epoch.
    n_at_once = 1 if n_examples % n_batch else max(1, 100_000 // n_examples)
    history = {}
    interrupted = False
    start = time.perf_counter()

    def on_interrupt(signum, frame):
        nonlocal interrupted
        interrupted = True
        signal.signal(signal.SIGINT, before)
        print("\nInterrupted: training ends with this epoch. Ctrl-C again ends it at once.", file=sys.stderr)

    def on_epoch_end(epoch, logs):
        for name, value in {**logs, "seconds": time.perf_counter() - start}.items():
            history.setdefault(name, []).append(value)
        model.stop_training = interrupted or (epoch + 1) % n_at_once == 0

    # Python takes Ctrl-C, and lets it be handled, in the main thread alone; a cluster's workers train in another one.
    in_main_thread = threading.current_thread() is threading.main_thread()
    if in_main_thread:
        before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        for epoch in range(0, n_epoch, n_at_once):
            X, y = draw(min(n_at_once, n_epoch - epoch) * n_examples)
            model.fit(
                X,
                y,
                batch_size=n_batch,
                initial_epoch=epoch,
                epochs=n_epoch,
                steps_per_epoch=math.ceil(n_examples / n_batch),
                shuffle=False,
                validation_data=validation_data,
                validation_batch_size=1000,
                verbose=1 if sys.stdout.isatty() else 2,  # a progress bar; in a file, a line for each epoch
                callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=on_epoch_end)],
            )
            if interrupted:
                break
    finally:
        if in_main_thread:
            signal.signal(signal.SIGINT, before)
    n_trained = len(history["loss"])
    return history, f"interrupted after epoch {n_trained} of {n_epoch}" if n_trained < n_epoch else ""


# ---- Evaluation ----------------------------------------------------------------------------------------------------


def settings(args):
    """Write the parsed arguments in one line, without the folder of the outputs."""
    return ", ".join(f"{name}={value}" for name, value in vars(args).items() if name != "outputs")


def summary(model, args):
    """Write the settings in one line and Keras's summary of the model below, 80 characters wide.

    Call it before training: a trained model's summary counts the optimizer's numbers too.
    """
    lines = [settings(args)]
    model.summary(line_length=80, print_fn=lambda text, **_: lines.append(text))
    return "\n".join(lines)


def prediction_errors(expected, predicted):
    """Subtract predicted from expected whole numbers, both given as text.

    Returns a float64 array, NaN where a prediction is no number at all.

    >>> prediction_errors(["13", " 9"], ["11", "+9"])
    array([ 2., nan])
    """

    def error(answer, prediction):
        return int(answer) - int(prediction) if re.fullmatch(" *-?[0-9]+ *", prediction) else math.nan

    return np.array([error(*pair) for pair in zip(expected, predicted, strict=True)], dtype=float)


def report(expected, predicted, interrupted=""):
    """Write what the scripts print at the end: RMSE, the share of exact answers, and the first 20 rows.

    expected, predicted: lists of whole numbers as text. An answer is exact if the two texts are the same; a
    prediction that is no number counts as wrong and is left out of the RMSE, which says so. interrupted: a line to
    put on top, where there is one.
    Article: the last part of each listing.

    >>> print(report(["13", " 9"], ["13", "10"]))
    RMSE: 0.707107
    Exact: 1 of 2 (50.00 %)
    No number at all: 0 of 2
    Expected=13, Predicted=13 (err=0)
    Expected= 9, Predicted=10 (err=-1)
    """
    from sklearn.metrics import root_mean_squared_error

    n_examples = len(expected)
    errors = prediction_errors(expected, predicted)
    readable = errors[~np.isnan(errors)]
    n_exact = sum(answer == prediction for answer, prediction in zip(expected, predicted, strict=True))
    rmse = root_mean_squared_error(np.zeros_like(readable), readable) if readable.size else math.nan
    left_out = f" (over the {readable.size} of {n_examples} predictions that are numbers)"
    lines = [interrupted] if interrupted else []
    lines += [
        f"RMSE: {rmse:f}{left_out if readable.size < n_examples else ''}",
        f"Exact: {n_exact} of {n_examples} ({100 * n_exact / n_examples:.2f} %)",
        f"No number at all: {n_examples - readable.size} of {n_examples}",
    ]
    for answer, prediction, error in list(zip(expected, predicted, errors, strict=True))[:20]:
        lines.append(f"Expected={answer}, Predicted={prediction} (err={error:.0f})")
    return "\n".join(lines)


def picture(title, history, loss_name, expected, predicted):
    """Draw the loss of each epoch, and the predicted against the expected answers.

    history: Keras's. loss_name: what the loss is, with its unit. expected, predicted: whole numbers as text.
    Returns a matplotlib Figure.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(9, 4), layout="constrained")
    figure.suptitle(title)
    left, right = figure.subplots(1, 2)

    loss = history["loss"]
    left.semilogy(range(1, len(loss) + 1), loss, marker="." if len(loss) < 50 else None)
    left.set(title="Training", xlabel="epoch", ylabel=loss_name)
    left.xaxis.set_major_locator(MaxNLocator(integer=True))
    left.grid(alpha=0.3)

    # Equal points lie on top of each other, so the size of a point says how many they are.
    errors = prediction_errors(expected, predicted)
    answers = np.array(expected, dtype=float)[~np.isnan(errors)]
    errors = errors[~np.isnan(errors)]
    points, counts = np.unique([answers, answers - errors], axis=1, return_counts=True)
    wrong = points[0] != points[1]
    for which, color, label in ((~wrong, "tab:blue", "right"), (wrong, "tab:red", "wrong")):
        sizes = 20 + 400 * counts[which] / len(expected)
        right.scatter(*points[:, which], s=sizes, color=color, alpha=0.6, label=f"{label}: {counts[which].sum()}")
    right.axline((max(map(float, expected)),) * 2, slope=1, color="gray", linewidth=0.8, zorder=0)
    right.set(title=f"Evaluation: {len(expected)} examples", xlabel="expected answer", ylabel="predicted answer")
    right.xaxis.set_major_locator(MaxNLocator(integer=True))
    right.yaxis.set_major_locator(MaxNLocator(integer=True))
    for handle in right.legend(title="numbers predicted").legend_handles:
        handle.set_sizes([30])
    right.grid(alpha=0.3)
    return figure


# ---- Saving --------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def written_whole(path):
    """Give a temporary path beside `path`; what is written there replaces `path` at the end, or not at all."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".unfinished-") as folder:
        yield Path(folder) / path.name
        os.replace(Path(folder) / path.name, path)


def save(outputs, name, text, figure, model=None):
    """Write NAME.txt, NAME.png and, of a model, NAME.keras into the folder `outputs`, each whole or not at all."""
    if model is not None:
        with written_whole(outputs / f"{name}.keras") as path:
            model.save(path)
    with written_whole(outputs / f"{name}.png") as path:
        figure.savefig(path, dpi=100)
    with written_whole(outputs / f"{name}.txt") as path:
        path.write_text(text + "\n", encoding="utf-8")
