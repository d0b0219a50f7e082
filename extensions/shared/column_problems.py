"""Problems of each operation, as columns of digits, to train on and to test with; see columns.py.

rng is a NumPy Generator, and operation one of "+-*:". All return columns (n, n_digits + 1, 2).
"""

import numpy as np

from extensions.shared.columns import from_text, to_text, work

ORDER = {"+": 1, "-": 1, "*": 1, ":": -1}  # division begins with the highest digit


def finish(operation, X):
    """Turn columns of digits, the units first, into problems: no last column, and nothing below 0.

    X: (n, n_columns, 2), changed in place.
    """
    X[:, -1] = 0
    if operation in "*:":
        X[:, -1, 1] = X[:, 0, 1]
    if operation == "-":
        below_0 = work("-", X)[1][:, -1] > 0
        X[below_0] = X[below_0, :, ::-1]
    return X[:, :: ORDER[operation]]


def draw(n_problems, n_digits, rng, most_passing=1.0, operation="+"):
    """Draw problems of up to n_digits digits, in many of which what is kept in mind decides for long.

    Random digits sum to 9 in one column of ten, so a carry seldom travels. Here each problem has a share of its own,
    uniform from 0 to `most_passing`, of columns that pass on what they get: they sum to 9, or in a subtraction have
    equal digits. Of a number that is multiplied or divided, so many digits are the same.
    """
    X = rng.integers(0, 10, (n_problems, n_digits + 1, 2), dtype=np.int8)
    passing = rng.random((n_problems, n_digits + 1)) < most_passing * rng.random((n_problems, 1))
    if operation in "+-":
        X[..., 1] = np.where(passing, X[..., 0] if operation == "-" else 9 - X[..., 0], X[..., 1])
    else:
        X[..., 0] = np.where(passing, X[:, :1, 0], X[..., 0])
        X[..., 1] = rng.integers(operation == ":", 10, (n_problems, 1))
    return finish(operation, X)


def shorten(X, lengths):
    """Cut both numbers of sums to so many digits; where a column summed to 9 and one has ended, the other has a 9.

    X: (n, n_columns, 2). lengths: ints (n, 2). Returns columns of the same shape.

    >>> shorten(from_text([("958", "441")], 3), np.array([[3, 1]])).tolist()
    [[[8, 1], [9, 0], [9, 0], [0, 0]]]
    """
    position = np.arange(X.shape[1])[:, None]
    ended = position >= lengths[:, None]
    nine = (X.sum(axis=2, keepdims=True) == 9) & ended.any(axis=2, keepdims=True)
    X = np.where(ended, 0, np.where(nine, 9, X))
    return np.where((position == lengths[:, None] - 1) & (position > 0) & (X == 0), 1, X)  # no zero leads


def draw_unequal(n_sums, n_digits, rng, operation="+"):
    """Draw sums as `draw` does, of one number of n_digits digits and another of 1 to n_digits, in any order."""
    lengths = np.stack([np.full(n_sums, n_digits), rng.integers(1, n_digits + 1, n_sums)], axis=1)
    return shorten(draw(n_sums, n_digits, rng), rng.permuted(lengths, axis=1))


def draw_random(n_problems, n_digits, rng, operation="+"):
    """Draw problems of numbers of exactly n_digits random digits."""
    X = rng.integers(0, 10, (n_problems, n_digits + 1, 2), dtype=np.int8)
    X[:, -2] = rng.integers(1, 10, (n_problems, 2))
    if operation in "*:":
        X[..., 1] = rng.integers(operation == ":", 10, (n_problems, 1))
    return finish(operation, X)


def hard_sums(n_digits, rng):
    """List the sums that decide whether addition was learned: those that carry far, never, or look alike for long.

    Returns names and columns, in the same order.

    >>> names, X = hard_sums(4, np.random.default_rng(1))
    >>> names[:3], [to_text(digits) for digits in work("+", X[:3])[0]]
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


def hard_problems(operation, n_digits, rng):
    """List the problems of an operation that decide whether it was learned. Returns names and columns.

    >>> for operation in "-*:":
    ...     names, X = hard_problems(operation, 4, np.random.default_rng(1))
    ...     print(names[:3], [to_text(digits[:: ORDER[operation]]) for digits in work(operation, X[:3])[0]])
    ['100..0-1', '100..0-99..9', '200..0-100..1'] ['999', '1', '999']
    ['11..1*0', '100..0*0', '100..1*0'] ['0', '0', '0']
    ['11..1:1', '100..0:1', '100..1:1'] ['1111', '1000', '1001']
    """
    if operation == "+":
        return hard_sums(n_digits, rng)
    zeros, nines = "0" * (n_digits - 1), "9" * (n_digits - 1)
    a = to_text(np.append(rng.integers(0, 10, n_digits - 1), rng.integers(1, 9)))
    if operation == "-":
        problems = {
            "100..0-1": ("1" + zeros, "1"),
            "100..0-99..9": ("1" + zeros, nines or "1"),
            "200..0-100..1": ("2" + zeros, ("1" + zeros)[:-1] + "1"),
            "99..9-99..9": ("9" + nines, "9" + nines),
            "a-a": (a, a),
            "a-0": (a, "0"),
            "0-0": ("0", "0"),
            "(a+10..0)-a": (str(int(a[0]) + 1) + a[1:], a),
            "a-a's last digits": (a, a[1:].lstrip("0") or "0"),
            "long-1 digit": (a[:-1] + "0", "9"[: n_digits - 1] or "0"),
            "99..9-a": ("9" + nines, a),
        }
        for i in range(1, 10):
            problems[f"{i}{i}..{i}-1{i}..{i}"] = str(i) * n_digits, "1" + str(i) * (n_digits - 1)
            if n_digits > 1:
                repeated = str(i) * (n_digits - 1)
                problems[f"{i}{i}..0-{i - 1}{i}..{i}"] = repeated + "0", str(i - 1) + repeated
    else:
        problems = {}
        for digit in "123456789":
            for d in "0123456789"[operation == ":" :]:
                problems[f"{digit}{digit}..{digit}{operation}{d}"] = digit * n_digits, d
                problems[f"{digit}00..0{operation}{d}"] = digit + zeros, d
                problems[f"{digit}00..1{operation}{d}"] = (digit + zeros)[:-1] + "1", d
        for d in "0123456789"[operation == ":" :]:
            problems[f"0{operation}{d}"] = "0", d
            problems[f"a{operation}{d}"] = a, d
    return list(problems), from_text(list(problems.values()), n_digits, operation)


def list_small(operation):
    """List all small problems: every column, with everything that can be kept when it is reached, is among them.

    They are a+b up to 99, a-b with a up to 199 and b up to 99, and for one digit a*b and a:b with a up to 999.

    >>> len(list_small("+")), len(list_small("-")), len(list_small("*")), len(list_small(":"))
    (10000, 15050, 10000, 9000)
    """
    if operation in "+-":
        largest = 99 if operation == "+" else 199
        pairs = [(a, b) for a in range(largest + 1) for b in range(100) if operation == "+" or a >= b]
    else:
        pairs = [(a, b) for a in range(1000) for b in range(operation == ":", 10)]
    return from_text([(str(a), str(b)) for a, b in pairs], 3, operation)
