"""common.py: the article's figures, properties, what is refused, scores, the picture, files that are never mixed."""

import os
import random
import re
import signal
import subprocess
import sys
import threading
from argparse import Namespace

import common

import numpy as np
import pytest

ALPHABET = "0123456789+ "


# ---- The article's figures


def test_first_pairs_of_the_article():
    X, y = common.random_sum_pairs(100, 2, 100, random.Random(1))
    assert len(X) == len(y) == 100
    assert X[-7:] == [[2, 97], [97, 36], [32, 35], [15, 80], [24, 45], [38, 9], [22, 21]]
    assert y[-7:] == [99, 133, 67, 95, 69, 47, 43]


def test_worked_example_of_the_article():
    X, y = common.random_sum_pairs(1, 2, 10, random.Random(1))
    assert (X, y) == ([[3, 10]], [13])
    X, y = common.to_string(X, y, 2, 10)
    assert (X, y) == ([" 3+10"], ["13"])
    X, y = common.integer_encode(X, y, ALPHABET)
    assert (X.tolist(), y.tolist()) == ([[11, 3, 10, 1, 0]], [[1, 3]])
    X, y = common.one_hot_encode(X, y, 12)
    assert X.shape == (1, 5, 12)
    assert y.shape == (1, 2, 12)
    assert common.invert_encoding(X[0], ALPHABET) == " 3+10"
    assert common.invert_encoding(y[0], list(ALPHABET)) == "13"


# ---- Properties


@pytest.mark.parametrize("n_numbers", [1, 2, 5])
@pytest.mark.parametrize("largest", [1, 9, 10, 33, 99, 100, 2**63, 10**18 - 1, 10**30])
def test_encoding_inverts_to_the_same_text(n_numbers, largest):
    pairs = common.random_sum_pairs(20, n_numbers, largest, random.Random(largest))
    texts = common.to_string(*pairs, n_numbers, largest)
    encoded = common.one_hot_encode(*common.integer_encode(*texts, ALPHABET), len(ALPHABET))
    widest = "+".join([str(largest)] * n_numbers)
    for side, array, width in zip(texts, encoded, (len(widest), len(str(largest * n_numbers))), strict=True):
        assert array.shape == (20, width, 12)
        assert [common.invert_encoding(seq, ALPHABET) for seq in array] == side
    for terms, total, text, answer in zip(*pairs, *texts, strict=True):
        assert [int(term) for term in text.split("+")] == terms
        assert int(answer) == total == sum(terms)


def test_generate_data_is_the_four_steps_in_a_row():
    X, y = common.generate_data(50, 3, 33, ALPHABET, random.Random(5))
    texts = common.to_string(*common.random_sum_pairs(50, 3, 33, random.Random(5)), 3, 33)
    assert X.dtype == y.dtype == np.float32
    assert [common.invert_encoding(seq, ALPHABET) for seq in X] == texts[0]
    assert [common.invert_encoding(seq, ALPHABET) for seq in y] == texts[1]


@pytest.mark.parametrize(("n_numbers", "largest"), [(1, 1), (2, 100), (5, 12345)])
def test_normalization_inverts_to_the_same_numbers(n_numbers, largest):
    X, y = common.random_sum_pairs(30, n_numbers, largest, random.Random(2))
    scaled_X, scaled_y = common.normalize(X, y, n_numbers, largest)
    assert scaled_X.shape == (30, n_numbers)
    assert scaled_y.shape == (30,)
    assert 0 < scaled_X.min() and scaled_y.max() <= 1
    np.testing.assert_allclose(scaled_X.sum(axis=1), scaled_y)
    for values, inverse in ((X, scaled_X), (y, scaled_y), (y, scaled_y.astype("float32"))):
        assert common.invert_normalization(inverse, n_numbers, largest).tolist() == values
    assert common.invert_normalization(float(scaled_y[0]), n_numbers, largest) == y[0]


def test_invert_normalization_rounds_and_keeps_nan():
    values = common.invert_normalization([0.0649, 0.0651, -0.0001, float("nan")], 2, 100)
    assert [f"{value:.0f}" for value in values] == ["13", "13", "0", "nan"]


def test_a_step_with_nan_is_no_digit():
    assert common.invert_encoding([[0.1, 0.9], [np.nan, np.nan], [0.9, np.nan]], "01") == "1??"


def test_steps_per_execution_divides_the_updates_of_an_epoch():
    assert [common.steps_per_execution(n_steps) for n_steps in (1, 30, 97, 1000, 12345)] == [1, 10, 1, 100, 5]


def test_a_long_sequence_is_not_unrolled():
    assert common.unroll(2) and not common.unroll(200)


# ---- What is refused, by name


@pytest.mark.parametrize(
    ("call", "offender"),
    [
        (lambda: common.random_sum_pairs(0, 2, 10), "must be at least 1: 0, 2, 10"),
        (lambda: common.random_sum_pairs(1, 2, 0), "must be at least 1: 1, 2, 0"),
        (lambda: common.normalize([[1, 11]], [12], 2, 10), "numbers from 1 to 10"),
        (lambda: common.normalize([[1, -1]], [0], 2, 10), "numbers from 1 to 10"),
        (lambda: common.normalize([[1, 2, 3]], [6], 2, 10), "not rows of 2 numbers"),
        (lambda: common.normalize([[1, 2]], [4], 2, 10), "or y not their sums"),
        (lambda: common.normalize([[1, 2]], [[3]], 2, 10), "or y not their sums"),
        (lambda: common.normalize([[1, float("nan")]], [3], 2, 10), "or y not their sums"),
        (lambda: common.sequence_lengths(2, 0), "must be at least 1, not 2 and 0"),
        (lambda: common.to_string([[1, 100]], [101], 2, 10), "'101' does not fit 2 characters"),
        (lambda: common.to_string([[1, 2]], [100], 2, 10), "'100' does not fit 2 characters"),
        (lambda: common.to_string([[1, 2, 3]], [6], 2, 10), r"\[1, 2, 3\] has more than 2 terms"),
        (lambda: common.integer_encode(["1-2"], ["3"], ALPHABET), "'-' is not in the alphabet"),
        (lambda: common.integer_encode(["1"], ["\N{ARABIC-INDIC DIGIT ONE}"], ALPHABET), "is not in the alphabet"),
        (lambda: common.integer_encode(["1", "12"], ["1", "3"], ALPHABET), "'1' and '12' differ in length"),
        (lambda: common.one_hot_encode([[0, 12]], [[1]], 12), "not all are whole numbers from 0 to 11"),
        (lambda: common.one_hot_encode([[0, 1]], [[-1]], 12), "not all are whole numbers from 0 to 11"),
        (lambda: common.one_hot_encode([[0, 1.5]], [[1]], 12), "not all are whole numbers from 0 to 11"),
        (lambda: common.one_hot_encode([[True]], [[1]], 12), "not all are whole numbers from 0 to 11"),
        (lambda: common.invert_encoding(np.zeros((2, 13)), ALPHABET), r"\(2, 13\), not \(n_steps, 12\)"),
        (lambda: common.invert_encoding(np.zeros(12), ALPHABET), r"\(12,\), not \(n_steps, 12\)"),
    ],
)
def test_what_cannot_be_encoded_is_refused_by_name(call, offender):
    with pytest.raises(ValueError, match=offender):
        call()


# ---- Report and picture


@pytest.mark.parametrize(
    ("expected", "predicted", "rmse", "n_exact", "n_numbers"),
    [
        (["13", " 9"], ["12", "10"], 1, 0, 2),  # errors of both signs
        (["13", " 9", "11", "11"], ["13", "+9", " 9", "1 "], (104 / 3) ** 0.5, 1, 3),
        (["13"], ["  "], np.nan, 0, 0),
        ([13, 10**15], np.array([11.0, np.nan]), 2, 0, 1),
    ],
)
def test_scores_and_report_leave_what_is_no_number_out_of_the_rmse(expected, predicted, rmse, n_exact, n_numbers):
    figures = common.scores(expected, predicted)
    assert (figures["n_exact"], figures["n_numbers"], figures["n"]) == (n_exact, n_numbers, len(expected))
    assert figures["rmse"] == pytest.approx(rmse, nan_ok=True)
    lines = common.report(expected, predicted).splitlines()
    assert lines[0].startswith(f"RMSE: {rmse:f}") and lines[1].startswith(f"Exact: {n_exact} of {len(expected)} ")
    assert (f"(of the {n_numbers} predictions that are numbers)" in lines[0]) == (n_numbers < len(expected))
    assert len(lines) == 2 + len(expected)


def test_the_rows_of_numbers():
    lines = common.report([13, 10**15], np.array([12.0, np.nan])).splitlines()[2:]
    assert lines == ["Expected=13, Predicted=12 (err=1)", "Expected=1000000000000000, Predicted=nan (err=nan)"]


@pytest.mark.parametrize("answers", [([], []), (["1"], []), ([1], [1, 2])])
def test_scores_refuses_what_cannot_be_compared(answers):
    with pytest.raises(ValueError, match="cannot be compared"):
        common.scores(*answers)


def test_the_picture_shows_expected_minus_predicted():
    class TooLittle:
        """Predicts 3 less than the sum, and 0.25 less where the first number is 1."""

        input_shape = (None, 2)

        def predict(self, X, **kwargs):
            return X.sum(axis=1, keepdims=True) - np.where(X[:, :1] < 1.5 / 20, 0.25, 3) / 20

    figure = common.error_picture("It", TooLittle(), Namespace(n_numbers=2, largest=10), random.Random(1))
    sums, errors = figure.axes[0].lines[0].get_data()
    assert list(sums) == [a + b for a in range(1, 11) for b in range(1, 11)]
    assert errors == pytest.approx([0.25] * 10 + [3] * 90)
    assert "10.0% of 100 " in figure.axes[0].get_title()


# ---- Files


class Model:
    """Writes a text where Keras would write a model."""

    def __init__(self, text):
        self.text = text

    def save(self, path):
        path.write_text(self.text)


def files(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(OSError), common.written_whole(path) as unfinished:
        unfinished.write_text("half")
        raise OSError
    assert files(tmp_path) == {"a.txt": "old"}


def test_a_kill_while_writing_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    code = (
        "import common, os, pathlib, signal, sys\n"
        "with common.written_whole(pathlib.Path(sys.argv[1])) as unfinished:\n"
        "    unfinished.write_text('half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=os.path.dirname(common.__file__))
    assert done.returncode == -signal.SIGKILL
    assert path.read_text() == "old"


def test_a_link_is_replaced_and_not_followed(tmp_path):
    (tmp_path / "mine").write_text("mine")
    for name in ("a.txt", "a.keras", "b.txt"):
        (tmp_path / name).symlink_to(tmp_path / "mine")
    common.save(tmp_path, "a", "new", model=Model("new"))
    with common.written_whole(tmp_path / "b.txt") as unfinished:
        unfinished.write_text("new")
    assert files(tmp_path) == {"mine": "mine", "a.txt": "new\n", "a.keras": "new", "b.txt": "new"}


def test_two_runs_do_not_save_at_the_same_time_nor_into_one_unfinished_file(tmp_path):
    common.save(tmp_path, "a", "old", scores={"n": 1})
    other = threading.Thread(target=common.save, args=(tmp_path, "a", "new"), kwargs={"scores": {"n": 2}})
    with common.locked(tmp_path):
        other.start()
        other.join(0.2)
        assert other.is_alive() and (tmp_path / "a.txt").read_text() == "old\n"
    other.join()
    assert files(tmp_path) == {"a.json": '{"n": 2}', "a.txt": "new\n"}
    path = tmp_path / "b.txt"
    with common.written_whole(path) as first, common.written_whole(path) as second:
        first.write_text("first")
        second.write_text("second")
        assert first.read_text() == "first"


@pytest.mark.parametrize("ending", ["keras", "json", "txt"])
def test_a_failed_rename_leaves_no_transcript_beside_another_runs_model(tmp_path, monkeypatch, ending):
    def replace(source, target, replace=os.replace):
        if str(target).endswith(ending):
            raise OSError("the disk is gone")
        replace(source, target)

    common.save(tmp_path, "a", "old", model=Model("old"), scores={"n": 1})
    monkeypatch.setattr(common.os, "replace", replace)
    with pytest.raises(OSError):
        common.save(tmp_path, "a", "new", model=Model("new"), scores={"n": 2})
    left = {"keras": {"a.keras": "old"}, "json": {"a.keras": "new"}, "txt": {"a.keras": "new", "a.json": '{"n": 2}'}}
    assert files(tmp_path) == left[ending]


def test_files_are_all_saved_or_none(tmp_path):
    class Figure:
        def savefig(self, path):
            path.write_text("half")
            raise OSError("no space")

    common.save(tmp_path, "a", "old", scores={"n": 1})
    with pytest.raises(OSError):
        common.save(tmp_path, "a", "new", Figure(), Model("new"), scores={"n": 2})
    assert files(tmp_path) == {"a.json": '{"n": 1}', "a.txt": "old\n"}


# ---- The end of a script


def ended(main, capsys):
    """Run a main as a script does; return the status, and what is printed."""
    with pytest.raises(SystemExit) as end:
        common.run(main)
    return end.value.code, *capsys.readouterr()


def test_a_script_ends_with_the_status_of_its_main_and_never_with_a_traceback(tmp_path, capsys):
    def interrupt():
        raise KeyboardInterrupt

    assert ended(lambda: 2, capsys) == (2, "", "")
    assert ended(interrupt, capsys) == (130, "\nInterrupted.\n", "")
    status, stdout, stderr = ended(lambda: common.save(tmp_path / "missing", "name", "text"), capsys)
    assert (status, stdout) == (1, "") and re.fullmatch(r"error: .*No such file or directory.*\n", stderr)


def test_a_closed_stdout_is_no_error(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(SystemExit) as end:
        common.run(lambda: sys.stdout.write("unheard") and 0)
    assert end.value.code == 0


def test_a_backend_that_is_missing_is_one_line():
    environment = os.environ | {"KERAS_BACKEND": "none"}
    command = [sys.executable, "-c", "import common"]
    done = subprocess.run(
        command, cwd=os.path.dirname(common.__file__), env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1 and re.fullmatch("error: .*none .*KERAS_BACKEND.*\n", done.stderr)
