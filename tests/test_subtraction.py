"""subtraction: its texts and answers, the split, and the script at a small size, which trains on nothing held out."""

import itertools
import os
import random
import re
from pathlib import Path

import common
from extensions import subtraction

import keras
import pytest

SMALL = ("--n-examples", "40", "--n-batch", "20", "--n-epoch", "2", "--largest", "9")
REFERENCE = Path(__file__).resolve().parent.parent / "outputs" / "reference" / "subtraction.txt"


def read(vectors):
    return [common.invert_encoding(seq, subtraction.ALPHABET) for seq in vectors]


def pairs_of(texts):
    return [tuple(map(int, text.split("-"))) for text in texts]


def test_every_pair_has_its_difference():
    pairs = list(itertools.product(range(1, 13), repeat=2))
    X, y = subtraction.encode(pairs, 12)
    assert pairs_of(read(X)) == pairs
    assert list(map(int, read(y))) == [a - b for a, b in pairs]
    X, y = subtraction.encode([(1, 100), (7, 7)], 100)
    assert (read(X), read(y)) == (["  1-100", "    7-7"], ["-99", "  0"])


@pytest.mark.parametrize("largest", [3, 10, 30])
def test_a_fifth_is_held_out_in_both_orders(largest):
    trained, held_out = subtraction.split(largest, random.Random(1))
    assert sorted(trained + held_out) == list(itertools.product(range(1, largest + 1), repeat=2))
    unordered = [{tuple(sorted(pair)) for pair in pairs} for pairs in (trained, held_out)]
    assert not unordered[0] & unordered[1]
    assert len(unordered[1]) == largest * (largest + 1) // 2 // 5
    assert (trained, held_out) == subtraction.split(largest, random.Random(1))
    assert held_out != subtraction.split(largest, random.Random(2))[1] or largest == 3


def test_a_small_run_trains_on_no_held_out_pair_and_tests_all(tmp_path, capsys, monkeypatch, eager):
    drawn, fit = [], keras.Model.fit

    def record(self, X, *args, **kwargs):
        drawn.extend(pairs_of(read(X)))
        return fit(self, X, *args, **kwargs)

    monkeypatch.setattr(keras.Model, "fit", record)
    assert subtraction.main([*SMALL, "--outputs", str(tmp_path)]) == 0
    trained, held_out = subtraction.split(9, random.Random(1))
    assert len(drawn) == 80 and set(drawn) <= set(trained)
    text = (tmp_path / "subtraction.txt").read_text(encoding="utf-8")
    assert capsys.readouterr().out.endswith(text.partition("\n")[2])
    counts = re.findall(r"(?m)^(.*) pairs\nRMSE: .*\nExact: \d+ of (\d+) ", text)
    assert counts == [("Trained", str(len(trained))), ("Held-out", str(len(held_out)))]
    expected = [int(row) for row in re.findall(r"Expected=([ \d-]+),", text)]
    assert expected == [a - b for a, b in (*trained[:20], *held_out[:20])]
    assert sorted(os.listdir(tmp_path)) == ["subtraction.json", "subtraction.keras", "subtraction.txt"]


def test_a_held_out_pair_among_the_trained_ones_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(subtraction, "split", lambda largest, rng: ([(3, 10), (4, 4)], [(10, 3)]))
    with pytest.raises(ValueError, match="held-out pair"):
        subtraction.main([*SMALL, "--outputs", str(tmp_path)])
    assert os.listdir(tmp_path) == []


def test_ctrl_c_keeps_and_labels_what_was_trained(tmp_path, monkeypatch, eager):
    def interrupt(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(keras.callbacks.History, "on_epoch_begin", interrupt)
    assert subtraction.main([*SMALL, "--outputs", str(tmp_path)]) == 130
    assert "\ninterrupted after 1 of 2 epochs\n" in (tmp_path / "subtraction.txt").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_default_run_is_the_reference(tmp_path):
    assert subtraction.main(["--outputs", str(tmp_path)]) == 0
    assert (tmp_path / "subtraction.txt").read_text(encoding="utf-8") == REFERENCE.read_text(encoding="utf-8")
