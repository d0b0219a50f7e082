"""The helpers of common.py: the article's figures, properties, and what they refuse."""

import os
import random
import re
import signal
import subprocess
import sys
import threading

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


def test_the_module_random_is_the_default_stream():
    random.seed(1)
    assert common.random_sum_pairs(1, 2, 10) == ([[3, 10]], [13])


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
    assert X.sum(axis=2).tolist() == [[1] * 5]
    assert X.argmax(axis=2).tolist() == [[11, 3, 10, 1, 0]]
    assert common.invert_encoding(X[0], ALPHABET) == " 3+10"
    assert common.invert_encoding(y[0], list(ALPHABET)) == "13"


# ---- Properties


@pytest.mark.parametrize("n_numbers", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("largest", [1, 2, 9, 10, 11, 33, 99, 100, 101, 10**9, 2**63, 10**17, 10**18 - 1, 10**30])
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


@pytest.mark.parametrize(
    ("n_numbers", "largest", "lengths"),
    [
        (2, 10, (5, 2)),
        (3, 33, (8, 2)),
        (1, 9, (1, 1)),
        (1, 10**17 - 1, (17, 17)),
        (2, 10**30, (63, 31)),
        (10, 1, (19, 2)),
    ],
)
def test_widths_are_exact(n_numbers, largest, lengths):
    assert common.sequence_lengths(n_numbers, largest) == lengths


def test_generate_data_is_the_four_steps_in_a_row():
    X, y = common.generate_data(50, 3, 33, ALPHABET, random.Random(5))
    texts = common.to_string(*common.random_sum_pairs(50, 3, 33, random.Random(5)), 3, 33)
    assert X.dtype == y.dtype == np.float32
    assert [common.invert_encoding(seq, ALPHABET) for seq in X] == texts[0]
    assert [common.invert_encoding(seq, ALPHABET) for seq in y] == texts[1]


@pytest.mark.parametrize("n_numbers", [1, 2, 5])
@pytest.mark.parametrize("largest", [1, 10, 100, 12345])
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
    for n_steps in (1, 7, 30, 97, 100, 1000, 12345):
        assert n_steps % common.steps_per_execution(n_steps) == 0
    assert common.steps_per_execution(1000) == 100


# ---- What is refused, by name


@pytest.mark.parametrize(
    ("call", "offender"),
    [
        (lambda: common.random_sum_pairs(0, 2, 10), "must be at least 1: 0, 2, 10"),
        (lambda: common.random_sum_pairs(1, 0, 10), "must be at least 1: 1, 0, 10"),
        (lambda: common.random_sum_pairs(1, 2, 0), "must be at least 1: 1, 2, 0"),
        (lambda: common.normalize([[1, 2]], [3], 0, 10), "not rows of 0 numbers"),
        (lambda: common.normalize([[1, 11]], [12], 2, 10), "numbers from 1 to 10"),
        (lambda: common.normalize([[1, -1]], [0], 2, 10), "numbers from 1 to 10"),
        (lambda: common.normalize([[1, 2]], [21], 2, 10), "or y not their sums"),
        (lambda: common.normalize([[1, 2, 3]], [6], 2, 10), "not rows of 2 numbers"),
        (lambda: common.normalize([[1, 2]], [4], 2, 10), "or y not their sums"),
        (lambda: common.normalize([[1, 2]], [[3]], 2, 10), "or y not their sums"),
        (lambda: common.normalize([[1, float("nan")]], [3], 2, 10), "or y not their sums"),
        (lambda: common.sequence_lengths(0, 10), "must be at least 1, not 0 and 10"),
        (lambda: common.sequence_lengths(2, 0), "must be at least 1, not 2 and 0"),
        (lambda: common.to_string([[1]], [1], 0, 10), "must be at least 1, not 0 and 10"),
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
        (lambda: common.generate_data(1, 0, 10, ALPHABET), "must be at least 1: 1, 0, 10"),
        (lambda: common.generate_data(1, 2, 10, "0123456789 "), "'\\+' is not in the alphabet"),
        (lambda: common.invert_encoding(np.zeros((2, 13)), ALPHABET), r"\(2, 13\), not \(n_steps, 12\)"),
        (lambda: common.invert_encoding(np.zeros(12), ALPHABET), r"\(12,\), not \(n_steps, 12\)"),
    ],
)
def test_what_cannot_be_encoded_is_refused_by_name(call, offender):
    with pytest.raises(ValueError, match=offender):
        call()


# ---- Report and files


def test_scores_are_those_of_the_report():
    for expected, predicted in ((["13", " 9", "11"], ["13", "+9", "10"]), ([13, 10**15], np.array([12.0, np.nan]))):
        figures = common.scores(expected, predicted)
        rmse, exact = common.report(expected, predicted).splitlines()[:2]
        assert rmse.startswith(f"RMSE: {figures['rmse']:f}")
        assert exact.startswith(f"Exact: {figures['n_exact']} of {figures['n']} ")
    assert figures == {"rmse": 1.0, "n_exact": 0, "n_numbers": 1, "n": 2}


def test_report_leaves_what_is_no_number_out_of_the_rmse():
    lines = common.report(["13", " 9", "11"], ["13", "+9", "10"]).splitlines()
    assert lines[:2] == ["RMSE: 0.707107 (of the 2 predictions that are numbers)", "Exact: 1 of 3 (33.33 %)"]
    assert lines[3] == "Expected= 9, Predicted=+9 (err=nan)"
    assert common.report(["13"], ["  "]).startswith("RMSE: nan (of the 0 predictions that are numbers)")


def test_report_takes_numbers_too():
    lines = common.report([13, 10**15], np.array([12.0, np.nan])).splitlines()
    assert lines[0] == "RMSE: 1.000000 (of the 1 predictions that are numbers)"
    assert lines[2:] == [
        "Expected=13, Predicted=12 (err=1)",
        "Expected=1000000000000000, Predicted=nan (err=nan)",
    ]


@pytest.mark.parametrize("answers", [([], []), (["1"], []), ([1], [1, 2])])
def test_report_refuses_what_cannot_be_compared(answers):
    for call in (common.report, common.scores):
        with pytest.raises(ValueError, match="cannot be compared"):
            call(*answers)


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(OSError), common.written_whole(path) as unfinished:
        unfinished.write_text("half")
        raise OSError
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]
    with common.written_whole(path) as unfinished:
        unfinished.write_text("new")
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["a.txt"]


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
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / "a.txt").symlink_to(tmp_path / "elsewhere")
    with common.written_whole(tmp_path / "a.txt") as unfinished:
        unfinished.write_text("new")
    assert (tmp_path / "a.txt").read_text() == "new"
    assert (tmp_path / "elsewhere").read_text() == "mine"


def test_two_runs_do_not_save_at_the_same_time(tmp_path):
    common.save(tmp_path, "a", "old", scores={"n": 1})
    other = threading.Thread(target=common.save, args=(tmp_path, "a", "new"), kwargs={"scores": {"n": 2}})
    with common.locked(tmp_path):
        other.start()
        other.join(0.2)
        assert other.is_alive() and (tmp_path / "a.txt").read_text() == "old\n"
    other.join()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.json": '{"n": 2}', "a.txt": "new\n"}


def test_no_transcript_stands_beside_another_runs_model(tmp_path, monkeypatch):
    class Model:
        def save(self, path):
            path.write_text("new model")

    def replace(source, target):
        raise OSError("the disk is gone")

    common.save(tmp_path, "a", "old", scores={"n": 1})
    (tmp_path / "a.keras").write_text("old model")
    monkeypatch.setattr(common.os, "replace", replace)
    with pytest.raises(OSError):
        common.save(tmp_path, "a", "new", model=Model(), scores={"n": 2})
    assert os.listdir(tmp_path) == ["a.keras"]


def test_files_are_all_saved_or_none(tmp_path):
    class Figure:
        def savefig(self, path):
            path.write_text("half")
            raise OSError("no space")

    common.save(tmp_path, "a", "old", scores={"n": 1})
    with pytest.raises(OSError):
        common.save(tmp_path, "a", "new", Figure(), scores={"n": 2})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.json": '{"n": 1}', "a.txt": "old\n"}


def test_a_script_ends_with_the_status_of_its_main():
    for status in (0, 2, 130):
        with pytest.raises(SystemExit) as end:
            common.run(lambda status=status: status)
        assert end.value.code == status


def test_ctrl_c_that_main_does_not_expect_ends_in_one_line(capsys):
    def main():
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as end:
        common.run(main)
    assert end.value.code == 130
    assert capsys.readouterr() == ("\nInterrupted.\n", "")


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


def test_a_file_that_cannot_be_written_is_one_line(tmp_path, capsys):
    def main():
        common.save(tmp_path / "missing", "name", "text")

    with pytest.raises(SystemExit) as end:
        common.run(main)
    assert end.value.code == 1
    stdout, stderr = capsys.readouterr()
    assert stdout == "" and re.fullmatch(r"error: .*No such file or directory.*\n", stderr)
