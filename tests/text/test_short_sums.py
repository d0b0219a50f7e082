"""Sums by length: what is held out, and what each variant draws."""

import collections
import random
import re

from extensions.text import data, short_sums

import pytest


def test_of_each_length_new_sums_are_held_out():
    training, held_out = short_sums.split(99, random.Random(1))
    assert {n: len(training[n] + held_out[n]) for n in training} == {1: 81, 2: 9720}
    assert [len(pairs) for pairs in held_out.values()] == [pytest.approx(16.5, abs=0.5), pytest.approx(1000.5, abs=0.5)]
    for n in training:
        assert {short_sums.length(pair) for pair in training[n] + held_out[n]} == {n}
        assert not set(map(data.form, training[n])) & set(map(data.form, held_out[n]))


@pytest.mark.parametrize(
    ("variant", "shares"),
    list(zip(short_sums.VARIANTS, ((0.01, 0.09, 0.9), (0.1, 0.1, 0.8), (1 / 3, 1 / 3, 1 / 3)), strict=True)),
)
def test_a_variant_draws_its_share_of_each_length(variant, shares):
    training = {1: ["1"] * 10, 2: ["22"] * 90, 3: ["333"] * 900}
    drawn = collections.Counter(map(len, short_sums.draw(variant, training, random.Random(1), 10_000)))
    assert [drawn[n] / 10_000 for n in (1, 2, 3)] == pytest.approx(shares, abs=0.02)


def test_a_run_is_reported_by_length(tmp_path, eager):
    small = "--n-examples 20 --n-batch 10 --n-epoch 1 --largest 60 --n-seeds 1 --outputs".split()
    assert short_sums.main([*small, str(tmp_path)]) == 0
    text = (tmp_path / "short_sums" / "transcript.txt").read_text(encoding="utf-8")
    assert re.findall(r"length (\d): (\d+) drawn; held out \d+ of (\d+)", text)[-1][0] == "2"
    for variant in short_sums.VARIANTS:
        lines = text.partition(f"\n{variant}\n")[2].splitlines()[:3]
        assert sum(int(re.search(r"(\d+) drawn", line)[1]) for line in lines[:2]) == 20
        assert re.search(r"length 1, trained or held out: \d+ of 81,", lines[2])
