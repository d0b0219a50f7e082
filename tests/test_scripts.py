"""The three scripts, run as a user runs them: `main` with arguments, and from the shell where the shell matters."""

import contextlib
import importlib
import io
import json
import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path

import common
import mlp_sum
import seq2seq_sum

import keras
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ("lstm_sum_naive", "mlp_sum", "seq2seq_sum")
N_EPOCH = {"lstm_sum_naive": 100, "mlp_sum": 50, "seq2seq_sum": 30}
EXPECTED = {  # the article's rows
    "lstm_sum_naive": "110 122 104 103 163 100 56 61 109 129 98 60 66 63 84 148 96 33 75 64".split(),
    "mlp_sum": "108 143 109 16 152 59 95 113 90 104 123 92 150 136 130 76 112 129 171 127".split(),
    "seq2seq_sum": "13 13 13 9 11 18 15 14 6 15 9 10 8 14 14 19 4 13 9 12".split(),
}


def run(name, *arguments, outputs):
    """Run a script's main here; return its status and what it printed."""
    with contextlib.redirect_stdout(io.StringIO()) as stdout:
        status = importlib.import_module(name).main([*arguments, "--outputs", str(outputs)])
    return status, stdout.getvalue()


def files_of(name):
    return [f"{name}.{ending}" for ending in ("json", "keras", "png", "txt")]


def rows(text):
    """Read the expected and the predicted column of a script's rows."""
    pairs = re.findall(r"(?m)^Expected= *(\d+), Predicted= *(.*) \(err=(?:-?\d+|nan)\)$", text)
    return [list(column) for column in zip(*pairs, strict=True)]


@pytest.fixture(scope="module")
def default_runs(tmp_path_factory):
    outputs = tmp_path_factory.mktemp("outputs")
    return outputs, {name: run(name, outputs=outputs)[1] for name in SCRIPTS}


@pytest.mark.parametrize("name", SCRIPTS)
def test_defaults_print_the_articles_rows(default_runs, name):
    outputs, stdout = default_runs[0], default_runs[1][name]
    assert rows(stdout)[0] == EXPECTED[name]
    # Keras's progress: the loss of each epoch.
    assert len(re.findall(r" - loss: \d", stdout)) == N_EPOCH[name]
    assert f"Epoch {N_EPOCH[name]}/{N_EPOCH[name]}" in stdout
    settings, _, result = (outputs / f"{name}.txt").read_text(encoding="utf-8").partition("\n")
    assert settings.startswith("n_examples=") and stdout.endswith(result)
    assert (outputs / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    figures = json.loads((outputs / f"{name}.json").read_text(encoding="utf-8"))
    assert (figures["settings"], figures["n_finished"]) == (settings, N_EPOCH[name])
    assert f"RMSE: {figures['rmse']:f}\nExact: {figures['n_exact']} of {figures['n']} " in result


def test_defaults_do_as_well_as_the_article(default_runs):
    stdout = default_runs[1]
    assert float(re.search(r"RMSE: (\S+)", stdout["lstm_sum_naive"])[1]) < 0.57
    assert "RMSE: 0.000000\nExact: 100 of 100 (100.00 %)" in stdout["mlp_sum"]
    assert rows(stdout["mlp_sum"])[1] == EXPECTED["mlp_sum"]
    assert rows(stdout["seq2seq_sum"])[1] == EXPECTED["seq2seq_sum"]
    assert int(re.search(r"Exact: (\d+) of 1000", stdout["seq2seq_sum"])[1]) >= 990


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_references_show_the_articles_rows(name):
    text = (ROOT / "outputs" / "reference" / f"{name}.txt").read_text(encoding="utf-8")
    assert rows(text)[0] == EXPECTED[name]


def test_the_saved_model_is_the_one_that_was_evaluated(default_runs):
    model = keras.saving.load_model(default_runs[0] / "seq2seq_sum.keras")
    X, sums = common.sums_to_draw(2, 10, None)
    texts = common.to_string(X, sums, 2, 10)
    X, _ = common.one_hot_encode(*common.integer_encode(*texts, seq2seq_sum.ALPHABET), 12)
    answers = [common.invert_encoding(seq, seq2seq_sum.ALPHABET) for seq in model.predict(X, verbose=0)]
    assert sum(int(answer) == total for answer, total in zip(answers, sums, strict=True)) >= 97


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_same_seed_prints_the_same(tmp_path, name):
    first, again = (run(name, "--n-epoch", "3", "--seed", "3", outputs=tmp_path)[1] for _ in range(2))
    first, again = (stdout[stdout.index("RMSE: ") :] for stdout in (first, again))
    assert first == again
    assert rows(first)[0] != EXPECTED[name]


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize(
    ("arguments", "n_rows"),
    [
        (("--n-numbers", "3", "--largest", "250", "--n-examples", "20"), 20),
        (("--n-numbers", "1", "--n-examples", "20"), 20),
        (("--n-examples", "9", "--n-batch", "3"), 9),  # fewer than 20 rows
        (("--n-examples", "30", "--n-batch", "30", "--largest", str(10**12)), 20),
    ],
)
def test_other_values_work(tmp_path, eager, name, arguments, n_rows):
    status, stdout = run(name, "--n-epoch", "2", *arguments, outputs=tmp_path)
    assert status == 0
    assert len(rows(stdout)[0]) == n_rows
    assert sorted(os.listdir(tmp_path)) == files_of(name)


def test_what_is_expected_is_the_sum_however_large(tmp_path):
    import random

    arguments = ("--largest", str(10**12), "--n-numbers", "100", "--n-examples", "20", "--n-epoch", "1")
    _, stdout = run("mlp_sum", *arguments, "--n-batch", "20", outputs=tmp_path)
    _, sums = common.random_sum_pairs(40, 100, 10**12, random.Random(1))
    assert rows(stdout)[0] == [str(total) for total in sums[20:]]


def test_a_long_sequence_is_not_unrolled():
    assert common.unroll(2) and not common.unroll(200)


@pytest.mark.parametrize("n_batch", [2, 3])
def test_one_call_ends_with_the_weights_of_a_call_for_each_epoch(n_batch):
    import random

    X, y = common.random_sum_pairs(4 * 12, 2, 100, random.Random(7))
    X, y = common.normalize(X, y, 2, 100)
    n_steps = 12 // n_batch
    ends = []
    for one_call in (True, False):
        keras.utils.set_random_seed(7)
        model = mlp_sum.build_model(2)
        steps = common.steps_per_execution(n_steps) if one_call else 1
        model.compile("adam", loss="mean_squared_error", steps_per_execution=steps)
        if one_call:
            model.fit(X, y, batch_size=n_batch, epochs=4, steps_per_epoch=n_steps, shuffle=False, verbose=0)
        else:
            for i in range(0, 48, 12):
                model.fit(X[i : i + 12], y[i : i + 12], batch_size=n_batch, shuffle=False, verbose=0)
        assert int(model.optimizer.iterations) == 4 * n_steps
        ends.append(np.concatenate([weights.ravel() for weights in model.get_weights()]))
    np.testing.assert_allclose(*ends, rtol=1e-4, atol=1e-6)


# ---- The shell: standard output and errors, Ctrl-C, the committed files


def start(name, *arguments, outputs):
    return subprocess.Popen(
        [sys.executable, str(ROOT / f"{name}.py"), *arguments, "--outputs", str(outputs)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=outputs,
    )


def test_an_interrupted_run_in_another_folder_loses_nothing_and_warns_of_nothing(tmp_path):
    process = start("seq2seq_sum", "--n-epoch", "1000", "--n-examples", "100", outputs=tmp_path)
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
    assert 19 <= n_trained < 1000
    transcript = (tmp_path / "seq2seq_sum.txt").read_text(encoding="utf-8")
    assert stdout.endswith(f"\ninterrupted after {n_trained} of 1000 epochs\n")
    assert re.search(rf"(?m)^interrupted after {n_trained} of 1000 epochs\nRMSE: ", transcript)
    assert len(rows(transcript)[0]) == 20
    assert sorted(os.listdir(tmp_path)) == files_of("seq2seq_sum")


@pytest.mark.parametrize("name", SCRIPTS)
def test_ctrl_c_in_the_first_epoch_saves_nothing(tmp_path, monkeypatch, name):
    def interrupt(self, logs=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(keras.callbacks.History, "on_train_begin", interrupt)
    (tmp_path / f"{name}.txt").write_text("a good run")
    with pytest.raises(KeyboardInterrupt):
        run(name, outputs=tmp_path)
    assert os.listdir(tmp_path) == [f"{name}.txt"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_ctrl_c_after_the_training_keeps_the_model(tmp_path, monkeypatch, capsys, eager, name):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    (tmp_path / f"{name}.txt").write_text("of another model")
    monkeypatch.setattr(keras.Model, "predict", interrupt)
    monkeypatch.setattr(keras.Model, "predict_on_batch", interrupt)
    with pytest.raises(SystemExit) as end:
        tiny = ["--n-examples", "6", "--n-batch", "6", "--n-epoch", "1", "--outputs", str(tmp_path)]
        common.run(lambda: importlib.import_module(name).main(tiny))
    assert end.value.code == 130
    assert capsys.readouterr().out.endswith("\nInterrupted.\n")
    assert os.listdir(tmp_path) == [f"{name}.keras"]
    assert keras.saving.load_model(tmp_path / f"{name}.keras", compile=False).count_params() > 0


# ---- Other backends, memory


@pytest.mark.slow
@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_other_backends_do_as_well(tmp_path, name, backend):
    pytest.importorskip(backend, reason=f"tried where {backend} is installed: pip install {backend}")
    done = subprocess.run(
        [sys.executable, str(ROOT / f"{name}.py"), "--outputs", str(tmp_path)],
        capture_output=True,
        text=True,
        env=os.environ | {"KERAS_BACKEND": backend},
    )
    assert done.returncode == 0, done.stderr
    assert rows(done.stdout)[0] == EXPECTED[name]
    assert float(re.search(r"RMSE: (\S+)", done.stdout)[1]) < 1


@pytest.mark.slow
def test_a_million_examples_stay_below_two_gigabytes(tmp_path):
    process = start("seq2seq_sum", "--n-epoch", "1000", outputs=tmp_path)
    process.communicate()
    assert process.returncode == 0
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 2 * 2**20  # KiB
