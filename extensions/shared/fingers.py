"""A network with two fingers: it reads a sum as text, each finger on one character, and writes the answer's digits.

Where a finger starts is learned from the text, and whether it then moves to the left from what both of them read. In
training a finger is spread over the characters, so that gradients pass; in `steps` it is on one, at any length.
"""

import itertools

import keras
import numpy as np
from keras import layers, ops

import common
from extensions.shared import column_problems, columns

ALPHABET = "0123456789+ ="
END = ALPHABET.index(" ")  # is written after the last digit

# ---- The network ---------------------------------------------------------------------------------------------------


@keras.saving.register_keras_serializable("extensions")
class Fingers(layers.Layer):
    """From texts (n, n_in), an index for each character, to what two fingers read (n, n_steps, 26), one-hot or spread.

    Both decisions are multiplied by 4, which makes them sharp: a finger is hardly spread, nearly as in `steps`.
    """

    def __init__(self, n_steps, **kwargs):
        """Make the layers that decide: the start from each character and the next, the move from what is read."""
        super().__init__(**kwargs)
        self.n_steps = n_steps
        # L2 keeps the digits from having a say in the start
        self.start = layers.Conv1D(2, 2, padding="same", kernel_regularizer=keras.regularizers.L2(1e-4))
        self.move = layers.Dense(2)

    def build(self, input_shape):
        """Make the weights."""
        self.start.build((None, None, len(ALPHABET)))
        self.move.build((None, 2 * len(ALPHABET)))

    def call(self, text):
        """Put the fingers on the text, then read and move, n_steps times."""
        characters = ops.one_hot(text, len(ALPHABET))  # (n, n_in, 13)
        first, second = ops.split(ops.transpose(4 * self.start(characters), (0, 2, 1)), 2, axis=1)  # (n, 1, n_in)
        first = ops.softmax(first)
        second = ops.softmax(second) * (1 - first)  # not where the first one is
        second = second / (ops.sum(second, axis=-1, keepdims=True) + 1e-6)
        fingers = ops.concatenate([first, second], axis=1)  # (n, 2, n_in)
        reads = []
        for _ in range(self.n_steps):
            reads.append(ops.reshape(ops.matmul(fingers, characters), (-1, 2 * len(ALPHABET))))  # (n, 26)
            moving = ops.sigmoid(4 * self.move(reads[-1]))[:, :, None] * fingers
            moving = ops.concatenate([ops.zeros_like(moving[:, :, :1]), moving[:, :, 1:]], axis=-1)  # not off the edge
            fingers = fingers - moving + ops.roll(moving, -1, axis=-1)
        return ops.stack(reads, axis=1)

    def get_config(self):
        """Give what `__init__` needs, to be saved with the model."""
        return {**super().get_config(), "n_steps": self.n_steps}


def build_model(n_in, n_steps):
    """Build the network: what the fingers read is added column by column, as in long_addition; not compiled."""
    # Dropout takes a fifth of the state from each training sum, so that many units learn to keep the carry.
    return keras.Sequential(
        [
            keras.Input((n_in,), dtype="int32"),  # (15,) " 43904+506095="
            Fingers(n_steps),  # (8, 26) two characters at each step
            layers.Dense(64, activation="relu"),  # (8, 64)
            layers.SimpleRNN(32, recurrent_dropout=0.2, return_sequences=True, unroll=True),  # (8, 32)
            layers.Dense(len(ALPHABET) - 1, activation="softmax"),  # (8, 12) probabilities of digit, "+", " "
        ]
    )


# ---- Sums as text --------------------------------------------------------------------------------------------------


def encode(X):
    """Write sums, columns (n, n_columns, 2), as text, and their answers units first.

    Returns integers (n, 2 * n_columns + 1), padded on the left, and (n, n_columns + 1), padded on the right.

    >>> for indices in encode(columns.from_text([("958", "67")], 3)):
    ...     print(repr("".join(ALPHABET[i] for i in indices[0])))
    '  958+67='
    '5201 '
    """
    n_columns = X.shape[1]
    texts = [f"{columns.to_text(a)}+{columns.to_text(b)}=".rjust(2 * n_columns + 1) for a, b in X.transpose(0, 2, 1)]
    answers = [columns.to_text(digits)[::-1].ljust(n_columns + 1) for digits in columns.work("+", X)[0]]
    return common.integer_encode(texts, answers, ALPHABET)


def weigh(answers):
    """Weigh the characters of answers (n, n_out) in training: 1 up to the first space, 0 behind it."""
    weights = np.ones(answers.shape, dtype=np.float32)
    weights[:, 1:] = answers[:, :-1] != END
    return weights


def draw(n_sums, n_digits, rng, most_nines=1.0, grow=True):
    """Draw sums to train on, many of which carry far, of numbers of one digit at first, up to n_digits after half.

    Of three sums in ten the longer number is as long as may be, else it is rather long; of four in ten both are of one
    length, else the other has any length up to it. They are in the order in which training is to have them.
    most_nines: as `most_passing` of column_problems.draw. grow: if False, numbers have up to n_digits from the start.
    Returns columns (n_sums, n_digits + 1, 2).
    """
    longest = np.full(n_sums, n_digits)
    if grow:
        longest = np.minimum(n_digits, 1 + np.arange(n_sums) * 2 * (n_digits - 1) // n_sums)
    longer = np.where(rng.random(n_sums) < 0.3, longest, rng.integers(1, longest + 1, (2, n_sums)).max(axis=0))
    other = np.where(rng.random(n_sums) < 0.4, longer, rng.integers(1, longer + 1))
    X = column_problems.draw(n_sums, n_digits, rng, most_nines)
    return column_problems.shorten(X, rng.permuted(np.stack([longer, other], axis=1), axis=1))


# ---- Prediction, at any length ---------------------------------------------------------------------------------------


def steps(model, text):
    """Do what the model does, in NumPy and with each finger on one character: the memory does not grow with the steps.

    text: integers (n, n_in), of any width. Yields after each step, without end, the places of the fingers (n, 2) at
    this step, the state (n, 32), and the characters written (n,), the units first.
    """
    fingers, *_ = model.layers
    # The weights of the layers in their order: each has a kernel and a bias, the recurrent one a kernel more.
    move, move_bias, pair, pair_bias, kernel, recurrent, bias, digit, digit_bias = map(
        np.asarray,
        (*fingers.move.get_weights(), *(weight for layer in model.layers[1:] for weight in layer.get_weights())),
    )
    rows, one_hot = np.arange(len(text)), np.eye(len(ALPHABET), dtype=np.float32)

    # The start: each finger goes where it is most of all in training, the second one not where the first one is.
    scores = ops.convert_to_numpy(fingers.start(ops.one_hot(text, len(ALPHABET)))).copy()  # (n, n_in, 2)
    first = scores[:, :, 0].argmax(axis=1)
    scores[rows, first, 1] = -np.inf
    places = np.stack([first, scores[:, :, 1].argmax(axis=1)], axis=1)
    state = np.zeros((len(text), len(bias)), dtype=np.float32)

    while True:  # read, write, move
        read = one_hot[text[rows[:, None], places]].reshape(len(text), -1)  # (n, 26)
        state = np.tanh(np.maximum(read @ pair + pair_bias, 0) @ kernel + state @ recurrent + bias)
        yield places, state, (state @ digit + digit_bias).argmax(axis=1)
        places = np.maximum(places - (read @ move + move_bias > 0), 0)


def predict(model, text, n_out):
    """Write the answers to texts, integers (n, n_in): integers (n, n_out), spaces from the first one on."""
    return end([written for _, _, written in itertools.islice(steps(model, text), n_out)])


def end(written):
    """Let nothing stand behind the first space: a list of n_out steps (n,) becomes integers (n, n_out)."""
    written = np.stack(written, axis=1)
    return np.where(np.maximum.accumulate(written == END, axis=1), END, written)
