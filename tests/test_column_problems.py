"""Problems of all four operations: what is drawn, the hard ones, and the small ones with every transition."""

import doctest

import numpy as np
import pytest

from extensions.shared import column_problems, columns, operations
from extensions.shared.operations import OPERATIONS

pytestmark = pytest.mark.usefixtures("no_limit_of_digits")
N_HARD = {"+": 31, "-": 29, "*": 290, ":": 261}


def test_doctests():
    for module, n in ((column_problems, 4), (operations, 4)):
        result = doctest.testmod(module)
        assert result.attempted >= n
        assert result.failed == 0


def integer(digits):
    """Read digits, the highest first, as one of Python's integers."""
    return int("".join(map(str, digits)))


def numbers(operation, X):
    """Read both numbers of every problem as Python's integers, without the functions under test."""
    order = slice(None, None, -OPERATIONS[operation].order)
    pairs = [[integer(digits[order]) for digits in problem] for problem in X.transpose(0, 2, 1).tolist()]
    if OPERATIONS[operation].one_digit:
        assert (X[..., 1] == X[:, :1, 1]).all()
        pairs = [(a, problem[0, 1].item()) for (a, _), problem in zip(pairs, X, strict=True)]
    return pairs


def answers(operation, X):
    order = slice(None, None, -OPERATIONS[operation].order)
    return [integer(digits[order]) for digits in columns.work(operation, X)[0].tolist()]


def python(operation, a, b):
    return int(str(OPERATIONS[operation].compute(a, b)).partition(",")[0])  # without a remainder


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("n_digits", [1, 2, 9, 10, 100, 3000])
def test_problems_are_worked_out_as_python_does(operation, n_digits):
    rng = np.random.default_rng(n_digits)
    n, each = (300, 1) if n_digits <= 100 else (5, 7)
    for X in (
        column_problems.draw(n, n_digits, rng, operation=operation),
        column_problems.draw_random(n, n_digits, rng, operation=operation),
        column_problems.hard_problems(operation, n_digits, rng)[1][::each],
    ):
        assert X.dtype == np.int8 and X.shape[1:] == (n_digits + 1, 2)
        pairs = numbers(operation, X)
        assert answers(operation, X) == [python(operation, a, b) for a, b in pairs]
        assert all(0 <= a < 10**n_digits and 0 <= b < 10**n_digits for a, b in pairs)
        if OPERATIONS[operation].larger_first:
            assert all(a >= b for a, b in pairs)
        if OPERATIONS[operation].one_digit:
            assert {b for _, b in pairs} <= set(OPERATIONS[operation].one_digit)
        if OPERATIONS[operation].order == 1:
            assert (columns.work(operation, X)[1][:, -1] == 0).all()  # nothing is left over


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("n_digits", [1, 3, 8])
def test_what_is_trained_on_is_never_longer_and_takes_every_digit(operation, n_digits):
    for seed in range(2):
        X = column_problems.draw(2000, n_digits, np.random.default_rng(seed), operation=operation)
        assert X.shape == (2000, n_digits + 1, 2)
        first, second = np.array(numbers(operation, X)).T
        assert 10 ** (n_digits - 1) <= first.max() < 10**n_digits
        assert set(X[..., 0].ravel().tolist()) == set(range(10))
        if OPERATIONS[operation].one_digit:
            assert set(second.tolist()) == set(OPERATIONS[operation].one_digit)
        else:
            assert second.max() < 10**n_digits
        if OPERATIONS[operation].larger_first:
            assert (first >= second).all()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_random_numbers_have_exactly_so_many_digits(operation):
    X = column_problems.draw_random(2000, 9, np.random.default_rng(1), operation=operation)
    first, second = np.array(numbers(operation, X)).T
    assert 10**8 <= first.min() and first.max() < 10**9
    if not OPERATIONS[operation].one_digit:
        assert 10**8 <= second.min() and second.max() < 10**9


@pytest.mark.parametrize("operation", "+-*:")
def test_what_is_kept_decides_for_longer_than_at_random(operation):
    def passing(most_passing):
        X = column_problems.draw(10_000, 8, np.random.default_rng(1), most_passing, operation)
        X = X[:, :: OPERATIONS[operation].order][:, :8]  # the units first, without the last column
        if operation == "+":
            return X.sum(axis=2) == 9
        return X[..., 0] == X[..., 1] if operation == "-" else X[:, 1:, 0] == X[:, :1, 0]

    assert 0.09 < passing(0).mean() < 0.11
    assert 0.53 < passing(1).mean() < 0.57  # half of the columns, and a tenth of the others
    assert passing(1).all(axis=1).mean() > 0.05  # of one share for all problems, not a hundredth would be so


# ---- Numbers of unequal lengths


def test_shortened_sums_keep_their_nines_and_have_no_leading_zeros():
    rng = np.random.default_rng(1)
    X = column_problems.draw(3000, 8, rng)
    lengths = rng.integers(1, 9, (3000, 2))
    before = X.copy()
    shorter = column_problems.shorten(X, lengths)
    assert (X == before).all() and shorter.shape == X.shape
    for (a, b), (n_a, n_b) in zip(numbers("+", shorter), lengths.tolist(), strict=True):
        assert (len(str(a)), len(str(b))) == (n_a, n_b)
    place = np.arange(9)
    one_ended = (place >= lengths.min(axis=1)[:, None]) & (place < lengths.max(axis=1)[:, None] - 1)
    nine = X.sum(axis=2) == 9
    assert (shorter.sum(axis=2)[one_ended & nine] == 9).all()
    none_ended = place < lengths.min(axis=1)[:, None] - 1
    assert (shorter[none_ended] == X[none_ended]).all()
    assert (one_ended & nine).sum() > 1000 and none_ended.sum() > 1000


@pytest.mark.parametrize("n_digits", [1, 2, 9, 50])
def test_unequal_sums_have_one_number_of_full_length_on_either_side(n_digits):
    X = column_problems.draw_unequal(2000, n_digits, np.random.default_rng(1))
    pairs = numbers("+", X)
    assert answers("+", X) == [a + b for a, b in pairs]
    lengths = np.array([[len(str(number)) for number in pair] for pair in pairs])
    assert (lengths.max(axis=1) == n_digits).all()
    assert set(lengths[:, 0].tolist()) == set(lengths[:, 1].tolist()) == set(range(1, n_digits + 1))
    assert (lengths[:, 0] > lengths[:, 1]).mean() == pytest.approx((1 - 1 / n_digits) / 2, abs=0.04)


# ---- Hard problems


@pytest.mark.parametrize("n_digits", [2, 9, 1000])
def test_the_hard_sums_are_what_their_names_say(n_digits):
    names, X = column_problems.hard_problems("+", n_digits, np.random.default_rng(1))
    assert len(names) == len(X) == len(set(names))
    pairs = dict(zip(names, numbers("+", X), strict=True))
    nines, ones = 10**n_digits - 1, (10**n_digits - 1) // 9
    assert pairs["99..9+1"] == [nines, 1]
    assert pairs["1+99..9"] == [1, nines]
    assert pairs["99..9+99..9"] == [nines, nines]
    assert pairs["0+0"] == [0, 0]
    assert pairs["44..4+55..56"] == [4 * ones, 5 * ones + 1]
    assert pairs["44..4+55..5"] == [4 * ones, 5 * ones]
    assert sum(pairs["a+(99..9-a)"]) == nines
    assert sum(pairs["a+(99..9-a)+1"]) == nines + 1
    for i in range(10):
        assert pairs[f"{i}{i}..{i}+{9 - i}{9 - i}..{9 - i}"] == [i * ones, (9 - i) * ones]
        assert sum(pairs[f"{i}{i}..9+{9 - i}{9 - i}..1"]) == nines + 1
    assert pairs["long+short"][0] >= 10 ** (n_digits - 1) > pairs["long+short"][1]
    assert pairs["short+long"][1] >= 10 ** (n_digits - 1) > pairs["short+long"][0]
    assert pairs["long+1 digit"][1] <= 9


def test_the_hard_sums_have_all_their_digits_whatever_the_seed():
    for seed in range(300):
        names, X = column_problems.hard_problems("+", 9, np.random.default_rng(seed))
        assert [name for name, n in zip(names, columns.count_digits(X), strict=True) if n != 9] == ["0+0"], seed


def test_runs_of_digit_pairs_hold_every_pair():
    names, X = column_problems.hard_problems("+", 1000, np.random.default_rng(1))
    runs = X[names.index("runs of digit pairs"), :1000]
    assert len(np.unique(runs, axis=0)) == 100
    assert (runs[0::10] == runs[9::10]).all()


@pytest.mark.parametrize("n_digits", [2, 9, 1000])
def test_the_hard_differences_are_what_their_names_say(n_digits):
    names, X = column_problems.hard_problems("-", n_digits, np.random.default_rng(1))
    pairs = dict(zip(names, map(tuple, numbers("-", X)), strict=True))
    assert len(pairs) == len(names) == N_HARD["-"]
    highest, ones = 10 ** (n_digits - 1), (10**n_digits - 1) // 9
    a = pairs["a-0"][0]
    assert highest <= a < 9 * highest
    assert pairs["100..0-1"] == (highest, 1)
    assert pairs["100..0-99..9"] == (highest, highest - 1)
    assert pairs["200..0-100..1"] == (2 * highest, highest + 1)
    assert pairs["99..9-99..9"] == (9 * ones, 9 * ones)
    assert pairs["a-a"] == (a, a)
    assert pairs["0-0"] == (0, 0)
    assert pairs["(a+10..0)-a"] == (a + highest, a)
    assert pairs["a-a's last digits"] == (a, a % highest)
    assert pairs["long-1 digit"] == (a - a % 10, 9)
    assert pairs["99..9-a"] == (9 * ones, a)
    for i in range(1, 10):
        rest = i * (ones - highest)
        assert pairs[f"{i}{i}..{i}-1{i}..{i}"] == (i * ones, highest + rest)
        assert pairs[f"{i}{i}..0-{i - 1}{i}..{i}"] == (i * ones - i, (i - 1) * highest + rest)


@pytest.mark.parametrize("operation", "*:")
@pytest.mark.parametrize("n_digits", [2, 9, 1000])
def test_the_hard_products_and_quotients_are_what_their_names_say(operation, n_digits):
    names, X = column_problems.hard_problems(operation, n_digits, np.random.default_rng(1))
    pairs = dict(zip(names, numbers(operation, X), strict=True))
    assert len(pairs) == len(names) == N_HARD[operation]
    highest, ones = 10 ** (n_digits - 1), (10**n_digits - 1) // 9
    for d in range(operation == ":", 10):
        for digit in range(1, 10):
            assert pairs[f"{digit}{digit}..{digit}{operation}{d}"] == (digit * ones, d)
            assert pairs[f"{digit}00..0{operation}{d}"] == (digit * highest, d)
            assert pairs[f"{digit}00..1{operation}{d}"] == (digit * highest + 1, d)
        assert pairs[f"0{operation}{d}"] == (0, d)
        a, divisor = pairs[f"a{operation}{d}"]
        assert highest <= a < 9 * highest and divisor == d


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_longer_number_of_each_hard_problem_has_all_digits_or_is_0(operation):
    for seed in range(20):
        names, X = column_problems.hard_problems(operation, 9, np.random.default_rng(seed))
        longest = [pair[0] if OPERATIONS[operation].one_digit else max(pair) for pair in numbers(operation, X)]
        assert len(X) == len(names) == len(set(names)) == N_HARD.get(operation, len(names))
        for name, number in zip(names, longest, strict=True):
            assert len(str(number)) == 9 or name.startswith("0") and number == 0, (seed, name)


def test_an_unknown_operation_is_taken_for_no_other():
    rng = np.random.default_rng(1)
    for draw in (column_problems.draw, column_problems.draw_random):
        with pytest.raises(KeyError, match="%"):
            draw(3, 2, rng, operation="%")
    for call in (
        lambda: column_problems.hard_problems("%", 2, rng),
        lambda: column_problems.list_small("%"),
        lambda: columns.from_text([("1", "2")], 2, "%"),
        lambda: columns.work("%", columns.from_text([("1", "2")], 2)),
    ):
        with pytest.raises(KeyError, match="%"):
            call()


# ---- Every transition


def possible(operation):
    """List every column with everything that can be kept before it, from columns that may precede it."""
    found = set()
    for fixed in OPERATIONS[operation].one_digit or [None]:
        seconds = range(10) if fixed is None else [fixed]  # it may be another one in each column
        kept, reached = [0], {0}
        while kept:
            before = kept.pop()
            for a in range(10):
                for b in seconds:
                    found.add((a, b, before))
                    _, after = OPERATIONS[operation].step(a, b, before)
                    if after not in reached:
                        reached.add(after)
                        kept.append(after)
    return found


@pytest.mark.parametrize("operation", OPERATIONS)
def test_small_problems_have_every_transition_that_there_is(operation):
    X = column_problems.list_small(operation)
    transitions = set()
    kept = np.zeros(len(X), dtype=int)
    for i in range(X.shape[1]):
        transitions |= set(zip(*X[:, i].T.tolist(), kept.tolist(), strict=True))
        kept = columns.work(operation, X)[1][:, i]
    assert transitions == possible(operation)
    n = {"+": 200, "-": 200, "*": 460, ":": 450}.get(operation, len(transitions))
    assert columns.count_transitions(operation, X) == len(transitions) == n


def test_small_problems_are_all_up_to_their_limits():
    limits = {"+": (99, 99), "-": (199, 99), "*": (999, 9), ":": (999, 9)}
    for operation, (first, second) in limits.items():
        pairs = list(map(tuple, numbers(operation, column_problems.list_small(operation))))
        lowest = int(operation == ":")
        expected = {(a, b) for a in range(first + 1) for b in range(lowest, second + 1) if operation != "-" or a >= b}
        assert len(pairs) == len(expected) and set(pairs) == expected
