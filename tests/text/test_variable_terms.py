"""Sums of various lengths: which are drawn how often. Their rows are tested in test_small_runs.py."""

import collections
import random

from extensions import experiments
from extensions.text import variable_terms


def test_rare_values_and_lengths_are_drawn_more_often(tmp_path, monkeypatch):
    """1+1 and 1+1+1 are alone in a value or a length: weights of 1 / sqrt(3), those of the others 1 / 3."""
    given = []
    monkeypatch.setattr(experiments, "compare", lambda *arguments: given.extend(arguments))
    variable_terms.main(["--largest", "3", "--outputs", str(tmp_path)])
    [variant] = given[1].values()
    training = [("1+1", 2), ("1+2", 3), ("2+1", 3), ("1+1+1", 3)]
    counts = collections.Counter(text for text, _ in variant.draw(training, None, random.Random(1), 20_000))
    rare, common = 3**-0.5, 1 / 3
    for (text, _), weight in zip(training, (rare, common, common, rare), strict=True):
        assert abs(counts[text] / 20_000 - weight / (2 * rare + 2 * common)) < 0.02
