"""Columns of digits: exact addition against Python's integers, what is drawn, what is tested, prediction."""

import argparse
import doctest
import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from extensions import long_addition
from extensions.shared import columns

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def no_limit_of_digits():
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    yield
    sys.set_int_max_str_digits(before)


def numbers(X):
    """Read both numbers of every sum as Python's integers, without the functions under test."""
    return [[int("".join(map(str, column[::-1].tolist()))) for column in sums.T] for sums in X]


def sums(digits):
    return [int("".join(map(str, row[::-1].tolist()))) for row in digits]


def test_doctests():
    result = doctest.testmod(columns)
    assert result.attempted >= 8
    assert result.failed == 0


def test_every_sum_of_two_numbers_below_1000_is_exact():
    pairs = [(str(a), str(b)) for a in range(1000) for b in range(1000)]
    X = columns.from_text(pairs, 3)
    assert X.shape == (1_000_000, 4, 2) and X.dtype == np.int8
    place = 10 ** np.arange(4)
    a, b = np.divmod(np.arange(1_000_000), 1000)
    assert (X[..., 0] @ place == a).all() and (X[..., 1] @ place == b).all()
    assert (columns.add(X) @ place == a + b).all()
    carried = [a % 10**k + b % 10**k >= 10**k for k in range(1, 5)]
    assert (columns.carries(X) == np.stack(carried, axis=1)).all()


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
            columns.random_sums(500, n_digits, rng),
            columns.draw(500, n_digits, rng),
            columns.draw(200, n_digits, rng, most_nines=2),
            columns.hard_sums(n_digits, rng)[1],
        ]
    )
    expected = [slow_longest_carry(pair.T.tolist()) for pair in X]
    assert columns.longest_carry(X).tolist() == expected
    assert min(expected) == 0 and max(expected) == n_digits - 1


def test_the_longest_carry_of_every_sum_of_two_numbers_below_100():
    X = columns.from_text([(str(a), str(b)) for a in range(100) for b in range(100)], 2)
    assert columns.longest_carry(X).tolist() == [slow_longest_carry(pair.T.tolist()) for pair in X]


@pytest.mark.parametrize("n_digits", [1, 2, 9, 10, 100, 1000, 10_000])
def test_random_and_hard_sums_are_exact(n_digits):
    rng = np.random.default_rng(n_digits)
    for X in (
        columns.random_sums(20, n_digits, rng),
        columns.hard_sums(n_digits, rng)[1],
        columns.draw(20, n_digits, rng),
    ):
        assert X.shape[1:] == (n_digits + 1, 2)
        assert sums(columns.add(X)) == [a + b for a, b in numbers(X)]


def test_a_million_digits_are_exact():
    import decimal

    # Python 3.11's integers take half a minute to read so many digits; its decimals are as exact, and fast.
    context = decimal.Context(prec=1_000_001, traps=[decimal.Inexact])
    X = columns.random_sums(1, 1_000_000, np.random.default_rng(1))
    a, b = (decimal.Decimal(columns.to_text(X[0, :, i])) for i in (0, 1))
    assert a.adjusted() == b.adjusted() == 999_999
    assert columns.to_text(columns.add(X)[0]) == f"{context.add(a, b):f}"


def test_text_and_columns_are_inverse():
    rng = np.random.default_rng(1)
    for n in (1, 2, 17, 5000):
        text = "".join(rng.choice(list("123456789"), n))
        X = columns.from_text([(text, "0")], n + 3)
        assert columns.to_text(X[0, :, 0]) == text
        assert columns.to_text(X[0, :, 1]) == "0"
        assert columns.count_digits(X).tolist() == [n]
    with pytest.raises(ValueError, match="a number of 4 digits does not fit 3"):
        columns.from_text([("1", "1234")], 3)


@pytest.mark.parametrize("n_digits", [1, 3, 8])
def test_what_is_trained_on_is_never_longer(n_digits):
    for seed in range(5):
        X = columns.draw(20_000, n_digits, np.random.default_rng(seed))
        assert X.shape == (20_000, n_digits + 1, 2)
        assert X.min() == 0 and X.max() == 9
        assert max(max(pair) for pair in numbers(X)) <= 10**n_digits - 1
        assert columns.count_digits(X).max() == n_digits


def test_carries_go_farther_than_at_random():
    rng = np.random.default_rng(1)
    often = (columns.draw(10_000, 8, rng)[:, :8].sum(axis=2) == 9).mean()
    seldom = (columns.draw(10_000, 8, rng, most_nines=0)[:, :8].sum(axis=2) == 9).mean()
    assert 0.53 < often < 0.57  # half of the columns, and a tenth of the others
    assert 0.09 < seldom < 0.11


def test_random_sums_have_no_leading_zeros():
    X = columns.random_sums(5000, 9, np.random.default_rng(1))
    assert all(10**8 <= number < 10**9 for pair in numbers(X) for number in pair)


@pytest.mark.parametrize("n_digits", [2, 9, 1000])
def test_the_hard_sums_are_what_their_names_say(n_digits):
    names, X = columns.hard_sums(n_digits, np.random.default_rng(1))
    assert len(names) == len(X) == len(set(names))
    pairs = dict(zip(names, numbers(X), strict=True))
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
        names, X = columns.hard_sums(9, np.random.default_rng(seed))
        assert [name for name, n in zip(names, columns.count_digits(X), strict=True) if n != 9] == ["0+0"], seed


def test_runs_of_digit_pairs_hold_every_pair():
    names, X = columns.hard_sums(1000, np.random.default_rng(1))
    runs = X[names.index("runs of digit pairs"), :1000]
    assert len(np.unique(runs, axis=0)) == 100
    assert (runs[0::10] == runs[9::10]).all()


def test_one_hot_gives_each_digit_its_place():
    X = columns.one_hot(np.array([[[3, 0], [9, 1]]], dtype=np.int8))
    assert X.shape == (1, 2, 20) and X.dtype == np.float32
    assert np.argwhere(X[0]).tolist() == [[0, 3], [0, 10], [1, 9], [1, 11]]


class School:
    """A reader that adds exactly, with a carry for its state. It keeps the shapes of what it reads."""

    def __init__(self, n_sums):
        self.input_shape, self.layers, self.shapes, self.carry = (n_sums, None, 20), [self], [], None

    def reset_state(self):
        self.carry = np.zeros(self.input_shape[0], dtype=int)

    def predict_on_batch(self, X):
        self.shapes.append(X.shape)
        assert X.dtype == np.float32 and (X.sum(axis=2) == 2).all()
        totals = X[..., :10].argmax(axis=2) + X[..., 10:].argmax(axis=2)
        digits = np.empty(totals.shape, dtype=int)
        for i in range(totals.shape[1]):
            self.carry, digits[:, i] = np.divmod(totals[:, i] + self.carry, 10)
        return np.eye(10)[digits]


@pytest.mark.parametrize(("n_sums", "n_columns"), [(23, 50), (500, 1000), (5, 7), (1, 1), (64, 49)])
def test_parts_are_read_in_order_and_of_one_shape_each(n_sums, n_columns):
    X = columns.draw(23, 49, np.random.default_rng(1))
    reader = School(n_sums)
    digits = columns.predict(reader, X, n_columns)
    assert digits.dtype == np.int8 and (digits == columns.add(X)).all()
    assert set(reader.shapes) == {(n_sums, min(50, n_columns), 20)}
    assert len(reader.shapes) == -(-23 // n_sums) * -(-50 // n_columns)


def test_however_long_the_sums_a_thousand_columns_are_read_at_a_time():
    X = columns.draw(3, 12_345, np.random.default_rng(1))
    reader = School(2)
    assert (columns.predict(reader, X) == columns.add(X)).all()
    assert reader.shapes == [(2, 1000, 20)] * 26


@pytest.fixture
def eager(monkeypatch):
    """Let Keras compile nothing, which takes most of the time of a tiny run."""
    compiled = keras.Model.compile

    def compile(self, *args, jit_compile=None, **kwargs):
        compiled(self, *args, **kwargs, run_eagerly=True)

    monkeypatch.setattr(keras.Model, "compile", compile)


@pytest.mark.parametrize("cell", long_addition.CELLS)
def test_predicting_in_parts_is_predicting_at_once(cell, eager):
    rng = np.random.default_rng(1)
    trained, whole = long_addition.build_model(9, 20, cell), long_addition.build_model(50, 20, cell)  # unrolled and not
    # Such weights that the state of long ago matters.
    trained.set_weights([rng.normal(size=weights.shape) / 4 for weights in trained.get_weights()])
    whole.set_weights(trained.get_weights())
    X = columns.random_sums(23, 49, rng)
    probabilities = keras.ops.convert_to_numpy(whole(columns.one_hot(X)))
    expected = probabilities.argmax(axis=2)
    assert len(np.unique(expected)) > 3
    short = keras.ops.convert_to_numpy(trained(columns.one_hot(X[:, :9])))
    np.testing.assert_allclose(short, probabilities[:, :9], rtol=1e-3, atol=1e-5)
    # The state matters: without what came before, other digits are written.
    late = keras.ops.convert_to_numpy(whole(columns.one_hot(np.roll(X, -7, axis=1))))
    assert (late.argmax(axis=2)[:, :-7] != expected[:, 7:]).any()
    reader = long_addition.build_model(None, 20, cell, n_sums=10)
    reader.set_weights(trained.get_weights())
    reader.compile()
    assert (columns.predict(reader, X, 7) == expected).all()
    assert (columns.predict(reader, X[::-1], 50) == expected[::-1]).all()  # the state of before is forgotten
    made = long_addition.make_predict(trained, 64, argparse.Namespace(units=20, cell=cell))
    assert (made(X) == expected).all()


# ---- The test of sums that were never trained


def wrong_on_0_0(X):
    digits = columns.add(X)
    digits[X[:, 0].sum(axis=1) == 0] += 1
    return digits


def test_evaluation_counts_random_carrying_and_hard_sums():
    exact, wrong, lengths = columns.evaluate(wrong_on_0_0, 9, 8, np.random.default_rng(1))
    assert {kind: len(right) for kind, right in exact.items()} == {"random": 10_000, "carrying": 10_000, "hard": 31}
    assert 9850 < exact["random"].sum() < 9950  # a hundredth begins with 0 and 0
    assert exact["hard"].sum() == 31 - len(wrong)
    assert "0+0" in wrong and "99..9+1" not in wrong and len(wrong) < 5
    assert len(lengths) == 10_000 and set(lengths) == set(range(9))
    exact, wrong, _ = columns.evaluate(columns.add, 9, 8, np.random.default_rng(1))
    assert all(right.all() for right in exact.values()) and wrong == []


def test_an_adder_whose_carries_pass_no_nine_is_exact_where_none_has_to():
    def one_carry(X):
        totals = X.sum(axis=2)
        totals[:, 1:] += X.sum(axis=2)[:, :-1] > 9
        return totals % 10

    exact, wrong, lengths = columns.evaluate(one_carry, 9, 8, np.random.default_rng(1))
    assert (exact["carrying"] == (lengths == 0)).all()
    assert exact["carrying"].mean() < 0.5 < exact["random"].mean() < 0.9
    assert "99..9+1" in wrong and "0+0" not in wrong and "44..4+55..5" not in wrong


@pytest.mark.parametrize(
    ("n_digits", "n"), [(10, 10_000), (11, 2000), (100, 2000), (1000, 500), (10_000, 50), (10_001, 1)]
)
def test_longer_sums_are_tested_in_smaller_number(n_digits, n):
    exact, _, lengths = columns.evaluate(columns.add, n_digits, 8, np.random.default_rng(1))
    assert len(exact["random"]) == len(exact["carrying"]) == len(lengths) == n
    assert len(exact["hard"]) == 31


def test_a_sum_that_may_occur_in_training_is_not_called_new(monkeypatch):
    draw = columns.random_sums

    def shorter(n_sums, n_digits, rng):
        X = draw(n_sums, n_digits, rng)
        X[7, n_digits - 1] = 0
        return X

    monkeypatch.setattr(columns, "random_sums", shorter)
    with pytest.raises(ValueError, match="1 sums of 9 digits may occur in training"):
        columns.evaluate(columns.add, 9, 8, np.random.default_rng(1))
    exact, *_ = columns.evaluate(columns.add, 9, 9, np.random.default_rng(1))  # no longer than in training: known
    assert len(exact["random"]) == 10_000


def test_the_table_and_the_failures_say_what_is_wrong():
    right, names = np.array([True, True, True]), ["99..9+1", "0+0", "1+99..9", "long+short"]
    results = {
        1_000: ({"random": right, "carrying": right, "hard": right}, [], None),
        10: ({"random": right, "carrying": ~right, "hard": np.array([True, False])}, names, None),
    }
    header, *rows = columns.table(results).splitlines()
    assert header.split() == ["digits", "random", "carrying", "hard", "sums", "exact"]
    assert rows[0].split() == ["1,000", "3/3", "3/3", "3/3"]
    assert re.split(" {2,}", rows[1].strip()) == [
        "10", "3/3", "0/3", "1/2", "not 99..9+1, 0+0, 1+99..9 and 1 more",
    ]  # fmt: skip
    assert columns.failures(results) == "wrong of 10 digits: 3 carrying, 1 hard"
    assert columns.failures({1_000: results[1_000]}) == "all exact"


@pytest.mark.slow
def test_a_thousand_sums_of_10000_digits_stay_below_two_gigabytes():
    # At once, the encoded digits alone would take 0.8 GB, and the states of the network 1.3 GB.
    code = (
        "import argparse, resource, numpy as np\n"
        "from extensions import long_addition\n"
        "from extensions.shared import columns\n"
        "X = columns.random_sums(1000, 10_000, np.random.default_rng(1))\n"
        "args = argparse.Namespace(units=32, cell='LSTM')\n"
        "predict = long_addition.make_predict(long_addition.build_model(8, 32, 'LSTM'), 64, args)\n"
        "assert predict(X).shape == (1000, 10_001)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 2 * 2**30
