"""Columns of digits: exact addition against Python's integers, what is drawn, what is tested, prediction."""

import doctest
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from extensions import column_text, columns

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


@pytest.mark.parametrize(("module", "n_examples"), [(columns, 10), (column_text, 1)])
def test_doctests(module, n_examples):
    result = doctest.testmod(module)
    assert result.attempted >= n_examples
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


@pytest.mark.parametrize("cell", ["LSTM", "SimpleRNN"])
def test_predicting_in_parts_is_predicting_at_once(cell):
    import keras
    from keras import layers

    def network(n_columns, **kwargs):
        recurrent = getattr(layers, cell)(20, return_sequences=True, **kwargs)
        return keras.Sequential([keras.Input((n_columns, 20)), recurrent, layers.Dense(10)])

    rng = np.random.default_rng(1)
    trained, whole = network(9, recurrent_dropout=0.2, unroll=True), network(50)
    # Such weights that the state of long ago matters.
    trained.set_weights([rng.normal(size=weights.shape) / 4 for weights in trained.get_weights()])
    whole.set_weights(trained.get_weights())
    X = columns.random_sums(23, 49, rng)
    expected = whole.predict(columns.one_hot(X), verbose=0).argmax(axis=2)
    assert len(np.unique(expected)) > 3
    for n_sums, n_columns in ((23, 50), (500, 1000), (5, 7)):
        assert (columns.predict(trained, X, n_sums, n_columns) == expected).all()


def test_evaluation_counts_random_and_hard_sums():
    def wrong_on_0_0(X):
        digits = columns.add(X)
        digits[X[:, 0].sum(axis=1) == 0] += 1
        return digits

    n_exact, n, wrong, n_hard = columns.evaluate(wrong_on_0_0, 9, 8, np.random.default_rng(1))
    assert n == 10_000 and n_hard == 31
    assert 9850 < n_exact < 9950
    assert "0+0" in wrong and "99..9+1" not in wrong and len(wrong) < 5
    assert columns.evaluate(columns.add, 9, 8, np.random.default_rng(1)) == (10_000, 10_000, [], 31)


@pytest.mark.parametrize(("n_digits", "n"), [(10, 10_000), (100, 2000), (1000, 500), (10_000, 50), (10_001, 1)])
def test_longer_sums_are_tested_in_smaller_number(n_digits, n):
    assert columns.evaluate(columns.add, n_digits, 8, np.random.default_rng(1))[1] == n


def test_a_sum_that_may_occur_in_training_is_not_called_new(monkeypatch):
    draw = columns.random_sums

    def shorter(n_sums, n_digits, rng):
        X = draw(n_sums, n_digits, rng)
        X[7, n_digits - 1] = 0
        return X

    monkeypatch.setattr(columns, "random_sums", shorter)
    with pytest.raises(ValueError, match="1 sums of 9 digits may occur in training"):
        columns.evaluate(columns.add, 9, 8, np.random.default_rng(1))


def test_the_text_model_reads_longer_and_shorter_sums():
    import keras

    keras.utils.set_random_seed(1)
    model = column_text.build_model(3)
    X = columns.random_sums(50, 3, np.random.default_rng(1))
    expected = model.predict(column_text.one_hot(X), verbose=0).argmax(axis=2)
    assert (column_text.predict(model, X) == expected).all()
    X[:, 1:] = 0
    expected = model.predict(column_text.one_hot(X), verbose=0).argmax(axis=2)
    assert (column_text.predict(model, X[:, :2]) == expected[:, :2]).all()
    assert column_text.predict(model, columns.random_sums(5, 12, np.random.default_rng(1))).shape == (5, 13)


def test_a_thousand_sums_of_10000_digits_stay_below_two_gigabytes():
    # At once, the encoded digits alone would take 0.8 GB, and the states of the network 1.3 GB.
    code = (
        "import resource, numpy as np\n"
        "from extensions import columns, long_addition\n"
        "X = columns.random_sums(1000, 10_000, np.random.default_rng(1))\n"
        "assert columns.predict(long_addition.build_model(8, 32, 'LSTM'), X).shape == (1000, 10_001)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 2 * 2**30
