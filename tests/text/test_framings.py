"""Framings: what each writes, that padding alone is hidden, and that masking leaves it out."""

import re

import common
from extensions import experiments
from extensions.text import framings

import keras
import numpy as np
import pytest


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
    assert experiments.read(y) == answers and sorted(inputs[0].strip(" ").replace("+", "").split()) in (
        ["7", "8"],
        ["78"],
        ["87"],
    )
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
