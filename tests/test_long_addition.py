"""long_addition: a short training, two numbers of one's own, bad input, Ctrl-C; in full and with ten seeds if slow."""

import argparse
import io
import os
import re

import keras
import numpy as np
import pytest

from extensions import long_addition
from extensions.shared import columns

FILES = ["long_addition.keras", "long_addition.png", "long_addition.txt"]
TINY = ("--n-examples", "60", "--n-batch", "30", "--n-epoch", "2", "--units", "4", "--n-digits", "4")
SHORT = ("--n-epoch", "8")  # of the usual 30


def run(*arguments, outputs):
    keras.utils.clear_session()
    return long_addition.main([*arguments, "--outputs", str(outputs)])


def without_progress(stdout):
    return re.sub(r"(?m)^(Epoch \d+/\d+|\d+/\d+ - .*)\n", "", stdout)


@pytest.fixture
def eager(monkeypatch):
    """Let Keras compile nothing, which takes most of the time of a tiny run."""
    compiled = keras.Model.compile

    def compile(self, *args, jit_compile=None, **kwargs):
        compiled(self, *args, **kwargs, run_eagerly=True)

    monkeypatch.setattr(keras.Model, "compile", compile)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Train for a quarter of the usual time, which is enough for a hundred digits."""
    outputs = tmp_path_factory.mktemp("outputs")
    assert run(*SHORT, "--tested", "9", "100", outputs=outputs) == 0
    return outputs


def test_a_short_training_reaches_a_hundred_digits(trained):
    text = (trained / "long_addition.txt").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^ +(\d+) +([\d,]+)/([\d,]+) +([\d,]+)/([\d,]+) +(\d+)/31", text)
    rows = [[int(number.replace(",", "")) for number in row] for row in rows]
    assert [(row[0], row[2], row[4]) for row in rows] == [(9, 10_000, 10_000), (100, 2000, 2000)]
    assert all(row[1] >= 0.99 * row[2] and row[3] >= 0.99 * row[4] for row in rows), text


def test_the_saved_model_is_the_one_that_was_evaluated(trained):
    model = keras.saving.load_model(trained / "long_addition.keras")
    args = argparse.Namespace(units=32, cell="SimpleRNN")
    X = columns.draw(500, 50, np.random.default_rng(3))
    digits = long_addition.make_predict(model, 64, args)(X)
    assert (digits == columns.add(X)).all(axis=1).mean() > 0.98


@pytest.mark.parametrize(
    ("a", "b", "total"),
    [
        ("958", "67", "1025"),
        ("0", "0", "0"),
        ("007", "5", "12"),
        ("9" * 60, "1", "1" + "0" * 60),
    ],
)
def test_two_numbers_are_added_without_training(trained, capsys, monkeypatch, eager, a, b, total):
    monkeypatch.setattr(long_addition, "train", None)
    assert run(*SHORT, a, b, outputs=trained) == 0
    assert capsys.readouterr().out == f"{a}+{b}={total}\nPython's integers say the same.\n"
    assert sorted(os.listdir(trained)) == FILES


def test_two_numbers_longer_than_pythons_integers_are_read_unasked(trained, capsys, monkeypatch):
    monkeypatch.setattr(long_addition, "train", None)
    a, b, total = "12" * 2200, "34" * 2200, "46" * 2200
    assert run(*SHORT, a, b, outputs=trained) == 0
    assert capsys.readouterr().out == f"{a}+{b}={total}\nPython's integers say the same.\n"


def untrained(*_):
    """Build a model of the settings TINY that has learned nothing."""
    return long_addition.build_model(5, 4, "SimpleRNN")


def test_a_wrong_answer_is_called_wrong(tmp_path, capsys, monkeypatch, eager):
    keras.utils.set_random_seed(1)
    monkeypatch.setattr(long_addition, "train", untrained)
    assert run(*TINY, "958", "67", outputs=tmp_path) == 1
    assert re.fullmatch(r"958\+67=\d+\nWrong: Python's integers say 1025\n", capsys.readouterr().out)


def test_a_model_is_trained_once_for_each_settings(tmp_path, capsys, monkeypatch):
    seeds = []

    def train(seed, args, n_steps):
        seeds.append((seed, args.units, n_steps))
        return long_addition.build_model(5, args.units, args.cell)

    monkeypatch.setattr(long_addition, "train", train)
    monkeypatch.setattr(long_addition, "make_predict", lambda *_: columns.add)
    for _ in range(2):
        run(*TINY, "2", "3", outputs=tmp_path)
        assert seeds == [(1, 4, 2)]
        assert sorted(os.listdir(tmp_path)) == ["long_addition.keras", "long_addition.txt"]
    assert "was trained with" not in capsys.readouterr().out
    for arguments, n in (("--seed", "7"), 2), (("--units", "5"), 3), (("--cell", "GRU"), 4), (("--n-epoch", "3"), 5):
        run(*TINY, *arguments, "2", "3", outputs=tmp_path)
        assert len(seeds) == n
        assert re.match(r".*long_addition\.keras was trained with n_examples=60, .*\n2\+3=", capsys.readouterr().out)
    assert [seed for seed, *_ in seeds] == [1, 7, 1, 1, 1]


def test_a_model_of_other_settings_is_not_used_silently(trained, tmp_path, capsys, monkeypatch):
    for name in FILES:
        (tmp_path / name).write_bytes((trained / name).read_bytes())
    calls = []
    build = long_addition.build_model
    monkeypatch.setattr(long_addition, "make_predict", lambda *_: columns.add)
    monkeypatch.setattr(long_addition, "train", lambda *args: calls.append(1) or build(9, 64, "SimpleRNN"))
    run(*SHORT, "--units", "64", "958", "67", outputs=tmp_path)
    assert calls == [1]
    shown = capsys.readouterr().out
    assert re.match(rf"{re.escape(str(tmp_path))}/long_addition\.keras was trained with .*units=32.*\n958\+67=", shown)
    # What is saved now is the other model, and says so.
    assert "units=64" in (tmp_path / "long_addition.txt").read_text(encoding="utf-8").splitlines()[0]
    run(*SHORT, "--units", "64", "1", "2", outputs=tmp_path)
    assert calls == [1]


def test_without_a_saved_model_it_is_trained_first(tmp_path, capsys, eager):
    status = run(*TINY, "2", "3", outputs=tmp_path)
    stdout = capsys.readouterr().out
    answer = re.search(r"(?m)^2\+3=(\d+)$", stdout)[1]
    assert "Epoch 2/2" in stdout
    assert status == (answer != "5")
    assert sorted(os.listdir(tmp_path)) == ["long_addition.keras", "long_addition.txt"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["12", "3x4"], "argument A B: 'x' is not one of the digits 0 to 9"),
        (["-12", "34"], "argument A B: '-' is not one of the digits 0 to 9"),
        (["+12", "34"], "argument A B: '[+]' is not one of the digits 0 to 9"),
        (["12", "3.4"], "argument A B: '[.]' is not one of the digits 0 to 9"),
        (["12", "3 4"], "argument A B: ' ' is not one of the digits 0 to 9"),
        (["12", "٣"], "argument A B: '٣' is not one of the digits 0 to 9"),
        (["12", "²"], "argument A B: '²' is not one of the digits 0 to 9"),
        (["12", "1_000"], "argument A B: '_' is not one of the digits 0 to 9"),
        (["", "34"], "argument A B: a number without digits"),
        (["12"], "argument A B: two numbers are needed, not 1"),
        (["1", "2", "3"], "argument A B: two numbers are needed, not 3"),
        (["9" * 100_000 + "\n", "2"], r"argument A B: '\\n' is not one of the digits 0 to 9"),
        (["--n-digits", "0"], "argument --n-digits: '0' is not a whole number from 1 to 100"),
        (["--tested", "9", "x"], "argument --tested: 'x' is not a whole number from 1 to 100000000"),
        (["--units", "-3"], "argument --units: '-3' is not a whole number from 1 to 10000"),
        (["--cell", "Dense"], "argument --cell: invalid choice: .*"),
        (["--seed", "1.5"], "argument --seed: '1.5' is not a whole number from 0 to 4294967295"),
        (["--n-seeds", "0"], "argument --n-seeds: '0' is not a whole number from 1 to 1000"),
        (["--n-examples", "1000000000"], "argument --n-examples, .* take about .* GiB; allowed are 8 GiB"),
    ],
)
def test_bad_input_is_one_line(tmp_path, capsys, arguments, message):
    with pytest.raises(SystemExit) as error:
        run(*arguments, outputs=tmp_path)
    shown = capsys.readouterr()
    assert (error.value.code, shown.out) == (2, "")
    assert re.fullmatch(rf".*: error: {message}\n", shown.err)
    assert os.listdir(tmp_path) == []


def test_training_refuses_longer_numbers(monkeypatch):
    args = argparse.Namespace(n_batch=64, n_epoch=1, n_digits=8, units=4, cell="SimpleRNN", learning_rate=0.01)
    draw = columns.draw
    monkeypatch.setattr(columns, "draw", lambda n, n_digits, rng: draw(n, n_digits + 1, rng))
    with pytest.raises(ValueError, match="a number of more than 8 digits was drawn"):
        long_addition.train(1, args, 1)


def without_carries(X):
    return X.sum(axis=2) % 10


def test_a_small_run_prints_and_saves_what_a_full_one_does(tmp_path, capsys, monkeypatch, eager):
    monkeypatch.setattr(long_addition, "make_predict", lambda *_: without_carries)
    assert run(*TINY, "--n-seeds", "2", "--tested", "2", "5", "101", outputs=tmp_path) == 0
    stdout = without_progress(capsys.readouterr().out)
    number = r"[\d,]+"
    rows = re.findall(rf"(?m)^ +({number}) +{number}/({number}) +{number}/({number}) +\d+/(\d+)  not ", stdout)
    tested = [("2", "10,000", "10,000", "31"), ("5", "10,000", "10,000", "31"), ("101", "500", "500", "31")]
    assert rows == 3 * tested  # of each seed, and the first seed's once more
    text = (tmp_path / "long_addition.txt").read_text(encoding="utf-8")
    assert stdout.endswith(text)
    assert text.startswith("n_examples=60, n_batch=30, n_epoch=2, learning_rate=0.02, seed=1, n_digits=4, units=4")
    for seed in (1, 2):
        assert re.search(
            rf"(?m)^Seed {seed}, \d+\.\d s of training: wrong of 2 digits: \d+ random, \d+ carrying, \d+ hard; ", text
        )
    assert text.endswith("\n0 of 2 seeds: all exact\n")
    assert sorted(os.listdir(tmp_path)) == FILES


def evaluated(right):
    lengths = np.array([0, 0, 1, 5])
    return {n: ({"carrying": np.array(right)}, [], lengths) for n in (9, 10)}


def test_the_picture_shows_lengths_and_longest_carries():
    figure = long_addition.picture("title", 8, [evaluated([1, 1, 0, 0]), evaluated([1, 1, 1, 1])])
    figure.savefig(file := io.BytesIO(), format="png")
    assert file.getvalue().startswith(b"\x89PNG")
    left, right = figure.axes
    assert [list(line.get_ydata()) for line in left.lines] == [[50, 50], [100, 100]]
    assert [list(line.get_xdata()) for line in right.lines] == [[0, 1, 5]] * 2
    assert [list(line.get_ydata()) for line in right.lines] == [[100, 0, 0], [100, 100, 100]]


def interrupted_in(monkeypatch, n):
    """Let the n-th training be interrupted, as by Ctrl-C."""
    calls, fit = [], keras.Model.fit

    def count(self, *args, **kwargs):
        calls.append(1)
        if len(calls) == n:
            raise KeyboardInterrupt
        return fit(self, *args, **kwargs)

    monkeypatch.setattr(keras.Model, "fit", count)


def test_an_interrupted_run_keeps_the_finished_ones(tmp_path, capsys, monkeypatch, eager):
    interrupted_in(monkeypatch, 2)
    monkeypatch.setattr(long_addition, "make_predict", lambda *_: columns.add)
    assert run(*TINY, "--n-seeds", "3", "--tested", "9", outputs=tmp_path) == 130
    stdout = without_progress(capsys.readouterr().out)
    assert "\nInterrupted: the finished runs are reported.\n" in stdout
    text = (tmp_path / "long_addition.txt").read_text(encoding="utf-8")
    assert stdout.endswith(text)
    assert re.search(r"(?m)^Seed 1, \d+\.\d s of training: all exact\n1 of 1 seeds: all exact\n", text)
    assert "Seed 2" not in text
    assert sorted(os.listdir(tmp_path)) == FILES


def test_with_no_run_finished_nothing_is_saved(tmp_path, capsys, monkeypatch):
    interrupted_in(monkeypatch, 1)
    assert run(*TINY, "--n-seeds", "3", "--tested", "9", outputs=tmp_path) == 130
    assert "\nInterrupted: " in capsys.readouterr().out
    assert os.listdir(tmp_path) == []


@pytest.mark.slow
def test_a_full_run_is_exact_to_a_million_digits(tmp_path, capsys):
    assert run(outputs=tmp_path) == 0
    text = (tmp_path / "long_addition.txt").read_text(encoding="utf-8")
    assert re.search(r"(?m)^1,000,000 +1/1 +1/1 +31/31$", text)
    assert re.search(r"(?m)^Seed 1, \S+ s of training: all exact\n1 of 1 seeds: all exact$", text)


@pytest.mark.slow
def test_ten_of_ten_seeds_are_exact_to_ten_thousand_digits(tmp_path, capsys):
    lengths = ("1", "2", "3", "4", "6", "8", "9", "10", "100", "1000", "10000")
    assert run("--n-seeds", "10", "--tested", *lengths, outputs=tmp_path) == 0
    text = (tmp_path / "long_addition.txt").read_text(encoding="utf-8")
    assert text.endswith("\n10 of 10 seeds: all exact\n")
