"""exact_lstm: its search, what is counted, and the derivative that it prints. Its run is in test_small_runs.py."""

import re

import lstm_sum_naive
from extensions.numbers import exact_lstm

import keras
import numpy as np
import pytest


def test_a_search_tries_each_rate_with_each_variant(tmp_path, eager, monkeypatch):
    monkeypatch.setattr(exact_lstm, "SEARCHED", {"averaged weights": exact_lstm.SEARCHED["averaged weights"]})
    rates = []
    monkeypatch.setattr(keras.Model, "fit", lambda self, *_, **__: rates.append(float(self.optimizer.learning_rate)))
    arguments = "--n-examples 20 --n-batch 10 --n-epoch 1 --n-seeds 1 --search --outputs".split()
    assert exact_lstm.main([*arguments, str(tmp_path)]) == 0
    assert rates == pytest.approx(exact_lstm.RATES)
    text = (tmp_path / "exact_lstm_search.txt").read_text(encoding="utf-8")
    assert re.findall(r"averaged weights, ([\d.]+): \d of 1", text) == list(map(str, exact_lstm.RATES))


def test_the_table_counts_and_averages():
    outcomes = [exact_lstm.Outcome(0.0, 100, 2.0, None, None), exact_lstm.Outcome(0.5, 75, 4.0, None, None)]
    line = exact_lstm.table({"a": outcomes})[1]
    assert re.findall(r"[\d.]+", line) == ["1", "2", "0.2500", "0.0000", "0.5000", "87.50", "75.00", "100.00", "3.0"]


def test_the_slope_is_that_of_the_cells_tanh():
    model, X = lstm_sum_naive.build_model(1), np.array([[[0.4]], [[-3.0]]])
    kernel, _, bias, *_ = model.get_weights()
    gates = X[:, 0] @ kernel + bias
    cells = np.tanh(gates[:, 20:30]) / (1 + np.exp(-gates[:, :10]))  # the candidate times the input gate
    expected = (1 / np.cosh(cells) ** 2).mean(axis=1)  # the derivative of tanh
    assert exact_lstm.tanh_slope(model.layers[0], X) == pytest.approx(expected, abs=1e-5)
