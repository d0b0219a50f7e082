"""Held-out pairs: the rows of both ends and of the rise, and a line for each run in the panel of its numbers."""

import re

from extensions import experiments
from extensions.text import data, held_out_pairs

import pytest

HISTORY = {"exact": [0.125, 0.5, 1.0], "val_exact": [0.0, 0.25, 0.5]}
SMALL = "--n-examples 20 --n-batch 10 --n-epoch 3 --largest 11 --n-seeds 1".split()


def test_the_rows_are_those_of_both_ends_and_of_the_rise(tmp_path, monkeypatch, eager):
    monkeypatch.setattr(held_out_pairs, "N_EPOCH", 2)
    monkeypatch.setattr(experiments, "fit", lambda *_, **__: HISTORY)
    calls, titles = [], []

    def read(sequences):
        calls.append(sequences)
        others = "13" if len(calls) % 2 else "12"  # so that the first of the expected answers is exact
        return ["12"] + [others] * (len(sequences) - 1)

    monkeypatch.setattr(experiments, "read", read)
    monkeypatch.setattr(held_out_pairs, "picture", lambda results, title: titles.append(title))
    assert held_out_pairs.main([*SMALL, "--outputs", str(tmp_path)]) == 0
    text = (tmp_path / "held_out_pairs.txt").read_text(encoding="utf-8")
    exact = [f"{100 / len(sequences):.1f}" for sequences in calls[::2]]
    assert re.findall(r"([\d.]+) % with numbers up to (\d+)", titles[0]) == list(zip(exact, ("10", "11"), strict=True))
    rows = re.findall(r"(?m)^after (\d) epochs, (in training|held out), exact, % of each seed: ([\d.]+)$", text)
    ends = [("2", "in training", "50.00"), ("2", "held out", "25.00")]
    assert rows == [*ends, ("3", "in training", "100.00"), ("3", "held out", "50.00")] * 2
    rises = re.findall(r"(?m)^held out, exact, first epoch at (\d\d) % of each seed: (\w+)$", text)
    assert rises == [("50", "3"), ("99", "never")] * 2


def test_the_picture_has_a_line_for_each_run():
    run = experiments.Run([], [], [], HISTORY, None, None)
    never = run._replace(history=HISTORY | {"val_exact": [0.0, 0.0, 0.0]})
    left, right = held_out_pairs.picture({10: [run, never], 99: [run]}, "title").axes
    lines = [[list(line.get_ydata()) for line in axes.lines[:-1]] for axes in (left, right)]
    trained, held_out = [12.5, 50, 100], [0, 25, 50]
    assert lines == [[trained, trained, held_out, [0, 0, 0]], [trained, held_out]]


def test_a_held_out_pair_in_training_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(held_out_pairs, "N_EPOCH", 3)
    monkeypatch.setattr(data, "hold_out", lambda problems, n_held_out, rng: ([(3, 10), (4, 4)], [(10, 3)]))
    with pytest.raises(ValueError, match="is held out"):
        held_out_pairs.main([*SMALL, "--outputs", str(tmp_path)])
