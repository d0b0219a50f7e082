"""Columns of digits: the four operations as at school, against Python's integers; text, carries and transitions."""

import doctest

import numpy as np
import pytest

from extensions.shared import column_problems, columns
from extensions.shared.operations import OPERATIONS

pytestmark = pytest.mark.usefixtures("no_limit_of_digits")


def test_doctests():
    result = doctest.testmod(columns)
    assert result.attempted >= 6
    assert result.failed == 0


# ---- Every small problem


def test_every_sum_of_two_numbers_below_300_is_exact():
    pairs = [(str(a), str(b)) for a in range(300) for b in range(300)]
    X = columns.from_text(pairs, 3)
    assert X.shape == (90_000, 4, 2) and X.dtype == np.int8
    place = 10 ** np.arange(4)
    a, b = np.divmod(np.arange(90_000), 300)
    assert (X[..., 0] @ place == a).all() and (X[..., 1] @ place == b).all()
    digits, kept = columns.work("+", X)
    assert digits.dtype == kept.dtype == np.int8 and digits.shape == kept.shape == (90_000, 4)
    assert (digits @ place == a + b).all()
    carried = [a % 10**k + b % 10**k >= 10**k for k in range(1, 5)]
    assert (kept == np.stack(carried, axis=1)).all()


def test_every_difference_of_two_numbers_below_200_is_exact():
    pairs = [(a, b) for a in range(200) for b in range(a + 1)]
    X = columns.from_text([(str(a), str(b)) for a, b in pairs], 3, "-")
    a, b = np.array(pairs).T
    digits, kept = columns.work("-", X)
    assert (digits @ 10 ** np.arange(4) == a - b).all()
    borrowed = [a % 10**k < b % 10**k for k in range(1, 5)]
    assert (kept == np.stack(borrowed, axis=1)).all()


def test_every_number_below_2000_times_a_digit_is_exact():
    X = columns.from_text([(str(a), str(b)) for a in range(2000) for b in range(10)], 4, "*")
    a, b = np.divmod(np.arange(20_000), 10)
    place = 10 ** np.arange(5)
    assert (X[..., 0] @ place == a).all() and (X[..., 1] == b[:, None]).all()
    digits, kept = columns.work("*", X)
    assert (digits @ place == a * b).all()
    carried = [a % 10**k * b // 10**k for k in range(1, 6)]
    assert (kept == np.stack(carried, axis=1)).all()


def test_every_number_below_2000_divided_by_a_digit_is_exact():
    X = columns.from_text([(str(a), str(b)) for a in range(2000) for b in range(1, 10)], 4, ":")
    a, b = np.divmod(np.arange(18_000), 9)
    b += 1
    place = 10 ** np.arange(5)[::-1]  # the highest digit comes first
    assert (X[..., 0] @ place == a).all() and (X[..., 1] == b[:, None]).all()
    digits, kept = columns.work(":", X)
    assert (digits @ place == a // b).all()
    remainders = [a // 10**k % b for k in range(4, -1, -1)]
    assert (kept == np.stack(remainders, axis=1)).all()


# ---- Text


def test_a_sum_of_a_hundred_thousand_digits_is_exact():
    import decimal

    # Python's integers take long to read so many digits; its decimals are as exact, and fast.
    context = decimal.Context(prec=100_001, traps=[decimal.Inexact])
    a, b = ("".join(map(str, np.random.default_rng(seed).integers(1, 10, 100_000))) for seed in (1, 2))
    X = columns.from_text([(a, b)], 100_000)
    total = context.add(decimal.Decimal(a), decimal.Decimal(b))
    assert columns.to_text(columns.work("+", X)[0][0]) == f"{total:f}"


def test_text_and_columns_are_inverse():
    rng = np.random.default_rng(1)
    for n in (1, 2, 17, 5000):
        text = "".join(rng.choice(list("123456789"), n))
        X = columns.from_text([(text, "0")], n + 3)
        assert columns.to_text(X[0, :, 0]) == text
        assert columns.to_text(X[0, :, 1]) == "0"
        assert columns.count_digits(X).tolist() == [n]
        for operation, order in ("*", 1), (":", -1):
            X = columns.from_text([(text, "8"), ("1", "3")], n + 3, operation)
            assert X.shape == (2, n + 4, 2)
            assert columns.to_text(X[0, ::order, 0]) == text
            assert (X[0, :, 1] == 8).all() and (X[1, :, 1] == 3).all()


@pytest.mark.parametrize(
    ("operation", "pair"), [("+", ("1", "1234")), ("-", ("1234", "1")), ("*", ("1234", "1")), (":", ("1234", "1"))]
)
def test_a_number_that_does_not_fit_is_refused(operation, pair):
    with pytest.raises(ValueError, match="a number of 4 digits does not fit 3"):
        columns.from_text([pair], 3, operation)


@pytest.mark.parametrize(("operation", "digit"), [("*", "67"), ("*", "10"), (":", "12"), (":", "0")])
def test_a_second_number_that_is_none_is_refused(operation, digit):
    with pytest.raises(ValueError, match=rf"{digit} is not a second number of \{operation}, one digit"):
        columns.from_text([("958", "7"), ("958", digit)], 3, operation)


def test_one_hot_gives_each_digit_its_place():
    X = columns.one_hot(np.array([[[3, 0], [9, 1]]], dtype=np.int8))
    assert X.shape == (1, 2, 20) and X.dtype == np.float32
    assert np.argwhere(X[0]).tolist() == [[0, 3], [0, 10], [1, 9], [1, 11]]


# ---- What is kept in mind


def slow_longest_carry(pair):
    """Follow the carry from each column that starts one, through all columns of nine that come next."""
    totals = [a + b for a, b in zip(*pair, strict=True)]
    longest = 0
    for i, total in enumerate(totals):
        if total > 9:
            n_nines = 0
            while i + 1 + n_nines < len(totals) and totals[i + 1 + n_nines] == 9:
                n_nines += 1
            longest = max(longest, n_nines)
    return longest


@pytest.mark.parametrize("n_digits", [1, 2, 7, 40])
def test_the_longest_carry_is_that_of_adding_as_at_school(n_digits):
    rng = np.random.default_rng(n_digits)
    X = np.concatenate(
        [
            column_problems.draw_random(500, n_digits, rng),
            column_problems.draw(500, n_digits, rng),
            column_problems.draw(200, n_digits, rng, most_passing=2),
            column_problems.hard_problems("+", n_digits, rng)[1],
        ]
    )
    expected = [slow_longest_carry(pair.T.tolist()) for pair in X]
    assert columns.longest_carry(X).tolist() == expected
    assert min(expected) == 0 and max(expected) == n_digits - 1


def test_the_longest_carry_of_every_sum_of_two_numbers_below_100():
    X = columns.from_text([(str(a), str(b)) for a in range(100) for b in range(100)], 2)
    assert columns.longest_carry(X).tolist() == [slow_longest_carry(pair.T.tolist()) for pair in X]


@pytest.mark.parametrize("operation", "+-*:")
def test_a_transition_is_a_column_and_what_is_kept_before_it(operation):
    X = column_problems.draw(60, 5, np.random.default_rng(1), operation=operation)
    transitions = set()
    for problem in X.tolist():
        kept = 0
        for a, b in problem:
            transitions.add((a, b, kept))
            _, kept = OPERATIONS[operation].step(a, b, kept)
    assert columns.count_transitions(operation, X) == len(transitions) > 100
