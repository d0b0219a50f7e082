"""exact_lstm at a size of seconds: what each variant changes, what is counted, and the derivative that it prints."""

import random
import re

import lstm_sum_naive
from extensions.numbers import exact_lstm

import keras
import numpy as np
import pytest

TINY = ("--n-examples", "20", "--n-batch", "10", "--n-epoch", "1", "--n-seeds", "1")
ROW = r"(?m)^ *(.+): (\d) of 1; ([\d.]+) \(.*?; ([\d.]+) \(.*; [\d.]+ s$"


@pytest.fixture
def fits(monkeypatch):
    """Record of each training its model, numbers, sums, batch and number of updates."""
    calls, fit = [], keras.Model.fit

    def record(self, X, y, batch_size, **others):
        calls.append((self, X, y, batch_size, others["epochs"] * others["steps_per_epoch"]))
        return fit(self, X, y, batch_size, **others)

    monkeypatch.setattr(keras.Model, "fit", record)
    return calls


def test_each_variant_changes_what_it_says(tmp_path, eager, fits, monkeypatch):
    names = ("as in the article", "within 0.1 and 0.9", "ReLU cell", "4 times the updates", "averaged weights")
    names += ("gradients clipped", exact_lstm.BEST, "the same, 300 seeds on")
    monkeypatch.setattr(exact_lstm, "VARIANTS", {name: exact_lstm.VARIANTS[name] for name in names})
    assert exact_lstm.main([*TINY, "--outputs", str(tmp_path)]) == 0
    text = (tmp_path / "exact_lstm.txt").read_text(encoding="utf-8")
    assert [row[0] for row in re.findall(ROW, text)] == list(names)
    for variant, (model, X, y, n_batch, n_updates) in zip(exact_lstm.VARIANTS.values(), fits, strict=True):
        assert (n_batch, n_updates) == (10 * variant.n_sums, 2 * variant.times)
        assert len(X) == n_batch * n_updates
        lstm, optimizer = model.layers[0], model.optimizer
        assert (lstm.units, lstm.activation.__name__) == (variant.units, variant.activation)
        assert (optimizer.clipnorm, optimizer.use_ema) == (variant.clipnorm, variant.use_ema)
        assert float(optimizer.learning_rate) == pytest.approx(0 if variant.decay else variant.rate, abs=1e-6)
        assert variant.low <= X.min() and y.max() <= variant.high
        rng = random.Random(1 + variant.shift)
        first = [rng.randint(1, 100), rng.randint(1, 100)]
        assert X[0, :, 0] == pytest.approx([variant.low + (variant.high - variant.low) * x / 200 for x in first])


def test_the_first_row_is_lstm_sum_naive_itself(tmp_path, eager, fits, monkeypatch):
    monkeypatch.setattr(exact_lstm, "VARIANTS", {"as in the article": exact_lstm.VARIANTS["as in the article"]})
    assert exact_lstm.main([*TINY, "--outputs", str(tmp_path)]) == 0
    assert lstm_sum_naive.main([*TINY[:6], "--outputs", str(tmp_path)]) == 0
    first, last = fits[0], fits[-1]
    assert (first[1] == last[1]).all() and (first[2] == last[2]).all()
    for weights, same in zip(first[0].get_weights(), last[0].get_weights(), strict=True):
        assert weights == pytest.approx(same, abs=1e-6)


def test_a_search_tries_each_rate_with_each_variant(tmp_path, eager, fits, monkeypatch):
    monkeypatch.setattr(exact_lstm, "SEARCHED", {"averaged weights": exact_lstm.SEARCHED["averaged weights"]})
    assert exact_lstm.main([*TINY, "--search", "--outputs", str(tmp_path)]) == 0
    rows = re.findall(ROW, (tmp_path / "exact_lstm_search.txt").read_text(encoding="utf-8"))
    expected = [f"{name}, {rate}" for name in exact_lstm.SEARCHED for rate in exact_lstm.RATES]
    assert [row[0] for row in rows] == expected and len(fits) == len(expected)


def test_the_table_counts_and_averages():
    outcomes = [exact_lstm.Outcome(0.0, 100, 2.0, None, None), exact_lstm.Outcome(0.5, 75, 4.0, None, None)]
    line = exact_lstm.table({"a": outcomes})[1]
    assert re.findall(r"[\d.]+", line) == ["1", "2", "0.2500", "0.0000", "0.5000", "87.50", "75.00", "100.00", "3.0"]


def test_the_slope_is_that_of_the_cells_tanh():
    model = lstm_sum_naive.build_model(2)
    X = np.array([[[0.1], [0.4]], [[5.0], [-3.0]]])
    kernel, recurrent, bias, *_ = model.get_weights()
    h = c = np.zeros((2, 10))
    for step in range(2):
        gates = X[:, step] @ kernel + h @ recurrent + bias
        i, f, o = (1 / (1 + np.exp(-gates[:, k * 10 : k * 10 + 10])) for k in (0, 1, 3))
        c = f * c + i * np.tanh(gates[:, 20:30])
        h = o * np.tanh(c)
    expected = (1 / np.cosh(c) ** 2).mean(axis=1)  # the derivative of tanh
    assert exact_lstm.tanh_slope(model.layers[0], X) == pytest.approx(expected, abs=1e-5)
