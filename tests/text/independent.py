"""Expressions by other means than the project's: Python's own values, and forms by multiplying out."""

import ast
import collections
import functools
import itertools
import operator
import re

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}


def value(node, numbers=int):
    """Return what Python's parser reads: its precedence, its brackets. numbers: what stands for a number."""
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)](value(node.left, numbers), value(node.right, numbers))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -value(node.operand, numbers)
    return numbers(node.value)


def pythons(text, numbers=int):
    return value(ast.parse(text, mode="eval").body, numbers)


def polynomial(text, names):
    """Multiply out, the i-th number taken as the i-th of the names: a dict of sorted names -> coefficient."""
    names = iter(names)

    def add(a, b, sign=1):
        total = collections.Counter(a)
        for monomial, coefficient in b.items():
            total[monomial] += sign * coefficient
        return total

    def multiply(a, b):
        total = collections.Counter()
        for one, other in itertools.product(a, b):
            total[tuple(sorted(one + other))] += a[one] * b[other]
        return total

    def read(node):
        if isinstance(node, ast.BinOp):
            left, right = read(node.left), read(node.right)
            if isinstance(node.op, ast.Mult):
                return multiply(left, right)
            return add(left, right, -1 if isinstance(node.op, ast.Sub) else 1)
        if isinstance(node, ast.UnaryOp):
            return add({}, read(node.operand), -1)
        return {(next(names),): 1}

    return frozenset(read(ast.parse(text, mode="eval").body).items())


@functools.cache
def independent_form(text):
    """Name the form in another way: each number is an unknown of its own, and equal numbers may change places.

    Up to three numbers, each written once, multiplying out tells apart just what differs by more than the order of
    terms and factors, and brackets that change nothing.
    """
    numbers = re.findall(r"\d+", text)
    places = {number: [i for i, other in enumerate(numbers) if other == number] for number in numbers}
    forms = set()
    for orders in itertools.product(*(itertools.permutations(range(len(where))) for where in places.values())):
        names = list(numbers)
        for where, order in zip(places.values(), orders, strict=True):
            for i, j in zip(where, order, strict=True):
                names[i] += f", no. {j}"
        forms.add(polynomial(text, names))
    return frozenset(forms)
