"""The three scripts, run as a user runs them: `main` with arguments, and from the shell where the shell matters."""

import contextlib
import importlib
import io
import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import common
import mlp_sum
import seq2seq_sum

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
    assert sorted(os.listdir(tmp_path)) == [f"{name}.keras", f"{name}.png", f"{name}.txt"]


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


# ---- Bad input


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize(
    ("argument", "value", "allowed"),
    [
        ("--largest", "0", "a whole number from 1 to 1000000000000"),
        ("--largest", str(10**16), "a whole number from 1 to 1000000000000"),
        ("--n-numbers", "0", "a whole number from 1 to 1000"),
        ("--n-epoch", "-1", "a whole number from 1 to 10"),
        ("--n-batch", "0", "a whole number from 1 to 10"),
        ("--n-examples", "0", "a whole number from 1 to 10"),
        ("--n-examples", "1.5", "a whole number from 1 to 10"),
        ("--learning-rate", "0", "a number from 1e-09 to 10.0"),
        ("--learning-rate", "nan", "a number from 1e-09 to 10.0"),
        ("--seed", "x", "a whole number from 0 to 4294967295"),
    ],
)
def test_a_bad_value_is_one_line(tmp_path, capsys, name, argument, value, allowed):
    with pytest.raises(SystemExit) as error:
        run(name, f"{argument}={value}", outputs=tmp_path / "not_made")
    shown = capsys.readouterr()
    assert (error.value.code, shown.out) == (2, "")
    assert re.fullmatch(rf".*: error: argument {argument}: '{value}' is not {allowed}.*\n", shown.err)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize(
    "arguments",
    [("--n-examples", "1000000000"), ("--n-epoch", "99999999"), ("--n-numbers", "1000", "--largest", str(10**12))],
)
def test_what_does_not_fit_into_memory_is_refused_before_it_is_drawn(tmp_path, capsys, name, arguments):
    with pytest.raises(SystemExit) as error:
        run(name, *arguments, outputs=tmp_path)
    assert error.value.code == 2
    shown = capsys.readouterr().err
    assert re.fullmatch(r".*: error: argument --n-examples, .*: that takes \d+ GiB; allowed are 8\n", shown)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_an_epoch_of_broken_batches_is_refused_in_one_line(tmp_path, capsys, name):
    with pytest.raises(SystemExit) as error:
        run(name, "--n-examples", "7", "--n-batch", "3", outputs=tmp_path)
    assert error.value.code == 2
    shown = capsys.readouterr().err
    assert re.fullmatch(r".*: error: argument --n-examples: 7 is not a multiple of --n-batch, 3\n", shown)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("folder", ["file", "file/below", "/proc/cannot_be_made"])
def test_a_bad_folder_is_one_line(tmp_path, capsys, folder):
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit) as error:
        run("mlp_sum", outputs=tmp_path / folder)
    shown = capsys.readouterr()
    assert (error.value.code, shown.out) == (2, "")
    assert re.fullmatch(rf".*: error: argument --outputs: .*{folder}' is not a folder that can .*\n", shown.err)
    assert os.listdir(tmp_path) == ["file"]
    assert (tmp_path / "file").read_text() == ""


@pytest.mark.parametrize("name", SCRIPTS)
def test_help_shows_the_arguments_and_their_defaults(capsys, name):
    with pytest.raises(SystemExit) as error:
        importlib.import_module(name).main(["--help"])
    assert error.value.code == 0
    shown = capsys.readouterr().out
    assert len(re.findall(r"\(default:\s", shown)) == 8
    for argument in ("n-examples", "n-numbers", "largest", "n-batch", "n-epoch", "learning-rate", "seed", "outputs"):
        assert f"--{argument} " in shown


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
    assert sorted(os.listdir(tmp_path)) == ["seq2seq_sum.keras", "seq2seq_sum.png", "seq2seq_sum.txt"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_ctrl_c_in_the_first_epoch_is_reported_too(tmp_path, monkeypatch, name):
    def interrupt(self, logs=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(keras.callbacks.History, "on_train_begin", interrupt)
    status, stdout = run(name, outputs=tmp_path)
    assert status == 130
    assert stdout.endswith(f"\ninterrupted after 0 of {N_EPOCH[name]} epochs\n")
    assert sorted(os.listdir(tmp_path)) == [f"{name}.keras", f"{name}.png", f"{name}.txt"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_second_ctrl_c_ends_at_once_in_one_line(tmp_path, monkeypatch, capsys, name):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(keras.Model, "fit", interrupt)
    monkeypatch.setattr(keras.Model, "predict", interrupt)
    monkeypatch.setattr(keras.Model, "predict_on_batch", interrupt)
    with pytest.raises(SystemExit) as end:
        common.run(lambda: importlib.import_module(name).main(["--outputs", str(tmp_path)]))
    assert end.value.code == 130
    assert capsys.readouterr().out.endswith("\nInterrupted.\n")
    assert os.listdir(tmp_path) == []


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
