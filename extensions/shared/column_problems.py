"""Problems of each operation, as columns of digits, to train on and to test with; see columns.py.

rng is a NumPy Generator, and operation a sign of OPERATIONS. All return columns (n, n_digits + 1, 2).
"""

import numpy as np

from extensions.shared.columns import from_text, work
from extensions.shared.operations import OPERATIONS


def finish(operation, X, rng):
    """Turn columns of digits, the units first, into problems of the operation.

    X: (n, n_columns, 2), changed in place.
    """
    rules = OPERATIONS[operation]
    X[:, -1] = 0  # for the last carry
    if rules.one_digit:
        X[..., 1] = rng.integers(rules.one_digit.start, rules.one_digit.stop, (len(X), 1))
    if rules.larger_first:
        below_0 = work(operation, X)[1][:, -1] > 0
        X[below_0] = X[below_0, :, ::-1]
    return X[:, :: rules.order]


def draw(n_problems, n_digits, rng, most_passing=1.0, operation="+"):
    """Draw problems of up to n_digits digits, in many of which what is kept in mind decides for long.

    Random digits sum to 9 in one column of ten, so a carry seldom travels. Here each problem has a share of its own,
    uniform from 0 to `most_passing`, of columns that pass on what they get: they sum to 9, or in a subtraction have
    equal digits. Of a number that is multiplied or divided, so many digits are the same.
    """
    X = rng.integers(0, 10, (n_problems, n_digits + 1, 2), dtype=np.int8)
    passing = rng.random((n_problems, n_digits + 1)) < most_passing * rng.random((n_problems, 1))
    return finish(operation, np.where(passing[..., None], OPERATIONS[operation].passing(X), X), rng)


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
    return finish(operation, X, rng)


def hard_problems(operation, n_digits, rng):
    """List the problems of an operation that decide whether it was learned. Returns names and columns.

    >>> names, X = hard_problems("+", 4, np.random.default_rng(1))
    >>> names[:3], work("+", X[:3])[0].tolist()
    (['99..9+1', '1+99..9', '99..9+99..9'], [[0, 0, 0, 0, 1], [0, 0, 0, 0, 1], [8, 9, 9, 9, 1]])
    """
    problems = OPERATIONS[operation].hard(n_digits, rng)
    return list(problems), from_text(list(problems.values()), n_digits, operation)


def list_small(operation):
    """List all small problems: every column, with everything that can be kept when it is reached, is among them.

    They are a+b up to 99, a-b with a up to 199 and b up to 99, and for one digit a*b and a:b with a up to 999.

    >>> len(list_small("+")), len(list_small("-")), len(list_small("*")), len(list_small(":"))
    (10000, 15050, 10000, 9000)
    """
    rules = OPERATIONS[operation]
    pairs = [(a, b) for a in range(rules.small + 1) for b in rules.one_digit or range(100)]
    return from_text([(str(a), str(b)) for a, b in pairs if a >= b or not rules.larger_first], 3, operation)
