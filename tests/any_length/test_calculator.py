"""calculator, marks, expressions: with automata made by hand; what is refused; a tiny training; the command line."""

import argparse
import io
import random
import re
import subprocess
import sys

from extensions.any_length import automaton, calculator, columns, expressions, marks

import keras
import numpy as np
import pytest

PARSER = marks.argument_parser()


def exact_table(name):
    """Make the table that keeps in mind just what a child does."""
    after = columns.rule(columns.OPERATIONS[name])
    states, queue, next_state, output = {columns.START: 0}, [columns.START], [], []
    for kept in queue:
        next_state.append([0] * 100)
        output.append([0] * 100)
        for symbol, right, keep in after(kept):
            if keep not in states:
                states[keep] = len(states)
                queue.append(keep)
            next_state[-1][symbol], output[-1][symbol] = states[keep], right
    return automaton.Table(next_state, output)


def exact_marker():
    """Make the Marker whose states are what was kept before a character, and the character."""
    sides = []
    for bracket in "()":
        states, queue, table = {}, [None], []
        for state in queue:
            kept = marks.START if state is None else marks.keep(state[0], marks.ALPHABET[state[1]])
            table.append([0] * len(marks.ALPHABET))
            for symbol, _, _ in marks.rule(bracket)(kept):
                if (kept, symbol) not in states:
                    states[kept, symbol] = len(queue)
                    queue.append((kept, symbol))
                table[-1][symbol] = states[kept, symbol]
        sides.append((table, queue))
    (left, befores), (right, behinds) = sides
    found = [
        [marks.mark(marks.ALPHABET[x[1]], x[0], y[0]) if x and y and x[1] == y[1] else 0 for y in behinds]
        for x in befores
    ]
    return marks.Marker(left, right, found)


MARKER = exact_marker()
TABLES = {sign: exact_table(name) for sign, name in calculator.NAMES.items()}


@pytest.fixture
def outputs(tmp_path):
    """Give a folder with exact networks."""
    for sign, name in calculator.NAMES.items():
        automaton.write(tmp_path / f"column_arithmetic_{name}.json", name, TABLES[sign])
    marks.save(tmp_path / "marks.json", MARKER)
    return tmp_path


def solve(*texts):
    problems = [expressions.tokens_of(text) for text in texts]
    n_digits = max(expressions.estimate(problem)[0] for problem in problems)
    return calculator.solve(problems, MARKER, TABLES, n_digits)


def python(text):
    """Let Python work out an expression that this file made."""
    assert re.fullmatch(r"[-+*()0-9 ]+", text)
    return str(
        eval(re.sub(r"0+(?=[0-9])", lambda m: m[0] if m.start() and text[m.start() - 1].isdigit() else "", text))
    )


# ---- Expressions


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
    ],
)  # fmt: skip
def test_expressions(text, right):
    assert solve(text) == [right] == [expressions.exact(expressions.tokens_of(text))]


def test_random_expressions_are_pythons():
    rng = random.Random(1)
    for _ in range(25):
        texts = marks.draw(60, rng).split() + [expressions.draw(12, 3, 20, "+-*", rng)]
        rounds, problems = [], [expressions.tokens_of(text) for text in texts]
        n_digits, n_rounds = map(max, zip(*map(expressions.estimate, problems), strict=True))
        answers = calculator.solve(problems, MARKER, TABLES, n_digits, lambda *shown: rounds.append(shown))  # noqa: B023
        assert "".join(rounds[0][0]).split() == ["".join(problem) for problem in problems]
        assert answers == [python(text) for text in texts] == list(map(expressions.exact, problems))
        assert len(rounds) <= n_rounds


def test_deep_and_long_expressions_need_no_recursion():
    assert solve("(" * 250 + "1" + "+1)" * 250) == ["251"]
    assert solve("-(" * 101 + "7" + ")" * 101) == ["-7"]
    assert solve("1" + "-1" * 1100) == ["-1099"]


def test_as_many_digits_as_are_needed():
    rng = random.Random(2)
    for _ in range(300):
        tokens = expressions.tokens_of(expressions.draw(8, 2, 5, "+-*", rng))
        n_digits, _ = expressions.estimate(tokens)
        assert abs(int(expressions.exact(tokens))) < 10 ** (n_digits - 1)
    assert expressions.estimate(["9", "+", "9"]) == (3, 2)  # below 10 + 10
    assert expressions.estimate(["+"] * 0 + "1+1+1+1+1+1+1+1+1".replace("+", " + ").split())[0] == 3


def test_products_are_worked_out_by_the_tables():
    broken = TABLES | {"+": automaton.Table(TABLES["+"].next_state, np.zeros_like(TABLES["+"].output).tolist())}
    assert calculator.solve([["12", "*", "34"]], MARKER, broken, 5) == ["0"]


# ---- The proof


def test_exact_marker_is_proved_and_every_changed_mark_is_refused():
    n_cases, wrong = marks.prove(MARKER)
    assert (n_cases, wrong) == (1127, [])
    rng, refused = random.Random(2), 0
    cells = [(i, j) for i, row in enumerate(MARKER.marks) for j in range(len(row)) if row[j] or rng.random() < 0.001]
    for i, j in cells:
        changed = [list(row) for row in MARKER.marks]
        changed[i][j] = (changed[i][j] + 1) % 3
        marker = MARKER._replace(marks=changed)
        _, wrong = marks.prove(marker)
        refused += bool(wrong)
        for text in wrong:  # it goes wrong indeed
            assert marks.read(marker, text).tolist() != marks.marks_of(text)
        assert wrong or not MARKER.marks[i][j]  # else it is a pair of states that never meet
    assert 20 < refused <= len(cells) < 100


def test_changed_transitions_are_refused():
    rng, refused = random.Random(3), 0
    for _ in range(40):
        left = [list(row) for row in MARKER.left]
        left[rng.randrange(len(left))][rng.randrange(16)] = rng.randrange(len(left))
        marker = MARKER._replace(left=left)
        _, wrong = marks.prove(marker)
        refused += bool(wrong)
        for text in wrong[:20]:
            assert marks.read(marker, text).tolist() != marks.marks_of(text)
        if not wrong:
            for text in (marks.draw(80, rng) for _ in range(20)):
                assert marks.read(marker, text).tolist() == marks.marks_of(text)
    assert 10 < refused < 40


def test_marks_of_are_the_steps_that_may_be_done():
    """Replacing any marked step by its value, or dropping any marked brackets, leaves the value as it is."""
    rng, n = random.Random(4), 0
    for _ in range(300):
        for text in marks.draw(40, rng).split():
            found = marks.marks_of(f" {text} ")[1:-1]
            assert any(found) == (not text.isdigit())
            for match in re.finditer("(?<![0-9])(?=([0-9]+([-+*])[0-9]+))", text):
                if found[match.start(2)] == marks.STEP:
                    n += 1
                    value = python(match[1])
                    done = text[: match.start(1)] + (f"({value})" if value[0] == "-" else value) + text[match.end(1) :]
                    assert python(done) == python(text)
            assert sum(mark == marks.BRACKET for mark in found) == 2 * len(re.findall(r"\([0-9]+\)", text))
    assert n > 250


def test_drawn_texts_are_expressions_between_blanks():
    rng = random.Random(5)
    for n in (8, 32, 200):
        for text in (marks.draw(n, rng) for _ in range(100)):
            assert len(text) == n and text[0] == text[-1] == " "
            for expression in text.split():
                assert expressions.tokens_of(expression)


# ---- The network


def test_rounded_network_is_the_networks_own_steps(eager):
    keras.utils.set_random_seed(1)
    model = marks.build_model(12)
    texts = [" (1+2)*3-4 ", " 12345*(6)  "]
    X = np.array([[marks.ALPHABET.index(c) for c in text.ljust(12)] for text in texts])
    *steps, score = marks.take_apart(model)
    left, right = (automaton.collect(steps[i], np.zeros(32), X[:, :: 1 - 2 * i])[0] for i in (0, 1))
    right = right[:, ::-1]
    scores = np.array([[score(left[i, [j]], right[i, [j]])[0, 0] for j in range(12)] for i in range(2)])
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=2, keepdims=True)
    assert np.allclose(probabilities, model.predict(np.eye(16)[X], verbose=0), atol=1e-5)


def test_counterexamples_go_into_the_next_round(eager, monkeypatch):
    drawn, found, marks_of, fewest = [], [], marks.marks_of, marks.fewest

    def watch(model, X):
        marker, tried = fewest(model, X, (8,))
        drawn.append(["".join(marks.ALPHABET[i] for i in row) for row in X])
        found.append(tried[-1][2])
        return marker, tried

    monkeypatch.setattr(marks, "fewest", watch)
    args = argparse.Namespace(n_examples=32, n_batch=32, n_epoch=1, learning_rate=0.001, n_characters=12)
    _, marker, line = marks.train(1, args)
    assert marker is None and line.startswith("not proved in 5 rounds: ") and len(drawn) == 5
    for wrong, texts in zip(found, drawn[1:], strict=False):
        assert wrong and texts[0].rstrip() == found[0][0].rstrip()
        assert marks_of(wrong[0])
    assert any(text.rstrip() == found[0][1].rstrip() for text in drawn[1][4::4])


# ---- The command line


def test_command_line(outputs, capsys):
    assert calculator.main(["((12+3)*45-600)*7-8*(9-1234567)", "--steps", "--outputs", str(outputs)]) == 0
    out = capsys.readouterr().out.split("\n")
    assert out[0] == "((12+3)*45-600)*7-8*(9-1234567)"
    assert out[1] == "((15)*45-600)*7-8*(9998765442)"
    assert "9876989" in out
    assert calculator.main(["-3*(-4)", "--outputs", str(outputs)]) == 0
    assert capsys.readouterr().out.startswith("12\n")


def test_standard_input(outputs, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("1+2*(3\n-4)\n"))
    assert calculator.main(["-", "--outputs", str(outputs)]) == 0
    assert capsys.readouterr().out.startswith("-1\n")


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("12+*3", "position 4"), ("+".join(["9" * 1000] * 3000), "minutes"), ("9" * 9000 + "*" + "9" * 9000, "memory"),
    ],
)  # fmt: skip
def test_what_is_refused_is_one_line(argument, message, tmp_path, capsys):
    with pytest.raises(SystemExit) as error:
        calculator.main([argument, "--outputs", str(tmp_path)])
    assert error.value.code == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and message in err and len(err) < 300
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["{}", "[]", '{"kind": "marks"}', '{"kind": "marks", "left": [[0]], "marks": 3}', "?"])
def test_a_damaged_file_is_one_line(text, outputs, capsys):
    (outputs / "marks.json").write_text(text)
    with pytest.raises(SystemExit) as error:
        calculator.main(["1+2", "--outputs", str(outputs)])
    assert error.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_network_that_is_not_proved_does_not_answer(outputs, capsys):
    changed = [list(row) for row in MARKER.marks]
    i, j = np.argwhere(np.array(changed) == marks.STEP)[0]
    changed[i][j] = marks.NO_MARK
    marks.save(outputs / "marks.json", MARKER._replace(marks=changed))
    with pytest.raises(SystemExit) as error:
        calculator.main(["1+2", "--outputs", str(outputs)])
    assert error.value.code == 2 and "not a proved network" in capsys.readouterr().err


def test_tests_and_picture(outputs, capsys, monkeypatch):
    kinds = list(calculator.tests(1))
    assert len(kinds[-2][1]) == 300 + 27_000 and len(kinds[-1][1]) == 10**5
    deepest = kinds[-3][1][0]
    assert len(re.findall("[0-9]{50}", deepest)) == 1000 and deepest.count("(") == 100
    monkeypatch.setattr(calculator, "tests", lambda seed: [("few", ["1+2", "2*(3-4)"])])
    assert calculator.main(["--test", "--outputs", str(outputs)]) == 0
    assert re.match("few: exact 2 of 2, ", (outputs / "calculator.txt").read_text())
    assert (outputs / "calculator.png").stat().st_size > 10_000


def test_from_the_shell(outputs):
    command = [sys.executable, "-m", "extensions.any_length.calculator", "2*(3-5)", "--outputs", str(outputs)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0 and result.stdout.startswith("-4\n")
