"""common.py, beside its doctests: large numbers, what is refused, scores, the picture, files that are never mixed."""

import os
import random
import re
import runpy
import sys
import threading
from argparse import Namespace

import common

import numpy as np
import pytest

ALPHABET = "0123456789+ "


# ---- Data


@pytest.mark.parametrize(("n_numbers", "largest"), [(1, 9), (3, 33), (5, 10**30)])
def test_generated_data_reads_as_the_padded_sums(n_numbers, largest):
    X, y = common.generate_data(20, n_numbers, largest, ALPHABET, random.Random(5))
    terms, sums = common.random_sum_pairs(20, n_numbers, largest, random.Random(5))
    n_in, n_out = len("+".join([str(largest)] * n_numbers)), len(str(largest * n_numbers))
    assert X.dtype == y.dtype == np.float32
    assert [common.invert_encoding(seq, ALPHABET) for seq in X] == ["+".join(map(str, t)).rjust(n_in) for t in terms]
    assert [common.invert_encoding(seq, ALPHABET) for seq in y] == [str(sum(t)).rjust(n_out) for t in terms]
    assert sums == [sum(t) for t in terms]


def test_normalized_sums_come_back_rounded():
    X, y = common.random_sum_pairs(30, 100, 10**12, random.Random(2))
    for values, scaled in zip((X, y), common.normalize(X, y, 100, 10**12), strict=True):
        assert common.invert_normalization(scaled, 100, 10**12).tolist() == values
    values = common.invert_normalization([0.0649, 0.0651, -0.0001, float("nan")], 2, 100)
    assert [f"{value:.0f}" for value in values] == ["13", "13", "0", "nan"]


def test_a_step_with_nan_is_no_digit():
    assert common.invert_encoding([[0.1, 0.9], [np.nan, np.nan], [0.9, np.nan]], "01") == "1??"


def test_updates_in_one_go_divide_those_of_an_epoch_and_long_sequences_are_not_unrolled():
    assert [common.steps_per_execution(n_steps) for n_steps in (1, 30, 97, 1000, 12345)] == [1, 10, 1, 100, 5]
    assert common.unroll(2) and not common.unroll(200)


@pytest.mark.parametrize(
    ("call", "offender"),
    [
        (lambda: common.random_sum_pairs(1, 2, 0), "1, 2, 0"),
        (lambda: common.normalize([[1, 11]], [12], 2, 10), "1 to 10"),
        (lambda: common.normalize([[1, -1]], [0], 2, 10), "1 to 10"),
        (lambda: common.normalize([[1, 2, 3]], [6], 2, 10), "2 numbers"),
        (lambda: common.normalize([[1, 2]], [4], 2, 10), "sums"),
        (lambda: common.normalize([[1, 2]], [[3]], 2, 10), "sums"),
        (lambda: common.sequence_lengths(2, 0), "2 and 0"),
        (lambda: common.to_string([[1, 2]], [100], 2, 10), "'100'"),
        (lambda: common.to_string([[1, 2, 3]], [6], 2, 10), r"\[1, 2, 3\]"),
        (lambda: common.integer_encode(["1-2"], ["3"], ALPHABET), "'-'"),
        (lambda: common.integer_encode(["1", "12"], ["1", "3"], ALPHABET), "'1' and '12'"),
        (lambda: common.one_hot_encode([[0, 12]], [[1]], 12), "0 to 11"),
        (lambda: common.one_hot_encode([[0]], [[-1]], 12), "0 to 11"),
        (lambda: common.one_hot_encode([[True]], [[1]], 12), "0 to 11"),
        (lambda: common.invert_encoding(np.zeros((2, 13)), ALPHABET), r"\(2, 13\)"),
        (lambda: common.scores(["1"], []), "1 expected and 0"),
        (lambda: common.scores([], []), "0 expected and 0"),
    ],
)
def test_what_the_docstrings_exclude_is_refused(call, offender):
    with pytest.raises(ValueError, match=offender):
        call()


# ---- Scores and picture


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
    first, *rest = common.report(expected, predicted).splitlines()
    assert re.findall(r"\d+ predictions", first) == [f"{n_numbers} predictions"] * (n_numbers < len(expected))
    assert len(rest) == 1 + len(expected)


def test_the_picture_shows_expected_minus_predicted():
    class TooLittle:
        """Predicts 3 less than the sum, and 0.25 less where the first number is 1."""

        input_shape = (None, 2)

        def predict(self, X, **kwargs):
            return X.sum(axis=1, keepdims=True) - np.where(X[:, :1] < 1.5 / 20, 0.25, 3) / 20

    figure = common.error_picture("It", TooLittle(), Namespace(n_numbers=2, largest=10, seed=1), random.Random(1))
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


def test_a_failed_rename_leaves_no_transcript_beside_another_runs_model(tmp_path, monkeypatch):
    def replace(source, target, replace=os.replace):
        if str(target).endswith("keras"):
            raise OSError("the disk is gone")
        replace(source, target)

    common.save(tmp_path, "a", "old", model=Model("old"), scores={"n": 1})
    monkeypatch.setattr(common.os, "replace", replace)
    with pytest.raises(OSError):
        common.save(tmp_path, "a", "new", model=Model("new"), scores={"n": 2})
    assert files(tmp_path) == {"a.keras": "old"}


def test_files_are_written_whole_and_all_or_none(tmp_path):
    class Figure:
        def savefig(self, path):
            path.write_text("half")
            raise OSError("no space")

    common.save(tmp_path, "a", "old", scores={"n": 1})
    with pytest.raises(OSError):
        common.save(tmp_path, "a", "new", Figure(), Model("new"), scores={"n": 2})
    with pytest.raises(OSError), common.written_whole(tmp_path / "a.txt") as unfinished:
        Figure().savefig(unfinished)
    assert files(tmp_path) == {"a.json": '{"n": 1}', "a.txt": "old\n"}


# ---- The end of a script


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


@pytest.mark.parametrize(("error", "said"), [("ValueError", "error: .*KERAS_BACKEND.*"), ("KeyboardInterrupt", "130")])
def test_a_backend_that_is_missing_or_ctrl_c_in_the_import_is_no_traceback(tmp_path, monkeypatch, error, said):
    (tmp_path / "keras.py").write_text(f"raise {error}")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "keras")
    with pytest.raises(SystemExit) as end:
        runpy.run_path(common.__file__)
    assert re.fullmatch(said, str(end.value.code))
