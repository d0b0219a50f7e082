"""calculator and expressions: values by tables made by hand are Python's; what is refused; the tests."""

import random
import re

from extensions.any_length import automaton, calculator, expressions, marks

import numpy as np
import pytest
from hand_made import exact_marker, exact_table

MARKER = exact_marker()
TABLES = {sign: exact_table(name) for sign, name in calculator.NAMES.items()}


def solve(*texts, show=lambda tokens, marks: None):
    problems = [expressions.tokens_of(text) for text in texts]
    n_digits = max(expressions.estimate(problem)[0] for problem in problems)
    return calculator.solve(problems, MARKER, TABLES, n_digits, show)


def python(text):
    """Return what Python makes of an expression that this file made; it allows no leading zeros."""
    assert re.fullmatch(r"[-+*()0-9 ]+", text)
    return str(eval(re.sub(r"(?<![0-9])0+(?=[0-9])", "", text)))


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("12+*3", 4), ("", 1), ("   ", 1), ("(1+2", 5), ("1+2)", 4), ("3a", 2), ("2--3", 3), ("--1", 2), ("-", 2),
        ("()", 2), ("1 2", 3), ("(1)2", 4), ("1(2)", 2), ("٣+1", 1), ("1/2", 2), ("1.5", 2), ("+1", 1), ("2*-3", 3),
    ],
)  # fmt: skip
def test_bad_expressions_say_where(text, position):
    with pytest.raises(ValueError, match=f"^position {position}: "):
        expressions.tokens_of(text)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("-3*(-4)", "12"), ("-(3)", "-3"), ("0*(-3)", "0"), ("2-9", "-7"), ("007", "7"), ("(((5)))", "5"), ("5", "5"),
        (" 1 + 2*( 3-4 ) ", "-1"), ("2-3-4", "-5"), ("2-3*4-5", "-15"), ("2*3*4-2*3*4", "0"), ("9999-10000", "-1"),
        ("(0-99)*(0-99)", "9801"), ("99*(0-99)", "-9801"), ("(0-99)*99", "-9801"), ("50-0", "50"), ("5*1", "5"),
        ("(" * 250 + "1" + "+1)" * 250, "251"), ("1" + "-1" * 300, "-299"),  # without recursion
    ],
)  # fmt: skip
def test_expressions(text, right):
    assert solve(text) == [right] == [expressions.exact(expressions.tokens_of(text))]


def test_random_expressions_are_pythons():
    rng = random.Random(1)
    for _ in range(10):
        texts, rounds = marks.draw(60, rng).split() + [expressions.draw(12, 3, 20, "+-*", rng)], []
        problems = [expressions.tokens_of(text) for text in texts]
        assert solve(*texts, show=lambda *shown: rounds.append(shown)) == [python(text) for text in texts]  # noqa: B023
        assert [python(text) for text in texts] == list(map(expressions.exact, problems))
        assert "".join(rounds[0][0]).split() == ["".join(problem) for problem in problems]
        assert len(rounds) <= max(expressions.estimate(problem)[1] for problem in problems)


def test_as_many_digits_as_are_needed():
    rng = random.Random(2)
    for _ in range(300):
        tokens = expressions.tokens_of(expressions.draw(8, 2, 5, "+-*", rng))
        n_digits, _ = expressions.estimate(tokens)
        assert abs(int(expressions.exact(tokens))) < 10 ** (n_digits - 1)
    assert expressions.estimate(["9", "+", "9"]) == (3, 2)  # below 10 + 10


def test_products_are_worked_out_by_the_tables_with_the_shorter_number_second():
    nothing = np.zeros((9, 100), dtype=int).tolist()
    assert calculator.solve([["12", "*", "34"]], MARKER, TABLES | {"+": automaton.Table(nothing, nothing)}, 5) == ["0"]
    by_2 = np.where(np.arange(100) % 10 == 2, TABLES["*"].output, 0).tolist()  # the second digit is 2, else it writes 0
    by_2 = TABLES | {"*": automaton.Table(TABLES["*"].next_state, by_2)}
    assert calculator.do_steps(by_2, "*", ["2", "345"], ["345", "2"], 5) == ["690", "690"]


def test_the_tests_are_as_many_and_as_deep_as_they_say():
    kinds = list(calculator.tests(1))
    assert len(kinds[-2][1]) == 300 + 27_000 and len(kinds[-1][1]) == 10**5
    deepest = kinds[-3][1][0]
    assert len(re.findall("[0-9]{50}", deepest)) == 1000 and deepest.count("(") == 100
    assert [texts[0] for _, texts in kinds[:5]] != [texts[0] for _, texts in list(calculator.tests(2))[:5]]
    texts = kinds[-2][1][:300:7]
    assert calculator.count(texts, MARKER, TABLES) == len(texts)
    wrong = MARKER._replace(marks=np.zeros_like(MARKER.marks).tolist())
    assert calculator.count(texts, wrong, TABLES) == 0
