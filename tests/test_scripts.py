"""The three scripts, run as a user runs them: from the shell, in another folder."""

import importlib
import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ("lstm_sum_naive", "mlp_sum", "seq2seq_sum")
EXPECTED = {  # the article's rows
    "lstm_sum_naive": "110 122 104 103 163 100 56 61 109 129 98 60 66 63 84 148 96 33 75 64".split(),
    "mlp_sum": "108 143 109 16 152 59 95 113 90 104 123 92 150 136 130 76 112 129 171 127".split(),
    "seq2seq_sum": "13 13 13 9 11 18 15 14 6 15 9 10 8 14 14 19 4 13 9 12".split(),
}
SMALL = ("--n-examples", "20", "--n-epoch", "2")


def run(name, *arguments, outputs, **environment):
    """Run a script in the folder `outputs`, which is not the project's."""
    return subprocess.run(
        [sys.executable, str(ROOT / f"{name}.py"), *arguments, "--outputs", str(outputs)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=outputs if outputs.is_dir() else ROOT,
        env=os.environ | environment,
    )


def rows(text):
    """Read the expected and the predicted column of a script's rows."""
    pairs = re.findall(r"(?m)^Expected= *(\d+), Predicted= *(.*) \(err=(?:-?\d+|nan)\)$", text)
    return [list(column) for column in zip(*pairs, strict=True)]


def without_progress(stdout):
    return re.sub(r"(?m)^(Epoch \d+/\d+|\d+/\d+ - .*)\n", "", stdout)


@pytest.fixture(scope="module")
def default_runs(tmp_path_factory):
    outputs = tmp_path_factory.mktemp("outputs")
    return outputs, {name: run(name, outputs=outputs) for name in SCRIPTS}


@pytest.mark.parametrize("name", SCRIPTS)
def test_defaults_print_the_articles_rows(default_runs, name):
    outputs, done = default_runs
    stdout = done[name].stdout
    assert done[name].returncode == 0, done[name].stderr
    assert rows(stdout)[0] == EXPECTED[name]
    # Keras's progress: the loss of each epoch.
    n_epoch = {"lstm_sum_naive": 100, "mlp_sum": 50, "seq2seq_sum": 30}[name]
    assert len(re.findall(r" - loss: \d", stdout)) == n_epoch
    assert f"Epoch {n_epoch}/{n_epoch}" in stdout
    # The transcript is what was printed, without the progress.
    assert (outputs / f"{name}.txt").read_text(encoding="utf-8") == without_progress(stdout)
    assert (outputs / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_defaults_do_as_well_as_the_article(default_runs):
    stdout = {name: done.stdout for name, done in default_runs[1].items()}
    assert float(re.search(r"RMSE: (\S+)", stdout["lstm_sum_naive"])[1]) < 0.57
    assert "RMSE: 0.000000\nExact: 100 of 100 (100.00 %)" in stdout["mlp_sum"]
    assert rows(stdout["mlp_sum"])[1] == EXPECTED["mlp_sum"]
    assert rows(stdout["seq2seq_sum"])[1] == EXPECTED["seq2seq_sum"]
    assert int(re.search(r"Exact: (\d+) of 1000", stdout["seq2seq_sum"])[1]) >= 990


def test_defaults_warn_of_nothing(default_runs):
    # Python's warnings name their class; the start-up lines that TensorFlow logs to stderr itself do not.
    for done in default_runs[1].values():
        assert not re.search(r"\wWarning:", done.stdout + done.stderr)


@pytest.mark.parametrize("name", SCRIPTS)
def test_committed_transcripts_show_the_articles_rows(name):
    assert rows((ROOT / "outputs" / f"{name}.txt").read_text(encoding="utf-8"))[0] == EXPECTED[name]


def test_the_saved_model_is_the_one_that_was_evaluated(default_runs):
    import keras

    import common
    from seq2seq_sum import ALPHABET

    outputs, done = default_runs
    model = keras.saving.load_model(outputs / "seq2seq_sum.keras")
    texts = [f"{a}+{b}".rjust(5) for a in range(1, 11) for b in range(1, 11)]
    X, _ = common.one_hot_encode(*common.integer_encode(texts, ["0"], ALPHABET), 12)
    answers = [int(common.invert_encoding(seq, ALPHABET)) for seq in model.predict(X, verbose=0)]
    exact = sum(a + b == answers.pop(0) for a in range(1, 11) for b in range(1, 11))
    assert exact >= 97


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_same_seed_prints_the_same(tmp_path, name):
    first, again = (run(name, "--n-epoch", "5", "--seed", "3", outputs=tmp_path) for _ in range(2))
    assert first.returncode == 0, first.stderr
    assert without_progress(first.stdout) == without_progress(again.stdout)
    assert rows(first.stdout)[0] != EXPECTED[name]


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize(
    ("arguments", "n_rows"),
    [
        (("--n-numbers", "3", "--largest", "250"), 20),
        (("--n-numbers", "1"), 20),
        (("--n-examples", "7", "--n-batch", "3"), 7),  # a last batch that is not full; fewer than 20 rows
        (("--n-examples", "30", "--n-batch", "1000", "--largest", str(10**30)), 20),
    ],
)
def test_other_values_work(tmp_path, capsys, name, arguments, n_rows):
    status = importlib.import_module(name).main([*SMALL, *arguments, "--outputs", str(tmp_path)])
    assert status == 0
    assert len(rows(capsys.readouterr().out)[0]) == n_rows
    assert sorted(os.listdir(tmp_path)) == [f"{name}.keras", f"{name}.png", f"{name}.txt"]


def test_batches_and_updates_are_the_articles():
    """Count the updates, for batches that fill the epoch and for some that do not."""
    import keras
    import numpy as np

    import common

    for n_examples, n_batch in ((6, 2), (7, 3), (5, 100), (101, 1)):
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile(loss="mse", optimizer="sgd", steps_per_execution=common.steps_per_execution(n_examples, n_batch))
        history, interrupted = common.train(model, lambda n: (np.ones((n, 1)), np.ones(n)), n_examples, n_batch, 3)
        assert int(model.optimizer.iterations) == 3 * -(-n_examples // n_batch)
        assert len(history["loss"]) == 3
        assert interrupted == ""


def test_training_in_one_call_ends_with_the_weights_of_a_call_for_each_epoch():
    import keras
    import numpy as np

    import common
    import mlp_sum

    ends = []
    for n_batch, one_call in ((2, True), (2, False), (3, True), (3, False)):
        rng = common.set_seed(7)

        def draw(n, rng=rng):
            return common.normalize(*common.random_sum_pairs(n, 2, 100, rng), 2, 100)

        if one_call:
            model = mlp_sum.build_model(2, steps_per_execution=common.steps_per_execution(10, n_batch))
            common.train(model, draw, 10, n_batch, 4)
        else:
            model = mlp_sum.build_model(2)
            for _ in range(4):
                model.fit(*draw(10), batch_size=n_batch, verbose=0, shuffle=False)
        ends.append(np.concatenate([weights.ravel() for weights in model.get_weights()]))
        keras.utils.clear_session()
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(ends[2], ends[3], rtol=1e-4, atol=1e-6)
    assert not np.allclose(ends[0], ends[2], rtol=1e-4, atol=1e-6)


# ---- Bad input


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize(
    ("argument", "value", "allowed"),
    [
        ("--largest", "0", "a whole number from 1 to 10"),
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
def test_a_bad_value_is_one_line(tmp_path, name, argument, value, allowed):
    done = run(name, f"{argument}={value}", outputs=tmp_path / "not_made")
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.fullmatch(rf"{name}\.py: error: argument {argument}: '{value}' is not {allowed}.*\n", done.stderr)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("folder", ["file", "file/below", "/proc/cannot_be_made"])
def test_a_bad_folder_is_one_line(tmp_path, name, folder):
    (tmp_path / "file").write_text("")
    done = run(name, outputs=tmp_path / folder)
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.fullmatch(
        rf"{name}\.py: error: argument --outputs: .*{folder}' is not a folder that can .*\n", done.stderr
    )
    assert os.listdir(tmp_path) == ["file"]
    assert (tmp_path / "file").read_text() == ""


@pytest.mark.parametrize("name", SCRIPTS)
def test_help_shows_the_arguments_and_their_defaults(tmp_path, name):
    done = run(name, "--help", outputs=tmp_path)
    assert done.returncode == 0
    for argument in ("n-examples", "n-numbers", "largest", "n-batch", "n-epoch", "learning-rate", "seed", "outputs"):
        assert re.search(rf"--{argument} \w+\s[^-]*\(default: ", done.stdout)


# ---- Interruption


def interrupt(name, outputs, after, arguments=("--n-epoch", "100000")):
    """Start a script, send it SIGINT once it has printed `after`, and return its status and what it printed."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / f"{name}.py"), *arguments, "--outputs", str(outputs)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith(after):
            process.send_signal(signal.SIGINT)
    return process.wait(), "".join(lines)


@pytest.mark.parametrize(("name", "after"), list(zip(SCRIPTS, ("Epoch 1/", "Epoch 3/", "Epoch 110/"), strict=True)))
def test_an_interrupted_run_loses_nothing(tmp_path, name, after):
    status, stdout = interrupt(name, tmp_path, after)
    assert status == 130
    n_trained = len(re.findall(r" - loss: \d", stdout))
    assert n_trained >= int(re.search(r"\d+", after)[0])
    assert re.search(rf"(?m)^interrupted after epoch {n_trained} of 100000\nRMSE: ", stdout)
    assert len(rows(stdout)[0]) == 20
    assert (tmp_path / f"{name}.txt").read_text(encoding="utf-8") == without_progress(stdout)
    assert sorted(os.listdir(tmp_path)) == [f"{name}.keras", f"{name}.png", f"{name}.txt"]


# ---- Other backends, memory


def test_the_jax_backend_does_as_well(tmp_path):
    pytest.importorskip("jax", reason="KERAS_BACKEND=jax is tried where jax is installed: pip install jax")
    done = run("seq2seq_sum", outputs=tmp_path, KERAS_BACKEND="jax")
    assert done.returncode == 0, done.stderr
    assert rows(done.stdout)[0] == EXPECTED["seq2seq_sum"]
    assert int(re.search(r"Exact: (\d+) of 1000", done.stdout)[1]) >= 970


@pytest.mark.slow
def test_a_million_examples_stay_below_two_gigabytes(tmp_path):
    done = run("seq2seq_sum", "--n-epoch", "1000", outputs=tmp_path)
    assert done.returncode == 0, done.stderr
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 2 * 2**20  # KiB
