"""smallest_adder: its candidates, that it can fail, a small search, bad input, Ctrl-C; the whole search if slow."""

import argparse
import doctest
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from extensions import columns, smallest_adder

ROOT = Path(__file__).resolve().parent.parent
N_PARAMETERS = {"rnn": 7, "cell": 5, "cell-z": 4, "tied": 3, "sign": 3, "sign-tied": 2}
FILES = ["smallest_adder.png", "smallest_adder.txt"]


def columns_of(pairs):
    return columns.from_text([(str(a), str(b)) for a, b in pairs], 10)


def adder(name, *weights):
    """Build a candidate with weights that are known to add; only the tests set weights."""
    model = smallest_adder.build_model(name, 12, 0.1)
    model.set_weights([np.reshape(values, weight.shape) for values, weight in zip(weights, model.weights, strict=True)])
    return model


def test_doctests():
    result = doctest.testmod(smallest_adder)
    assert result.attempted >= 2
    assert result.failed == 0


@pytest.mark.parametrize("name", N_PARAMETERS)
def test_candidates_have_as_many_trained_parameters_as_they_say(name):
    model = smallest_adder.build_model(name, 12, 0.1)
    assert sum(int(np.prod(weights.shape)) for weights in model.trainable_weights) == N_PARAMETERS[name]
    assert model.non_trainable_weights == []
    assert model.output_shape == (None, 12, 1)
    assert all(abs(weights).max() <= 0.1 for weights in model.get_weights())


def test_the_state_carries():
    # z is about 4 * (a + b - 9) + 2 * state: positive if a + b and the carry, a state near 1, make 10 or more. The
    # answer is z, less 20 for a carry and more 20 for none: 4 * (a + b + carry - 4.5 - 10 for a carry).
    X = columns_of([(0, 0), (9, 1), (9_999_999_999, 1), (4_444_444_444, 5_555_555_556), (1_234_567_890, 8_765_432_109)])
    assert smallest_adder.exact(adder("tied", [4.1, 2.1], [-19.5]), X, 0.25).all()
    assert smallest_adder.exact(adder("cell-z", [4.1, 4.1, 2.1], [-19.5]), X, 0.25).all()
    assert smallest_adder.exact(adder("cell", [4.1, 4.1, 2.1], [1, -19.5]), X, 0.25).all()
    assert smallest_adder.exact(adder("sign", [0.201, 0.201, 0.1]), X, 5).all()
    assert smallest_adder.exact(adder("sign-tied", [0.201, 0.1]), X, 5).all()


def test_sums_without_their_carries_are_not_exact():
    X = columns_of([(9_999_999_999, 1), (1_234_567_890, 8_765_432_111), (1_111_111_111, 2_222_222_229)])
    for weights in (([4.1, 0], [-19.5]), ([4.1, 2.1], [-2])):
        assert smallest_adder.exact(adder("tied", *weights), X, 0.25).tolist() == [False, False, False]


def test_the_edge_cases_are_pairs_of_at_most_ten_digits_and_carry_far():
    edges = smallest_adder.EDGES
    assert len(edges) == len(set(edges)) == 16
    assert all(0 <= number <= 9_999_999_999 for pair in edges for number in pair)
    assert columns.carries(columns_of(edges)).sum(axis=1).max() == 10


def test_training_is_reproducible_and_on_eight_digits(monkeypatch):
    drawn = []
    draw = columns.draw
    monkeypatch.setattr(columns, "draw", lambda *args: drawn.append(draw(*args)) or drawn[-1])
    args = argparse.Namespace(n_examples=256, n_batch=128)
    first, again, other = (smallest_adder.train("rnn", 0.1, 0.1, seed, args).get_weights() for seed in (3, 3, 4))
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    assert any((a != b).any() for a, b in zip(first, other, strict=True))
    assert [X.shape for X in drawn] == [(256, 9, 2)] * 3
    assert max(columns.count_digits(X).max() for X in drawn) == 8


def test_settings_are_chosen_with_other_seeds_by_what_succeeds(monkeypatch):
    tried = []

    def train(name, largest_weight, learning_rate, seed, args):
        tried.append((largest_weight, learning_rate, seed))
        return (largest_weight, learning_rate) == (1.0, 0.03) and seed > 11

    def exact(good, X, unit):
        assert X.shape == (2031, 11, 2)
        return np.full(len(X), good)

    monkeypatch.setattr(smallest_adder, "train", train)
    monkeypatch.setattr(smallest_adder, "exact", exact)
    assert smallest_adder.best_setting("tied", range(11, 14), argparse.Namespace(seed=1)) == (1.0, 0.03)
    assert sorted(tried) == [(w, rate, seed) for w in (0.1, 1.0) for rate in (0.03, 0.1) for seed in (11, 12, 13)]


def test_a_small_search_prints_and_saves_what_a_full_one_does(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(smallest_adder, "SETTINGS", [(0.1, 0.1)])
    arguments = ["--candidates", "tied", "rnn", "--n-seeds", "1", "--n-examples", "256", "--outputs", str(tmp_path)]
    assert smallest_adder.main(arguments) == 0
    stdout = capsys.readouterr().out
    assert stdout.startswith("Trained on up to 8 digits. 9999 of 10000 random pairs are longer; 16 edge cases\n")
    assert re.search(r"(?m)^tied: 3 parameters; 0 of 1 seeds succeed\n", stdout)
    assert re.search(r"(?m)^rnn: 7 parameters; 0 of 1 seeds succeed\n", stdout)
    assert len(re.findall(r"(?m)by seed: \d+\.\d\d/\d+$", stdout)) == 2
    assert (tmp_path / "smallest_adder.txt").read_text(encoding="utf-8") == stdout
    assert sorted(os.listdir(tmp_path)) == FILES


def test_ctrl_c_keeps_the_finished_candidates(tmp_path, capsys, monkeypatch):
    def best_setting(name, seeds, args):
        if name == "sign":
            raise KeyboardInterrupt
        return 0.1, 0.1

    monkeypatch.setattr(smallest_adder, "best_setting", best_setting)
    arguments = ["--candidates", "tied", "sign", "rnn", "--n-seeds", "1", "--n-examples", "256"]
    assert smallest_adder.main([*arguments, "--outputs", str(tmp_path)]) == 130
    stdout = capsys.readouterr().out
    assert "tied: 3 parameters" in stdout and "sign: " not in stdout and "rnn: " not in stdout
    assert stdout.endswith("\ninterrupted after 1 of 3 candidates\n")
    assert (tmp_path / "smallest_adder.txt").read_text(encoding="utf-8") == stdout
    assert sorted(os.listdir(tmp_path)) == FILES


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--candidates", "lstm"], "argument --candidates: invalid choice: 'lstm' .*"),
        (["--n-seeds", "0"], "argument --n-seeds: '0' is not a whole number from 1 to 1000"),
        (["--n-examples", "-1"], "argument --n-examples: '-1' is not a whole number from 1 to 1000000000"),
    ],
)
def test_bad_input_is_one_line(tmp_path, arguments, message):
    done = subprocess.run(
        [sys.executable, "-m", "extensions.smallest_adder", *arguments, "--outputs", str(tmp_path / "not_made")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.fullmatch(rf"smallest_adder\.py: error: {message}\n", done.stderr)
    assert os.listdir(tmp_path) == []


def test_ctrl_c_in_the_shell_ends_the_search(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "extensions.smallest_adder", "--outputs", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    lines = [process.stdout.readline()]
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    lines += process.stdout.readlines()
    assert process.wait() == 130
    assert lines[-1] == "interrupted after 0 of 6 candidates\n"
    assert (tmp_path / "smallest_adder.txt").read_text(encoding="utf-8") == "".join(lines)
    assert sorted(os.listdir(tmp_path)) == FILES


@pytest.mark.slow
def test_three_tied_and_seven_built_in_parameters_add_with_most_seeds(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "extensions.smallest_adder", "--outputs", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for name, n_parameters in (("rnn", 7), ("cell", 5), ("cell-z", 4), ("tied", 3)):
        n_good = re.search(rf"(?m)^{name}: {n_parameters} parameters; (\d+) of 10 seeds succeed$", done.stdout)[1]
        assert int(n_good) >= 9
