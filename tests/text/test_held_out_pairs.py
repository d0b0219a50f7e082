"""Few pairs or many: what is averaged, what the picture shows, and that no held-out pair is trained."""

import re

from extensions import experiments
from extensions.text import data, held_out_pairs

import numpy as np
import pytest

SMALL = "--n-examples 20 --n-batch 10 --n-epoch 3 --largest 12 11 --n-seeds 1".split()


def test_the_last_epochs_are_averaged(tmp_path, monkeypatch, eager):
    monkeypatch.setattr(held_out_pairs, "N_EPOCH", 2)
    history = {"exact": [0.125, 0.5, 1.0], "val_exact": [0.0, 0.25, 0.75]}
    monkeypatch.setattr(experiments, "fit", lambda *_, **__: history)
    assert held_out_pairs.main([*SMALL, "--outputs", str(tmp_path)]) == 0
    text = (tmp_path / "held_out_pairs" / "transcript.txt").read_text(encoding="utf-8")
    assert re.findall("(?m)^Numbers up to (.*)$", text) == [
        "11: 96 pairs in training, 25 held out",
        "12: 116 pairs in training, 28 held out",
    ]
    rows = re.findall(r"(?m)^    (in training|held out), (.*), exact, % of each seed: ([\d.]+)", text)
    rows = [(which, when, float(exact)) for which, when, exact in rows[:5]]
    assert rows == [
        ("in training", "after 2 epochs", 50),
        ("held out", "after 2 epochs", 25),
        ("in training", "mean of the last 2 epochs", 75),
        ("held out", "mean of the last 2 epochs", 50),
        ("held out", "best epoch", 75),
    ]


def test_only_so_many_pairs_are_trained(tmp_path, monkeypatch, eager):
    monkeypatch.setattr(held_out_pairs, "N_EPOCH", 3)
    drawn = []

    def encode(pairs, largest):
        drawn.append(pairs)
        return data.encode_texts(["1+1"] * len(pairs), ["2"] * len(pairs))

    monkeypatch.setattr(data, "encode_sums", encode)
    assert held_out_pairs.main([*SMALL, "--n-pairs", "3", "--outputs", str(tmp_path)]) == 0
    assert len(set(drawn[0])) <= 3 and len(drawn[0]) == 60 and len(drawn[1]) == 28
    text = (tmp_path / "held_out_pairs" / "transcript.txt").read_text(encoding="utf-8")
    assert "Numbers up to 12: 3 pairs in training, 28 held out" in text


def test_the_pictures_show_every_run():
    def run(n_trained, *held_out):
        return held_out_pairs.Run(n_trained, np.array([12.5, 50, 100]), np.array(held_out), [], [])

    results = {10: [run(80, 0.0, 3.0, 6.0), run(80, 0.0, 0.0, 0.0)], 99: [run(7841, 90.0, 90.0, 93.0)]}
    [axes] = held_out_pairs.picture(results).axes
    _, mean, *dots = (list(line.get_ydata()) for line in axes.lines)
    assert (mean, dots) == ([1.5, 91], [[3, 0], [91]])
    left, right = held_out_pairs.epochs_picture(results).axes
    lines = [[list(line.get_ydata()) for line in axes.lines[:-1]] for axes in (left, right)]
    trained = [12.5, 50, 100]
    assert lines == [[trained, trained, [0, 3, 6], [0, 0, 0]], [trained, [90, 90, 93]]]


def test_a_held_out_pair_in_training_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(held_out_pairs, "N_EPOCH", 3)
    monkeypatch.setattr(data, "hold_out", lambda problems, n_held_out, rng: ([(3, 10), (4, 4)], [(10, 3)]))
    with pytest.raises(ValueError, match="is held out"):
        held_out_pairs.main([*SMALL, "--outputs", str(tmp_path)])
