"""The columns of long_addition.py as text, for comparison: the article's encoder-decoder reads digit after digit.

    958+67  ->  "87560900"  ->  encoder LSTM  ->  (128,)  ->  repeated (4, 128)  ->  decoder LSTM  ->  "5201"

Of the article's framing this is the easiest form: the digits of both numbers in turn, the units first, here and there.
"""

import numpy as np

from extensions import variable_operators


def build_model(n_digits):
    """Build the encoder-decoder of variable_operators.py for numbers of n_digits digits; not compiled."""
    return variable_operators.build_model(2 * n_digits + 2, n_digits + 1, 10, unroll=n_digits < 10)


def one_hot(columns):
    """Encode columns (n, n_columns, 2) digit after digit: float32 (n, 2 * n_columns, 10).

    >>> one_hot(np.array([[[8, 7], [5, 6], [9, 0], [0, 0]]])).argmax(axis=2).tolist()
    [[8, 7, 5, 6, 9, 0, 0, 0]]
    """
    return np.eye(10, dtype=np.float32)[columns.reshape(len(columns), -1)]


def predict(model, columns):
    """Predict the digits of sums of any length: int (n, n_columns). The same weights read and write as many as needed.

    Sums shorter than those in training are filled up with columns of zeros, as they are in training.
    """
    n_columns = columns.shape[1]
    n_trained = model.output_shape[1]
    filled = np.pad(columns, ((0, 0), (0, max(0, n_trained - n_columns)), (0, 0)))
    longer = build_model(filled.shape[1] - 1)
    longer.set_weights(model.get_weights())
    return longer.predict(one_hot(filled), 1000, verbose=0).argmax(axis=2)[:, :n_columns]
