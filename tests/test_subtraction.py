"""subtraction: its texts and answers, the split, and that what is held out is not trained; Ctrl-C loses nothing."""

import itertools
import random
import re

import common
from extensions import subtraction

import keras
import pytest

SMALL = ("--n-examples", "40", "--n-batch", "20", "--n-epoch", "2", "--largest", "9")


def read(vectors):
    return [common.invert_encoding(seq, subtraction.ALPHABET) for seq in vectors]


def test_the_texts_and_answers():
    X, y = subtraction.encode([(1, 100), (7, 7), (100, 9)], 100)
    assert (read(X), read(y)) == (["  1-100", "    7-7", "  100-9"], ["-99", "  0", " 91"])


def test_a_fifth_is_held_out_in_both_orders():
    trained, held_out = subtraction.split(10, random.Random(1))
    assert sorted(trained + held_out) == list(itertools.product(range(1, 11), repeat=2))
    unordered = [{frozenset(pair) for pair in pairs} for pairs in (trained, held_out)]
    assert not unordered[0] & unordered[1] and len(unordered[1]) == 55 // 5
    assert held_out != subtraction.split(10, random.Random(2))[1]


def test_an_interrupted_run_is_labelled_and_has_trained_on_no_held_out_pair(tmp_path, capsys, monkeypatch, eager):
    drawn, fit = [], keras.Model.fit

    def record(self, X, *args, **kwargs):
        drawn.extend(tuple(map(int, text.split("-"))) for text in read(X))
        return fit(self, X, *args, **kwargs)

    def interrupt(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(keras.Model, "fit", record)
    monkeypatch.setattr(keras.callbacks.History, "on_epoch_begin", interrupt)
    assert subtraction.main([*SMALL, "--outputs", str(tmp_path)]) == 130
    trained, held_out = subtraction.split(9, random.Random(1))
    assert len(drawn) == 80 and set(drawn) <= set(trained)
    text = (tmp_path / "subtraction.txt").read_text(encoding="utf-8")
    result = text.partition("\ninterrupted after 1 of 2 epochs\n")[2]
    assert result and result in capsys.readouterr().out
    assert re.findall(r"Exact: \d+ of (\d+) ", text) == [str(len(trained)), str(len(held_out))]
    expected = [int(row) for row in re.findall(r"Expected=([ \d-]+),", text)]
    assert expected == [a - b for a, b in (*trained[:20], *held_out[:20])]


def test_a_held_out_pair_among_the_trained_ones_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(subtraction, "split", lambda largest, rng: ([(3, 10), (4, 4)], [(10, 3)]))
    with pytest.raises(ValueError, match="held-out pair"):
        subtraction.main([*SMALL, "--outputs", str(tmp_path)])
