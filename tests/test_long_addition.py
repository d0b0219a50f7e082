"""long_addition: a small run, two numbers from the shell, bad input, Ctrl-C; in full and with ten seeds if slow."""

import argparse
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from extensions import columns, long_addition

ROOT = Path(__file__).resolve().parent.parent
FILES = ["long_addition.keras", "long_addition.png", "long_addition.txt"]


def run(*arguments, outputs):
    return subprocess.run(
        [sys.executable, "-m", "extensions.long_addition", *arguments, "--outputs", str(outputs)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def without_progress(stdout):
    return re.sub(r"(?m)^(Epoch \d+/\d+|\d+/\d+ - .*)\n", "", stdout)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Train for half of the usual time, which is enough for a hundred digits."""
    outputs = tmp_path_factory.mktemp("outputs")
    arguments = ["--n-epoch", "5", "--tested", "9", "100", "--text-digits", "0", "--outputs", str(outputs)]
    assert long_addition.main(arguments) == 0
    return outputs


def test_a_short_training_reaches_a_hundred_digits(trained):
    transcript = (trained / "long_addition.txt").read_text(encoding="utf-8")
    assert re.search(r"(?m)^ +9 +10000 of  10,000 +\d+ of 31", transcript)
    assert int(re.search(r"(?m)^ +100 +(\d+) of   2,000", transcript)[1]) >= 1990


def test_the_saved_model_is_the_one_that_was_evaluated(trained):
    import keras

    model = keras.saving.load_model(trained / "long_addition.keras")
    X = columns.random_sums(1000, 50, np.random.default_rng(3))
    assert (columns.predict(model, X) == columns.add(X)).all(axis=1).mean() > 0.99


def test_two_numbers_are_added_in_the_shell(trained):
    done = run("958", "67", outputs=trained)
    assert done.stdout == "958+67=1025\nPython's integers say the same.\n"
    assert done.returncode == 0
    assert sorted(os.listdir(trained)) == FILES


@pytest.mark.parametrize(
    ("a", "b", "total"),
    [
        ("0", "0", "0"),
        ("007", "5", "12"),
        ("9" * 60, "1", "1" + "0" * 60),
        ("12" * 2200, "34" * 2200, "46" * 2200),  # longer than Python's integers are read unasked
    ],
)
def test_two_numbers_of_any_length_are_added(trained, capsys, a, b, total):
    assert long_addition.main([a, b, "--outputs", str(trained)]) == 0
    assert capsys.readouterr().out == f"{a}+{b}={total}\nPython's integers say the same.\n"


def test_a_wrong_answer_is_called_wrong(tmp_path, capsys):
    long_addition.build_model(8, 4, "LSTM").save(tmp_path / "long_addition.keras")
    assert long_addition.main(["958", "67", "--outputs", str(tmp_path)]) == 1
    assert re.fullmatch(r"958\+67=\d+\nWrong: Python's integers say 1025\n", capsys.readouterr().out)


def test_without_a_saved_model_it_is_trained_first(tmp_path, capsys):
    status = long_addition.main(["2", "3", "--n-examples", "100", "--n-epoch", "2", "--outputs", str(tmp_path)])
    stdout = capsys.readouterr().out
    answer = re.search(r"(?m)^2\+3=(\d+)$", stdout)[1]
    assert "Epoch 2/2" in stdout
    assert status == (answer != "5")
    assert os.listdir(tmp_path) == ["long_addition.keras"]


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
    ],
)
def test_bad_input_is_one_line(tmp_path, arguments, message):
    done = run(*arguments, outputs=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.fullmatch(rf"long_addition\.py: error: {message}\n", done.stderr)
    assert os.listdir(tmp_path) == []


def test_training_refuses_longer_numbers(monkeypatch):
    args = argparse.Namespace(n_examples=64, n_batch=64, n_epoch=1)
    draw = columns.draw
    monkeypatch.setattr(columns, "draw", lambda n, n_digits, rng, most_nines: draw(n, n_digits + 1, rng))
    model = long_addition.build_model(8, 4, "LSTM")
    with pytest.raises(ValueError, match="a number of more than 8 digits was drawn"):
        long_addition.fit(model, columns, 8, 1, 0.01, np.random.default_rng(1), args)


def test_a_small_run_prints_and_saves_what_a_full_one_does(tmp_path, capsys):
    arguments = ["--n-examples", "100", "--n-batch", "30", "--n-epoch", "2", "--cell", "SimpleRNN", "--units", "4"]
    arguments += ["--n-seeds", "2", "--tested", "2", "5", "101", "--n-digits", "4", "--text-digits", "2"]
    assert long_addition.main([*arguments, "--outputs", str(tmp_path)]) == 0
    stdout = without_progress(capsys.readouterr().out)
    number = r"[\d,]+"
    rows = re.findall(rf"(?m)^ +({number}) +(\d+) of +({number}) +(\d+) of (\d+)  not ", stdout)
    assert [(row[0], row[2]) for row in rows] == [
        ("2", "10,000"), ("5", "10,000"), ("101", "500"), ("2", "10,000"), ("5", "10,000"),
    ]  # fmt: skip
    assert re.search(r"(?m)^Seed 1, \d+\.\d s of training: wrong of 2 digits: \d+ random, ", stdout)
    assert re.search(r"(?m)^Seed 2, \d+\.\d s of training: wrong of 2 digits: \d+ random, ", stdout)
    assert "0 of 2 seeds: all exact" in stdout
    assert (tmp_path / "long_addition.txt").read_text(encoding="utf-8") == stdout
    assert sorted(os.listdir(tmp_path)) == FILES


def test_an_interrupted_run_loses_nothing(tmp_path):
    arguments = ["--n-examples", "640", "--n-epoch", "100000", "--tested", "9", "--n-seeds", "3"]
    process = subprocess.Popen(
        [sys.executable, "-m", "extensions.long_addition", *arguments, "--outputs", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Epoch 3/"):
            process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    stdout = without_progress("".join(lines))
    assert re.search(r"(?m)^Seed 1, \d+\.\d s of training interrupted after epoch \d+ of 100000: wrong of 9 d", stdout)
    assert "Seed 2" not in stdout
    assert (tmp_path / "long_addition.txt").read_text(encoding="utf-8") == stdout
    assert sorted(os.listdir(tmp_path)) == FILES


@pytest.mark.slow
def test_a_full_run_is_exact_to_a_million_digits(tmp_path):
    done = run(outputs=tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.search(r"(?m)^1,000,000 +1 of       1 +31 of 31$", done.stdout)
    seconds, verdict = re.search(r"(?m)^Seed 1, (\S+) s of training: (.*)$", done.stdout).groups()
    assert float(seconds) <= 10
    assert verdict == "all exact"


@pytest.mark.slow
def test_nine_of_ten_seeds_are_exact_to_a_million_digits(tmp_path):
    arguments = ["--cell", "SimpleRNN", "--n-epoch", "20", "--learning-rate", "0.02", "--text-digits", "0"]
    done = run("--n-seeds", "10", *arguments, outputs=tmp_path)
    assert int(re.search(r"(?m)^(\d+) of 10 seeds: all exact$", done.stdout)[1]) >= 9
