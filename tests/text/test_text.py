"""Questions to the text network: what each varies, rows and pictures; the runs are in test_small_runs.py."""

import collections
import itertools
import random
import re

import common
from extensions import experiments
from extensions.text import framings, layer_sizes, small_sums

import keras
import numpy as np
import pytest

# ---- framings


def test_the_docstring_shows_what_is_written():
    shown = re.findall(r'(?m)^    (\S.*?)  +"(.*?)" *-> "(.*?)"(?: |$)', framings.__doc__)
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


def test_eight_framings_are_the_combinations_and_the_picture_shows_all():
    assert sorted(framings.COMBINATIONS) == list(itertools.product((False, True), repeat=3))
    for (padded, input_reversed, answer_reversed), name in framings.COMBINATIONS.items():
        [text], [answer] = framings.write(framings.FRAMINGS[name], [(678, 45)], 999)
        expected = "678+ 45" if padded else " 678+45"
        assert text == (expected[::-1] if input_reversed else expected)
        assert answer == ("327 " if answer_reversed else " 723")
    exact = {name: [i, i + 0.5] for i, name in enumerate(framings.FRAMINGS)}
    *squares, rows = framings.picture(exact).axes
    shown = [text.get_text() for axes in squares for text in axes.texts]
    means = [np.mean(exact[name]) for name in framings.COMBINATIONS.values()]
    assert sorted(shown[::3]) == sorted(f"{mean:.1f} %" for mean in means)
    for axes, answer_reversed in zip(squares, (False, True), strict=True):
        assert ["reversed" in label.get_text() for label in axes.get_xticklabels()] == [False, True]
        assert ["padded" in label.get_text() for label in axes.get_yticklabels()] == [False, True]
        for mean in axes.texts[::3]:
            column, row = (round(place) for place in mean.get_position())
            name = framings.COMBINATIONS[bool(row), bool(column), answer_reversed]
            assert mean.get_text() == f"{np.mean(exact[name]):.1f} %"
    assert len(rows.lines) == len(framings.FRAMINGS) - 8


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
    variant = layer_sizes.variant(layer_sizes.Cell(framing, 3, 200))
    X, y = variant.encode([(678, 45)])
    assert (experiments.read(X), experiments.read(y)) == ([" 678+45"], [answer])
    assert variant.build.keywords == {"units": (200, 200)}
    assert variant.learning_rate == layer_sizes.LEARNING_RATES[200]


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


def test_the_report_has_the_mean_of_each_sum_and_of_those_up_to_4(tmp_path, monkeypatch):
    reports, (_, sums) = [], common.sums_to_draw(2, 10, None)
    monkeypatch.setattr(experiments, "run_each", lambda script, run, names, report, args: (reports.append(report), 0))
    assert small_sums.main(["--outputs", str(tmp_path)]) == 0
    _, _, means, smallest = reports[0]({"it": [np.divide(sums, 100)] * 2}, None)[0]
    assert means.split() == ["it", *map(str, range(2, 21))]
    assert smallest.endswith(f": {20 / 6:.1f}, {20 / 6:.1f}")  # of 1+1, 1+2, 2+1, 1+3, 2+2 and 3+1
