"""calculator and expressions: values by tables made by hand are Python's; what is refused; the tests."""

import argparse
import random
import re

from extensions.any_length import calculator, columns, expressions, marks

import numpy as np
import pytest
from hand_made import MARKER
from hand_made import TABLES as EXACT
from hypothesis import given, settings
from hypothesis import strategies as st

TABLES = {name: columns.columns_of(EXACT[name]) for name in ("add", "subtract", "multiply")}


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


def bracketed(expression):
    """Return expressions made of others: two with a sign between, and brackets around one."""
    return st.one_of(
        st.tuples(expression, st.sampled_from("+-*"), expression).map("".join), expression.map(lambda text: f"({text})")
    )


@given(st.recursive(st.integers(0, 10**12).map(str), bracketed, max_leaves=8))
@settings(max_examples=60, deadline=None)
def test_the_calculator_equals_exact_arithmetic(text):
    assert solve(text) == [python(text)]


def test_products_are_worked_out_by_the_tables_with_the_shorter_number_second():
    nothing = columns.columns_of(EXACT["add"]._replace(next_state=[[0] * 256], output=[[0] * 256]))
    assert calculator.solve([["12", "*", "34"]], MARKER, TABLES | {"add": nothing}, 5) == ["0"]
    by_2 = np.where(np.arange(256) % 16 == 2, EXACT["multiply"].output, 0).tolist()  # it multiplies by nothing but 2
    by_2 = TABLES | {"multiply": columns.columns_of(EXACT["multiply"]._replace(output=by_2))}
    assert columns.do_steps(by_2, "*", ["2", "345"], ["345", "2"], 5) == ["690", "690"]


def test_what_takes_too_long_is_refused_and_a_long_number_times_a_short_one_is_not():
    assert calculator.own_expression("9" * 20_000 + "*2")
    for text in ("+".join(["9" * 1000] * 3000), "9" * 20_000 + "*" + "9" * 20_000, "9" * 20_000 + "*(1-3)"):
        with pytest.raises(argparse.ArgumentTypeError, match="may take"):
            calculator.own_expression(text)


def test_the_tests_are_as_many_and_as_deep_as_they_say():
    kinds = list(calculator.tests(1))
    assert len(kinds[-2][1]) == 300 + 27_000 and len(kinds[-1][1]) == 10**5
    deepest = kinds[-3][1][0]
    assert len(re.findall("[0-9]{50}", deepest)) == 1000 and deepest.count("(") == 100
    assert next(calculator.tests(1)) != next(calculator.tests(2))
    wrong = MARKER._replace(marks=np.zeros_like(MARKER.marks).tolist())
    assert [calculator.count(["1+2", "2*(3-4)"], marker, TABLES) for marker in (MARKER, wrong)] == [2, 0]
