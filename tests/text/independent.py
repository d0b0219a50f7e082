"""Expressions by other means than the project's: Python's own values, and forms by unknowns in place of the numbers."""

import ast
import functools
import itertools
import operator
import random
import re

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}


def value(node, numbers):
    """Return what Python's parser reads: its precedence, its brackets. numbers: what stands for a number."""
    if isinstance(node, ast.BinOp):
        left = value(node.left, numbers)
        return OPERATORS[type(node.op)](left, value(node.right, numbers))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -value(node.operand, numbers)
    return numbers(node.value)


def pythons(text, numbers=int):
    return value(ast.parse(text, mode="eval").body, numbers)


def next_of(unknowns, number):
    return next(unknowns)


@functools.cache
def independent_form(text):
    """Name the form in another way: each number is an unknown of its own, and equal numbers may change places.

    Up to three numbers, each written once, the values for large random unknowns tell apart just what differs by more
    than the order of terms and factors, and brackets that change nothing.
    """
    numbers = re.findall(r"\d+", text)
    values = set()
    for order in itertools.permutations(range(len(numbers))):
        unknowns = []
        for number, place in zip(numbers, order, strict=True):
            before = sum(other == number and i < place for other, i in zip(numbers, order, strict=True))
            unknowns.append(random.Random(f"{number}, no. {before}").randint(10**9, 10**10))
        values.add(pythons(text, functools.partial(next_of, iter(unknowns))))
    return frozenset(values)
