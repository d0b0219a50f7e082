"""text_addition_ablation: the texts, the sums of the tests, the shares, a tiny run, Ctrl-C."""

import os
import re

from extensions.any_length import text_addition, text_addition_ablation
from extensions.any_length.text_addition_ablation import VARIANTS

import numpy as np
import pytest
from test_text_addition import network

TINY = ["--n-examples", "64", "--n-batch", "32", "--n-epoch", "1", "--n-digits", "2", "--tested", "1", "3"]


def to_text(indices):
    return "".join(text_addition.ALPHABET[i] for i in indices)


def test_the_article_reads_from_the_right_each_term_padded():
    for from_the_right, expected in ((False, "   958+67="), (True, "=76 +859 ")):
        text, answers = text_addition_ablation.encode([(958, 67)], 3, from_the_right)
        assert to_text(text[0]).strip() == expected.strip() and to_text(answers[0]) == "5201 "
    text, _ = text_addition_ablation.encode([(958, 67), (1, 999)], 3, True)
    assert [to_text(row) for row in text] == ["=76 +859 ", "=999+1   "]


@pytest.mark.parametrize("n_digits", [1, 7, 100])
def test_the_tests_have_as_many_digits_as_they_say(n_digits):
    pairs = text_addition_ablation.draw_tests(n_digits, np.random.default_rng(1))
    assert len(pairs) == 500 and {len(str(max(pair))) for pair in pairs} == {n_digits}
    assert len({len(str(min(pair))) for pair in pairs}) >= min(n_digits, 50)
    assert 100 < sum(a >= b for a, b in pairs) < 400


def test_a_network_that_adds_has_all_and_a_trained_one_is_told_by_its_name():
    rng = np.random.default_rng(1)
    for settings in ({}, {"spread": True}):
        for n_digits in (1, 5, 8):
            pairs = text_addition_ablation.draw_tests(n_digits, rng)[:50]
            assert text_addition_ablation.share(network(), pairs, n_digits, **settings) == 100
    spread_out = network()
    start, *others = spread_out.get_weights()
    spread_out.set_weights([0.05 * start, *others])  # the fingers are hardly on one character: in the tests that tells
    assert text_addition_ablation.share(spread_out, pairs, 8) == 100
    assert text_addition_ablation.share(spread_out, pairs, 8, spread=True) < 50


def test_a_tiny_run_shows_each_variant(tmp_path, capsys, monkeypatch, eager):
    monkeypatch.setattr(text_addition.automaton.fewest, "__defaults__", ((2,),))
    assert text_addition_ablation.main([*TINY, "--n-seeds", "1", "--outputs", str(tmp_path)]) == 0
    text = (tmp_path / "text_addition_ablation.txt").read_text(encoding="utf-8")
    assert re.findall(r"(?m)^ *(.*), seed 1(?: +\d+\.\d){2}$", text) == list(VARIANTS)
    assert text.count("not proved: ") == 3
    assert sorted(os.listdir(tmp_path)) == ["text_addition_ablation.png", "text_addition_ablation.txt"]


def test_ctrl_c_keeps_the_finished_variants(tmp_path, capsys, monkeypatch, interrupt, eager):
    monkeypatch.setattr(text_addition.automaton.fewest, "__defaults__", ((2,),))
    interrupt(2)
    assert text_addition_ablation.main([*TINY, "--outputs", str(tmp_path)]) == 130
    text = (tmp_path / "text_addition_ablation.txt").read_text(encoding="utf-8")
    assert "two fingers, seed 1" in text and "spread fingers" not in text
    assert text.endswith("\ninterrupted: what stands above is finished\n")
