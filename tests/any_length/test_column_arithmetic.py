"""column_arithmetic and columns: what a child does, products by exact parts, problems of one's own, runs, Ctrl-C."""

import functools
import io
import json
import os
import re
import subprocess
import sys

from extensions.any_length import automaton, column_arithmetic, columns
from extensions.any_length.columns import OPERATIONS

import keras
import numpy as np
import pytest
from hand_made import changed, exact_table

TINY = ("--n-examples", "64", "--n-batch", "32", "--n-epoch", "1", "--n-digits", "3")
BIG, OTHER = "98765432109876543210" * 500, "12345678901234567890" * 500  # 10,000 digits
NO_PROBLEMS = "a*3", "12+", "*12", "12", "", "1+2+3", "2**3", "5--3", "1.5*2", "2^3", "12:3", "٣+٤"
TABLES = [f"column_arithmetic_{name}.json" for name in OPERATIONS]
PROVED = {
    name: (operation, table, automaton.prove(table, columns.rule(operation), columns.START))
    for name, operation, table in ((name, OPERATIONS[name], exact_table(name)) for name in OPERATIONS)
}


def run(*arguments, outputs):
    return column_arithmetic.main([*map(str, arguments), *TINY, "--outputs", str(outputs)])


@pytest.fixture
def tables(tmp_path):
    """Give a folder with the four tables, made by hand."""
    for name in OPERATIONS:
        column_arithmetic.save_table(tmp_path / f"column_arithmetic_{name}.json", name, PROVED[name][1])
    return tmp_path


def right(a, sign, b):
    """Let Python's integers say the answer."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    x, y = int(a), int(b)
    answer = {"+": lambda: x + y, "-": lambda: x - y, "*": lambda: x * y, "/": lambda: f"{x // y}, remainder {x % y}"}
    answer = str(answer[sign]())
    sys.set_int_max_str_digits(limit)
    return answer


# ---- Columns


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
        rest = f", remainder {last}" if name == "divide" else ""
        assert columns.to_text(operation, written) + rest == right(a, operation.sign, b)
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


# ---- Problems


@pytest.mark.parametrize(("n_a", "n_b"), [(1, 1), (1, 3), (3, 1), (5, 4), (16, 7), (1, 40), (40, 1), (100, 100)])
def test_long_multiplication_with_exact_parts_is_exact(n_a, n_b):
    add, multiply = (
        lambda symbols, name=name: automaton.run(PROVED[name][1], symbols)[0] for name in ("add", "multiply")
    )
    rng = np.random.default_rng(n_a)
    firsts = ["9" * n_a, "0" * n_a, *("".join(map(str, rng.integers(0, 10, n_a))) for _ in range(10))]
    seconds = ["9" * n_b, "7" * n_b, *("".join(map(str, rng.integers(0, 10, n_b))) for _ in range(10))]
    for a, b in zip(firsts, seconds, strict=True):
        assert column_arithmetic.long_multiplication(add, multiply, a, b) == right(a, "*", b)
    # The plan has no arithmetic of its own: an addition that forgets its first number leaves the last row.
    forgets = column_arithmetic.long_multiplication(lambda x: [y % 10 for y in x], multiply, "958", "67")
    assert forgets == "57486"


@pytest.mark.parametrize(
    ("problem", "shown", "proved"),
    [
        ("958+67", "958+67=1025", "add 200 cases"),
        ("958 − 67", "958-67=891", "subtract 200 cases"),
        ("67x958", "958*67=64186", "add 200 cases, multiply 560 cases"),
        ("958*7", "958*7=6706", "multiply 560 cases"),
        ("958÷7", "958/7=136, remainder 6", "divide 540 cases"),
        ("0/9", "0/9=0, remainder 0", "divide 540 cases"),
        ("007-7", "007-7=0", "subtract 200 cases"),
        *((f"{BIG[:20]}{sign}{OTHER[:20]}", f"{BIG[:20]}{sign}{OTHER[:20]}={right(BIG[:20], sign, OTHER[:20])}", None)
          for sign in "+-*"),
        *((f"{BIG}{sign}{OTHER}", f"{BIG}{sign}{OTHER}={right(BIG, sign, OTHER)}", None) for sign in "+-"),
        *((f"{BIG}{sign}7", f"{BIG}{sign}7={right(BIG, sign, '7')}", None) for sign in "*/"),
        (f"{BIG[:1000]}*{OTHER[:50]}", f"{BIG[:1000]}*{OTHER[:50]}={right(BIG[:1000], '*', OTHER[:50])}", None),
    ],
)  # fmt: skip
def test_a_problem_is_answered_by_the_tables(tables, capsys, monkeypatch, problem, shown, proved):
    monkeypatch.setattr(column_arithmetic, "train", lambda *_: 1 / 0)
    before = {name: (tables / name).stat().st_mtime_ns for name in os.listdir(tables)}
    for given in (problem, "-"):
        monkeypatch.setattr(sys, "stdin", io.StringIO(f" {problem}\n"))
        assert run(given, outputs=tables) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [lines[0], lines[2]] == [shown, "Decimal arithmetic says the same."]
        assert re.match("The tables proved: ", lines[1]) and (not proved or lines[1].endswith(f": {proved}"))
    assert before == {name: (tables / name).stat().st_mtime_ns for name in os.listdir(tables)}


def test_a_sum_of_a_million_digits_takes_seconds_and_little_memory(tables):
    rng = np.random.default_rng(1)
    a, b = ("9" + rng.integers(48, 58, 10**6 - 1, dtype=np.uint8).tobytes().decode() for _ in range(2))
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
    answer = shown[0].removeprefix(f"{a}+{b}=")
    carry, parts = 0, []
    for i in range(10**6, 0, -1000):  # Python's integers, a thousand digits at a time
        carry, part = divmod(int(a[i - 1000 : i]) + int(b[i - 1000 : i]) + carry, 10**1000)
        parts.append(f"{part:01000}")
    assert answer == f"{carry}{''.join(reversed(parts))}" and shown[2] == "Decimal arithmetic says the same."


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        *((text, f"'{text}' is not a problem such as 958*67") for text in NO_PROBLEMS),
        ("67-958", "differences below 0 are not learned"),
        ("000-1", "differences below 0 are not learned"),
        ("958/0", "behind / is one digit, from 1 to 9"),
        ("958/12", "behind / is one digit, from 1 to 9"),
        ("9" * 50_000 + "*" + "9" * 50_000, "this product would take more than a few minutes"),
    ],
)  # fmt: skip
def test_a_bad_problem_is_one_line(tmp_path, capsys, monkeypatch, problem, message):
    for given in (problem, "-"):
        monkeypatch.setattr(sys, "stdin", io.StringIO(problem))
        with pytest.raises(SystemExit) as error:
            run(given, outputs=tmp_path)
        shown = capsys.readouterr()
        assert (error.value.code, shown.out) == (2, "")
        assert re.fullmatch(rf".*: error: argument 958\*67: {re.escape(message)}\n", shown.err)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("damage", ["", '{"kind": "add"}', "subtract", "changed"])
def test_a_file_that_is_not_the_proved_table_does_not_answer(tmp_path, capsys, damage):
    path = tmp_path / "column_arithmetic_add.json"
    if damage == "subtract":
        automaton.write(path, "subtract", exact_table("subtract"))
    elif damage == "changed":
        automaton.write(path, "add", changed(exact_table("add"), "output", 1, 99, 8))
    else:
        path.write_text(damage, encoding="utf-8")
    with pytest.raises(SystemExit) as error:
        run("2+2", outputs=tmp_path)
    shown = capsys.readouterr()
    assert (error.value.code, shown.out) == (2, "")
    assert shown.err.endswith(f"error: '{path}' is not the proved table of add: delete it, and it is trained anew\n")


def test_a_missing_table_is_trained_and_saved_only_if_proved(tables, capsys, monkeypatch):
    (tables / "column_arithmetic_add.json").unlink()
    asked = []

    def train(operation, seed, args, table=None):
        asked.append(operation.name)
        return None, table, {}, ""

    monkeypatch.setattr(column_arithmetic, "train", train)
    assert run("12*12", outputs=tables) == 1
    assert capsys.readouterr().out == "add: not proved after 5 rounds of training, so there is no answer.\n"
    assert not (tables / "column_arithmetic_add.json").exists()
    monkeypatch.setattr(column_arithmetic, "train", functools.partial(train, table=exact_table("add")))
    assert run("12*12", outputs=tables) == 0 and run("12+12", outputs=tables) == 0
    assert asked == ["add", "add"] and sorted(os.listdir(tables)) == sorted(TABLES)


# ---- Runs


def by_hand(name):
    """Make a network that does an operation exactly; as from `train`, with its states as centres."""
    operation, table, proof = PROVED[name]
    states = np.zeros((len(table.output), 32))
    states[:, 0] = np.arange(len(states))

    def step(kept, symbols):
        now = kept[:, 0].astype(int)
        return states[np.array(table.next_state)[now, symbols]], np.eye(10)[np.array(table.output)[now, symbols]]

    return step, table, {2: (proof, np.array([1.5, 1]), states[1:])}, "1 round, 3.0 s of processor time"


def test_a_run_of_proved_networks(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(column_arithmetic, "train", lambda operation, seed, args: by_hand(operation.name))
    monkeypatch.setattr(column_arithmetic, "CHECKED", ((50, 10), (2, 1_100), (0, 30)))
    assert run("--n-seeds", "2", outputs=tmp_path) == 0
    stdout = capsys.readouterr().out
    assert stdout == (tmp_path / "column_arithmetic.txt").read_text(encoding="utf-8")
    assert stdout.startswith(
        "n_examples=64, n_batch=32, n_epoch=1, learning_rate=0.01, seed=1, n_digits=3, n_seeds=2\n"
    )
    for name, (_, table, proof) in PROVED.items():
        assert f"{name}: proved exact at every length with 2 of 2 seeds\n" in stdout
        said = f"    {len(table.output)} states, {proof.n_cases} cases: every one right. Exact at every length.\n"
        assert f"\n{name}, seed 2, 1 round, 3.0 s of processor time, 2 centres:\n{said}" in stdout
        assert json.loads((tmp_path / f"column_arithmetic_{name}.json").read_text())["output"] == table.output
    assert stdout.count("    random, 10 digits: table 50/50, not rounded 50\n") == 4
    assert stdout.count("    random, 1,100 digits: table 2/2, not rounded 2\n") == 4
    assert stdout.count("    classic, 30 digits: table 12/12, not rounded 12\n") == 4
    assert sorted(os.listdir(tmp_path)) == sorted([*TABLES, "column_arithmetic.png", "column_arithmetic.txt"])


def test_what_is_wrong_is_practised_and_at_last_said(tmp_path, capsys, monkeypatch, eager):
    fitted, fit = [], keras.Model.fit
    monkeypatch.setattr(keras.Model, "fit", lambda self, X, y, **kw: (fitted.append((X, y)), fit(self, X, y, **kw)))
    monkeypatch.setattr(column_arithmetic, "ROUNDS", 2)
    operations = {name: OPERATIONS[name] for name in ("subtract", "divide")}
    monkeypatch.setattr(column_arithmetic, "OPERATIONS", operations)
    monkeypatch.setattr(automaton, "fewest", functools.partial(automaton.fewest, n_centres=(2, 4)))
    assert run(outputs=tmp_path) == 1
    stdout = capsys.readouterr().out
    assert len(fitted) == 4 and os.listdir(tmp_path) == ["column_arithmetic.txt"]
    for i, (name, operation) in enumerate(operations.items()):
        assert f"\n{name}: proved exact at every length with 0 of 1 seeds\n" in stdout
        a, b = re.search(
            rf"(?m)^{name}, seed 1, 2 rounds, .*:\n    not proved: (\d+)\{operation.sign}(\d+) goes wrong$", stdout
        ).groups()
        assert columns.symbols(operation, a, b)
        for X, y in fitted[2 * i : 2 * i + 2]:
            assert X.shape == y.shape == (64, 3 + (operation.order == 1))
            pairs = np.stack(np.divmod(X, 10), axis=2).astype(np.int8)
            assert (columns.work(operation, pairs)[0] == y).all()


def test_the_network_in_numpy_is_that_of_keras():
    keras.utils.set_random_seed(1)
    model = column_arithmetic.build_model(5)
    model.set_weights([3 * weights for weights in model.get_weights()])
    X = np.random.default_rng(1).integers(0, 100, (50, 5))
    expected = keras.ops.convert_to_numpy(model(X)).argmax(axis=2)
    _, digits = automaton.collect(column_arithmetic.make_step(model), column_arithmetic.START, X)
    assert (digits == expected).all() and len(np.unique(expected)) > 3


def test_an_interrupted_run_keeps_the_finished_networks(tmp_path, capsys, monkeypatch):
    def train(operation, seed, args):
        if operation.name == "multiply":
            raise KeyboardInterrupt
        return by_hand(operation.name)

    monkeypatch.setattr(column_arithmetic, "train", train)
    monkeypatch.setattr(column_arithmetic, "CHECKED", ((5, 10),))
    assert run(outputs=tmp_path) == 130
    text = (tmp_path / "column_arithmetic.txt").read_text(encoding="utf-8")
    assert text == capsys.readouterr().out and text.endswith("\ninterrupted: what stands above is finished\n")
    assert sorted(os.listdir(tmp_path)) == ["column_arithmetic.png", "column_arithmetic.txt", TABLES[0], TABLES[1]]
