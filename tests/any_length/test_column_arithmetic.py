"""column_arithmetic and columns: what a child does, products by exact parts, problems of one's own, the proof."""

import argparse
import re

from extensions.any_length import automaton, column_arithmetic, columns
from extensions.any_length.columns import OPERATIONS

import check_table
import keras
import numpy as np
import pytest
from hand_made import TABLES, changed, exact_network

NINES = "9" * 5000  # more digits than Python turns into an int
LONG, LONGER = 98765432109876543210**3, 1234567890123456789**5


def run(*arguments, outputs):
    return column_arithmetic.main([*arguments, "--outputs", str(outputs)])


def right(a, sign, b):
    """Return the answer by Python's integers."""
    a, b = int(a), int(b)
    if sign == "/":
        return f"{a // b}, remainder {a % b}"
    return str({"+": a + b, "-": a - b, "*": a * b}[sign])


@pytest.mark.parametrize("name", OPERATIONS)
def test_drawn_problems_are_worked_out_as_by_python(name):
    operation = OPERATIONS[name]
    X = columns.draw(operation, 500, 5, np.random.default_rng(1))
    assert X.shape == (500, 5 + (operation.order == 1), 2) and X.min() >= 0 and X.max() <= 9
    assert len(np.unique(X[:, 0], axis=0)) > 80
    digits, kept = columns.work(operation, X)
    for problem, written, last in zip(X, digits.tolist(), kept[:, -1].tolist(), strict=True):
        a, b = columns.to_problem(operation, columns.to_symbols(problem[None])[0].tolist())
        if operation.one_digit:
            assert len(set(problem[:, 1])) == 1 and int(b) in operation.one_digit
        answer = columns.to_text(operation, written)
        answer += f", remainder {last}" if name == "divide" else ""
        assert answer == right(a, operation.sign, b) == column_arithmetic.exact(a, operation.sign, b)
        assert name == "divide" or last == 0


def test_practised_problems_begin_with_what_was_wrong():
    for name, rest in (("add", [3, 4]), ("multiply", [3, 7])):  # where it has one digit, the second number goes on
        X = np.tile([3, 4], (5, 1))
        columns.practise(OPERATIONS[name], X, [57, 87])
        assert X.tolist() == [[5, 7], [8, 7], rest, rest, rest]
    columns.practise(OPERATIONS["add"], X, [17] * 20)
    assert (X == [1, 7]).all()


# ---- Problems of one's own


@pytest.mark.parametrize(
    ("problem", "answer", "proved"),
    [
        ("958+67", "958+67=1025", "add 200 cases"), ("958 − 67", "958-67=891", "subtract 200 cases"),
        ("7*958", "958*7=6706", "multiply 560 cases"), ("958÷7", "958/7=136, remainder 6", "divide 540 cases"),
        ("67x958\n", "958*67=64186", "add 200 cases, multiply 560 cases"),
        (f"{LONG}*{LONGER}", f"{LONGER}*{LONG}={LONG * LONGER}", "add 200 cases, multiply 560 cases"),
        ("007-7", "007-7=0", "subtract 200 cases"), (f"{NINES}+1", f"{NINES}+1=1{'0' * 5000}", "add 200 cases"),
    ],
)  # fmt: skip
def test_a_problem_is_answered_by_the_tables(outputs, capsys, problem, answer, proved):
    before = {path: path.stat().st_mtime_ns for path in outputs.iterdir()}
    assert run(problem, outputs=outputs) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == answer and lines[1].endswith(f": {proved}")
    assert before == {path: path.stat().st_mtime_ns for path in outputs.iterdir()}


def test_an_answer_is_compared_with_decimal_arithmetic(capsys, monkeypatch, tmp_path):
    wrong = changed(TABLES["add"], "output", 0, 87, 6)  # and it is taken for proved
    proof = column_arithmetic.prove(OPERATIONS["add"], TABLES["add"])
    monkeypatch.setattr(column_arithmetic, "get", lambda name, args: (wrong, proof))
    assert run("958+67", outputs=tmp_path) == 1
    assert "1025" in capsys.readouterr().out.splitlines()[-1]


def test_what_is_no_problem_is_refused():
    no_problems = ["1+2+3", "5--3", "1.5*2", "12:3", "٣+٤", "67-958", "000-1", "9/0", "9/12"]
    for problem in [*no_problems, f"{10 * NINES}*{10 * NINES}"]:  # it would take long
        with pytest.raises(argparse.ArgumentTypeError):
            column_arithmetic.own_problem(problem)


# ---- The proof and the network


def refused(name, table):
    """Return whether the proof refuses a table, as the independent checker; if so, its counterexample goes wrong."""
    operation, data = OPERATIONS[name], {"kind": name, **table._asdict()}
    proof = column_arithmetic.prove(operation, table)
    holds, _ = column_arithmetic.prove_saved(data)
    assert holds == (proof.wrong is None) == check_table.decide(data)
    if not holds:
        a, b = columns.to_problem(operation, proof.wrong)
        written, _ = automaton.run(table, columns.symbols(operation, a, b))
        assert columns.to_text(operation, written) != right(a, operation.sign, b).split(",")[0]
    return not holds


@pytest.mark.parametrize("name", OPERATIONS)
def test_right_tables_are_proved_and_changed_ones_refused(name):
    table, rng, rule = TABLES[name], np.random.default_rng(1), columns.rule(OPERATIONS[name])
    assert not refused(name, table)
    reached = list(column_arithmetic.prove(OPERATIONS[name], table).reached)
    cases = [(state, symbol) for state, kept in reached for symbol, _, _ in rule(kept)]
    n_refused = 0
    for i in rng.permutation(len(cases))[:15]:
        state, symbol = cases[i]
        output = (table.output[state][symbol] + rng.integers(1, 10)) % 10
        assert refused(name, changed(table, "output", state, symbol, int(output)))
        then = (table.next_state[state][symbol] + rng.integers(1, len(reached))) % len(reached)
        n_refused += refused(name, changed(table, "next_state", state, symbol, int(then)))
    assert n_refused > 7  # another state may do as well: with other second numbers, which cannot follow
    if name == "divide":
        assert not refused(name, changed(table, "output", 0, 70, 5))  # nothing is divided by 0


def test_a_trained_network_is_proved():
    args = argparse.Namespace(n_examples=6400, n_batch=64, n_epoch=2, learning_rate=0.01, n_digits=4)
    _, table, _, _ = column_arithmetic.train(OPERATIONS["add"], 1, args)
    assert table and not refused("add", table)


def test_the_network_in_numpy_is_that_of_keras():
    keras.utils.set_random_seed(1)
    model = column_arithmetic.build_model(5)
    model.set_weights([3 * weights for weights in model.get_weights()])
    X = np.random.default_rng(1).integers(0, 100, (50, 5))
    expected = keras.ops.convert_to_numpy(model(X)).argmax(axis=2)
    _, digits = automaton.collect(column_arithmetic.make_step(model), column_arithmetic.START, X)
    assert (digits == expected).all() and len(np.unique(expected)) > 3


@pytest.mark.parametrize("name", ["add", "divide"])
def test_the_check_counts_the_table_and_the_network_apart(name):
    step, table, _, _ = exact_network(name)

    def counts(table, step):
        lines, all_right = column_arithmetic.check_proof(
            OPERATIONS[name], table, step, np.random.default_rng(1), ((50, 10), (2, 1_100), (0, 30))
        )
        # the table's, of how many, the network's
        counted = [re.findall("[0-9]+", line.partition("table")[2]) for line in lines]
        return [int(table) for table, _, _ in counted], [int(network) for *_, network in counted], all_right

    assert counts(table, step) == ([50, 2, 12], [50, 2, 12], True)
    assert counts(table, lambda *x: (step(*x)[0], np.eye(10)[[7] * len(x[1])])) == ([50, 2, 12], [0, 0, 0], True)
    if name == "add":  # a table of divisions that is not proved has no remainder
        broken = table._replace(output=[[3] * 100 for _ in table.output])
        assert counts(broken, step) == ([0, 0, 0], [50, 2, 12], False)
