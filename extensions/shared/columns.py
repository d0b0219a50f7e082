"""Problems as columns of digits, as at school, and how a child works them out.

Columns are an int8 array (n, n_columns, 2) for n problems of one operation, with one column more than the longer number
has digits, for the last carry. Each column holds what is read there, and what is written there is a digit:

    958+67   [[8, 7], [5, 6], [9, 0], [0, 0]]   5 2 0 1    units first: a digit of either number
    958-67   [[8, 7], [5, 6], [9, 0], [0, 0]]   1 9 8 0    the same; the second number is the smaller one
    958*7    [[8, 7], [5, 7], [9, 7], [0, 7]]   6 0 7 6    units first: a digit of the number, and the one digit
    958:7    [[0, 7], [9, 7], [5, 7], [8, 7]]   0 1 3 6    highest digit first
"""

import numpy as np

from extensions.shared.operations import OPERATIONS

# ---- Numbers as columns, and back ----------------------------------------------------------------------------------


def from_text(pairs, n_digits, operation="+"):
    """Write pairs of whole numbers, given as text, in n_digits + 1 columns.

    operation: a sign of OPERATIONS; for * and : the second number has one digit.
    Returns columns (n, n_digits + 1, 2). Raises ValueError for a number that has too many digits.

    >>> from_text([("958", "67")], 3).tolist(), from_text([("58", "7")], 2, ":").tolist()
    ([[[8, 7], [5, 6], [9, 0], [0, 0]]], [[[0, 7], [5, 7], [8, 7]]])
    """
    rules = OPERATIONS[operation]
    if rules.one_digit:
        if wrong := [digit for _, digit in pairs if int(digit) not in rules.one_digit]:
            raise ValueError(f"{wrong[0]} is not a second number of {operation}, one digit")
        columns = from_text([(a, "0") for a, _ in pairs], n_digits).copy()
        columns[..., 1] = [[int(digit)] for _, digit in pairs]
        return columns[:, :: rules.order]
    texts = [text for pair in pairs for text in pair]
    if max(map(len, texts)) > n_digits:
        raise ValueError(f"a number of {max(map(len, texts))} digits does not fit {n_digits}")
    text = "".join(text.zfill(n_digits + 1)[::-1] for text in texts)
    digits = np.frombuffer(text.encode("ascii"), dtype=np.int8) - np.int8(ord("0"))
    return digits.reshape(-1, 2, n_digits + 1).transpose(0, 2, 1)[:, :: rules.order]


def to_text(digits):
    """Read digits (n_columns,), the units first, as text without leading zeros.

    >>> to_text(np.array([5, 2, 0, 1, 0]))
    '1025'
    """
    return (digits[::-1].astype(np.uint8) + ord("0")).tobytes().decode("ascii").lstrip("0") or "0"


def count_digits(columns):
    """Count the digits of the longer number of each sum, without leading zeros: ints (n,); 0 + 0 has none.

    >>> count_digits(from_text([("958", "67"), ("0", "0")], 5)).tolist()
    [3, 0]
    """
    return ((columns > 0).any(axis=2) * np.arange(1, columns.shape[1] + 1)).max(axis=1)


def one_hot(columns):
    """Encode each column as 20 zeros and ones, 10 for either digit: float32 (n, n_columns, 20)."""
    return np.eye(10, dtype=np.float32)[columns].reshape(*columns.shape[:2], 20)


# ---- Arithmetic, column by column ------------------------------------------------------------------------------------


def work(operation, columns):
    """Work out problems as at school: the digits to write, and what is kept after each column.

    operation: a sign of OPERATIONS. Returns two int8 arrays (n, n_columns).

    >>> digits, kept = work("+", from_text([("958", "67")], 3))
    >>> digits.tolist(), kept.tolist()
    ([[5, 2, 0, 1]], [[1, 1, 1, 0]])
    """
    digits, keeps = np.empty((2, columns.shape[1], len(columns)), dtype=np.int8)
    kept = np.zeros(len(columns), dtype=np.int8)
    for i, (a, b) in enumerate(columns.transpose(1, 2, 0)):
        digits[i], kept = OPERATIONS[operation].step(a, b, kept)
        keeps[i] = kept
    return digits.T, keeps.T


def count_transitions(operation, columns):
    """Count the different columns in problems, together with what is kept when they are reached.

    >>> count_transitions("+", from_text([("958", "67"), ("958", "7")], 3))  # 5 is read with 6 and with 0, and so on
    7
    """
    kept = np.pad(work(operation, columns)[1], ((0, 0), (1, 0)))[:, :-1]
    return len(np.unique(np.concatenate([columns, kept[..., None]], axis=2).reshape(-1, 3), axis=0))


def longest_carry(columns):
    """Count the columns that the farthest travelling carry of each sum passes through: ints (n,).

    A carry starts in a column of 10 or more, passes through columns of exactly 9, and stays in the next other one.

    >>> longest_carry(from_text([("958", "67"), ("999", "1"), ("64", "55"), ("4", "5")], 3)).tolist()
    [1, 2, 0, 0]
    """
    passed = (columns.sum(axis=2, dtype=np.int8) == 9) & (work("+", columns)[1] > 0)
    position = np.arange(1, columns.shape[1] + 1)
    last_stop = np.maximum.accumulate(np.where(passed, 0, position), axis=1)
    return (position - last_stop).max(axis=1)
