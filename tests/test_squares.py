"""Sums and squares: what is held out, what the linear layers can reach at best, and the script at a small size."""

import argparse
import doctest
import os
import random
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import common
import mlp_sum
from extensions import squares

ROOT = Path(__file__).resolve().parent.parent
ARGS = argparse.Namespace(n_examples=10_000, largest=100, n_batch=20, n_epoch=3)


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
    ours = squares.build_model(2, *squares.MODELS["Dense 4, 2, 1 (article)"], 100)
    layers = [[(layer.units, layer.activation) for layer in model.layers] for model in (ours, mlp_sum.build_model(2))]
    assert layers[0] == layers[1]


def errors(task, name, args=ARGS):
    """Train a model, or fit the line, with seed 5; return the errors of the held-out answers."""
    rng = common.set_seed(5)
    X, y = squares.problems(task, args.largest)
    held_out = squares.hold_out(X, "random", rng)
    predicted, _, interrupted = squares.train(name, X, y, np.flatnonzero(~held_out), rng, args)
    assert interrupted == ""
    return (predicted - y)[held_out]


def test_one_dense_layer_adds_exactly():
    assert np.mean(errors("sums", "Dense(1)") == 0) == 1


def test_linear_layers_end_at_the_best_line_and_relu_layers_do_not():
    rmse = {name: np.sqrt(np.mean(errors("squares", name) ** 2)) for name in [*squares.MODELS, squares.LINE]}
    line = rmse[squares.LINE]
    assert 500 < line < 1000  # of 1..100 in all: 745
    assert abs(rmse["Dense(1)"] - line) < 0.03 * line
    assert abs(rmse["Dense 4, 2, 1 (article)"] - line) < 0.03 * line
    assert rmse["ReLU 32, 32, Dense(1)"] < 0.1 * line


def test_the_held_out_squares_do_not_reach_the_training():
    """With other answers for what is held out, the model learns the same."""
    args = argparse.Namespace(n_examples=100, largest=20, n_batch=10, n_epoch=2)
    X, y = squares.problems("squares", 20)
    held_out = squares.hold_out(X, "random", random.Random(1))
    changed = np.where(held_out & (y < y.max()), 7, y)
    assert (changed != y).any()
    for name in ("Dense(1)", squares.LINE):
        predictions = [
            squares.train(name, X, answers, np.flatnonzero(~held_out), common.set_seed(1), args)[0]
            for answers in (y, changed)
        ]
        np.testing.assert_array_equal(*predictions)


def test_a_small_run_prints_and_saves_what_a_full_one_does(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(squares, "MODELS", {"Dense(1)": ((), None)})
    arguments = ["--n-examples", "20", "--n-epoch", "1", "--largest", "10"]
    assert squares.main([*arguments, "--outputs", str(tmp_path)]) == 0
    transcript = (tmp_path / "squares.txt").read_text(encoding="utf-8")
    assert capsys.readouterr().out.endswith(transcript)
    for task in ("sums", "squares"):
        for which in ("random", "largest"):
            for name in (r"Dense\(1\)", r"best line \(NumPy\)"):
                assert re.search(
                    rf"(?m)^{which} fifth of {task} +{name}( +[\d.]+ \([\d.]+ to [\d.]+\)){{2}}$", transcript
                )
            assert f"Dense(1), {which} fifth of {task} held out, seed 1: " in transcript
    assert sorted(os.listdir(tmp_path)) == ["squares.png", "squares.txt"]


def test_ctrl_c_keeps_and_labels_what_was_trained(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "extensions.squares", "--n-epoch", "100000", "--outputs", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    for line in process.stdout:
        if line.startswith("Epoch 3/"):
            process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    transcript = (tmp_path / "squares.txt").read_text(encoding="utf-8")
    assert re.search(r"(?m)^interrupted after epoch \d+ of 100000", transcript)
    assert len(re.findall(r"(?m)^random fifth of sums +Dense\(1\) ", transcript)) == 1
    assert sorted(os.listdir(tmp_path)) == ["squares.png", "squares.txt"]


@pytest.mark.parametrize("arguments", [("--largest", "4"), ("--largest", "1001"), ("--n-batch", "0")])
def test_a_bad_value_is_one_line(tmp_path, capsys, arguments):
    with pytest.raises(SystemExit) as error:
        squares.main([*arguments, "--outputs", str(tmp_path)])
    assert error.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert re.fullmatch(rf".*: error: argument {arguments[0]}: '{arguments[1]}' is not a whole number .*\n", shown.err)
    assert os.listdir(tmp_path) == []
