"""Sums and squares: what is held out, what the linear layers can reach at best, and the script at a small size."""

import doctest
import os
import random
import re
from pathlib import Path

import keras
import numpy as np
import pytest

import mlp_sum
from extensions import squares

REFERENCE = Path(__file__).resolve().parent.parent / "outputs" / "reference" / "squares.txt"
SMALL = ("--n-examples", "20", "--n-epoch", "2", "--largest", "10", "--n-seeds", "1")


@pytest.fixture
def two_models(monkeypatch):
    """Compare only Dense(1) and the best line."""
    few = {variant: key for variant, key in squares.VARIANTS.items() if key[2] in ("Dense(1)", squares.LINE)}
    monkeypatch.setattr(squares, "VARIANTS", few)


@pytest.fixture
def finished(monkeypatch):
    """The results that the script reports, a dict."""
    kept, finish = {}, squares.training.finish

    def keep(script, lines, results, *rest):
        kept.update(results)
        return finish(script, lines, results, *rest)

    monkeypatch.setattr(squares.training, "finish", keep)
    return kept


def test_doctests():
    assert doctest.testmod(squares) == (0, 3)


def test_every_problem_is_there_once_with_its_answer():
    X, y = squares.problems("sums", 30)
    assert sorted(map(tuple, X)) == [(a, b) for a in range(1, 31) for b in range(1, 31)]
    assert all(a + b == total for (a, b), total in zip(X.tolist(), y.tolist(), strict=True))
    X, y = squares.problems("squares", 30)
    assert [(int(x), int(square)) for (x,), square in zip(X, y, strict=True)] == [(n, n * n) for n in range(1, 31)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_sum_is_held_out_in_one_order_only(seed):
    X, _ = squares.problems("sums", 30)
    held_out = squares.hold_out(X, "random", random.Random(seed))
    pairs = [{tuple(sorted(pair)) for pair in X[side].tolist()} for side in (held_out, ~held_out)]
    assert len(pairs[0]) == 30 * 31 // 2 // 5
    assert not pairs[0] & pairs[1]
    X, _ = squares.problems("squares", 30)
    chosen = [squares.hold_out(X, "random", random.Random(s)) for s in (seed, seed, seed + 1)]
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


def test_a_small_run_prints_and_saves_and_trains_on_nothing_that_is_held_out(
    tmp_path, capsys, monkeypatch, eager, two_models, finished
):
    trained, fit, fit_line = [], keras.Sequential.fit, squares.fit_line

    def record(model, X, y, batch_size, **options):
        assert (len(X), batch_size, options["epochs"], options["steps_per_epoch"]) == (2 * 20, 20, 2, 1)
        trained.append(np.rint(X * X.shape[1] * 10).astype(int))
        return fit(model, X, y, batch_size, **options)

    monkeypatch.setattr(keras.Sequential, "fit", record)
    monkeypatch.setattr(squares, "fit_line", lambda X, y: trained.append(X) or fit_line(X, y))
    assert squares.main([*SMALL, "--outputs", str(tmp_path)]) == 0

    seen = iter(trained)
    for variant, (task, which, _) in squares.VARIANTS.items():
        X, _ = squares.problems(task, 10)
        if which == "beyond":
            assert finished[variant][0][1].tolist() == [False] * 100 + [True] * 10_000 and next(seen).max() == 10
            continue
        held_out = set(map(tuple, X[finished[variant][0][1]].tolist()))
        assert held_out and not held_out & set(map(tuple, next(seen).tolist()))
    transcript = (tmp_path / "squares.txt").read_text(encoding="utf-8")
    assert capsys.readouterr().out.endswith(transcript)
    for variant, n in (("random fifth of squares", 2), ("largest fifth of squares", 2), ("largest fifth of sums", 36)):
        for name in (r"Dense\(1\)", r"best line \(NumPy\)"):
            assert re.search(rf"(?m)^{variant}, {name} +{n}( +[\d.]+ \([\d.]+ to [\d.]+\)){{2}}$", transcript)
        assert re.search(rf"(?m)^{variant}, Dense\(1\), seed 1: .* \(scaled\)$", transcript)
    assert sorted(os.listdir(tmp_path)) == ["squares.png", "squares.txt"]


def test_the_table_is_that_of_the_held_out_errors():
    held_out = np.array([True, True, False])
    runs = [(np.array([0.0, 2.0, 9.0]), held_out), (np.array([0.0, 0.0, 9.0]), held_out)]
    [_, line] = squares.table({"an variant": runs})
    assert line.split()[2:] == ["4", "0.71", "(0.00", "to", "1.41)", "75.00", "(50.00", "to", "100.00)"]


def test_linear_layers_end_at_the_best_line_and_relu_layers_do_not(tmp_path, monkeypatch, finished):
    variants = {
        variant: key for variant, key in squares.VARIANTS.items() if variant.startswith("random fifth of squares")
    }
    monkeypatch.setattr(squares, "VARIANTS", variants | {"adds": ("sums", "random", "Dense(1)")})
    arguments = ("--n-epoch", "3", "--n-seeds", "1", "--seed", "5", "--outputs", str(tmp_path))
    assert squares.main([*arguments]) == 0
    rmse = {}
    for variant, [(errors, held_out)] in finished.items():
        rmse[variant.partition(", ")[2]] = np.sqrt(np.mean(errors[held_out] ** 2))
    assert rmse.pop("") == 0  # one Dense layer adds exactly
    line = rmse[squares.LINE]
    assert 500 < line < 1000  # of 1..100 in all: 745
    assert abs(rmse["Dense(1)"] - line) < 0.03 * line
    assert abs(rmse["Dense 4, 2, 1 (article)"] - line) < 0.03 * line
    assert rmse["ReLU 32, 32, Dense(1)"] < 0.1 * line


def test_the_picture_shows_predictions_beside_the_squares():
    errors, held_out = np.array([5.0, 0.0, -1.0, 0.0, 7.0]), np.array([False, True, False, True, False])
    results = {f"random fifth of squares, {squares.LINE}": [(errors, held_out)]}
    results |= {"largest fifth of squares, Dense(1)": [(-errors, held_out)] * 2}
    results |= {"random fifth of squares, Dense(1)": [(errors, held_out)], "sums beyond, Dense(1)": None}
    left, right = squares.picture(results, 5).axes
    predicted, dots, answers = [6, 4, 8, 16, 32], [4, 16], [1, 4, 9, 16, 25]
    assert [line.get_ydata().tolist() for line in left.lines] == [predicted, predicted, dots, answers]
    assert [line.get_ydata().tolist() for line in right.lines] == [[-4, 4, 10, 16, 18]] * 2 + [answers]
    [shaded] = right.patches
    assert (shaded.get_x(), shaded.get_width()) == (4.5, 1)


@pytest.mark.parametrize("n_finished", [0, 4])
def test_ctrl_c_keeps_and_labels_the_finished_runs(tmp_path, capsys, monkeypatch, eager, two_models, n_finished):
    """Two epochs are a run with Dense(1), and behind each comes one with the best line."""
    calls = []

    def interrupt(self, epoch, logs=None):
        calls.append(epoch)
        if len(calls) > n_finished:
            raise KeyboardInterrupt

    monkeypatch.setattr(keras.callbacks.History, "on_epoch_begin", interrupt)
    assert squares.main([*SMALL, "--outputs", str(tmp_path)]) == 130
    printed = capsys.readouterr().out
    n_rows = len(re.findall(r"(?m)^\w+ fifth of \w+, [^\n]+ to ", printed))
    assert printed.endswith(f"\ninterrupted after {n_rows} runs\n")
    if n_finished:
        assert n_rows == 4
        assert printed.endswith((tmp_path / "squares.txt").read_text(encoding="utf-8"))
    else:
        assert n_rows == 0 and os.listdir(tmp_path) == []


@pytest.mark.parametrize("arguments", [("--largest", "4"), ("--largest", "1001"), ("--n-seeds", "0")])
def test_a_bad_value_is_one_line(tmp_path, capsys, arguments):
    with pytest.raises(SystemExit) as error:
        squares.main([*arguments, "--outputs", str(tmp_path)])
    assert error.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert re.fullmatch(rf".*: error: argument {arguments[0]}: '{arguments[1]}' is not a whole number .*\n", shown.err)
    assert os.listdir(tmp_path) == []


@pytest.mark.slow
def test_the_default_run_is_the_reference(tmp_path):
    assert squares.main(["--outputs", str(tmp_path)]) == 0
    assert (tmp_path / "squares.txt").read_text(encoding="utf-8") == REFERENCE.read_text(encoding="utf-8")
