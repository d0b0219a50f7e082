"""calculator and expressions: values by tables made by hand are Python's; what is refused; the tests."""

import random
import re

from extensions.any_length import automaton, calculator, expressions, marks

import hand_made
import numpy as np
import pytest
from hand_made import MARKER

TABLES = {sign: hand_made.TABLES[name] for sign, name in calculator.NAMES.items()}


def solve(*texts):
    problems = [expressions.tokens_of(text) for text in texts]
    n_digits = max(expressions.estimate(problem)[0] for problem in problems)
    return calculator.solve(problems, MARKER, TABLES, n_digits)


def python(text):
    """Return what Python makes of an expression that this file made; it allows no leading zeros."""
    assert re.fullmatch(r"[-+*()0-9 ]+", text)
    return str(eval(re.sub(r"(?<![0-9])0+(?=[0-9])", "", text)))


def test_bad_expressions_say_where():
    bad = {"12+*3": 4, "": 1, "(1+2": 5, "1+2)": 4, "3a": 2, "2--3": 3, "-": 2, "()": 2, "1 2": 3, "(1)2": 4, "٣+1": 1}
    for text, position in bad.items():
        with pytest.raises(ValueError, match=f"^position {position}: "):
            expressions.tokens_of(text)


def test_expressions():
    texts = ["-3*(-4)", "-(3)", "0*(-3)", "007", "(((5)))", " 1 + 2*( 3-4 ) ", "2-3*4-5", "99*(0-99)", "9999-10000"]
    rng = random.Random(1)
    drawn = " ".join(marks.draw(60, rng) for _ in range(10)).split() + [expressions.draw(12, 3, 20, "+-*", rng)]
    for together in [drawn, *([text] for text in texts)]:
        right = [python(text) for text in together]
        assert solve(*together) == right == [expressions.exact(expressions.tokens_of(text)) for text in together]
    assert solve("(" * 250 + "1" + "+1)" * 250) == ["251"] and solve("1" + "-1" * 300) == ["-299"]  # without recursion
    assert calculator.solve([["3", "-", "8"]], MARKER, TABLES, 1) == ["-5"]  # 5 is below 0
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
    assert next(calculator.tests(1)) != next(calculator.tests(2))
    wrong = MARKER._replace(marks=np.zeros_like(MARKER.marks).tolist())
    assert [calculator.count(["1+2", "2*(3-4)"], marker, TABLES) for marker in (MARKER, wrong)] == [2, 0]
