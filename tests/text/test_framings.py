"""Framings: each fits its model, hides nothing but padding, and masks or weighs what it says."""

import re

import common
import seq2seq_sum
from extensions.text import framings
from seq2seq_sum import ALPHABET

import keras
import pytest

PAIRS = [(7, 8), (678, 45), (999, 999)]


def test_the_docstring_shows_what_is_written():
    shown = re.findall(r'(?m)^    (\S.*?)  +"(.*?)" *-> "(.*?)" ', framings.__doc__)
    written = {name: framings.write(framing, [(678, 45)], 999) for name, framing in framings.FRAMINGS.items()}
    assert {name: ([text], [answer]) for name, text, answer in shown} == written


@pytest.mark.parametrize("name", framings.FRAMINGS)
def test_a_framing_fits_its_model_and_hides_nothing_but_padding(name):
    framing = framings.FRAMINGS[name]
    inputs, answers = framings.write(framing, PAIRS, 999)
    variant = framings.variant(framing, 999)
    X, y = variant.encode(PAIRS)
    weights = variant.sample_weight(y)
    assert X.shape == (3, len(inputs[0]), 12) and y.shape == (3, len(answers[0]), 12)
    for text, answer, seq, pair in zip(inputs, answers, y, PAIRS, strict=True):
        assert sorted(re.sub("[+ ]", "", text)) == sorted(f"{pair[0]}{pair[1]}")
        assert (answer[::-1] if framing.answer_reversed else answer).strip() == str(sum(pair))
        assert common.invert_encoding(seq, ALPHABET) == answer
    if name == "padding weight 0":
        assert weights.tolist() == [[float(character != " ") for character in answer] for answer in answers]
    else:
        assert weights is None
    assert (X.sum(axis=-1) == 0).any() == (name == "padding masked")
    assert variant.learning_rate == framing.learning_rate
    model = variant.build(X.shape[1], *y.shape[1:])
    assert model.output_shape == (None, *y.shape[1:])
    # The article's weights: the same in each framing.
    assert model.count_params() == seq2seq_sum.build_model(5, 2, 12).count_params()


def test_masking_leaves_out_the_padding():
    masked = framings.variant(framings.FRAMINGS["padding masked"], 999)
    X, _ = masked.encode([(7, 8)])
    assert X[0, :4].sum() == 0  # "    7+8"
    shifted = X[:, [4, 5, 6, 0, 1, 2, 3]]
    masked, plain = masked.build(7, 4, 12), seq2seq_sum.build_model(7, 4, 12)
    plain.set_weights(masked.get_weights())
    one, other = (keras.ops.convert_to_numpy(masked(sums)) for sums in (X, shifted))
    assert one == pytest.approx(other, abs=1e-6)
    one, other = (keras.ops.convert_to_numpy(plain(sums)) for sums in (X, shifted))
    assert one != pytest.approx(other, abs=1e-6)
