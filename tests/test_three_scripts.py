"""The three scripts, run as a user runs them: `main` with arguments, and once from the shell."""

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
import mlp_sum

import keras
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
N_EPOCH = {"lstm_sum_naive": 100, "mlp_sum": 50, "seq2seq_sum": 30}
EXPECTED = {  # the article's rows
    "lstm_sum_naive": "110 122 104 103 163 100 56 61 109 129 98 60 66 63 84 148 96 33 75 64".split(),
    "mlp_sum": "108 143 109 16 152 59 95 113 90 104 123 92 150 136 130 76 112 129 171 127".split(),
    "seq2seq_sum": "13 13 13 9 11 18 15 14 6 15 9 10 8 14 14 19 4 13 9 12".split(),
}
TINY = ("--n-examples", "6", "--n-batch", "6", "--n-epoch", "2", "--largest", "9")
all_scripts = pytest.mark.parametrize("name", EXPECTED)


def run(name, *arguments, outputs):
    """Run a script's main here; return its status."""
    return importlib.import_module(name).main([*arguments, "--outputs", str(outputs)])


def files_of(name):
    return [f"{name}.{ending}" for ending in ("json", "keras", "png", "txt")]


def saved_weights(name, outputs):
    """Read the weights of the model that a script saved, as one list."""
    model = keras.saving.load_model(outputs / f"{name}.keras", compile=False)
    return np.concatenate([weights.ravel() for weights in model.get_weights()]).tolist()


def rows(text):
    """Read the expected and the predicted column of a script's rows."""
    pairs = re.findall(r"(?m)^Expected= *(\d+), Predicted= *(.*) \(err=(?:-?\d+|nan)\)$", text)
    return [list(column) for column in zip(*pairs, strict=True)]


@all_scripts
def test_the_defaults_do_as_well_as_the_article_and_save_what_they_print(tmp_path, capsys, name):
    assert run(name, outputs=tmp_path) == 0
    stdout = capsys.readouterr().out
    expected, predicted = rows(stdout)
    figures = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
    assert expected == EXPECTED[name]
    if name == "lstm_sum_naive":
        assert figures["rmse"] < 0.57
    else:
        assert predicted == expected
        assert figures["n_exact"] >= {"mlp_sum": 100, "seq2seq_sum": 990}[name]
    assert len(re.findall(r" - loss: \d", stdout)) == figures["n_finished"] == N_EPOCH[name]  # Keras's progress
    settings, _, result = (tmp_path / f"{name}.txt").read_text(encoding="utf-8").partition("\n")
    assert settings == figures["settings"] and stdout.endswith(result)
    reference = (ROOT / "outputs" / "reference" / f"{name}.txt").read_text(encoding="utf-8")
    assert rows(reference)[0] == expected and reference.startswith(f"{settings}\n")
    assert f"RMSE: {figures['rmse']:f}\nExact: {figures['n_exact']} of {figures['n']} " in result
    assert sorted(os.listdir(tmp_path)) == files_of(name)


@all_scripts
def test_the_same_seed_and_model_give_the_same_and_the_learning_rate_counts(tmp_path, capsys, eager, name):
    ends = {}
    for arguments in (("--seed=3",), ("--seed=3",), ("--seed=4",), ("--seed=3", "--learning-rate=0.25")):
        run(name, *TINY, *arguments, outputs=tmp_path)
        end = rows(capsys.readouterr().out)[0], saved_weights(name, tmp_path)
        assert ends.setdefault(arguments, end) == end
    (seed_3, three), (seed_4, four), (_, fast) = ends.values()
    assert seed_3 != seed_4 and three != fast
    assert abs(np.subtract(three, four)).max() > 0.1  # more than two updates change: the first weights differ


def test_one_call_ends_with_the_weights_of_a_call_for_each_epoch(tmp_path, eager):
    run("mlp_sum", "--n-examples=12", "--n-batch=3", "--n-epoch=4", "--seed=7", outputs=tmp_path)
    X, y = common.random_sum_pairs(4 * 12, 2, 100, random.Random(7))
    X, y = common.normalize(X, y, 2, 100)
    keras.utils.set_random_seed(7)
    model = mlp_sum.build_model(2)
    model.compile("adam", "mean_squared_error")
    for i in range(0, 48, 12):
        model.fit(X[i : i + 12], y[i : i + 12], batch_size=3, shuffle=False, verbose=0)
    weights = np.concatenate([weights.ravel() for weights in model.get_weights()])
    np.testing.assert_allclose(saved_weights("mlp_sum", tmp_path), weights, rtol=1e-4, atol=1e-6)


# ---- Ctrl-C


def interrupt(*args, **kwargs):
    raise KeyboardInterrupt


def test_ctrl_c_in_the_first_epoch_saves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(keras.callbacks.History, "on_train_begin", interrupt)
    (tmp_path / "mlp_sum.txt").write_text("a good run")
    with pytest.raises(KeyboardInterrupt):
        run("mlp_sum", *TINY, outputs=tmp_path)
    assert os.listdir(tmp_path) == ["mlp_sum.txt"]


@all_scripts
def test_ctrl_c_in_the_last_epoch_is_evaluated_on_new_sums_however_large(tmp_path, monkeypatch, eager, name):
    ended = keras.callbacks.History.on_epoch_end
    monkeypatch.setattr(
        keras.callbacks.History, "on_epoch_end", lambda *args: interrupt() if args[1] == 1 else ended(*args)
    )
    largest = 1000 if name == "seq2seq_sum" else 10**12  # long texts take long
    assert run(name, *TINY, "--n-numbers", "3", "--largest", str(largest), outputs=tmp_path) == 130
    text = (tmp_path / f"{name}.txt").read_text(encoding="utf-8")
    assert re.search(r"(?m)^interrupted after 1 of 2 epochs\nRMSE: ", text)
    _, sums = common.random_sum_pairs(3 * 6, 3, largest, random.Random(1))
    assert rows(text)[0] == [str(total) for total in sums[12:]]
    assert json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))["n_finished"] == 1
    assert sorted(os.listdir(tmp_path)) == files_of(name)


@all_scripts
def test_ctrl_c_after_the_training_keeps_the_model(tmp_path, monkeypatch, eager, name):
    (tmp_path / f"{name}.txt").write_text("of another model")
    monkeypatch.setattr(keras.Model, "predict", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(name, *TINY, outputs=tmp_path)
    assert os.listdir(tmp_path) == [f"{name}.keras"] and saved_weights(name, tmp_path)


def start(name, *arguments, outputs):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    command = [sys.executable, str(ROOT / f"{name}.py"), *arguments, "--outputs", str(outputs)]
    return subprocess.Popen(command, cwd=outputs, **pipes)


def test_in_a_shell_and_another_folder_ctrl_c_ends_the_training_without_warnings(tmp_path):
    process = start("mlp_sum", "--n-epoch", "2000", outputs=tmp_path)
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Epoch 20/"):
            process.send_signal(signal.SIGINT)
    stdout, stderr = "".join(lines), process.stderr.read()
    assert process.wait() == 130, stderr
    # Python's warnings name their class; the start-up lines that TensorFlow logs to stderr itself do not.
    assert not re.search(r"\wWarning:|Traceback", stdout + stderr)
    n_trained = len(re.findall(r" - loss: \d", stdout))
    assert 19 <= n_trained < 2000 and stdout.endswith(f"\ninterrupted after {n_trained} of 2000 epochs\n")


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
