"""The three scripts, and subtraction: the article's figures, the same updates, Ctrl-C, held-out sums, the shell."""

import argparse
import importlib
import json
import os
import random
import re
import signal
import subprocess
import sys
from pathlib import Path

import common
import seq2seq_sum
from extensions import subtraction

import keras
import numpy as np
import pytest
from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parent.parent
N_EPOCH = {"lstm_sum_naive": 100, "mlp_sum": 50, "seq2seq_sum": 30}
EXPECTED = {  # the article's rows
    "lstm_sum_naive": "110 122 104 103 163 100 56 61 109 129 98 60 66 63 84 148 96 33 75 64".split(),
    "mlp_sum": "108 143 109 16 152 59 95 113 90 104 123 92 150 136 130 76 112 129 171 127".split(),
    "seq2seq_sum": "13 13 13 9 11 18 15 14 6 15 9 10 8 14 14 19 4 13 9 12".split(),
}
TINY = ("--n-examples", "6", "--n-batch", "6", "--n-epoch", "2", "--largest", "9")
FILES = ["model.keras", "picture.png", "scores.json", "transcript.txt"]
all_scripts = pytest.mark.parametrize("name", EXPECTED)


def run(name, *arguments, outputs):
    """Run a script's main here; return its status."""
    return importlib.import_module(name).main([*arguments, "--outputs", str(outputs)])


def transcript(name, outputs):
    return (outputs / name / "transcript.txt").read_text(encoding="utf-8")


def rows(text):
    """Read the expected and the predicted column of a script's rows."""
    pairs = re.findall(r"(?m)^Expected= *(-?\d+), Predicted= *(.*) \(err=(?:-?\d+|nan)\)$", text)
    return [list(column) for column in zip(*pairs, strict=True)]


@pytest.fixture
def tiny(monkeypatch, eager):
    """Draw no picture into its file, which takes more time than a tiny run."""
    monkeypatch.setattr(Figure, "savefig", lambda self, path: path.write_bytes(b""))


@all_scripts
def test_the_defaults_do_as_well_as_the_article_and_save_what_they_print(tmp_path, capsys, name):
    assert run(name, outputs=tmp_path) == 0
    stdout = capsys.readouterr().out
    expected, predicted = rows(stdout)
    figures = json.loads((tmp_path / name / "scores.json").read_text(encoding="utf-8"))
    assert expected == EXPECTED[name]
    if name == "lstm_sum_naive":
        assert figures["rmse"] < 0.57
    else:
        assert predicted == expected
        assert figures["n_exact"] >= {"mlp_sum": 100, "seq2seq_sum": 990}[name]
    assert len(re.findall(r" - loss: \d", stdout)) == figures["n_finished"] == N_EPOCH[name]  # Keras's progress
    settings, _, result = transcript(name, tmp_path).partition("\n")
    assert settings == figures["settings"] and result in stdout
    reference = transcript(name, ROOT / "outputs" / "reference")
    assert rows(reference)[0] == expected and reference.startswith(f"{settings}\n")
    assert f"RMSE: {figures['rmse']:f}\nExact: {figures['n_exact']} of {figures['n']} " in result
    assert (os.listdir(tmp_path), sorted(os.listdir(tmp_path / name))) == ([name], FILES)


@all_scripts
def test_one_call_ends_with_the_weights_of_a_call_for_each_epoch(tmp_path, tiny, name):
    """Written out as the article has it: examples in their order, new ones for each epoch; of this seed and rate."""
    arguments = "--n-examples=9 --n-batch=3 --n-epoch=2 --largest=10 --seed=7 --learning-rate=0.01".split()
    run(name, *arguments, outputs=tmp_path)
    rng = random.Random(7)
    keras.utils.set_random_seed(7)
    model = importlib.import_module(name).build_model(*((5, 2, 12) if name == "seq2seq_sum" else (2,)))
    loss = "categorical_crossentropy" if name == "seq2seq_sum" else "mean_squared_error"
    model.compile(keras.optimizers.Adam(0.01), loss)
    for _ in range(2):
        if name == "seq2seq_sum":
            X, y = common.generate_data(9, 2, 10, seq2seq_sum.ALPHABET, rng)
        else:
            X, y = common.normalize(*common.random_sum_pairs(9, 2, 10, rng), 2, 10)
            X = X.reshape(-1, *model.input_shape[1:])
        model.fit(X, y, batch_size=3, shuffle=False, verbose=0)
    saved = keras.saving.load_model(tmp_path / name / "model.keras", compile=False)
    for weights, others in zip(saved.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(weights, others, rtol=1e-4, atol=1e-6)


# ---- Ctrl-C


def interrupt(*args, **kwargs):
    raise KeyboardInterrupt


@pytest.mark.parametrize("name", [*EXPECTED, "subtraction"])
@pytest.mark.parametrize("when", ["first epoch", "last epoch", "evaluation"])
def test_ctrl_c(tmp_path, monkeypatch, tiny, name, when):
    """In the last epoch: what is trained is evaluated, saved and labelled. Else nothing is, and the old run stays."""
    (tmp_path / name).mkdir()
    (tmp_path / name / "transcript.txt").write_text("a good run")
    ended, last = keras.callbacks.History.on_epoch_end, {"first epoch": 0, "last epoch": 1, "evaluation": 2}[when]
    monkeypatch.setattr(
        keras.callbacks.History, "on_epoch_end", lambda *args: interrupt() if args[1] == last else ended(*args)
    )
    script, arguments = (f"extensions.{name}", []) if name == "subtraction" else (name, ["--n-numbers=3"])
    if when != "last epoch":
        if when == "evaluation":
            monkeypatch.setattr(keras.Model, "predict", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run(script, *TINY, *arguments, outputs=tmp_path)
        files = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")]
        assert (transcript(name, tmp_path), files) == ("a good run", [name, f"{name}/transcript.txt"])
        return
    largest = 9 if name in ("seq2seq_sum", "subtraction") else 10**12
    assert run(script, *TINY, *arguments, f"--largest={largest}", outputs=tmp_path) == 130
    text = transcript(name, tmp_path)
    assert text.splitlines()[1] == "interrupted after 1 of 2 epochs" and "\nRMSE: " in text
    files = sorted(os.listdir(tmp_path / name))
    if name != "subtraction":
        _, sums = common.random_sum_pairs(3 * 6, 3, largest, random.Random(1))
        assert rows(text)[0] == [str(total) for total in sums[12:]] and files == FILES
        assert json.loads((tmp_path / name / "scores.json").read_text(encoding="utf-8"))["n_finished"] == 1


# ---- Held-out sums


def read(vectors, alphabet=seq2seq_sum.ALPHABET):
    return [common.invert_encoding(seq, alphabet) for seq in vectors]


def forms(texts, sign="+"):
    return {tuple(sorted(map(int, text.split(sign)))) for text in texts}


@pytest.fixture
def asked(monkeypatch):
    """Give the list of what models are asked for in the evaluations that follow, sums as text."""
    texts, predict = [], keras.Model.predict

    def record(self, X, **others):
        texts.append(read(X))
        return predict(self, X, **others)

    monkeypatch.setattr(keras.Model, "predict", record)
    return texts


@pytest.mark.parametrize(("n_numbers", "largest", "n"), [(2, 10, 100), (3, 4, 64), (2, 101, None)])
def test_held_out_sums_are_never_trained_and_both_kinds_are_counted(tmp_path, tiny, fits, asked, n_numbers, largest, n):
    size = (f"--n-numbers={n_numbers}", f"--largest={largest}")
    many = ("--n-examples=1000", "--n-batch=500", "--n-epoch=2", "--hold-out=25")
    assert run("seq2seq_sum", *many, *size, outputs=tmp_path) == 0
    fed, (trained, held_out, _) = read(fits[0][2]), asked
    assert not forms(fed) & forms(held_out) and not forms(trained) & forms(held_out)
    text = transcript("seq2seq_sum", tmp_path)
    n_trained, n_held_out = map(int, re.findall(r"(?i)exact: \d+ of (\d+) ", text))
    assert (len(trained), len(held_out)) == (n_trained, n_held_out) and "hold_out=25" in text.splitlines()[0]
    if n is None:  # too many for all of them
        assert n_trained == n_held_out == 1000
    else:
        assert set(fed) == set(trained) and n_trained + n_held_out == n and n_held_out >= n / 4
    is_held_out = common.hold_out(n_numbers, largest, 25, 1)
    assert all(is_held_out(form) for form in forms(held_out)) and not any(map(is_held_out, forms(trained)))


def test_to_hold_out_nothing_is_the_run_without_it(tmp_path, tiny):
    for name, more in (("a", []), ("b", ["--hold-out=0"])):
        (tmp_path / name).mkdir()
        assert run("seq2seq_sum", *TINY, *more, outputs=tmp_path / name) == 0
    assert transcript("seq2seq_sum", tmp_path / "a") == transcript("seq2seq_sum", tmp_path / "b")


def test_that_all_pairs_were_in_training_is_said_only_if_they_were(tmp_path, capsys, tiny):
    for largest, said in (1, True), (9, False):
        assert run("seq2seq_sum", *TINY, f"--largest={largest}", outputs=tmp_path) == 0
        assert ("pairs were in training" in capsys.readouterr().out) == said


def test_what_leaves_nothing_to_train_on_is_refused_and_a_leak_is_an_error(tmp_path, capsys, monkeypatch):
    with pytest.raises(SystemExit, match="2"):
        run("seq2seq_sum", "--largest=1", "--hold-out=20", outputs=tmp_path)
    line = capsys.readouterr().err
    assert line.count("\n") == 1 and "argument --hold-out" in line
    generate = common.generate_data
    monkeypatch.setattr(common, "generate_data", lambda *args, skip: generate(*args))
    with pytest.raises(ValueError, match="held-out"):
        run("seq2seq_sum", "--hold-out=20", outputs=tmp_path)
    assert os.listdir(tmp_path) == []


def test_the_picture_has_the_probability_of_whole_answers_crosses_and_frames():
    class Model:
        """Is less sure of the last character of each answer, and has it wrong for 1+1, though the first one right."""

        def predict(self, X, **others):
            terms = [list(map(int, text.split("+"))) for text in read(X)]
            _, y = seq2seq_sum.encode(terms, [sum(each) for each in terms], 2, 6)
            y[:, 0] *= 0.8
            y[:, 1] *= 0.6
            y[0, 1] = np.eye(12)[7]
            return y

    args = argparse.Namespace(n_numbers=2, largest=6, seed=1, hold_out=20)
    axes, _ = seq2seq_sum.picture(Model(), args, lambda terms: terms == [1, 2], None).axes
    [squares], [crosses] = axes.collections, axes.lines
    assert np.ma.getdata(squares.get_array()) == pytest.approx(np.array([0] + [0.8 * 0.6] * 35))
    assert crosses.get_xydata().tolist() == [[1, 1]] and "35 of 36" in axes.get_title()
    assert squares.get_offsets()[1].tolist() == [2, 1]  # the last number across, the first one up
    assert [edge[-1] for edge in squares.get_edgecolors()] == [0, 1, *[0] * 34]


def test_subtraction_holds_out_a_fifth_in_both_orders_and_answers_each_pair(tmp_path, tiny, fits):
    X, y = subtraction.encode([(1, 100), (7, 7), (100, 9)], 100)
    texts = [read(part, subtraction.ALPHABET) for part in (X, y)]
    assert texts == [["  1-100", "    7-7", "  100-9"], ["-99", "  0", " 91"]]
    arguments = "--n-examples 1000 --n-batch 500 --n-epoch 1 --largest 9 --learning-rate 0.5".split()
    assert run("extensions.subtraction", *arguments, outputs=tmp_path) == 0
    [(model, _, X, y, options)] = fits
    assert [float(model.optimizer._learning_rate(n)) for n in (0, 2)] == [0.5, 0]
    fed = [tuple(map(int, text.split("-"))) for text in read(X, subtraction.ALPHABET)]
    assert read(y, subtraction.ALPHABET) == [f"{a - b:2}" for a, b in fed] and options["shuffle"] is False
    counts = re.findall(r"Exact: \d+ of (\d+) ", transcript("subtraction", tmp_path))
    assert [int(n) for n in counts] == [len(set(fed)), 81 - len(set(fed))] and 81 / 5 <= int(counts[1]) < 81 / 5 + 2
    assert {pair[::-1] for pair in fed} == set(fed)


def test_subtraction_refuses_a_leak(tmp_path, monkeypatch):
    monkeypatch.setattr(common, "hold_out", lambda *_: lambda pair: tuple(pair) == (9, 8))
    with pytest.raises(ValueError, match="held-out pair"):
        run("extensions.subtraction", "--n-examples=1000", "--n-batch=500", "--largest=9", outputs=tmp_path)


# ---- In a shell


def start(name, *arguments, outputs):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    command = [sys.executable, str(ROOT / f"{name}.py"), *arguments, "--outputs", str(outputs)]
    return subprocess.Popen(command, cwd=outputs.parent, **pipes)


def test_in_a_shell_and_another_folder_ctrl_c_ends_the_training_without_a_word_on_stderr(tmp_path):
    process = start("mlp_sum", "--n-epoch", "2000", outputs=tmp_path)
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Epoch 20/"):
            process.send_signal(signal.SIGINT)
    stdout, stderr = "".join(lines), process.stderr.read()
    assert (process.wait(), stderr) == (130, "") and "Warning" not in stdout
    n_trained = len(re.findall(r" - loss: \d", stdout))
    assert 19 <= n_trained < 2000 and f"interrupted after {n_trained} of 2000 epochs\n" in stdout


# ---- Other backends


@pytest.mark.slow
@all_scripts
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_other_backends_do_as_well(tmp_path, name, backend, monkeypatch):
    pytest.importorskip(backend, reason=f"tried where {backend} is installed: pip install {backend}")
    monkeypatch.setenv("KERAS_BACKEND", backend)
    process = start(name, outputs=tmp_path)
    stdout, stderr = process.communicate()
    assert process.returncode == 0, stderr
    assert rows(stdout)[0] == EXPECTED[name]
    assert float(re.search(r"RMSE: (\S+)", stdout)[1]) < 1
