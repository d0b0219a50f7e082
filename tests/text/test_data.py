"""Problems as text: their forms, splits in which held out means new, and the first step."""

import functools
import itertools
import random
import re

from extensions.text import data, scratchpad

import pytest

EXPRESSIONS = data.expressions(2, 3) + data.expressions(3, 3, brackets=True)


@functools.cache
def independent_form(text):
    """Name the form in another way: each number is an unknown of its own, and equal numbers may change places.

    Up to three numbers, each written once, the values for large random unknowns tell apart just what differs by more
    than the order of terms and factors, and brackets that change nothing.
    """
    numbers, gaps = re.findall(r"\d+", text), re.sub(r"\d+", "{}", text)
    values = set()
    for places in itertools.permutations(range(len(numbers))):
        names = [f"{number} in place {place}" for number, place in zip(numbers, places, strict=True)]
        unknowns = [random.Random(name).randint(10**9, 10**10) for name in names]
        values.add(data.evaluate(data.parse(gaps.format(*unknowns))))
    return frozenset(values)


def test_forms_are_those_of_an_independent_definition():
    assert len(dict(EXPRESSIONS)) == 3**2 * 3 + 3**3 * 3**2 * 3
    sums = [text for text, _ in scratchpad.drills(3) if "*" not in text]  # -7+3 is 3-7
    pairs = {(data.canonical(text), independent_form(text)) for text in [*dict(EXPRESSIONS), *sums]}
    n_forms = len({form for form, _ in pairs})
    assert len(pairs) == n_forms == len({form for _, form in pairs}) and 100 < n_forms < len(EXPRESSIONS) / 2


@pytest.mark.parametrize("problems", [EXPRESSIONS, data.pairs(20)], ids=["expressions", "pairs"])
def test_a_split_is_a_partition_and_no_form_stands_in_two_parts(problems):
    n = len(problems) // 10
    *parts, form = data.split(problems, n, random.Random(1))
    assert sorted(sum(parts, [])) == sorted(problems) and form is data.form
    assert all(n <= len(part) < n + 18 for part in parts[1:])  # no form has more problems
    for one, other in itertools.combinations(parts, 2):
        assert not set(map(form, one)) & set(map(form, other))
    assert parts == list(data.split(problems, n, random.Random(1))[:3])
    assert parts != list(data.split(problems, n, random.Random(2))[:3])


@pytest.mark.parametrize("problems", [[("1+2", 3), ("2+1", 3)], []])
def test_a_split_that_leaves_nothing_to_train_is_refused(problems):
    with pytest.raises(ValueError, match="leaves none to train on"):
        data.hold_out(problems, len(problems) // 2, random.Random(1))


def test_the_first_step_is_the_one_that_comes_first():
    steps = {"3+7*8": "3+56", "3*7+8": "21+8", "3-7-8": "-4-8", "3*7*8": "21*8", "3-(7-8)": "3--1", "3+(7+8)": "3+15"}
    steps |= {"(3-7)*8": "-4*8", "(3*7)+8": "21+8", "3*(7-8)": "3*-1"}
    assert {text: data.first_step(text) for text in steps} == steps
