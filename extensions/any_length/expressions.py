"""Expressions of whole numbers, + - * and brackets: how to take them apart, their values, and how much room they need.

They may have any number of terms and levels of brackets, so nothing here calls itself, or Python's `eval`.
"""

import decimal
import itertools
import math
import re

from extensions.any_length import marks

import numpy as np


def tokens_of(text):
    """Return a list of the numbers, signs and brackets of an expression, with a 0 put before a leading minus.

    Raises ValueError for other text and gives the position, counted from 1.

    >>> tokens_of("-3 * (-4)")
    ['0', '-', '3', '*', '(', '0', '-', '4', ')']
    """
    tokens, kept, depth = [], (" ", False), 0
    for match in re.finditer(r"[0-9]+|\S|$", text.rstrip()):
        token = match[0] or " "  # a blank: the end
        if token == "-" and kept in ((" ", False), ("(", False)):
            tokens.append("0")
            kept = kept[0], True
        allowed = [marks.ALPHABET[symbol] for symbol, _, _ in marks.rule("(")(kept)]
        _, after_number = kept
        if token.isdigit():
            fits = not after_number
        elif token == ")":
            fits = depth > 0
        elif token == " ":
            fits = depth == 0 and len(tokens) > 0
        else:
            fits = True
        if token[0] not in allowed or not fits:
            found = f"{token[:20]!r} cannot stand here" if match[0] else "the expression is not finished"
            raise ValueError(f"position {match.start() + 1}: {found}")
        tokens.append(token)
        kept = marks.keep(kept, token)
        depth += marks.DEEPER.get(token, 0)
    return tokens[:-1]


def evaluate(tokens, number, work):
    """Return the value of an expression. number: from text to a value; work: from sign, value, value to a value.

    >>> evaluate(tokens_of("2*(3+4)-5"), str, lambda sign, a, b: f"[{a}{sign}{b}]")
    '[[2*[3+4]]-5]'
    """
    values, waiting = [], []
    for token in [*tokens, ")"]:  # the last one finishes all that waits
        if token.isdigit():
            values.append(number(token))
        elif token == "(":
            waiting.append(token)
        else:
            while waiting and waiting[-1] != "(" and (token != "*" or waiting[-1] == "*"):
                b, a = values.pop(), values.pop()
                values.append(work(waiting.pop(), a, b))
            if token != ")":
                waiting.append(token)
            elif waiting:
                waiting.pop()  # the bracket that it closes
    return values[0]


def exact(tokens):
    """Return the value of an expression as text. Python's decimal numbers are exact, and fast where `int` is not.

    >>> exact(tokens_of("2*(3+4)-5"))
    '9'
    """
    context = decimal.Context(prec=estimate(tokens)[0], Emax=decimal.MAX_EMAX, traps=[decimal.Inexact])
    steps = {"+": context.add, "-": context.subtract, "*": context.multiply}
    value = evaluate(tokens, decimal.Decimal, lambda sign, a, b: steps[sign](a, b))
    return f"{context.plus(value):f}"  # plus: there is a -0, too


def estimate(tokens):
    """Return how many digits are enough on the way, the most rounds, and the most rows of a product.

    A number of n digits is below 10**n. With one more digit, it begins with 0, or with 9 if it is below 0. A product
    has a row for each digit of its shorter factor. A factor that may be below 0 has the full number of digits.

    >>> estimate(tokens_of("9+9")), estimate(tokens_of("999*2")), estimate(tokens_of("999*(0-2)"))
    ((3, 2, 0), (6, 2, 1), (6, 4, 3))
    """
    n_rows = [0]

    def work(sign, a, b):
        (size_a, rounds_a, below_a), (size_b, rounds_b, below_b) = a, b
        if sign == "*":
            n_rows.append(
                min(math.inf if below else math.ceil(size / math.log(10) - 0.001) for size, _, below in (a, b))
            )
        size = size_a + size_b if sign == "*" else np.logaddexp(size_a, size_b)
        return size, 1 + max(rounds_a, rounds_b), below_a or below_b or sign == "-"

    size, n_rounds, _ = evaluate(tokens, lambda text: (len(text) * math.log(10), 0, False), work)
    depth = max(itertools.accumulate(marks.DEEPER.get(token, 0) for token in tokens))
    n_digits = int(size / math.log(10) + 0.001) + 2
    return n_digits, n_rounds + depth + 1, min(max(n_rows), n_digits)


def draw(n_numbers, depth, n_digits, signs, rng):
    """Return an expression of n_numbers numbers of n_digits digits, with brackets `depth` deep."""
    sizes = [1 + (n_numbers - depth - 1 + i) // (depth + 1) for i in range(depth, -1, -1)]  # of each level, inside out
    text = ""
    for size in sizes:
        terms = [str(rng.randrange(10 ** (n_digits - 1), 10**n_digits)) for _ in range(size)]
        if text:
            terms.insert(rng.randint(0, size), f"({text})")
        text = terms[0] + "".join(rng.choice(signs) + term for term in terms[1:])
    return text
