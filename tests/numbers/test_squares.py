"""Sums and squares: what is held out, what the linear layers can reach at best, and the script at a small size."""

import random
import re
from pathlib import Path

import mlp_sum
from extensions.numbers import squares

import numpy as np
import pytest

REFERENCE = Path(__file__).resolve().parents[2] / "outputs" / "reference" / "squares.txt"
SMALL = ("--n-examples", "20", "--n-epoch", "2", "--largest", "10", "--n-seeds", "1")


@pytest.fixture
def two_models(monkeypatch):
    """Compare only Dense(1) and the best line."""
    few = {variant: key for variant, key in squares.VARIANTS.items() if key[2] in ("Dense(1)", squares.LINE)}
    monkeypatch.setattr(squares, "VARIANTS", few)


def test_every_problem_is_there_once_with_its_answer():
    X, y = squares.problems("sums", 30)
    assert sorted(map(tuple, X)) == [(a, b) for a in range(1, 31) for b in range(1, 31)]
    assert (X[:, 0] + X[:, 1] == y).all()
    X, y = squares.problems("squares", 30)
    assert X[:, 0].tolist() == list(range(1, 31)) and y.tolist() == [n * n for n in range(1, 31)]


def test_no_sum_is_held_out_in_one_order_only():
    X, _ = squares.problems("sums", 30)
    held_out = squares.hold_out(X, "random", random.Random(1))
    pairs = [{tuple(sorted(pair)) for pair in X[side].tolist()} for side in (held_out, ~held_out)]
    assert len(pairs[0]) == 30 * 31 // 2 // 5
    assert not pairs[0] & pairs[1]
    X, _ = squares.problems("squares", 30)
    chosen = [squares.hold_out(X, "random", random.Random(seed)) for seed in (1, 1, 2)]
    assert chosen[0].sum() == 6
    assert (chosen[0] == chosen[1]).all() and (chosen[0] != chosen[2]).any()


def test_the_largest_numbers_are_never_in_training():
    for task in ("sums", "squares"):
        X, _ = squares.problems(task, 100)
        held_out = squares.hold_out(X, "largest", random.Random(1))
        assert X[~held_out].max() == 80
        assert (X[held_out].max(axis=1) > 80).all()


def test_the_article_s_model_is_that_of_mlp_sum():
    ours = squares.build_model(2, *squares.MODELS["Dense 4, 2, 1 (article)"])
    layers = [[(layer.units, layer.activation) for layer in model.layers] for model in (ours, mlp_sum.build_model(2))]
    assert layers[0] == layers[1]


def test_each_row_has_the_held_out_problems_and_what_one_layer_learned(tmp_path, eager, two_models):
    assert squares.main([*SMALL, "--outputs", str(tmp_path)]) == 0
    transcript = (tmp_path / "squares.txt").read_text(encoding="utf-8")
    rows = dict(re.findall(r"(?m)^(\S.*?), Dense\(1\) +(\d+)(?: +[\d.]+ \([\d.]+ to [\d.]+\)){2}$", transcript))
    n = {"random fifth of squares": "2", "largest fifth of sums": "36", "largest fifth of squares": "2"}
    assert rows.pop("random fifth of sums") in ("20", "21", "22") and rows == n | {"sums beyond": "10000"}
    assert re.findall(r"(?m)^sums beyond, best line .*? 10000 +([\d.]+) ", transcript) == ["0.00"]
    squares_line = float(re.search(r"(?m)^largest fifth of squares, best line .*? 2 +([\d.]+) ", transcript)[1])
    assert squares_line == pytest.approx(((81 - 66) ** 2 / 2 + (100 - 75) ** 2 / 2) ** 0.5, abs=0.01)  # y = 9 x - 15
    learned = re.findall(r"(?m)^(.*), Dense\(1\), seed 1: .* \(scaled\)$", transcript)
    assert learned == ["random fifth of sums", *rows]


def test_a_leak_is_refused(tmp_path, monkeypatch, eager, two_models):
    monkeypatch.setattr(squares, "hold_out", lambda X, which, rng: X[:, 0] > 8)  # so 9+1 is held out, and 1+9 is not
    with pytest.raises(ValueError, match="is held out"):
        squares.main([*SMALL, "--outputs", str(tmp_path)])


def test_the_table_is_that_of_the_held_out_errors():
    held_out = np.array([True, True, False])
    runs = [squares.Answers(np.array(errors), held_out, []) for errors in ([0.0, 2.0, 9.0], [0.0, 0.0, 9.0])]
    [_, line] = squares.table({"a variant": runs})
    assert line.split()[2:] == ["4", "0.71", "(0.00", "to", "1.41)", "75.00", "(50.00", "to", "100.00)"]


def test_the_picture_shows_predictions_beside_the_squares():
    errors, held_out = np.array([5.0, 0.0, -1.0, 0.0, 7.0]), np.array([False, True, False, True, False])
    run = squares.Answers(errors, held_out, [])
    results = {f"random fifth of squares, {squares.LINE}": [run], "random fifth of squares, Dense(1)": [run]}
    results["largest fifth of squares, Dense(1)"] = [run._replace(errors=-errors)]
    left, right = squares.picture(results, 5).axes
    predicted, dots, answers = [6, 4, 8, 16, 32], [4, 16], [1, 4, 9, 16, 25]
    assert [line.get_ydata().tolist() for line in left.lines] == [predicted, predicted, dots, answers]
    assert [line.get_ydata().tolist() for line in right.lines] == [[-4, 4, 10, 16, 18], answers]
    [shaded] = right.patches
    assert (shaded.get_x(), shaded.get_width()) == (4.5, 1)


@pytest.mark.slow
def test_the_default_run_is_the_reference(tmp_path):
    assert squares.main(["--outputs", str(tmp_path)]) == 0
    assert (tmp_path / "squares.txt").read_text(encoding="utf-8") == REFERENCE.read_text(encoding="utf-8")
