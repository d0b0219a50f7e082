"""common.py, beside its doctests: large numbers, what is refused, held-out sums, scores, folders never mixed."""

import itertools
import math
import os
import platform
import random
import re
import runpy
import shutil
import signal
import subprocess
import sys
import threading
from argparse import Namespace

import common

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ALPHABET = "0123456789+ "


# ---- Data


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 4), st.integers(1, 10**12), st.integers(1, 20), st.integers(0, 99))
def test_generated_data_reads_as_the_padded_sums_and_scaled_sums_come_back(n_numbers, largest, n, seed):
    X, y = common.generate_data(n, n_numbers, largest, ALPHABET, random.Random(seed))
    terms, sums = common.random_sum_pairs(n, n_numbers, largest, random.Random(seed))
    n_in, n_out = len("+".join([str(largest)] * n_numbers)), len(str(largest * n_numbers))
    assert X.dtype == y.dtype == np.float32 and sums == [sum(each) for each in terms]
    assert [common.invert_encoding(seq, ALPHABET) for seq in X] == ["+".join(map(str, t)).rjust(n_in) for t in terms]
    assert [common.invert_encoding(seq, ALPHABET) for seq in y] == [str(total).rjust(n_out) for total in sums]
    for values, scaled in zip((terms, sums), common.normalize(terms, sums, n_numbers, largest), strict=True):
        assert 0 < scaled.min() <= scaled.max() <= 1
        assert common.invert_normalization(scaled, n_numbers, largest).tolist() == values


def test_numbers_are_rounded_and_a_step_with_nan_is_no_digit():
    values = common.invert_normalization([0.0649, 0.0651, -0.0001, float("nan")], 2, 100)
    assert [f"{value:.0f}" for value in values] == ["13", "13", "0", "nan"]
    assert common.invert_encoding([[0.1, 0.9], [np.nan, np.nan], [0.9, np.nan]], "01") == "1??"


def test_updates_in_one_go_divide_those_of_an_epoch_and_long_sequences_are_not_unrolled():
    assert [common.steps_per_execution(n_steps) for n_steps in (1, 30, 97, 1000, 12345)] == [1, 10, 1, 100, 5]
    assert common.unroll(2) and not common.unroll(200)


@pytest.mark.parametrize(
    "call",
    [
        lambda: common.random_sum_pairs(1, 2, 0),
        lambda: common.normalize([[1, 11]], [12], 2, 10),
        lambda: common.normalize([[1, -1]], [0], 2, 10),
        lambda: common.normalize([[1, 2, 3]], [6], 2, 10),
        lambda: common.normalize([[1, 2]], [[3]], 2, 10),
        lambda: common.normalize([], [], 2, 10),
        lambda: common.sequence_lengths(2, 0),
        lambda: common.to_string([[1, 2]], [100], 2, 10),
        lambda: common.to_string([[1, 2, 3]], [6], 2, 10),
        lambda: common.to_string([], [], 2, 10),
        lambda: common.integer_encode(["1-2"], ["3"], ALPHABET),
        lambda: common.integer_encode(["1", "12"], ["1", "3"], ALPHABET),
        lambda: common.one_hot_encode([[0, 12]], [[1]], 12),
        lambda: common.one_hot_encode([[0]], [[-1]], 12),
        lambda: common.one_hot_encode([[True]], [[1]], 12),
        lambda: common.invert_encoding(np.zeros((2, 13)), ALPHABET),
        lambda: common.scores(["1"], []),
        lambda: common.scores([], []),
        lambda: common.hold_out(2, 1, 20, seed=1),
        lambda: common.hold_out(1, 3, 90, seed=1),
    ],
)
def test_what_the_docstrings_exclude_is_refused(call):
    with pytest.raises(ValueError):
        call()


# ---- Held-out sums


@pytest.mark.parametrize(("n_numbers", "largest"), [(1, 7), (2, 2), (2, 10), (2, 99), (3, 6), (4, 5)])
@pytest.mark.parametrize("percent", [1, 20, 50])
def test_at_least_so_many_sums_are_held_out_in_every_order(n_numbers, largest, percent):
    sums = list(itertools.product(range(1, largest + 1), repeat=n_numbers))
    is_held_out = common.hold_out(n_numbers, largest, percent, seed=3)
    held_out = {terms for terms in sums if is_held_out(list(terms))}
    assert held_out == {order for terms in held_out for order in itertools.permutations(terms)}
    # no more than needed: without the orders of one sum, it would be too few
    assert 0 <= len(held_out) - len(sums) * percent / 100 < math.factorial(n_numbers)
    X, y = common.random_sum_pairs(500, n_numbers, largest, random.Random(1), skip=is_held_out)
    assert len(X) == 500 and not held_out & set(map(tuple, X)) and y == [sum(terms) for terms in X]
    if len(sums) > 50:
        other = common.hold_out(n_numbers, largest, percent, seed=4)
        assert held_out != {terms for terms in sums if other(list(terms))}


def test_of_too_many_sums_to_list_that_share_is_held_out_and_of_none_none():
    sums, _ = common.random_sum_pairs(4000, 5, 1000, random.Random(1))
    held_out = list(map(common.hold_out(5, 1000, 20, seed=1), sums))
    assert 0.17 < np.mean(held_out) < 0.23
    assert held_out == list(map(common.hold_out(5, 1000, 20, seed=1), np.array(sums)[:, ::-1]))
    assert not any(map(common.hold_out(2, 10, 0, seed=1), itertools.product(range(1, 11), repeat=2)))


def test_up_to_10_000_sums_are_all_drawn_and_of_more_as_many_as_are_asked_for():
    X, y = common.sums_to_draw(2, 100, None)
    assert X == [[a, b] for a in range(1, 101) for b in range(1, 101)] and y == [a + b for a, b in X]
    assert common.sums_to_draw(2, 3, None, 1, skip=lambda terms: terms[0] < 3)[0] == [[3, 1], [3, 2], [3, 3]]
    for n in (10_000, 7):
        X, _ = common.sums_to_draw(2, 101, random.Random(1), n, skip=lambda terms: terms[0] > 50)
        assert len(X) == n and max(X)[0] <= 50
    assert len(common.sums_to_draw(3, 22, random.Random(1))[0]) == 10_000


# ---- Scores and picture


@pytest.mark.parametrize(
    ("expected", "predicted", "rmse", "n_exact", "n_numbers"),
    [
        (["13", " 9"], ["12", "10"], 1, 0, 2),  # errors of both signs
        (["13", " 9", "11", "11"], ["13", "+9", " 9", "1 "], (104 / 3) ** 0.5, 1, 3),
        (["13"], ["  "], np.nan, 0, 0),
        ([" -9", "12"], [" -7", "12"], 2**0.5, 1, 2),
        ([13, 10**15], np.array([11.0, np.nan]), 2, 0, 1),
    ],
)
def test_scores_and_report_leave_what_is_no_number_out_of_the_rmse(expected, predicted, rmse, n_exact, n_numbers):
    scores = common.scores(expected, predicted)
    assert scores[1:] == (n_exact, n_numbers, len(expected)) and scores.rmse == pytest.approx(rmse, nan_ok=True)
    first, second, *rows = common.report(expected, predicted).splitlines()
    assert re.findall(r"(\d+) predictions", first) == [str(n_numbers)] * (n_numbers < len(expected))
    assert f"{n_exact} of {len(expected)} " in second and len(rows) == len(expected)


def test_the_picture_shows_predicted_minus_expected():
    class TooLittle:
        """Predicts 0.75 less than the sum, and 0.25 less where the first number is 1."""

        input_shape = (None, 2)

        def predict(self, X, **kwargs):
            return X.sum(axis=1, keepdims=True) - np.where(X[:, :1] < 1.5 / 20, 0.25, 0.75) / 20

    figure = common.error_picture("It", TooLittle(), Namespace(n_numbers=2, largest=10, seed=1), random.Random(1))
    sums, errors = figure.axes[0].lines[0].get_data()
    assert list(sums) == [a + b for a in range(1, 11) for b in range(1, 11)]
    assert errors == pytest.approx([-0.25] * 10 + [-0.75] * 90)
    assert "10.0% of 100 " in figure.axes[0].get_title()


# ---- Folders


def save(outputs, text, *names):
    with common.run_folder(outputs, "run") as folder:
        for name in names:
            (folder / name).write_text(text)


def found(outputs):
    return {str(path.relative_to(outputs)): path.read_text() for path in outputs.rglob("*") if path.is_file()}


def test_a_run_replaces_the_one_before_whole_and_an_error_changes_nothing(tmp_path):
    save(tmp_path, "old", "a", "b")
    assert found(tmp_path) == {"run/a": "old", "run/b": "old"}
    for error in (OSError, KeyboardInterrupt):
        with pytest.raises(error), common.run_folder(tmp_path, "run") as folder:
            (folder / "a").write_text("new")
            raise error
        assert found(tmp_path) == {"run/a": "old", "run/b": "old"}
    with common.run_folder(tmp_path, "run") as folder:
        save(tmp_path, "first", "a")  # another run, which ends before
        (folder / "c").write_text("last")
    assert found(tmp_path) == {"run/c": "last"} and os.listdir(tmp_path) == ["run"]


@pytest.mark.parametrize("is_folder", [True, False])
def test_a_link_or_a_file_in_its_place_is_replaced_and_not_followed(tmp_path, is_folder):
    mine, outputs = tmp_path / "mine", tmp_path / "outputs"
    outputs.mkdir()
    mine.mkdir()
    (mine / "a").write_text("mine")
    (outputs / "run").symlink_to(mine if is_folder else mine / "a")
    save(outputs, "new", "a")
    assert found(tmp_path) == {"mine/a": "mine", "outputs/run/a": "new"} and os.listdir(outputs) == ["run"]
    save(outputs, "newer", "b")
    assert found(outputs) == {"run/b": "newer"}


def test_runs_at_once_are_never_mixed_and_none_fails(tmp_path):
    start, errors = threading.Barrier(3), []

    def run(text):
        for i in range(60):
            start.wait()
            try:
                save(tmp_path, f"{text} {i}", "a", "b", text)
            except BaseException as error:
                errors.append(error)
            start.wait()

    threads = [threading.Thread(target=run, args=(text,)) for text in ("one", "two")]
    for thread in threads:
        thread.start()
    for i in range(60):
        start.wait()
        start.wait()
        text = (tmp_path / "run" / "a").read_text()
        who = text.partition(" ")[0]
        assert found(tmp_path) == {f"run/{name}": f"{who} {i}" for name in ("a", "b", who)}
        assert os.listdir(tmp_path) == ["run"]
    for thread in threads:
        thread.join()
    assert errors == []


# ---- The end of a script, and its start


def interrupt():
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("main", "status", "stderr"),
    [
        (lambda: 2, 2, ""),
        (interrupt, 130, ""),
        (lambda: open("/missing/file"), 1, "error: .*No such file or directory.*\n"),
    ],
)
def test_a_script_ends_with_its_status_and_no_traceback_even_without_stdout(capsys, monkeypatch, main, status, stderr):
    with pytest.raises(SystemExit) as end:
        common.run(main)
    assert end.value.code == status and re.fullmatch(stderr, capsys.readouterr().err)
    monkeypatch.setattr(sys, "stdout", None)  # closed, as by >&-
    with pytest.raises(SystemExit, match=str(status)):
        common.run(main)


def test_sigterm_leaves_nothing_unfinished(tmp_path):
    def main():
        with common.run_folder(tmp_path, "run"):
            os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit, match="143"):
        common.run(main)
    signal.signal(signal.SIGTERM, before)
    assert os.listdir(tmp_path) == []


def test_figures_do_not_depend_on_the_precision_that_is_set_for_keras():
    keras.config.set_floatx("float16")
    runpy.run_path(common.__file__)
    assert keras.config.floatx() == "float32"


def test_ctrl_c_ends_a_training_after_the_first_epoch_and_before_it_the_script():
    for epochs in ([], None):
        model = Namespace() if epochs is None else Namespace(history=Namespace(epoch=epochs))
        with pytest.raises(KeyboardInterrupt), common.interruptible(model):
            interrupt()
    with common.interruptible(Namespace(history=Namespace(epoch=[0]))):
        interrupt()
    with pytest.raises(OSError), common.interruptible(Namespace(history=Namespace(epoch=[0]))):
        raise OSError


def test_what_is_written_to_stderr_in_the_import_of_keras_is_shown_if_it_fails(tmp_path):
    """By a module of this name, which writes as TensorFlow does: to the file, not to Python's sys.stderr."""
    names = "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OPENBLAS_NUM_THREADS", "ONEDNN_MAX_CPU_ISA"
    code = f"import os\nos.write(2, b'noise')\nraise ImportError(''.join(map(os.environ.get, {names})))"
    (tmp_path / "keras.py").write_text(code, encoding="utf-8")
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = [{str(tmp_path)!r}]; import common"]
    for already, values in ({}, "111AVX2"), ({"TF_NUM_INTRAOP_THREADS": "3"}, "311AVX2"):
        env = {name: value for name, value in os.environ.items() if name not in names} | already
        done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=os.path.dirname(common.__file__))
        assert "noise" in done.stderr and done.stderr.endswith(f"ImportError: {values}\n")


TRAINED = """
import hashlib, random, common, seq2seq_sum, keras, numpy as np
from extensions.any_length import text_arithmetic
keras.utils.set_random_seed(1)
X, y = common.generate_data(200, 2, 10, seq2seq_sum.ALPHABET, random.Random(1))
model = seq2seq_sum.build_model(5, 2, 12)
model.compile("adam", "categorical_crossentropy")
model.fit(X, y, batch_size=10, shuffle=False, verbose=0)
states, step = np.zeros((64, 32), dtype=np.float32), text_arithmetic.make_step(text_arithmetic.build_reader(7), 0)
for _ in range(20):
    states, _ = step(states, np.arange(64))
print(hashlib.md5(b"".join(array.tobytes() for array in [*model.get_weights(), states])).hexdigest())
"""


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("qemu-x86_64"), reason="another processor is emulated by QEMU, which is not here")
@pytest.mark.skipif(platform.machine() != "x86_64", reason="the figures are the same on all x86-64 processors")
def test_another_processor_ends_with_the_same_weights_to_the_last_bit():
    """An AMD of 2019 and an Intel of 2013, emulated, and this one. Without what common.py sets, they may differ."""
    here = [sys.executable, "-c", TRAINED]
    emulated = [["qemu-x86_64", "-cpu", name, *here] for name in ("EPYC-Rome-v2", "Haswell-v4")]
    folder = os.path.dirname(common.__file__)
    ended = [subprocess.run(one, capture_output=True, text=True, check=True, cwd=folder) for one in [here, *emulated]]
    assert len({one.stdout for one in ended}) == 1 and len(ended[0].stdout) == 33
