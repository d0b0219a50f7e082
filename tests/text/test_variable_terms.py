"""Sums of various lengths: which are drawn how often, and the rows of sums of five terms."""

import re

from extensions.text import variable_terms

import pytest


def test_rare_values_and_lengths_are_drawn_more_often():
    problems = [("1+1", 2), ("1+2", 3), ("2+1", 3), ("1+1+1", 3)]
    assert variable_terms.weigh(problems) == pytest.approx([(1 * 3) ** -0.5, *[(3 * 3) ** -0.5] * 2, (3 * 1) ** -0.5])


def test_each_number_of_terms_is_a_row_and_five_terms_are_two(tmp_path, eager):
    """With so few sums, a seed may hold out none of some length: the row is left out, or has fewer seeds."""
    arguments = ["--n-examples", "20", "--n-batch", "10", "--n-epoch", "1", "--largest", "3", "--n-seeds", "2"]
    assert variable_terms.main([*arguments, "--outputs", str(tmp_path)]) == 0
    text = (tmp_path / "variable_terms.txt").read_text(encoding="utf-8")
    rows = {kind: int(n) for kind, n in re.findall(r"(?m)^ +(\d terms.*): \d+ of (\d+), ", text)}
    every = ["2 terms", "3 terms", "4 terms", "5 terms, sum up to 12", "5 terms, sum above 12"]
    assert list(rows) == [kind for kind in every if kind in rows] and list(rows)[-2:] == every[-2:]
    *short, up_to, above = rows.values()
    assert up_to + above == 2 * 1000
    assert sum(short) == int(re.search(r"two to four terms: \d+ of (\d+),", text)[1])


def test_the_picture_has_a_row_for_each_kind():
    axes = variable_terms.picture({"4 terms": [90, 95], "5 terms, sum above 12": [0, 1]}).axes[0]
    assert [list(line.get_xdata()) for line in axes.lines] == [[90, 95], [0, 1]]
