"""Questions to the text network: what each varies, rows and pictures; the runs are in test_small_runs.py."""

import collections
import random
import re

import common
from extensions import experiments
from extensions.text import data, framings, held_out_pairs, layer_sizes, small_sums

import keras
import numpy as np
import pytest

SMALL = "--n-examples 20 --n-batch 10 --n-epoch 3 --largest 11 --n-seeds 1".split()  # of held_out_pairs


# ---- framings


def test_the_docstring_shows_what_is_written():
    shown = re.findall(r'(?m)^    (\S.*?)  +"(.*?)" *-> "(.*?)" ', framings.__doc__)
    written = {name: framings.write(framing, [(678, 45)], 999) for name, framing in framings.FRAMINGS.items()}
    assert {name: ([text], [answer]) for name, text, answer in shown} == written


@pytest.mark.parametrize("name", framings.FRAMINGS)
def test_only_padding_is_masked_or_weighs_nothing(name):
    framing = framings.FRAMINGS[name]
    inputs, answers = framings.write(framing, [(7, 8), (999, 999)], 999)
    variant = framings.variant(framing, 999)
    X, y = variant.encode([(7, 8), (999, 999)])
    assert experiments.read(y) == answers
    hidden = [[character == " " for character in text] for text in inputs]
    assert ((X.sum(axis=-1) == 0) == (np.array(hidden) & (name == "padding masked"))).all()
    weights = [[float(character != " ") for character in answer] for answer in answers]
    assert np.array_equal(variant.sample_weight(y), weights if name == "padding weight 0" else None)


def test_masking_leaves_out_the_padding(monkeypatch):
    monkeypatch.setattr(common, "unroll", lambda n_steps: False)
    variant = framings.variant(framings.FRAMINGS["padding masked"], 999)
    X, _ = variant.encode([(7, 8)])  # "    7+8"
    model = variant.build(7, 4, 12)
    one, other = (keras.ops.convert_to_numpy(model(sums)) for sums in (X, X[:, [4, 5, 6, 0, 1, 2, 3]]))
    assert one == pytest.approx(other, abs=1e-6)


# ---- held_out_pairs


def test_a_held_out_pair_in_training_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(held_out_pairs, "N_EPOCH", 3)
    monkeypatch.setattr(data, "hold_out", lambda problems, n_held_out, rng: ([(3, 10), (4, 4)], [(10, 3)]))
    with pytest.raises(ValueError, match="is held out"):
        held_out_pairs.main([*SMALL, "--outputs", str(tmp_path)])


# ---- layer_sizes


@pytest.mark.parametrize("largest", [9, 99_999])
def test_held_out_pairs_are_new_in_either_order_and_no_other_is_drawn(largest):
    rng, n = random.Random(1), min(1000, largest * (largest + 1) // 20)
    split = layer_sizes.split(largest, rng)
    assert len(split.validation) == len(split.test) == n
    held_out = {frozenset(pair) for pair in split.validation + split.test}  # whatever the split calls the same
    assert len(held_out) == 2 * n
    forms = {split.form(pair) for pair in split.validation + split.test}
    drawn = layer_sizes.draw([], lambda pair: split.form(pair) in forms, rng, 2000, largest)
    assert len(drawn) == 2000 and not {frozenset(pair) for pair in drawn} & held_out
    assert 0.9 < np.max(drawn) / largest <= 1 and 0 < np.min(drawn) < 0.1 * largest + 1


@pytest.mark.parametrize(("framing", "answer"), [("as the article pads", " 723"), ("answer reversed", "327 ")])
def test_a_cell_has_its_framing_units_and_rate(framing, answer):
    variant = layer_sizes.variant(layer_sizes.Cell(framing, 3, 50))
    X, y = variant.encode([(678, 45)])
    assert (experiments.read(X), experiments.read(y)) == ([" 678+45"], [answer])
    assert variant.build.keywords == {"units": (50, 50)}
    assert variant.learning_rate == layer_sizes.LEARNING_RATES[50]


# ---- small_sums


def test_only_the_small_sums_or_the_space_before_them_are_mended():
    article = [" 2", "13"]
    for variant, written in zip(small_sums.VARIANTS, (article, ["12", "23"], article), strict=True):
        X, y = small_sums.encode(variant, [[1, 1], [3, 10]])
        assert (experiments.read(X), experiments.read(y)) == (["  1+1", " 3+10"], written)
        pairs = small_sums.draw(variant, 19_000, random.Random(1))
        assert {number for pair in pairs for number in pair} == set(range(1, 11))
        drawn = collections.Counter(map(sum, pairs))
        assert (min(drawn.values()) > 900) == (variant == "each sum as often") == (max(drawn.values()) < 1100)
