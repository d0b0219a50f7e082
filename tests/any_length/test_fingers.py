"""fingers, problems, columns: the proof and the independent checker, answers of the tables, what is trained on."""

import argparse
import itertools

from extensions.any_length import columns, fingers, problems
from extensions.any_length.problems import ALPHABET, OPERATIONS

import check_table
import numpy as np
import pytest
from hand_made import TABLES, changed, exact_program
from hypothesis import given, settings
from hypothesis import strategies as st

NINES = "9" * 5000  # more digits than Python turns into an int
PROOFS = {name: fingers.prove(table) for name, table in TABLES.items()}
NUMBERS = st.text("0123456789", min_size=1, max_size=12)


def right(a, sign, b):
    """Return the answer by Python's integers."""
    a, b = int(a), int(b)
    if sign == "/":
        return f"{a // b}, remainder {a % b}"
    return str({"+": a + b, "-": a - b, "*": a * b}[sign])


@st.composite
def changed_tables(draw):
    """Return an exact table with up to three entries changed."""
    table = TABLES[draw(st.sampled_from(list(OPERATIONS)))]
    sign = fingers.KIND[ALPHABET.index(OPERATIONS[table.operation].sign)]
    for _ in range(draw(st.integers(0, 3))):
        part = draw(st.sampled_from(["start", "moves", "next_state", "output", "output"]))
        state = draw(st.integers(0, len(table.output) - 1))
        characters = st.sampled_from([*range(10), ALPHABET.index(OPERATIONS[table.operation].sign), problems.BLANK])
        symbol = 16 * draw(characters) + draw(characters)
        if part == "start":
            window = [draw(st.sampled_from([0, sign, 5, 6, 7])) for _ in range(3)]
            index = 64 * window[0] + 8 * window[1] + window[2]
            table = changed(table, part, draw(st.integers(0, 1)), index, draw(st.integers(0, 2)))
        elif part == "moves":
            pair = 7 * draw(st.sampled_from([0, sign, 5])) + draw(st.sampled_from([0, sign, 5]))
            table = changed(table, part, draw(st.integers(0, 1)), pair, draw(st.integers(-1, 1)))
        elif part == "next_state":
            table = changed(table, part, state, symbol, draw(st.integers(0, len(table.output) - 1)))
        else:
            table = changed(table, part, state, symbol, draw(st.integers(0, 15)))
    return table


@given(changed_tables())
@settings(max_examples=150, deadline=None)
def test_the_proof_says_what_the_independent_checker_says(table):
    proof, operation = fingers.prove(table), OPERATIONS[table.operation]
    assert proof.holds == check_table.decide(table._asdict())
    if proof.holds:
        for a, b in itertools.product(("0", "7", "10", "99", "805"), "19" if operation.one_digit else ("0", "5", "10")):
            assert operation.sign != "-" or int(a) < int(b) or len(a) < len(b) or fingers.is_right(table, a, b)
            assert operation.sign == "-" or fingers.is_right(table, a, b)
    elif proof.wrong[0][1]:  # the fingers are right: the problem that is named goes wrong
        problem = fingers.to_problem(operation, proof.wrong[0][1])
        assert problem in proof.sentence and not fingers.is_right(table, *problem.split(operation.sign))


@pytest.mark.parametrize("name", OPERATIONS)
def test_exact_tables_are_proved(name):
    proof, operation = fingers.prove(TABLES[name]), OPERATIONS[name]
    n_cases = {"add": 387, "subtract": 342, "multiply": 614, "divide": 585}[name]
    assert proof.holds and f" {n_cases:,} cases" in proof.sentence and check_table.decide(TABLES[name]._asdict())
    for window, finger in ((0, 0), (0, 1), (64 * 7 + 8 * 5, 0), (8 * 6 + 7, 1)):  # another place is better
        assert not fingers.prove(changed(TABLES[name], "start", finger, window, 2)).holds
    for a, b in problems.classic(operation, 30):
        assert fingers.is_right(TABLES[name], a, b)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_changed_move_is_refused_or_makes_no_difference(name):
    operation, n_refused = OPERATIONS[name], 0
    kinds = 0, fingers.KIND[ALPHABET.index(operation.sign)], 5, 6
    for finger, x, y, move in itertools.product((0, 1), kinds, kinds, (-1, 0, 1)):
        table = changed(TABLES[name], "moves", finger, 7 * x + y, move)
        holds = fingers.prove(table).holds
        assert holds == check_table.decide(table._asdict())
        n_refused += not holds
        if holds:
            for a, b in itertools.product(("99", "805"), "9" if operation.one_digit else ("9", "99", "95")):
                assert fingers.is_right(table, max(a, b, key=int), min(a, b, key=int))
    assert n_refused == {"add": 14, "subtract": 8, "multiply": 7, "divide": 4}[name]


@given(NUMBERS, st.sampled_from("+-*/"), NUMBERS)
@settings(deadline=None)
def test_answers_are_those_of_python(a, sign, b):
    if sign == "-" and int(a) < int(b):
        a, b = b, a
    if sign == "/":
        b = str(1 + int(b) % 9)
    problem = problems.own_problem(f" {a} {sign}{b}\n")
    assert columns.answer(TABLES, PROOFS, *problem) == right(a, sign, b) == problems.exact(*problem)


def test_long_problems():
    assert columns.answer(TABLES, PROOFS, *problems.own_problem(f"{NINES}+1")) == "1" + "0" * 5000
    assert (
        columns.answer(TABLES, PROOFS, *problems.own_problem(f"{NINES}x{NINES}")) == "9" * 4999 + "8" + "0" * 4999 + "1"
    )
    bad = "1+2+3 5--3 1.5*2 12:3 ٣+٤ 67-958 000-1 9/0 9/12 +1".split()
    for no_problem in [*bad, "", "0" * 99_999, f"{3 * NINES}x{3 * NINES}"]:
        with pytest.raises(argparse.ArgumentTypeError):
            problems.own_problem(no_problem)


@pytest.mark.parametrize("name", OPERATIONS)
def test_problems_to_train_on(name):
    operation, rng, n_digits = OPERATIONS[name], np.random.default_rng(1), 6
    longest = rng.integers(1, 5, 2000)
    drawn = problems.draw(operation, longest, n_digits, rng)
    wrong = [[(5, 7)], [(9, 3), (0, 3), (1, 3)]]
    for practised in (False, True):
        if practised:
            problems.practise(operation, drawn, wrong)
        text, answers = problems.encode(operation, drawn)
        for i, (row, written) in enumerate(zip(text, answers, strict=True)):
            problem, found = ("".join(ALPHABET[k] for k in line).strip() for line in (row, written))
            a, b = problem[:-1].split(operation.sign)
            digits = found if name == "divide" else found[::-1]
            assert digits.lstrip("0") == right(a, operation.sign, b).split(",")[0].lstrip("0")
            assert practised or max(len(a), len(b)) <= longest[i]
            assert len(found) >= max(len(a), len(b)) and not found.count(" ")
            if practised and i % 4 == 0:
                _, [symbols] = fingers.read(exact_program(operation), row[None], 3)
                path = [16 * x + y for x, y in wrong[i // 4 % 2]]
                assert symbols[: len(path)].tolist() == path
    assert len(np.unique(text, axis=0)) > 900


def test_the_fingers_of_one_problem_are_those_of_many():
    rng = np.random.default_rng(1)
    for _ in range(50):  # random programs, in which nothing is right
        program = fingers.Program(rng.integers(0, 9, (2, 512)), rng.integers(-1, 2, (2, 49)))
        output = rng.integers(0, 14, (1, 256)).tolist()  # no blank
        table = fingers.Table("add", program.start.tolist(), program.moves.tolist(), [[0] * 256], output)
        text = fingers.to_indices(" 958+67=")
        _, [symbols] = fingers.read(program, text[None], len(text))
        assert fingers.solve(table, "958", "67")[0] == "".join(ALPHABET[output[0][symbol]] for symbol in symbols)


def test_damaged_tables_are_refused():
    data = TABLES["add"]._asdict()
    assert fingers.load(data) == TABLES["add"]
    for part, damaged in (("start", [[0] * 512]), ("moves", [[2] * 49] * 2), ("output", None), ("operation", "power")):
        with pytest.raises(ValueError):
            fingers.load(data | {part: damaged})
    with pytest.raises(ValueError):
        fingers.load(data | {"next_state": [[8] * 256] * len(data["output"])})
