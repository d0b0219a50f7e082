"""Layer sizes: what is held out, what a cell trains, the rows of a tiny run, and the picture."""

import random
import re

import common
from extensions.text import layer_sizes
from seq2seq_sum import ALPHABET

import pytest

TINY = ("--n-examples", "20", "--n-batch", "10", "--n-epoch", "1", "--n-seeds", "1")


@pytest.mark.parametrize("largest", [9, 99, 99_999])
def test_no_pair_is_in_two_parts_in_any_order(largest):
    *parts, form = layer_sizes.draw_split(3000, largest, random.Random(1))
    assert len(parts[0]) == 3000 and form((2, 1)) == form((1, 2))
    parts = [{tuple(sorted(pair)) for pair in part} for part in parts]
    assert not parts[0] & parts[1] and not parts[0] & parts[2] and not parts[1] & parts[2]
    assert len(parts[1]) == len(parts[2]) == min(1000, largest * (largest + 1) // 20)


@pytest.mark.parametrize(("framing", "answer"), zip(layer_sizes.FRAMINGS, (" 723", "327 "), strict=True))
def test_a_cell_has_its_framing_units_and_rate(framing, answer):
    variant = layer_sizes.variant((framing, 3, 50))
    X, y, weights = variant.encode([(678, 45)], True)
    assert [common.invert_encoding(seq, ALPHABET) for seq in (X[0], y[0])] == [" 678+45", answer] and weights is None
    assert [layer.units for layer in variant.build(7, 4).layers if "lstm" in layer.name] == [50, 50]
    assert variant.learning_rate == layer_sizes.LEARNING_RATES[50]
    assert variant.draw(["drawn"], None, None, 1) == ["drawn"]


def test_a_tiny_run_of_layer_sizes(tmp_path, capsys, eager):
    assert layer_sizes.main([*TINY, "--units", "25", "--digits", "2", "3", "--outputs", str(tmp_path)]) == 0
    text = (tmp_path / "layer_sizes.txt").read_text(encoding="utf-8")
    assert capsys.readouterr().out.endswith(text)
    cells = re.findall(r"(?m)^(.*), up to (\d) digits, 25 units: \S+ \(n = (\d+)\)$", text)
    assert cells == [(framing, d, n) for d, n in (("2", "495"), ("3", "1000")) for framing in layer_sizes.FRAMINGS]
    assert (tmp_path / "layer_sizes.png").exists()


def test_the_picture_of_layer_sizes_has_a_mean_in_each_cell():
    reversed_ = layer_sizes.FRAMINGS[1]
    exact = {(layer_sizes.FRAMINGS[0], 2, 25): [40.0, 50.0], (reversed_, 2, 25): [99.6], (reversed_, 3, 50): [1.04]}
    left, right = layer_sizes.picture("title", exact, [2, 3], [25, 50]).axes
    cells = [[(*text.get_position(), text.get_text()) for text in axes.texts] for axes in (left, right)]
    assert cells == [[(0, 0, "45.0")], [(0, 0, "99.6"), (1, 1, "1.0")]]
