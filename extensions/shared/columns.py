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


# ---- Prediction and tests, at any length -----------------------------------------------------------------------------


def predict(reader, columns, n_columns_at_once=1000):
    """Predict the digits of sums of any length, reading a part of their columns at a time: the memory stays bounded.

    reader: a model (n_sums, any, 20) -> (n_sums, any, 10) whose recurrent layer keeps its state from part to part.
    Returns int8 (n, n_columns).
    """
    n, n_columns = columns.shape[:2]
    n_sums, width = reader.input_shape[0], min(n_columns, n_columns_at_once)
    digits = np.empty((n, n_columns), dtype=np.int8)
    for i in range(0, n, n_sums):
        for layer in reader.layers:
            if hasattr(layer, "reset_state"):
                layer.reset_state()
        for j in range(0, n_columns, width):
            part = columns[i : i + n_sums, j : j + width]
            filled = np.zeros((n_sums, width, 2), dtype=np.int8)  # always of one shape, to be compiled once
            filled[: part.shape[0], : part.shape[1]] = part
            answers = reader.predict_on_batch(one_hot(filled)).argmax(axis=2)
            digits[i : i + n_sums, j : j + width] = answers[: part.shape[0], : part.shape[1]]
    return digits


def evaluate(predict, n_digits, n_trained, rng):
    """Test on new sums of n_digits digits: random ones, as many that carry far, and the hard ones.

    predict: a function from columns to digits. n_trained: digits of the longest number in training.
    Returns a dict of kind -> booleans, which are exact, the names of the hard sums that are wrong, and the longest
    carry of each sum that carries far. Raises ValueError if a random or hard sum may occur in training, 0+0 excepted.
    """
    names, hard = hard_sums(n_digits, rng)
    n = next(n for most, n in ((10, 10_000), (100, 2_000), (1_000, 500), (10_000, 50), (np.inf, 1)) if n_digits <= most)
    sums = {"random": random_sums(n, n_digits, rng), "carrying": draw(n, n_digits, rng), "hard": hard}
    known = count_digits(np.concatenate([sums["random"], hard])) <= n_trained
    known[n + names.index("0+0")] = False
    if n_digits > n_trained and known.any():
        raise ValueError(f"{known.sum()} sums of {n_digits} digits may occur in training")
    exact = (predict(np.concatenate(list(sums.values()))) == add(np.concatenate(list(sums.values())))).all(axis=1)
    exact = dict(zip(sums, np.split(exact, [n, 2 * n]), strict=True))
    return exact, [names[i] for i in np.flatnonzero(~exact["hard"])], longest_carry(sums["carrying"])


def table(results):
    """Write results of `evaluate`, a dict by number of digits, as lines of a table."""
    lines = [f"{'digits':>9}{'random':>15}{'carrying':>15}{'hard':>9}  sums exact"]
    for n_digits, (exact, wrong, _) in results.items():
        counts = [f"{right.sum():,}/{len(right):,}" for right in exact.values()]
        names = f"  not {', '.join(wrong[:3])}" + f" and {len(wrong) - 3} more" * (len(wrong) > 3)
        lines.append(f"{n_digits:9,}{counts[0]:>15}{counts[1]:>15}{counts[2]:>9}" + names * bool(wrong))
    return "\n".join(lines)


def failures(results):
    """Say in one line what of the results of `evaluate`, a dict by number of digits, is not exact."""
    lines = []
    for n_digits, (exact, _, _) in results.items():
        counts = [f"{(~right).sum()} {kind}" for kind, right in exact.items() if not right.all()]
        lines += [f"wrong of {n_digits:,} digits: {', '.join(counts)}"] if counts else []
    return "; ".join(lines) or "all exact"
