"""Layer sizes: what is held out and drawn, what a cell trains, and the picture."""

import random

from extensions import experiments
from extensions.text import layer_sizes

import numpy as np
import pytest


@pytest.mark.parametrize("largest", [9, 99_999])
def test_held_out_pairs_are_new_and_no_other_is_drawn(largest):
    rng = random.Random(1)
    split = layer_sizes.split(largest, rng)
    validation, test = ({split.form(pair) for pair in part} for part in split[1:3])
    assert len(validation) == len(test) == min(1000, largest * (largest + 1) // 20) and not validation & test

    def is_held_out(pair):
        return split.form(pair) in validation | test

    drawn = layer_sizes.draw([], is_held_out, rng, 100, largest)
    assert len(drawn) == 100 and not any(map(is_held_out, drawn))
    assert 0.9 < np.max(drawn) / largest <= 1 and 0 < np.min(drawn) < 0.1 * largest + 1


@pytest.mark.parametrize(("framing", "answer"), [("as the article pads", " 723"), ("answer reversed", "327 ")])
def test_a_cell_has_its_framing_units_and_rate(framing, answer):
    variant = layer_sizes.variant(layer_sizes.Cell(framing, 3, 50))
    X, y = variant.encode([(678, 45)])
    assert (experiments.read(X), experiments.read(y)) == ([" 678+45"], [answer])
    assert variant.build.keywords == {"units": (50, 50)}
    assert variant.learning_rate == layer_sizes.LEARNING_RATES[50]


def test_the_picture_has_a_mean_in_each_cell():
    article, reversed_ = layer_sizes.FRAMINGS
    exact = {(article, 2, 25): [40.0, 50.0], (reversed_, 2, 25): [99.6], (reversed_, 3, 50): [1.04]}
    exact = {layer_sizes.Cell(*key): values for key, values in exact.items()}
    left, right = layer_sizes.picture("title", exact).axes
    cells = [[(*text.get_position(), text.get_text()) for text in axes.texts] for axes in (left, right)]
    assert cells == [[(0, 0, "45.0")], [(0, 0, "99.6"), (1, 1, "1.0")]]
