"""Problems as text: their values and forms, splits in which held out means new, and their encoding."""

import collections
import itertools
import random
import re

from extensions import experiments
from extensions.text import data

import pytest
from independent import independent_form, pythons


@pytest.mark.parametrize(
    ("n_numbers", "largest", "operators", "brackets", "n"),
    [(4, 4, "+", False, 256), (2, 10, "+-*", True, 300), (3, 5, "+-*", True, 3375), (3, 5, "+-*", False, 1125)],
)  # fmt: skip
def test_every_expression_has_pythons_value(n_numbers, largest, operators, brackets, n):
    problems = data.expressions(n_numbers, largest, operators, brackets)
    assert len(problems) == len({text for text, _ in problems}) == n
    assert all(pythons(text) == number for text, number in problems)
    assert any("(" in text for text, _ in problems) == (brackets and n_numbers > 2)


def test_forms_are_those_of_an_independent_definition():
    problems = data.expressions(2, 4) + data.expressions(3, 4, brackets=True)
    forms, others = collections.defaultdict(set), collections.defaultdict(set)
    for text, _ in problems:
        forms[data.canonical(text)].add(text)
        others[independent_form(text)].add(text)
    assert sorted(map(sorted, forms.values())) == sorted(map(sorted, others.values()))
    assert 100 < len(forms) < len(problems) / 2


def test_pairs_are_one_form_in_both_orders():
    pairs = data.pairs(7)
    assert len(pairs) == len(set(pairs)) == 49
    assert {number for pair in pairs for number in pair} == set(range(1, 8))
    assert len({data.form(pair) for pair in pairs}) == 28
    assert all(data.form((a, b)) == data.form((b, a)) for a, b in pairs)


# ---- Splits


SMALL = data.expressions(2, 4) + data.expressions(3, 4, brackets=True)
PROBLEMS = {"expressions": SMALL, "sums": data.expressions(4, 4, "+"), "pairs": data.pairs(20)}


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_split_is_a_partition_and_no_form_stands_in_two_parts(name):
    problems, seed = PROBLEMS[name], 1
    n = len(problems) // 10
    *parts, form = data.split(problems, n, random.Random(seed))
    assert form is data.form
    assert sorted(sum(parts, [])) == sorted(problems)
    largest_form = max(collections.Counter(map(data.form, problems)).values())
    assert all(n <= len(part) < n + largest_form for part in parts[1:])
    for one, other in itertools.combinations(parts, 2):
        if name == "pairs":
            assert not {frozenset(pair) for pair in one} & {frozenset(pair) for pair in other}
        else:
            assert not {independent_form(text) for text, _ in one} & {independent_form(text) for text, _ in other}
    assert parts == list(data.split(problems, n, random.Random(seed))[:3])
    assert parts != list(data.split(problems, n, random.Random(seed + 10))[:3])


@pytest.mark.parametrize(
    ("call", "offender"),
    [
        (lambda: data.hold_out([("1+1", 2)], 1, random.Random(1)), "holding out 1 of 1 .* leaves none to train"),
        (lambda: data.hold_out([("1+2", 3), ("2+1", 3)], 1, random.Random(1)), "leaves none to train on"),
        (lambda: data.hold_out([], 0, random.Random(1)), "leaves none to train on"),
        (lambda: data.split(data.pairs(2), 2, random.Random(1)), "leaves none to train on"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(call, offender):
    with pytest.raises(ValueError, match=offender):
        call()


def test_encoded_sums_are_read_back():
    X, y = data.encode_sums([(9, 10), (1, 2)], 10)
    assert (experiments.read(X), experiments.read(y)) == ([" 9+10", "  1+2"], ["19", " 3"])


# ---- The first step


def test_the_first_step_leaves_two_numbers_and_the_value():
    for text, number in data.expressions(2, 10) + data.expressions(3, 6, brackets=True)[::3]:
        rest = data.first_step(text)
        assert re.fullmatch(r"-?\d+[-+*]-?\d+", rest), text
        assert pythons(rest) == number, text
        assert (rest == text) == (len(re.findall(r"\d+", text)) == 2)


def test_the_first_step_is_the_one_that_comes_first():
    steps = {"3+7*8": "3+56", "3*7+8": "21+8", "3-7-8": "-4-8", "3*7*8": "21*8", "3-(7-8)": "3--1", "3+(7+8)": "3+15"}
    steps |= {"(3-7)*8": "-4*8", "(3*7)+8": "21+8", "3*(7-8)": "3*-1"}
    assert {text: data.first_step(text) for text in steps} == steps
