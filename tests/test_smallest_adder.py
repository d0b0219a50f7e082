"""smallest_adder: its candidates, that it can fail, a small search, bad input, Ctrl-C; the whole search if slow."""

import argparse
import doctest
import io
import os
import re

import keras
import numpy as np
import pytest

from extensions import smallest_adder
from extensions.shared import column_problems, columns

N_PARAMETERS = {"rnn": 7, "tied": 3}
DOCUMENTED = 4.131, 1.965, -20.661  # u, v, w
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
    assert result.attempted >= 3
    assert result.failed == 0


# ---- The loop


@pytest.mark.parametrize(("n_digits", "n"), [(1, 500), (3, 500), (10, 2000), (1000, 100), (20_000, 3)])
def test_the_loop_with_the_documented_weights_is_exact_on_hard_sums(n_digits, n):
    rng = np.random.default_rng(n_digits)
    _, hard = column_problems.hard_problems("+", n_digits, rng)
    random, carrying = (draw(n, n_digits, rng) for draw in (column_problems.draw_random, column_problems.draw))
    X = np.concatenate([hard, random, carrying])
    assert (smallest_adder.add(X, *DOCUMENTED) == columns.work("+", X)[0]).all()


def test_the_loop_adds_as_python_does():
    pairs = smallest_adder.EDGES + [(a, b) for a in range(100) for b in range(100)]
    digits = smallest_adder.add(columns_of(pairs), *DOCUMENTED)
    assert (digits @ 10 ** np.arange(11) == [a + b for a, b in pairs]).all()


@pytest.mark.parametrize("weights", [(4.131, 0, -20.661), (4.131, 1.965, -2), (-4.131, 1.965, -20.661), (1, 1, 1)])
def test_the_loop_with_other_weights_fails(weights):
    X = column_problems.hard_problems("+", 10, np.random.default_rng(1))[1]
    assert (smallest_adder.add(X, *weights) == columns.work("+", X)[0]).all(axis=1).mean() < 0.3


def test_the_loop_is_the_trained_network():
    X = column_problems.draw(300, 10, np.random.default_rng(1))
    for u, v, w in (DOCUMENTED, (3.0, 1.2, -9.0)):
        inputs, _ = smallest_adder.encode(X, 0.25)
        written = keras.ops.convert_to_numpy(adder("tied", [u, v], [w])(inputs))[:, 1:, 0]
        assert (np.round(written * 0.25 + 4.5) == smallest_adder.add(X, u, v, w)).mean() > 0.999  # float32, float64


def test_the_picture_shows_a_state_for_each_column():
    figure = smallest_adder.picture(*DOCUMENTED)
    figure.savefig(file := io.BytesIO(), format="png")
    assert file.getvalue().startswith(b"\x89PNG")
    [line] = figure.axes[0].lines
    X = column_problems.draw(1, 40, np.random.default_rng(3))
    carries = columns.work("+", X)[1][0]
    assert ((np.array(line.get_ydata()) > 0) == carries).all()  # the one state is the carry
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    assert heights == (2 * carries).tolist() and 5 < sum(heights) / 2 < 36


# ---- The candidates


def test_the_candidates_are_those_described():
    assert set(smallest_adder.CANDIDATES) == set(N_PARAMETERS)


@pytest.mark.parametrize("name", N_PARAMETERS)
def test_candidates_have_as_many_trained_parameters_as_they_say(name):
    model = smallest_adder.build_model(name, 12, 0.1)
    assert sum(int(np.prod(weights.shape)) for weights in model.trainable_weights) == N_PARAMETERS[name]
    assert model.count_params() == N_PARAMETERS[name]
    assert model.non_trainable_weights == []
    assert model.output_shape == (None, 12, 1)
    assert all(0 < abs(weights).max() <= 0.1 for weights in model.get_weights())


def test_the_state_carries():
    # z is about 4 * (a + b - 9) + 2 * state: positive if a + b and the carry, a state near 1, make 10 or more. The
    # answer is z, less 20 for a carry and more 20 for none: 4 * (a + b + carry - 4.5 - 10 for a carry).
    X = columns_of([(0, 0), (9, 1), (9_999_999_999, 1), (4_444_444_444, 5_555_555_556), (1_234_567_890, 8_765_432_109)])
    assert smallest_adder.exact(adder("tied", [4.1, 2.1], [-19.5]), X, 0.25).all()
    # "rnn": the state is as above; the answer weighs a, b, the carry before and this carry, each as -1 or 1, by nearly
    # a half and 5: the first state has none before it, and that half a digit would be too much.
    assert smallest_adder.exact(adder("rnn", [4.1, 4.1], [2.1], [1, 1, 0.45, -4.9]), X, 1).all()


def test_sums_without_their_carries_are_not_exact():
    X = columns_of([(9_999_999_999, 1), (1_234_567_890, 8_765_432_111), (1_111_111_111, 2_222_222_229)])
    for weights in (([4.1, 0], [-19.5]), ([4.1, 2.1], [-2])):
        assert smallest_adder.exact(adder("tied", *weights), X, 0.25).tolist() == [False, False, False]


def test_the_edge_cases_are_pairs_of_at_most_ten_digits_and_carry_far():
    edges = smallest_adder.EDGES
    assert len(edges) == len(set(edges)) == 16
    assert all(0 <= number <= 9_999_999_999 for pair in edges for number in pair)
    assert columns.work("+", columns_of(edges))[1].sum(axis=1).max() == 10


def test_training_is_reproducible_and_on_eight_digits(monkeypatch, eager):
    drawn = []
    draw = column_problems.draw
    monkeypatch.setattr(column_problems, "draw", lambda *args: drawn.append(draw(*args)) or drawn[-1])
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
    assert sorted(tried) == [(w, rate, seed) for w in (0.01, 1.0) for rate in (0.03, 0.1) for seed in (11, 12, 13)]


# ---- The script


@pytest.fixture
def quick(monkeypatch, eager):
    """One setting for the search, and short sums for the loop's test: 100,000 digits take seconds."""
    monkeypatch.setattr(smallest_adder, "SETTINGS", [(0.1, 0.1)])
    draw, hard = column_problems.draw_random, column_problems.hard_problems
    monkeypatch.setattr(column_problems, "draw_random", lambda n, n_digits, rng: draw(n, min(n_digits, 500), rng))
    monkeypatch.setattr(column_problems, "hard_problems", lambda _, n_digits, rng: hard("+", min(n_digits, 500), rng))


def test_a_small_search_prints_and_saves_what_a_full_one_does(tmp_path, capsys, quick):
    arguments = ["--candidates", "rnn", "tied", "--n-seeds", "1", "--n-examples", "128", "--outputs", str(tmp_path)]
    assert smallest_adder.main(arguments) == 0
    text = (tmp_path / "smallest_adder.txt").read_text(encoding="utf-8")
    first, second, *lines = text.splitlines()
    assert first == "n_examples=128, n_batch=128, seed=1, candidates=['rnn', 'tied'], n_seeds=1"
    assert second == "Trained on up to 8 digits. 9999 of 10000 random pairs are longer; 16 edge cases"
    assert lines[0] == "rnn: 7 parameters; 0 of 1 seeds succeed"
    assert lines[4] == "tied: 3 parameters; 0 of 1 seeds succeed"
    assert len(re.findall(r"(?m)^    weights from -0\.1 to 0\.1, learning rate 0\.1$", text)) == 2
    assert len(re.findall(r"(?m)by seed: \d+\.\d\d/\d+$", text)) == 2
    number = r"-?\d+\.\d{3}"
    assert re.fullmatch(
        rf"    seed 1: u = {number}, v = {number}, w = {number}; its loop in NumPy is exact on", lines[8]
    )
    assert re.fullmatch(r"    \d+ of 10031 hard and random sums of 10 digits", lines[9])
    assert re.fullmatch(r"    \d+ of 51 hard and random sums of 100000 digits", lines[10])
    shown = capsys.readouterr().out
    assert all(line in shown.splitlines() for line in text.splitlines())
    assert sorted(os.listdir(tmp_path)) == FILES


def test_without_tied_there_is_no_picture(tmp_path, capsys, monkeypatch, quick):
    monkeypatch.setattr(smallest_adder, "best_setting", lambda *_: (0.1, 0.1))
    arguments = ["--candidates", "rnn", "--n-seeds", "1", "--n-examples", "128", "--outputs", str(tmp_path)]
    assert smallest_adder.main(arguments) == 0
    assert os.listdir(tmp_path) == FILES[1:]


@pytest.mark.parametrize("interrupted", ["rnn", "tied"])
def test_ctrl_c_keeps_the_finished_candidates(tmp_path, capsys, monkeypatch, quick, interrupted):
    def best_setting(name, seeds, args):
        if name == interrupted:
            raise KeyboardInterrupt
        return 0.1, 0.1

    monkeypatch.setattr(smallest_adder, "best_setting", best_setting)
    arguments = ["--candidates", "tied", "rnn", "--n-seeds", "1", "--n-examples", "128"]
    assert smallest_adder.main([*arguments, "--outputs", str(tmp_path)]) == 130
    stdout = capsys.readouterr().out
    assert stdout.endswith("interrupted: the candidates above are finished\n")
    assert "rnn: " not in stdout
    assert ("tied: 3 parameters" in stdout) == (interrupted == "rnn")
    assert sorted(os.listdir(tmp_path)) == (FILES if interrupted == "rnn" else [])
    if interrupted == "rnn":
        assert (
            (tmp_path / "smallest_adder.txt")
            .read_text(encoding="utf-8")
            .endswith("\ninterrupted: the candidates above are finished\n")
        )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--candidates", "lstm"], "argument --candidates: invalid choice: 'lstm' .*"),
        (["--n-seeds", "0"], "argument --n-seeds: '0' is not a whole number from 1 to 1000"),
        (["--n-examples", "-1"], "argument --n-examples: '-1' is not a whole number from 128 to 1000000"),
        (["--n-batch", "129"], "argument --n-batch: '129' is not a whole number from 1 to 128"),
        (["--seed", str(2**32 - 1)], r"argument --seed: '4294967295' leaves no room below 2\*\*32 for 13 seeds"),
    ],
)
def test_bad_input_is_one_line(tmp_path, capsys, arguments, message):
    with pytest.raises(SystemExit) as error:
        smallest_adder.main([*arguments, "--outputs", str(tmp_path)])
    shown = capsys.readouterr()
    assert (error.value.code, shown.out) == (2, "")
    assert re.fullmatch(rf".*: error: {message}\n", shown.err)
    assert os.listdir(tmp_path) == []


@pytest.mark.slow
def test_both_candidates_add_with_most_seeds(tmp_path, capsys):
    assert smallest_adder.main(["--outputs", str(tmp_path)]) == 0
    text = (tmp_path / "smallest_adder.txt").read_text(encoding="utf-8")
    for name, n_parameters in N_PARAMETERS.items():
        n_good = re.search(rf"(?m)^{name}: {n_parameters} parameters; (\d+) of 10 seeds succeed$", text)[1]
        assert int(n_good) >= 9
    assert "    10031 of 10031 hard and random sums of 10 digits\n" in text
    assert "    51 of 51 hard and random sums of 100000 digits" in text
