"""Sums and squares: what is held out, the table and the picture. The run is in test_small_runs.py."""

import random

import mlp_sum
from extensions.numbers import squares

import numpy as np
import pytest


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


def test_the_article_s_model_is_that_of_mlp_sum():
    ours = squares.build_model(2, *squares.MODELS["Dense 4, 2, 1 (article)"])
    layers = [[(layer.units, layer.activation) for layer in model.layers] for model in (ours, mlp_sum.build_model(2))]
    assert layers[0] == layers[1]


def test_the_table_is_that_of_the_held_out_errors():
    held_out = np.array([True, True, False])
    runs = [squares.Answers(np.array(errors), held_out, []) for errors in ([0.0, 2.0, 9.0], [0.0, 0.0, 9.0])]
    [_, line] = squares.table({"a variant": runs})
    assert line.split()[2:] == ["4", "0.71", "(0.00", "to", "1.41)", "75.00", "(50.00", "to", "100.00)"]


def test_the_picture_shows_predictions_beside_the_squares():
    errors, held_out = np.array([5.0, 0.0, -1.0, 0.0, 7.0]), np.array([False, True, False, True, False])
    run = squares.Answers(errors, held_out, [])
    results = {"random fifth of squares, Dense(1)": [run]}
    results["largest fifth of squares, Dense(1)"] = [run._replace(errors=-errors)]
    left, right = squares.picture(results, 5).axes
    predicted, dots, answers = [6, 4, 8, 16, 32], [4, 16], [1, 4, 9, 16, 25]
    assert [line.get_ydata().tolist() for line in left.lines] == [predicted, dots, answers]
    assert [line.get_ydata().tolist() for line in right.lines] == [[-4, 4, 10, 16, 18], answers]
