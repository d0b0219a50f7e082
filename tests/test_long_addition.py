"""long_addition: a short training, a sum of one's own, bad input, Ctrl-C; in full and with ten seeds if slow."""

import argparse
import io
import os
import re
import sys

import keras
import numpy as np
import pytest

from extensions import long_addition
from extensions.shared import column_problems, columns, lengths

FILES = ["long_addition.keras", "long_addition.png", "long_addition.txt"]
TINY = ("--n-examples", "60", "--n-batch", "30", "--n-epoch", "2", "--units", "4", "--n-digits", "4")
SHORT = ("--n-epoch", "8")  # of the usual 30


def add(X):
    return columns.work("+", X)[0]


def run(*arguments, outputs):
    return long_addition.main([*arguments, "--outputs", str(outputs)])


def without_progress(stdout):
    return re.sub(r"(?m)^(Epoch \d+/\d+|\d+/\d+ - .*)\n", "", stdout)


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
    X = column_problems.draw(500, 50, np.random.default_rng(3))
    digits = long_addition.make_predict(model, 64, args)(X)
    assert (digits == add(X)).all(axis=1).mean() > 0.98


@pytest.mark.parametrize(
    ("argument", "shown"),
    [
        ("958+67", "958+67=1025"),
        ("0+0", "0+0=0"),
        ("007 + 5\n", "7+5=12"),
        ("9" * 60 + "+1", "9" * 60 + "+1=1" + "0" * 60),
    ],
)
def test_a_sum_is_answered_without_training(trained, capsys, monkeypatch, eager, argument, shown):
    monkeypatch.setattr(long_addition, "train", None)
    for given in (argument, "-"):
        monkeypatch.setattr(sys, "stdin", io.StringIO(argument))
        assert run(*SHORT, given, outputs=trained) == 0
        assert capsys.readouterr().out == f"{shown}\nPython's integers say the same.\n"
    assert sorted(os.listdir(trained)) == FILES


def test_two_numbers_longer_than_pythons_integers_are_read_unasked(trained, capsys, monkeypatch):
    monkeypatch.setattr(long_addition, "train", None)
    a, b, total = "12" * 2200, "34" * 2200, "46" * 2200
    assert run(*SHORT, f"{a}+{b}", outputs=trained) == 0
    assert capsys.readouterr().out == f"{a}+{b}={total}\nPython's integers say the same.\n"


def untrained(*_):
    """Build a model of the settings TINY that has learned nothing."""
    return long_addition.build_model(5, 4, "SimpleRNN")


def test_a_wrong_answer_is_called_wrong(tmp_path, capsys, monkeypatch, eager):
    keras.utils.set_random_seed(1)
    monkeypatch.setattr(long_addition, "train", untrained)
    assert run(*TINY, "958+67", outputs=tmp_path) == 1
    assert re.fullmatch(r"958\+67=\d+\nWrong: Python's integers say 1025\n", capsys.readouterr().out)


def test_a_model_is_trained_once_for_each_settings(tmp_path, capsys, monkeypatch):
    seeds = []

    def train(seed, args, n_steps):
        seeds.append((seed, args.units, n_steps))
        return long_addition.build_model(5, args.units, args.cell)

    monkeypatch.setattr(long_addition, "train", train)
    monkeypatch.setattr(long_addition, "make_predict", lambda *_: add)
    for _ in range(2):
        run(*TINY, "2+3", outputs=tmp_path)
        assert seeds == [(1, 4, 2)]
        assert sorted(os.listdir(tmp_path)) == ["long_addition.keras", "long_addition.txt"]
    assert "was trained with" not in capsys.readouterr().out
    for arguments, n in (("--seed", "7"), 2), (("--units", "5"), 3), (("--cell", "GRU"), 4), (("--n-epoch", "3"), 5):
        run(*TINY, *arguments, "2+3", outputs=tmp_path)
        assert len(seeds) == n
        assert re.match(r".*long_addition\.keras was trained with n_examples=60, .*\n2\+3=", capsys.readouterr().out)
    assert [seed for seed, *_ in seeds] == [1, 7, 1, 1, 1]


def test_a_model_of_other_settings_is_not_used_silently(trained, tmp_path, capsys, monkeypatch):
    for name in FILES:
        (tmp_path / name).write_bytes((trained / name).read_bytes())
    calls = []
    build = long_addition.build_model
    monkeypatch.setattr(long_addition, "make_predict", lambda *_: add)
    monkeypatch.setattr(long_addition, "train", lambda *args: calls.append(1) or build(9, 64, "SimpleRNN"))
    run(*SHORT, "--units", "64", "958+67", outputs=tmp_path)
    assert calls == [1]
    shown = capsys.readouterr().out
    assert re.match(rf"{re.escape(str(tmp_path))}/long_addition\.keras was trained with .*units=32.*\n958\+67=", shown)
    # What is saved now is the other model, and says so.
    assert "units=64" in (tmp_path / "long_addition.txt").read_text(encoding="utf-8").splitlines()[0]
    run(*SHORT, "--units", "64", "1+2", outputs=tmp_path)
    assert calls == [1]


def test_without_a_saved_model_it_is_trained_first(tmp_path, capsys, eager):
    status = run(*TINY, "2+3", outputs=tmp_path)
    stdout = capsys.readouterr().out
    answer = re.search(r"(?m)^2\+3=(\d+)$", stdout)[1]
    assert "Epoch 2/2" in stdout
    assert status == (answer != "5")
    assert sorted(os.listdir(tmp_path)) == ["long_addition.keras", "long_addition.txt"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["12+3x4"], "argument 958[+]67: '12[+]3x4' is not a problem such as 958[+]67"),
        (["-12+34"], "unrecognized arguments: -12[+]34"),
        (["+12+34"], "argument 958[+]67: '[+]12[+]34' is not a problem such as .*"),
        (["12-34"], "argument 958[+]67: '12-34' is not a problem such as .*"),
        (["12+3.4"], "argument 958[+]67: '12[+]3[.]4' is not a problem such as .*"),
        (["12+٣"], "argument 958[+]67: '12[+]٣' is not a problem such as .*"),
        (["12+²"], "argument 958[+]67: '12[+]²' is not a problem such as .*"),
        (["12+1_000"], "argument 958[+]67: '12[+]1_000' is not a problem such as .*"),
        ([""], "argument 958[+]67: '' is not a problem such as .*"),
        (["+34"], "argument 958[+]67: '[+]34' is not a problem such as .*"),
        (["12+"], "argument 958[+]67: '12[+]' is not a problem such as .*"),
        (["12"], "argument 958[+]67: '12' is not a problem such as .*"),
        (["1+2+3"], "argument 958[+]67: '1[+]2[+]3' is not a problem such as .*"),
        (["12", "34"], "argument 958[+]67: '12' is not a problem such as .*"),
        (["12+34", "5"], "unrecognized arguments: 5"),
        (["9" * 100_000 + "\n2"], "argument 958[+]67: '9{40}[.][.][.]' is not a problem such as .*"),
        (["--n-digits", "0"], "argument --n-digits: '0' is not a whole number from 1 to 18"),
        (["--n-digits", "19"], "argument --n-digits: '19' is not a whole number from 1 to 18"),
        (["--tested", "9", "x"], "argument --tested: 'x' is not a whole number from 1 to 100000000"),
        (["--units", "-3"], "argument --units: '-3' is not a whole number from 1 to 10000"),
        (["--cell", "Dense"], "argument --cell: invalid choice: .*"),
        (["--seed", "1.5"], "argument --seed: '1.5' is not a whole number from 0 to 4294967295"),
        (["--n-seeds", "0"], "argument --n-seeds: '0' is not a whole number from 1 to 1000"),
        (["--n-examples", "1000000000"], "argument --n-examples, .*: that takes .* GiB; allowed are 8"),
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
    draw = column_problems.draw
    monkeypatch.setattr(column_problems, "draw", lambda n, n_digits, rng: draw(n, n_digits + 1, rng))
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
    assert rows == tested  # the first seed's
    text = (tmp_path / "long_addition.txt").read_text(encoding="utf-8")
    assert stdout.endswith(text)
    assert text.startswith(
        "n_examples=60, n_batch=30, n_epoch=2, learning_rate=0.02, seed=1, units=4, cell=SimpleRNN, n_digits=4\n"
    )
    for seed in (1, 2):
        assert re.search(
            rf"(?m)^SimpleRNN, seed {seed}, \d+\.\d s of training: wrong of 2 digits: \d+ random, \d+ carrying, ", text
        )
    assert text.endswith("\nSimpleRNN: all exact with 0 of 2 seeds\n")
    assert sorted(os.listdir(tmp_path)) == FILES


def evaluated(right):
    longest = np.array([0, 0, 1, 5])
    return {n: lengths.Result({"carrying": np.array(right)}, [], longest) for n in (9, 10)}


def test_the_picture_shows_lengths_and_longest_carries():
    figure = long_addition.picture("title", 8, [evaluated([1, 1, 0, 0]), evaluated([1, 1, 1, 1])])
    figure.savefig(file := io.BytesIO(), format="png")
    assert file.getvalue().startswith(b"\x89PNG")
    left, right = figure.axes
    assert [list(line.get_ydata()) for line in left.lines] == [[50, 50], [100, 100]]
    assert [list(line.get_xdata()) for line in right.lines] == [[0, 1, 5]] * 2
    assert [list(line.get_ydata()) for line in right.lines] == [[100, 0, 0], [100, 100, 100]]


def test_an_interrupted_run_keeps_the_finished_ones(tmp_path, capsys, monkeypatch, eager, interrupt):
    interrupt(2)
    monkeypatch.setattr(long_addition, "make_predict", lambda *_: add)
    assert run(*TINY, "--n-seeds", "3", "--tested", "9", outputs=tmp_path) == 130
    stdout = without_progress(capsys.readouterr().out)
    assert "\nInterrupted: the finished runs are reported.\n" in stdout
    text = (tmp_path / "long_addition.txt").read_text(encoding="utf-8")
    assert stdout.endswith(text)
    assert re.search(
        r"(?m)^SimpleRNN, seed 1, \d+\.\d s of training: all exact\n"
        r"SimpleRNN: all exact with 1 of 1 seeds\n"
        r"SimpleRNN: interrupted, 3 seeds were asked for$",
        text,
    )
    assert "seed 2" not in text
    assert sorted(os.listdir(tmp_path)) == FILES


def test_with_no_run_finished_nothing_is_saved(tmp_path, capsys, interrupt):
    interrupt(1)
    assert run(*TINY, "--n-seeds", "3", "--tested", "9", outputs=tmp_path) == 130
    assert "\nInterrupted: " in capsys.readouterr().out
    assert os.listdir(tmp_path) == []


def test_a_sum_whose_training_is_interrupted_has_no_answer(tmp_path, interrupt):
    interrupt(1)
    with pytest.raises(KeyboardInterrupt):
        run(*TINY, "2+3", outputs=tmp_path)
    assert os.listdir(tmp_path) == []


@pytest.mark.slow
def test_a_full_run_is_exact_to_a_million_digits(tmp_path, capsys):
    assert run(outputs=tmp_path) == 0
    text = (tmp_path / "long_addition.txt").read_text(encoding="utf-8")
    assert re.search(r"(?m)^1,000,000 +1/1 +1/1 +31/31$", text)
    assert text.endswith("s of training: all exact\nSimpleRNN: all exact with 1 of 1 seeds\n")


@pytest.mark.slow
def test_ten_of_ten_seeds_are_exact_to_ten_thousand_digits(tmp_path, capsys):
    tested = ("1", "2", "3", "4", "6", "8", "9", "10", "100", "1000", "10000")
    assert run("--n-seeds", "10", "--tested", *tested, outputs=tmp_path) == 0
    text = (tmp_path / "long_addition.txt").read_text(encoding="utf-8")
    assert text.endswith("\nSimpleRNN: all exact with 10 of 10 seeds\n")
