"""small_sums: each variant changes the one thing that it says, and nothing else."""

import collections
import random

from extensions import experiments
from extensions.text import small_sums


def test_each_sum_is_drawn_as_often_or_each_pair():
    rng = random.Random(1)
    for variant in small_sums.VARIANTS:
        pairs = small_sums.draw(variant, 19_000, rng)
        assert {number for pair in pairs for number in pair} == set(range(1, 11))
        drawn = collections.Counter(map(sum, pairs))
        if variant == "each sum as often":
            assert sorted(drawn) == list(range(2, 21)) and min(drawn.values()) > 900
        else:
            assert drawn[2] < 300 < 1700 < drawn[11]


def test_only_in_one_variant_no_answer_begins_with_a_space():
    answers = {}
    for variant in small_sums.VARIANTS:
        X, y = small_sums.encode(variant, [[1, 1], [3, 10]])
        assert experiments.read(X) == ["  1+1", " 3+10"]
        answers[variant] = experiments.read(y)
    assert answers == {
        "as in the article": [" 2", "13"],
        "no answer of one digit": ["12", "23"],
        "each sum as often": [" 2", "13"],
    }
