"""column_arithmetic and columns: what a child does, products by exact parts, problems of one's own, the proof."""

import argparse
import functools
import itertools
import os
import subprocess
import sys

from extensions.any_length import automaton, column_arithmetic, columns
from extensions.any_length.columns import OPERATIONS

import check_table
import keras
import numpy as np
import pytest
from hand_made import changed, exact_network, exact_table

BIG, OTHER = "98765432109876543210" * 50, "12345678901234567890" * 50  # 1,000 digits
PROVED = {
    name: (exact_table(name), column_arithmetic.prove(OPERATIONS[name], exact_table(name))) for name in OPERATIONS
}


def run(*arguments, outputs):
    return column_arithmetic.main([*arguments, "--outputs", str(outputs)])


@pytest.fixture
def tables(tmp_path):
    """Give a folder with the four tables, made by hand."""
    for name in OPERATIONS:
        automaton.write(tmp_path / f"column_arithmetic_{name}.json", name, PROVED[name][0])
    return tmp_path


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


@pytest.mark.parametrize("name", OPERATIONS)
def test_practised_problems_begin_with_what_was_wrong(name):
    operation = OPERATIONS[name]
    [X] = columns.draw(operation, 1, 5, np.random.default_rng(1))
    before = X.copy()
    columns.practise(operation, X, [57, 87])
    assert X[:2].tolist() == [[5, 7], [8, 7]] and (X[2:, 0] == before[2:, 0]).all()
    assert (X[2:, 1] == (7 if operation.one_digit else before[2:, 1])).all()
    columns.practise(operation, X, [17] * 20)
    assert (X == [1, 7]).all()


@pytest.mark.parametrize(("n_a", "n_b"), [(1, 1), (1, 3), (3, 1), (16, 7), (1, 40), (60, 60)])
def test_long_multiplication_with_exact_parts_is_exact(n_a, n_b):
    add, multiply = (lambda x, name=name: automaton.run(PROVED[name][0], x)[0] for name in ("add", "multiply"))
    rng = np.random.default_rng(n_a)
    firsts = ["9" * n_a, "0" * n_a, *("".join(map(str, rng.integers(0, 10, n_a))) for _ in range(5))]
    seconds = ["9" * n_b, "7" * n_b, *("".join(map(str, rng.integers(0, 10, n_b))) for _ in range(5))]
    for a, b in zip(firsts, seconds, strict=True):
        assert column_arithmetic.long_multiplication(add, multiply, a, b) == right(a, "*", b)
    # The plan has no arithmetic of its own: an addition that forgets its first number leaves the last row.
    forgets = column_arithmetic.long_multiplication(lambda x: [y % 10 for y in x], multiply, "958", "67")
    assert forgets == "57486"


# ---- Problems of one's own


@pytest.mark.parametrize(
    ("problem", "a", "sign", "b"),
    [
        ("958+67", "958", "+", "67"), ("958 − 67", "958", "-", "67"), ("67x958\n", "958", "*", "67"),
        ("958*7", "958", "*", "7"), ("7*958", "958", "*", "7"), ("958÷7", "958", "/", "7"), ("0/9", "0", "/", "9"),
        ("007-7", "007", "-", "7"), (f"{BIG}+{OTHER}", BIG, "+", OTHER), (f"{BIG}-{OTHER}", BIG, "-", OTHER),
        (f"{OTHER[:50]}*{BIG}", BIG, "*", OTHER[:50]), (f"{BIG}/7", BIG, "/", "7"),
    ],
)  # fmt: skip
def test_a_problem_is_answered_by_the_tables(tables, capsys, problem, a, sign, b):
    before = {path.name: path.stat().st_mtime_ns for path in tables.iterdir()}
    assert run(problem, outputs=tables) == 0
    line, proved, _ = capsys.readouterr().out.splitlines()
    assert line == f"{a}{sign}{b}={right(a, sign, b)}"
    cases = {"+": "add 200 cases", "-": "subtract 200 cases", "*": "multiply 560 cases", "/": "divide 540 cases"}[sign]
    assert proved.endswith(cases) and ("add" in proved) == (sign == "+" or (sign == "*" and len(b) > 1))
    assert before == {path.name: path.stat().st_mtime_ns for path in tables.iterdir()}


def test_an_answer_is_compared_with_decimal_arithmetic(capsys, monkeypatch, tmp_path):
    wrong = changed(exact_table("add"), "output", 0, 87, 6)  # and it is taken for proved
    monkeypatch.setattr(column_arithmetic, "get", lambda name, args: (wrong, PROVED[name][1]))
    assert run("958+67", outputs=tmp_path) == 1
    assert "1025" in capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize("problem", "a*3 12+ *12 12 1+2+3 2**3 5--3 1.5*2 2^3 12:3 ٣+٤ 67-958 000-1 9/0 9/12".split())
def test_what_is_no_problem_is_refused(problem):
    with pytest.raises(argparse.ArgumentTypeError):
        column_arithmetic.own_problem(problem)


def test_a_product_that_would_take_long_is_refused():
    with pytest.raises(argparse.ArgumentTypeError):
        column_arithmetic.own_problem("9" * 50_000 + "*" + "9" * 50_000)


def test_a_missing_table_is_trained_and_saved_beside_those_of_runs_only_if_proved(tables, monkeypatch):
    os.remove(tables / "column_arithmetic_add.json")
    asked, before = [], sorted(os.listdir(tables))

    def train(operation, seed, args, table=None):
        asked.append((operation.name, seed))
        return None, table, {}, ""

    monkeypatch.setattr(column_arithmetic, "train", train)
    assert run("12*12", outputs=tables) == 1 and sorted(os.listdir(tables)) == before
    monkeypatch.setattr(column_arithmetic, "train", functools.partial(train, table=exact_table("add")))
    assert run("12*12", "--seed", "5", outputs=tables) == 0 and run("12+12", outputs=tables) == 0
    assert asked == [("add", 1), ("add", 5)]
    assert sorted(os.listdir(tables)) == sorted([*before, "column_arithmetic_add_asked.json"])


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
    table, rng, rule = exact_table(name), np.random.default_rng(1), columns.rule(OPERATIONS[name])
    assert not refused(name, table)
    reached = list(PROVED[name][1].reached)
    cases = [(state, symbol) for state, kept in reached for symbol, _, _ in rule(kept)]
    n_refused = 0
    for i in rng.permutation(len(cases))[:40]:
        state, symbol = cases[i]
        output = (table.output[state][symbol] + rng.integers(1, 10)) % 10
        assert refused(name, changed(table, "output", state, symbol, int(output)))
        then = (table.next_state[state][symbol] + rng.integers(1, len(reached))) % len(reached)
        n_refused += refused(name, changed(table, "next_state", state, symbol, int(then)))
    assert n_refused > 20  # another state may do as well: with other second numbers, which cannot follow


def test_what_cannot_come_is_not_asked():
    assert not refused("divide", changed(exact_table("divide"), "output", 0, 70, 5))  # nothing is divided by 0


def test_the_checker_decides_alone(tmp_path):
    for table, status in ((exact_table("add"), 0), (changed(exact_table("add"), "output", 1, 0, 0), 1)):
        automaton.write(tmp_path / "x.json", "add", table)
        assert subprocess.run([sys.executable, "-I", check_table.__file__, tmp_path / "x.json"]).returncode == status


def test_a_trained_network_is_proved_and_with_changed_weights_refused():
    args = argparse.Namespace(n_examples=6400, n_batch=64, n_epoch=2, learning_rate=0.01, n_digits=4)
    step, table, found, _ = column_arithmetic.train(OPERATIONS["add"], 1, args)
    assert table and not refused("add", table)
    _, _, centres = found[max(found)]
    for scale, seed in itertools.product((0.01, 1.0), range(3)):
        rng = np.random.default_rng(seed)

        def noisy(states, symbols, rng=rng, scale=scale):
            states, scores = step(states, symbols)
            return states + scale * rng.normal(size=states.shape), scores + 20 * scale * rng.normal(size=scores.shape)

        noisy_table, _ = automaton.tabulate(noisy, column_arithmetic.START, centres, 100)
        assert refused("add", noisy_table) == (scale == 1)


def test_the_network_in_numpy_is_that_of_keras():
    keras.utils.set_random_seed(1)
    model = column_arithmetic.build_model(5)
    model.set_weights([3 * weights for weights in model.get_weights()])
    X = np.random.default_rng(1).integers(0, 100, (50, 5))
    expected = keras.ops.convert_to_numpy(model(X)).argmax(axis=2)
    _, digits = automaton.collect(column_arithmetic.make_step(model), column_arithmetic.START, X)
    assert (digits == expected).all() and len(np.unique(expected)) > 3


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_check_counts_the_table_and_the_network_apart(name):
    step, table, _, _ = exact_network(name)
    broken = table._replace(output=[[3] * 100 for _ in table.output])

    def counts(table, step):
        lines, all_right = column_arithmetic.check_proof(
            OPERATIONS[name], table, step, np.random.default_rng(1), ((50, 10), (2, 1_100), (0, 30))
        )
        return (
            [int(line.split("table ")[1].split("/")[0]) for line in lines],
            [line.split()[-1] for line in lines],
            all_right,
        )

    assert counts(table, step) == ([50, 2, 12], ["50", "2", "12"], True)
    assert counts(table, lambda *x: (step(*x)[0], np.eye(10)[[7] * len(x[1])]))[:2] == ([50, 2, 12], ["0", "0", "0"])
    if name != "divide":  # where a table that is not proved has no remainder
        assert counts(broken, step) == ([0, 0, 0], ["50", "2", "12"], False)


@pytest.mark.slow
def test_a_sum_of_a_million_digits_takes_seconds_and_little_memory(tables):
    a, b = (
        "9" + np.random.default_rng(seed).integers(48, 58, 10**6 - 1, dtype=np.uint8).tobytes().decode()
        for seed in (1, 2)
    )
    code = (
        "import resource, sys, time\n"
        "from extensions.any_length import column_arithmetic\n"
        "before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "status = column_arithmetic.main(sys.argv[1:])\n"
        "print(status, time.process_time() - before[0], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before[1])"
    )
    command = [sys.executable, "-c", code, "-", "--outputs", str(tables)]
    shown = subprocess.run(command, input=f"{a}+{b}", capture_output=True, text=True).stdout.splitlines()
    status, seconds, kibibytes = map(float, shown[3].split())
    assert status == 0 and seconds < 5 and kibibytes < 200 * 2**10  # after the imports, which are most of it
    assert shown[0] == f"{a}+{b}={column_arithmetic.exact(a, '+', b)}"
