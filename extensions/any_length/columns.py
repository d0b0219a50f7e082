"""Problems as columns of digits, as at school, and what a child does in each of them.

    958+67   columns 8,7  5,6  9,0  0,0   5 2 0 1   units first: a digit of either number; keep the carry
    958-67   columns 8,7  5,6  9,0  0,0   1 9 8 0   the same; keep whether it borrowed
    958*7    columns 8,7  5,7  9,7  0,7   6 0 7 6   units first: a digit of the number, and 7; keep the carry
    958/7    columns 9,7  5,7  8,7        1 3 6     most significant digit first: the same; keep the remainder

With the units first there is one column more than digits, for the last carry. Drawn problems are int8 arrays
(n, n_columns, 2). To a network, a column of the digits a and b is the symbol 10 * a + b.
"""

import itertools
import typing

import numpy as np


class Operation(typing.NamedTuple):
    """What a child does in a column, and which problems there are."""

    name: str
    sign: str
    # Digits a and b, and what is kept in mind -> the digit to write, and what to keep then; ints, or int8 arrays.
    step: typing.Callable
    # Digits a -> digits b that hand on what is kept, in a sum 9 - a; None: the number has many equal digits instead.
    passing: typing.Callable | None = None
    one_digit: range | None = None  # what the second number may be, if it has one digit, which is read in each column
    larger_first: bool = False  # the second number is never the larger one
    order: int = 1  # 1: units first; -1: most significant digit first


def add(a, b, carry):
    """Return the digit to write, and the next carry.

    >>> add(8, 7, 1), subtract(5, 7, 1), multiply(8, 7, 6), divide(5, 7, 2)
    ((6, 1), (7, 1), (2, 6), (3, 4))
    """
    return (a + b + carry) % 10, (a + b + carry) // 10


def subtract(a, b, borrowed):
    """Return the digit to write, and what is borrowed then, 0 or 1."""
    return (a - b - borrowed) % 10, -((a - b - borrowed) // 10)


def multiply(a, b, carry):
    """Return the digit to write, and the next carry, 0 to 8."""
    return (a * b + carry) % 10, (a * b + carry) // 10


def divide(a, b, remainder):
    """Return the digit to write, and the remainder, 0 to 8."""
    return (10 * remainder + a) // b, (10 * remainder + a) % b


OPERATIONS = {
    "add": Operation("add", "+", add, passing=lambda a: 9 - a),
    "subtract": Operation("subtract", "-", subtract, passing=lambda a: a, larger_first=True),
    "multiply": Operation("multiply", "*", multiply, one_digit=range(10)),
    "divide": Operation("divide", "/", divide, one_digit=range(1, 10), order=-1),
}
START = None, 0  # what is kept before the first column: no second number yet, if it has one digit, and no carry


def rule(operation):
    """Return the rule for `automaton.prove`: kept in mind are the second number, if it has one digit, and the carry.

    >>> rule(OPERATIONS["multiply"])(START)[-1], rule(OPERATIONS["multiply"])((7, 6))[-1]
    ((99, 1, (9, 8)), (97, 9, (7, 6)))
    """

    def after(kept):
        second, carry = kept
        seconds = [second] if second is not None else operation.one_digit or range(10)
        cases = []
        for a, b in itertools.product(range(10), seconds):
            right, keep = operation.step(a, b, carry)
            cases.append((10 * a + b, right, (b if operation.one_digit else None, keep)))
        return cases

    return after


def symbols(operation, a, b):
    """Return the columns of a problem, numbers as text, as a list of symbols.

    >>> symbols(OPERATIONS["add"], "958", "67"), symbols(OPERATIONS["divide"], "58", "7")
    ([87, 56, 90, 0], [57, 87])
    """
    n_columns = max(len(a), len(b)) + (1 if operation.order == 1 else 0)
    b = b * n_columns if operation.one_digit else b.zfill(n_columns)
    columns = [10 * int(x) + int(y) for x, y in zip(a.zfill(n_columns), b, strict=True)]
    return columns[:: -operation.order]


def to_text(operation, digits):
    """Return the digits that were written column by column as text, without leading zeros.

    >>> to_text(OPERATIONS["add"], [5, 2, 0, 1, 0]), to_text(OPERATIONS["divide"], [0, 1, 3, 6])
    ('1025', '136')
    """
    return "".join(map(str, digits[:: -operation.order])).lstrip("0") or "0"


def to_problem(operation, path):
    """Return the shortest problem that begins with these symbols, two numbers as text.

    >>> to_problem(OPERATIONS["add"], [87, 56]), to_problem(OPERATIONS["subtract"], [57])
    (('58', '67'), ('15', '7'))
    """
    ordered = path[:: -operation.order]
    a = "".join(str(symbol // 10) for symbol in ordered)
    b = "".join(str(symbol % 10) for symbol in ordered)
    if operation.larger_first and a < b:
        a = "1" + a
    return a, b[0] if operation.one_digit else b


def work(operation, X):
    """Return what is written in each column of problems (n, n_columns, 2), and what is kept then: int8 (n, n_columns).

    >>> digits, kept = work(OPERATIONS["add"], np.array([[[8, 7], [5, 6], [9, 0], [0, 0]]], dtype=np.int8))
    >>> digits.tolist(), kept.tolist()
    ([[5, 2, 0, 1]], [[1, 1, 1, 0]])
    """
    kept, digits, keeps = np.zeros(len(X), dtype=np.int8), [], []
    for a, b in X.transpose(1, 2, 0):
        digit, kept = operation.step(a, b, kept)
        digits.append(digit)
        keeps.append(kept)
    return np.stack(digits, axis=1), np.stack(keeps, axis=1)


def draw(operation, n_problems, n_digits, rng, most_passing=1.0):
    """Return problems of up to n_digits digits, int8 (n, n_columns, 2); in many, what is kept in mind decides for long.

    Random digits sum to 9 in one column of ten, so a carry seldom travels. Here each problem has a share of its own,
    uniform from 0 to `most_passing`, of columns that pass on what they get.
    """
    X = rng.integers(0, 10, (n_problems, n_digits, 2), dtype=np.int8)
    chosen = rng.random((n_problems, n_digits)) < most_passing * rng.random((n_problems, 1))
    if operation.passing:
        X[..., 1] = np.where(chosen, operation.passing(X[..., 0]), X[..., 1])
    else:
        X[..., 0] = np.where(chosen, X[:, :1, 0], X[..., 0])
        X[..., 1] = rng.integers(operation.one_digit.start, operation.one_digit.stop, (n_problems, 1))
    if operation.larger_first:
        below_0 = work(operation, X)[1][:, -1] > 0
        X[below_0] = X[below_0, :, ::-1]
    if operation.order == 1:  # one column more, for the last carry
        X = np.pad(X, ((0, 0), (0, 1), (0, 0)))
        X[:, -1, 1] = X[:, 0, 1] if operation.one_digit else 0
    return X


def random_problem(operation, n_digits, rng):
    """Return a problem of n_digits random digits, two numbers as text."""

    def draw_number():
        first = str(rng.integers(1, 10))
        return first + bytes(rng.integers(ord("0"), ord("9") + 1, n_digits - 1, dtype=np.uint8)).decode()

    a, b = draw_number(), draw_number()
    if operation.one_digit:
        return a, str(rng.choice(operation.one_digit))
    return (b, a) if operation.larger_first and a < b else (a, b)


def to_symbols(X):
    """Return columns (n, n_columns, 2) of digits as symbols, ints (n, n_columns)."""
    return 10 * X[..., 0].astype(np.int32) + X[..., 1]


def practise(operation, X, path):
    """Change a drawn problem X, (n_columns, 2), in place: it begins with the symbols of a path."""
    first = np.array([divmod(symbol, 10) for symbol in path[: len(X)]])
    X[: len(first)] = first
    if operation.one_digit:
        X[:, 1] = first[0, 1]
