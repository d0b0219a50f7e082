"""Problems of two numbers: + and - of any two, * and / by one digit, and how a child solves them at school.

     958+67=   reads 8,7  5,6  9,+  blank,+   and writes 5 2 0 1 and a blank: units first, keeping the carry
     958-67=   reads 8,7  5,6  9,-  blank,-   and writes 1 9 8: the same, keeping what is borrowed
     958*7=    reads 8,7  5,7  9,7  blank,7   and writes 6 0 7 6: the same, keeping the carry
     958/7=    reads 9,7  5,7  8,7  /,7       and writes 1 3 6: most significant digit first, keeping the remainder

A difference is written with as many digits as its first number, a quotient with as many as its dividend.
"""

import argparse
import decimal
import itertools
import re
import sys
import typing

import numpy as np

ALPHABET = "0123456789+-*/ ="
MOST_CELLS = 2 * 10**8  # digits of all rows of a long multiplication; each takes three bytes
BLANK, EQUALS = ALPHABET.index(" "), ALPHABET.index("=")


class Operation(typing.NamedTuple):
    """What a child does in each step, and which second numbers are allowed."""

    name: str
    sign: str
    # Digits a and b, and what is kept -> the digit to write, and what to keep then; ints, or int8 arrays
    step: typing.Callable
    one_digit: range | None = None  # what the second number may be, if it has one digit, which is read at each step


def add(a, b, carry):
    """Return the digit to write, and the next carry.

    >>> add(8, 7, 1), subtract(5, 7, 1), multiply(8, 7, 6), divide(5, 7, 2)
    ((6, 1), (7, 1), (2, 6), (3, 4))
    """
    return (a + b + carry) % 10, (a + b + carry) // 10


def subtract(a, b, borrowed):
    """Return the digit to write, and the next borrow, 0 or 1."""
    return (a - b - borrowed) % 10, -((a - b - borrowed) // 10)


def multiply(a, b, carry):
    """Return the digit to write, and the next carry, 0 to 8."""
    return (a * b + carry) % 10, (a * b + carry) // 10


def divide(a, b, remainder):
    """Return the digit to write, and the next remainder, 0 to 8."""
    return (10 * remainder + a) // b, (10 * remainder + a) % b


ADD = Operation("add", "+", add)
SUBTRACT = Operation("subtract", "-", subtract)
MULTIPLY = Operation("multiply", "*", multiply, range(10))
DIVIDE = Operation("divide", "/", divide, range(1, 10))
OPERATIONS = {operation.name: operation for operation in (ADD, SUBTRACT, MULTIPLY, DIVIDE)}
SIGNS = {operation.sign: name for name, operation in OPERATIONS.items()}  # {"+": "add", ...}


# ---- Drawn problems --------------------------------------------------------------------------------------------------


class Problems(typing.NamedTuple):
    """Problems of one operation: digits, int8 (n, n_digits), units first, then zeros; and how many digits, (n,)."""

    a: np.ndarray
    b: np.ndarray
    n_a: np.ndarray
    n_b: np.ndarray


def draw(operation, longest, n_digits, rng):
    """Return Problems (n, n_digits) to train on. longest: the most digits that each of them may have, ints (n,).

    In three of ten problems, the longer number is as long as allowed, else rather long. In four of ten, both have the
    same length. In half of the sums and differences, some columns hand on a carry; each problem draws their share.
    In four of ten products and quotients, about half of the digits are equal.
    """
    n = len(longest)
    n_a = np.where(rng.random(n) < 0.3, longest, rng.integers(1, longest + 1, (2, n)).max(axis=0))
    n_b = np.where(rng.random(n) < 0.4, n_a, rng.integers(1, n_a + 1))
    a, b = rng.integers(0, 10, (2, n, n_digits), dtype=np.int8)
    leads = np.arange(n_digits) == n_a[:, None] - 1
    a = np.where(leads & (n_a[:, None] > 1) & (a == 0), rng.integers(1, 10, (n, 1), dtype=np.int8), a)
    if operation.one_digit:
        same = (rng.random((n, 1)) < 0.4) & (rng.random((n, n_digits)) < 0.5)
        a = np.where(same, (a * leads).max(axis=1, keepdims=True), a)
        n_b, b[:, 0] = np.ones_like(n_a), rng.integers(operation.one_digit.start, operation.one_digit.stop, n)
    else:
        passing = (rng.random((n, 1)) < 0.5) & (rng.random((n, n_digits)) < rng.random((n, 1)))
        b = np.where(passing, 9 - a if operation is ADD else a, b)
    places, swapped = np.arange(n_digits), rng.random(n) < 0.5  # terms to swap in sums
    a, b = np.where(places < n_a[:, None], a, 0), np.where(places < n_b[:, None], b, 0)
    if operation is SUBTRACT:
        swapped = work(operation, Problems(a, b, n_a, n_b))[1] > 0
    if not operation.one_digit:
        a, b = np.where(swapped[:, None], (b, a), (a, b))
        n_a, n_b = np.where(swapped, (n_b, n_a), (n_a, n_b))
    return Problems(a, b, n_a, n_b)


def practise(operation, problems, wrong):
    """Change every fourth problem in place, so that it begins with what went wrong and goes on as drawn.

    wrong: lists of pairs of characters, as indices, in the order in which they are read; each shorter than n_digits.
    """
    a, b, n_a, n_b = problems
    for i, pairs in zip(range(0, len(a), 4), itertools.cycle(wrong)):  # noqa: B905
        for number, n_of, characters in zip((a, b), (n_a, n_b), zip(*pairs, strict=True), strict=True):
            digits = [character for character in characters if character < 10]
            if number is b and operation.one_digit:
                digits = digits[:1]
            elif len(digits) == len(pairs):  # it has not ended
                n_of[i] = max(n_of[i], len(digits))
            else:
                n_of[i] = len(digits)
            if number is a and operation is DIVIDE:
                number[i, n_of[i] - len(digits) : n_of[i]] = digits[::-1]
            else:
                number[i, : len(digits)] = digits
            number[i, n_of[i] :] = 0
        if operation is SUBTRACT and pairs[-1][0] != BLANK:  # the first number is to be the larger one
            n_a[i] = max(n_a[i], len(pairs) + 1)
            a[i, n_a[i] - 1], b[i, n_a[i] - 1] = 9, 0


def work(operation, problems):
    """Return the digits that a child writes, int8 (n, n_digits), units first, and what is kept at the end, (n,).

    >>> problems = Problems(np.array([[8, 5, 9]]), np.array([[7, 6, 0]]), np.array([3]), np.array([2]))
    >>> [array.tolist() for array in work(ADD, problems)]
    [[[5, 2, 0]], [1]]
    """
    a, b, *_ = problems
    digits, kept = np.empty_like(a), np.zeros(len(a), dtype=np.int8)
    for i in range(a.shape[1])[:: -1 if operation is DIVIDE else 1]:
        digits[:, i], kept = operation.step(a[:, i], b[:, 0 if operation.one_digit else i], kept)
    return digits, kept


def encode(operation, problems):
    """Return Problems as text and their answers, indices of ALPHABET (n, 2 * n_digits + 3) and (n, n_digits + 2).

    >>> problems = Problems(np.array([[8, 5, 9]]), np.array([[7, 6, 0]]), np.array([3]), np.array([2]))
    >>> ["".join(ALPHABET[i] for i in row) for [row] in encode(ADD, problems)]
    ['  958+67=', '5201 ']
    """
    a, b, n_a, n_b = problems
    n, n_digits = a.shape
    from_right = np.arange(2 * n_digits + 3)[None, ::-1] - 1  # of the units of b it is 0
    of_a = from_right - n_b[:, None] - 1
    text = np.full(of_a.shape, BLANK, dtype=np.int32)
    for places, digits, n_of in ((from_right, b, n_b), (of_a, a, n_a)):
        places = np.broadcast_to(places, text.shape)
        number = np.take_along_axis(digits, places.clip(0, n_digits - 1), axis=1)
        text = np.where((places >= 0) & (places < n_of[:, None]), number, text)
    text[of_a == -1], text[:, -1] = ALPHABET.index(operation.sign), EQUALS

    digits, _ = work(operation, problems._replace(a=np.pad(a, ((0, 0), (0, 1))), b=np.pad(b, ((0, 0), (0, 1)))))
    n_written = np.maximum(n_a, n_b)[:, None]
    if operation is DIVIDE:  # most significant digit first
        digits = np.take_along_axis(digits, (n_written - 1 - np.arange(n_digits + 1)).clip(0), axis=1)
    elif operation is not SUBTRACT:  # the last carry
        n_written = n_written + (np.take_along_axis(digits, n_written, axis=1) > 0)
    answers = np.where(np.arange(n_digits + 1) < n_written, digits, BLANK)
    return text, np.pad(answers, ((0, 0), (0, 1)), constant_values=BLANK).astype(np.int32)


# ---- Single problems, as text ----------------------------------------------------------------------------------------


def exact(a, sign, b):
    """Return the right answer, by Python's decimal numbers: exact, and fast with a million digits, as int is not.

    >>> exact("958", "+", "67"), exact("958", "-", "67"), exact("958", "*", "67"), exact("958", "/", "7")
    ('1025', '891', '64186', '136, remainder 6')
    """
    context = decimal.Context(prec=len(a) + len(b) + 1, Emax=decimal.MAX_EMAX, traps=[decimal.Inexact])
    a, b = decimal.Decimal(a), decimal.Decimal(b)
    if sign == "/":
        return f"{context.divide_int(a, b):f}, remainder {context.remainder(a, b):f}"
    steps = {"+": context.add, "-": context.subtract, "*": context.multiply}
    return f"{steps[sign](a, b):f}"


def random_problem(operation, n_digits, rng):
    """Return a problem of n_digits random digits, two numbers as text."""
    a, b = (str(rng.integers(1, 10)) + "".join(map(str, rng.integers(0, 10, n_digits - 1).tolist())) for _ in range(2))
    if operation.one_digit:
        return a, str(rng.choice(operation.one_digit))
    return (b, a) if operation is SUBTRACT and a < b else (a, b)


def classic(operation, n_digits):
    """Return the classic problems of n_digits digits, pairs of numbers as text: 99..9 and 1, 100..0 and 1 and so on."""
    firsts = "9" * n_digits, "1" + "0" * (n_digits - 1), "5" * n_digits, "0" * n_digits
    seconds = "1379" if operation.one_digit else ("0", "1", "9" * (n_digits - 1), "4" * (n_digits - 1))
    pairs = list(itertools.product(firsts, seconds))
    if operation is ADD:
        pairs += [pair[::-1] for pair in pairs] + [("9" * n_digits,) * 2]
    return [pair for pair in pairs if operation is not SUBTRACT or pair[0] >= pair[1].zfill(n_digits)]


def given(text):
    """Return a text or, for "-", what standard input has: UTF-8, with or without a byte-order mark."""
    if text != "-":
        return text
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except (AttributeError, UnicodeDecodeError):  # it is closed, or has something else
        raise argparse.ArgumentTypeError("standard input is not text in UTF-8") from None


def own_problem(text):
    """Return the two numbers and the sign of a problem, from standard input if it is "-": an argparse `type`.

    >>> own_problem("0958 * 67"), own_problem("67×958"), own_problem("958÷7")  # the shorter factor second
    (('958', '*', '67'), ('958', '*', '67'), ('958', '/', '7'))
    """
    text = given(text)
    spelled = text.translate(str.maketrans("x×÷−–", "**/--"))
    if not (match := re.fullmatch(r"\s*([0-9]+)\s*([-+*/])\s*([0-9]+)\s*=?\s*", spelled)):
        raise argparse.ArgumentTypeError(f"{text[:40].strip()!r} is not a problem such as 958*67")
    a, sign, b = (part.lstrip("0") or "0" for part in match.groups())
    if sign == "*" and len(a) < len(b):
        a, b = b, a
    if sign == "*" and len(b) * (len(a) + len(b)) > MOST_CELLS:
        raise argparse.ArgumentTypeError("this product is too long: its rows would take more than 0.6 GB of memory")
    if sign == "-" and a.zfill(len(b)) < b.zfill(len(a)):
        raise argparse.ArgumentTypeError("differences below 0 are not learned")
    if sign == "/" and not re.fullmatch("[1-9]", b):
        raise argparse.ArgumentTypeError("the divisor is one digit, 1 to 9")
    return a, sign, b
