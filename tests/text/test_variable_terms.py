"""Sums of various lengths: which are drawn how often, and the rows of sums of five terms."""

import collections
import random
import re

from extensions import experiments
from extensions.text import variable_terms

TINY = "--n-examples 20 --n-batch 10 --n-epoch 1 --largest 3 --n-seeds 1".split()


def test_rare_values_and_lengths_are_drawn_more_often(tmp_path, monkeypatch):
    """1+1 and 1+1+1 are alone in a value or a length: weights of 1 / sqrt(3), those of the others 1 / 3."""
    given = []
    monkeypatch.setattr(experiments, "compare", lambda *arguments: given.extend(arguments))
    variable_terms.main([*TINY, "--outputs", str(tmp_path)])
    [variant] = given[1].values()
    training = [("1+1", 2), ("1+2", 3), ("2+1", 3), ("1+1+1", 3)]
    counts = collections.Counter(text for text, _ in variant.draw(training, None, random.Random(1), 20_000))
    rare, common = 3**-0.5, 1 / 3
    for (text, _), weight in zip(training, (rare, common, common, rare), strict=True):
        assert abs(counts[text] / 20_000 - weight / (2 * rare + 2 * common)) < 0.02


def test_each_number_of_terms_is_a_row_and_five_terms_are_two(tmp_path, eager):
    """With so few sums, none of some length may be held out: then the row is left out."""
    assert variable_terms.main([*TINY, "--outputs", str(tmp_path)]) == 0
    text = (tmp_path / "variable_terms.txt").read_text(encoding="utf-8")
    rows = {kind: int(n) for kind, n in re.findall(r"(?m)^ +(\d terms.*): \d+ of (\d+), ", text)}
    every = ["2 terms", "3 terms", "4 terms", "5 terms, sum up to 12", "5 terms, sum above 12"]
    assert list(rows) == [kind for kind in every if kind in rows] and list(rows)[-2:] == every[-2:]
    n_held_out = int(re.search(r"two to four terms: \d+ of (\d+),", text)[1])
    assert rows["5 terms, sum up to 12"] + rows["5 terms, sum above 12"] == 1000
    assert sum(rows.values()) == n_held_out + 1000


def test_the_picture_has_a_row_for_each_kind():
    axes = variable_terms.picture({"4 terms": [90, 95], "5 terms, sum above 12": [0, 1]}).axes[0]
    assert [list(line.get_xdata()) for line in axes.lines] == [[90, 95], [0, 1]]
