"""small_sums: each variant changes the one thing that it says, and nothing else."""

import collections
import random

from extensions import experiments
from extensions.text import small_sums


def test_each_sum_is_drawn_as_often_or_each_pair():
    for variant in small_sums.VARIANTS:
        pairs = small_sums.draw(variant, 19_000, random.Random(1))
        assert {number for pair in pairs for number in pair} == set(range(1, 11))
        drawn = collections.Counter(map(sum, pairs))
        assert (min(drawn.values()) > 900) == (variant == "each sum as often")
        assert len(drawn) == 19 and (drawn[11] > 1700) == (variant != "each sum as often")


def test_only_in_one_variant_no_answer_begins_with_a_space():
    answers = {}
    for variant in small_sums.VARIANTS:
        X, y = small_sums.encode(variant, [[1, 1], [3, 10]])
        assert experiments.read(X) == ["  1+1", " 3+10"]
        answers[variant] = experiments.read(y)
    article = [" 2", "13"]
    assert list(answers.values()) == [article, ["12", "23"], article]
