"""Two numbers as columns of digits, the units first, as at school: exact addition, sums to train on, to test with.

Columns are an int8 array (n, n_columns, 2) for n sums: each column holds a digit of either number. 958+67 is

    [[8, 7], [5, 6], [9, 0], [0, 0]]    and its sum, 1025, is    [5, 2, 0, 1]

with one column more than the longer number has digits, for the last carry.
"""

import numpy as np

# ---- Numbers as columns, and back ----------------------------------------------------------------------------------


def from_text(pairs, n_digits):
    """Write pairs of whole numbers, given as text, in n_digits + 1 columns.

    Returns columns (n, n_digits + 1, 2). Raises ValueError for a number of more than n_digits digits.

    >>> from_text([("958", "67")], 3).tolist()
    [[[8, 7], [5, 6], [9, 0], [0, 0]]]
    """
    texts = [text for pair in pairs for text in pair]
    if max(map(len, texts)) > n_digits:
        raise ValueError(f"a number of {max(map(len, texts))} digits does not fit {n_digits}")
    text = "".join(text.zfill(n_digits + 1)[::-1] for text in texts)
    digits = np.frombuffer(text.encode("ascii"), dtype=np.int8) - np.int8(ord("0"))
    return digits.reshape(-1, 2, n_digits + 1).transpose(0, 2, 1)


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


# ---- Exact addition ------------------------------------------------------------------------------------------------


def carries(columns):
    """Tell for each column whether it carries into the next: booleans (n, n_columns).

    Digits that sum to 9 pass on the carry they get, so the last other column before them decides.

    >>> carries(from_text([("958", "67")], 3)).tolist()
    [[True, True, True, False]]
    """
    totals = columns.sum(axis=2, dtype=np.int8)
    deciding = np.where(totals == 9, 0, np.arange(columns.shape[1], dtype=np.int32))
    return np.take_along_axis(totals > 9, np.maximum.accumulate(deciding, axis=1), axis=1)


def add(columns):
    """Add exactly: the digits of the sums, int8 (n, n_columns), the units first; the last carry needs its column.

    >>> add(from_text([("958", "67")], 3)).tolist()
    [[5, 2, 0, 1]]
    """
    totals = columns.sum(axis=2, dtype=np.int8)
    totals[:, 1:] += carries(columns)[:, :-1]
    return totals % np.int8(10)


def longest_carry(columns):
    """Count the columns that the farthest travelling carry of each sum passes through: ints (n,).

    A carry starts in a column of 10 or more, passes through columns of exactly 9, and stays in the next other one.

    >>> longest_carry(from_text([("958", "67"), ("999", "1"), ("64", "55"), ("4", "5")], 3)).tolist()
    [1, 2, 0, 0]
    """
    passed = (columns.sum(axis=2, dtype=np.int8) == 9) & carries(columns)
    position = np.arange(1, columns.shape[1] + 1)
    last_stop = np.maximum.accumulate(np.where(passed, 0, position), axis=1)
    return (position - last_stop).max(axis=1)


# ---- Sums to train on and to test with -----------------------------------------------------------------------------


def draw(n_sums, n_digits, rng, most_nines=1.0):
    """Draw sums of up to n_digits digits, many of which carry far.

    Random digits sum to 9 in one column of ten, so a carry seldom travels. Here each sum has a share of its own,
    uniform from 0 to `most_nines`, of columns that are made to. rng: a NumPy Generator.
    Returns columns (n_sums, n_digits + 1, 2).
    """
    columns = rng.integers(0, 10, (n_sums, n_digits + 1, 2), dtype=np.int8)
    nine = rng.random((n_sums, n_digits + 1)) < most_nines * rng.random((n_sums, 1))
    columns[nine, 1] = 9 - columns[nine, 0]
    columns[:, -1] = 0
    return columns


def shorten(columns, lengths):
    """Cut the numbers to so many digits; where a column summed to 9 and one number has ended, the other has a 9 there.

    columns: (n, n_columns, 2). lengths: ints (n, 2). Returns columns of the same shape.

    >>> shorten(from_text([("958", "441")], 3), np.array([[3, 1]])).tolist()
    [[[8, 1], [9, 0], [9, 0], [0, 0]]]
    """
    position = np.arange(columns.shape[1])[:, None]
    ended = position >= lengths[:, None]
    nine = (columns.sum(axis=2, keepdims=True) == 9) & ended.any(axis=2, keepdims=True)
    columns = np.where(ended, 0, np.where(nine, 9, columns))
    return np.where((position == lengths[:, None] - 1) & (position > 0) & (columns == 0), 1, columns)  # no zero leads


def unequal_sums(n_sums, n_digits, rng, most_nines=1.0):
    """Draw sums as `draw` does, of one number of n_digits digits and another of 1 to n_digits, in any order."""
    lengths = np.stack([np.full(n_sums, n_digits), rng.integers(1, n_digits + 1, n_sums)], axis=1)
    return shorten(draw(n_sums, n_digits, rng, most_nines), rng.permuted(lengths, axis=1))


def random_sums(n_sums, n_digits, rng):
    """Draw sums of two numbers of exactly n_digits random digits. Returns columns (n_sums, n_digits + 1, 2)."""
    columns = rng.integers(0, 10, (n_sums, n_digits + 1, 2), dtype=np.int8)
    columns[:, -2] = rng.integers(1, 10, (n_sums, 2))
    columns[:, -1] = 0
    return columns


def hard_sums(n_digits, rng):
    """List the sums that decide whether addition was learned: those that carry far, never, or look alike for long.

    Returns names and columns (n, n_digits + 1, 2), in the same order.

    >>> names, columns = hard_sums(4, np.random.default_rng(1))
    >>> names[:3], [to_text(digits) for digits in add(columns[:3])]
    (['99..9+1', '1+99..9', '99..9+99..9'], ['10000', '10000', '19998'])
    """

    def repeated(digit, last=None):
        return str(digit) * (n_digits - 1) + str(digit if last is None else last)

    def number(n):
        return to_text(np.append(rng.integers(0, 10, n - 1), rng.integers(1, 10)))

    a, short = number(n_digits), max(1, n_digits // 3)
    complement = "".join("9876543210"[int(digit)] for digit in a)
    every_pair = rng.permutation(100)
    every_pair = np.roll(every_pair, every_pair[0] == 0)  # 0 and 0 in front would be no digits
    every_pair = np.repeat(every_pair, -(-n_digits // 100))[:n_digits].astype(str)  # 37 37 37 04 04 04 ..
    every_pair = ["".join(text.zfill(2)[i] for text in every_pair) for i in (0, 1)]
    sums = {
        "99..9+1": (repeated(9), "1"),
        "1+99..9": ("1", repeated(9)),
        "99..9+99..9": (repeated(9), repeated(9)),
        "0+0": ("0", "0"),
        "44..4+55..56": (repeated(4), repeated(5, last=6)),
        "44..4+55..5": (repeated(4), repeated(5)),
        "long+short": (number(n_digits), number(short)),
        "short+long": (number(short), number(n_digits)),
        "long+1 digit": (number(n_digits), number(1)),
        "a+(99..9-a)": (a, complement),
        "a+(99..9-a)+1": (a[:-1] + "9", complement[:-1] + "1"),
        "runs of digit pairs": every_pair,
    }
    for i in range(10):
        sums[f"{i}{i}..{i}+{9 - i}{9 - i}..{9 - i}"] = repeated(i), repeated(9 - i)
        sums[f"{i}{i}..9+{9 - i}{9 - i}..1"] = repeated(i, last=9), repeated(9 - i, last=1)
    return list(sums), from_text(sums.values(), n_digits)
