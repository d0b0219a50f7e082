"""Questions to the scaled networks: how problems are held out, tables, pictures; the runs are in test_small_runs.py."""

import random
import re

import lstm_sum_naive
from extensions.numbers import exact_lstm, squares

import keras
import numpy as np
import pytest

# ---- exact_lstm


def test_a_search_tries_each_rate_with_each_variant(tmp_path, eager, monkeypatch):
    monkeypatch.setattr(exact_lstm, "SEARCHED", {"averaged weights": exact_lstm.SEARCHED["averaged weights"]})
    rates = []
    monkeypatch.setattr(keras.Model, "fit", lambda self, *_, **__: rates.append(float(self.optimizer.learning_rate)))
    arguments = "--n-examples 20 --n-batch 10 --n-epoch 1 --n-seeds 1 --search --outputs".split()
    assert exact_lstm.main([*arguments, str(tmp_path)]) == 0
    assert rates == pytest.approx(exact_lstm.RATES)
    text = (tmp_path / "exact_lstm_search" / "transcript.txt").read_text(encoding="utf-8")
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


# ---- squares


def test_no_sum_is_held_out_in_one_order_only():
    X, _ = squares.problems("sums", 30)
    chosen = [squares.hold_out(X, "random", random.Random(seed)) for seed in (1, 1, 2)]
    pairs = [{tuple(sorted(pair)) for pair in X[side].tolist()} for side in (chosen[0], ~chosen[0])]
    assert len(pairs[0]) == 30 * 31 // 2 // 5 and not pairs[0] & pairs[1]
    assert (chosen[0] == chosen[1]).all() and (chosen[0] != chosen[2]).any()


def test_a_leak_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(squares, "hold_out", lambda X, which, rng: X[:, 0] > 8)  # so 9+1 is held out, and 1+9 is not
    with pytest.raises(ValueError, match="is held out"):
        squares.main(["--n-examples", "100", "--n-epoch", "1", "--largest", "10", "--outputs", str(tmp_path)])


def test_the_table_is_that_of_the_held_out_errors():
    held_out = np.array([True, True, False])
    runs = [squares.Answers(np.array(errors), held_out, []) for errors in ([0.0, 2.0, 9.0], [0.0, 0.0, 9.0])]
    [_, line] = squares.table({"a variant": runs})
    assert line.split()[2:] == ["4", "0.71", "(0.00", "to", "1.41)", "75.00", "(50.00", "to", "100.00)"]
