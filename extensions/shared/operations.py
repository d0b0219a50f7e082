"""The operations of school, each in one record: what a child does in a column, and which problems there are.

For one more operation, write its functions and add a record to OPERATIONS, under a sign that is neither x nor /. Then
`python -m extensions.school` trains, tests and draws it, and works out problems of your own; `python -m pytest
tests/test_column_problems.py tests/test_school.py` checks that the record agrees with itself.
"""

import operator
import typing

import numpy as np


class Operation(typing.NamedTuple):
    """How an operation is worked out column by column, and what its problems are like."""

    name: str
    # Digits a and b, and what is kept in mind -> the digit to write, and what to keep then. For ints up to 127, and for
    # int8 arrays. The last column, units first, has a 0 for a: nothing may be left to keep after it.
    step: typing.Callable
    # Digits (n, n_columns, 2) -> digits with which a column hands what is kept on to the next, if there are any:
    # 9 and 0 in a sum. Training and tests have many of them.
    passing: typing.Callable
    # A number of digits and a Generator -> the problems that decide, a dict of name -> both numbers, as text. The
    # longer one, or with one_digit the first, has so many digits or is 0.
    hard: typing.Callable
    small: int  # with first numbers up to this one, and second ones below 100, everything that can be kept is kept
    compute: typing.Callable  # two of Python's integers -> the right answer, as `str` writes it
    one_digit: range | None = None  # what the second number may be, if it has one digit, which is read in each column
    larger_first: bool = False  # the second number is never the larger one, as answers below 0 are not worked out
    order: int = 1  # 1: the units are read first; -1: the highest digit


# ---- What a child does in a column -----------------------------------------------------------------------------------


def add(a, b, carry):
    """Add two digits and the carry. Returns the digit to write, and the next carry.

    >>> add(8, 7, 1), subtract(5, 7, 1), multiply(8, 7, 6), divide(5, 7, 2)
    ((6, 1), (7, 1), (2, 6), (3, 4))
    """
    total = a + b + carry
    return total % 10, total // 10


def subtract(a, b, borrowed):
    """Subtract a digit and what was borrowed. Returns the digit to write, and what is borrowed now, 0 or 1."""
    total = a - b - borrowed
    return total % 10, -(total // 10)


def multiply(a, b, carry):
    """Multiply two digits and add the carry. Returns the digit to write, and the next carry, 0 to 8."""
    total = a * b + carry
    return total % 10, total // 10


def divide(a, b, remainder):
    """Divide the remainder, with the next digit a behind it, by b. Returns the digit to write, and the remainder."""
    total = 10 * remainder + a
    return total // b, total % b


# ---- Hard problems: a number of digits and a NumPy Generator -> a dict of name -> both numbers, as text --------------


def number(n_digits, rng, highest=9):
    """Draw a number of n_digits digits, the first of them 1 to `highest`, as text."""
    return "".join(map(str, np.append(rng.integers(0, 10, n_digits - 1), rng.integers(1, highest + 1))[::-1]))


def hard_sums(n_digits, rng):
    """List the sums that decide whether addition was learned: those that carry far, never, or look alike for long.

    >>> hard_sums(4, np.random.default_rng(1))["44..4+55..56"]
    ('4444', '5556')
    """

    def repeated(digit, last=None):
        return str(digit) * (n_digits - 1) + str(digit if last is None else last)

    a, short = number(n_digits, rng), max(1, n_digits // 3)
    complement = "".join("9876543210"[int(digit)] for digit in a)
    every_pair = rng.permutation(100)
    every_pair = np.roll(every_pair, every_pair[0] == 0)  # 0 and 0 in front would be no digits
    every_pair = np.repeat(every_pair, -(-n_digits // 100))[:n_digits].astype(str)  # 37 37 37 04 04 04 ..
    every_pair = ["".join(text.zfill(2)[i] for text in every_pair) for i in (0, 1)]
    problems = {
        "99..9+1": (repeated(9), "1"),
        "1+99..9": ("1", repeated(9)),
        "99..9+99..9": (repeated(9), repeated(9)),
        "0+0": ("0", "0"),
        "44..4+55..56": (repeated(4), repeated(5, last=6)),
        "44..4+55..5": (repeated(4), repeated(5)),
        "long+short": (number(n_digits, rng), number(short, rng)),
        "short+long": (number(short, rng), number(n_digits, rng)),
        "long+1 digit": (number(n_digits, rng), number(1, rng)),
        "a+(99..9-a)": (a, complement),
        "a+(99..9-a)+1": (a[:-1] + "9", complement[:-1] + "1"),
        "runs of digit pairs": every_pair,
    }
    for i in range(10):
        problems[f"{i}{i}..{i}+{9 - i}{9 - i}..{9 - i}"] = repeated(i), repeated(9 - i)
        problems[f"{i}{i}..9+{9 - i}{9 - i}..1"] = repeated(i, last=9), repeated(9 - i, last=1)
    return problems


def hard_differences(n_digits, rng):
    """List the differences that decide: those that borrow far, end in zeros, or have a short second number.

    >>> hard_differences(4, np.random.default_rng(1))["200..0-100..1"]
    ('2000', '1001')
    """
    zeros, nines = "0" * (n_digits - 1), "9" * (n_digits - 1)
    a = number(n_digits, rng, highest=8)
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
        repeated = str(i) * (n_digits - 1)
        problems[f"{i}{i}..{i}-1{i}..{i}"] = str(i) + repeated, "1" + repeated
        if n_digits > 1:
            problems[f"{i}{i}..0-{i - 1}{i}..{i}"] = repeated + "0", str(i - 1) + repeated
    return problems


def hard_by_one_digit(sign, digits):
    """Make the function that lists hard problems with a second number of one digit: repeated digits, zeros, 0.

    >>> hard_by_one_digit(":", range(1, 10))(4, np.random.default_rng(1))["700..1:3"]
    ('7001', '3')
    """

    def hard(n_digits, rng):
        zeros, a = "0" * (n_digits - 1), number(n_digits, rng, highest=8)
        problems = {}
        for digit in "123456789":
            for d in digits:
                problems[f"{digit}{digit}..{digit}{sign}{d}"] = digit * n_digits, str(d)
                problems[f"{digit}00..0{sign}{d}"] = digit + zeros, str(d)
                problems[f"{digit}00..1{sign}{d}"] = (digit + zeros)[:-1] + "1", str(d)
        for d in digits:
            problems[f"0{sign}{d}"] = "0", str(d)
            problems[f"a{sign}{d}"] = a, str(d)
        return problems

    return hard


# ---- The operations --------------------------------------------------------------------------------------------------


def same_digits(X):
    """Give each column the digits of the first."""
    return np.broadcast_to(X[:, :1], X.shape)


OPERATIONS = {
    "+": Operation(
        "add",
        add,
        passing=lambda X: np.stack([X[..., 0], 9 - X[..., 0]], axis=-1),
        hard=hard_sums,
        small=99,
        compute=operator.add,
    ),
    "-": Operation(
        "subtract",
        subtract,
        passing=lambda X: np.stack([X[..., 0], X[..., 0]], axis=-1),
        hard=hard_differences,
        small=199,
        compute=operator.sub,
        larger_first=True,
    ),
    "*": Operation(
        "multiply",
        multiply,
        passing=same_digits,
        hard=hard_by_one_digit("*", range(10)),
        small=999,
        compute=operator.mul,
        one_digit=range(10),
    ),
    ":": Operation(
        "divide",
        divide,
        passing=same_digits,
        hard=hard_by_one_digit(":", range(1, 10)),
        small=999,
        compute=lambda a, b: "{}, remainder {}".format(*divmod(a, b)),
        one_digit=range(1, 10),
        order=-1,
    ),
}
