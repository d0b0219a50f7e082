"""prove: saved tables, changed ones, networks with changed weights; an independent checker decides the same."""

import argparse
import itertools
import json
import os
import re
import subprocess
import sys

from extensions.any_length import automaton, column_arithmetic, columns, prove
from extensions.any_length.columns import OPERATIONS

import check_table
import numpy as np
import pytest
from hand_made import changed, exact_table


def refused(name, table):
    """Tell whether the proof refuses a table; if so, put its counterexample to the table: it must be really wrong."""
    operation = OPERATIONS[name]
    proof = automaton.prove(table, columns.rule(operation), columns.START)
    holds, sentence = column_arithmetic.prove_saved({"kind": name, **table._asdict()})
    assert holds == (proof.wrong is None) == check_table.decide({"kind": name, **table._asdict()})
    if not holds:
        a, b = columns.to_problem(operation, proof.wrong)
        x, y = int(a), int(b)
        right = {"+": x + y, "-": x - y, "*": x * y, "/": operation.sign == "/" and x // y}[operation.sign]
        written, _ = automaton.run(table, columns.symbols(operation, a, b))
        answer = int("".join(map(str, written[:: -operation.order])))
        assert right >= 0 and answer != right
        assert sentence == f"not proved: {a}{operation.sign}{b} is {right}, and the table writes {answer}."
    return not holds


@pytest.mark.parametrize("name", OPERATIONS)
def test_right_tables_are_proved_and_changed_ones_refused(name):
    table, rng, rule = exact_table(name), np.random.default_rng(1), columns.rule(OPERATIONS[name])
    assert not refused(name, table)
    reached = list(automaton.prove(table, rule, columns.START).reached)
    cases = [(state, symbol) for state, kept in reached for symbol, _, _ in rule(kept)]
    for i in rng.permutation(len(cases))[:60]:
        state, symbol = cases[i]
        output = (table.output[state][symbol] + rng.integers(1, 10)) % 10
        assert refused(name, changed(table, "output", state, symbol, int(output)))
    n_refused = 0
    for i in rng.permutation(len(cases))[:60]:
        state, symbol = cases[i]
        then = (table.next_state[state][symbol] + rng.integers(1, len(reached))) % len(reached)
        n_refused += refused(name, changed(table, "next_state", state, symbol, int(then)))
    # Another state may do as well: with other second numbers, which cannot follow, it is never asked.
    assert n_refused > 30


def test_what_cannot_come_is_not_asked():
    table = exact_table("divide")
    assert not refused("divide", changed(table, "output", 0, 70, 5))  # nothing is divided by 0


@pytest.fixture(scope="module")
def network():
    """Train a network for sums, shortly. Returns its weights and centres."""
    args = argparse.Namespace(n_examples=6400, n_batch=64, n_epoch=2, learning_rate=0.01, n_digits=4)
    models, make_step = [], column_arithmetic.make_step
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(column_arithmetic, "make_step", lambda model: models.append(model) or make_step(model))
        _, table, found, said = column_arithmetic.train(OPERATIONS["add"], 1, args)
    assert table and re.fullmatch(r"1 round, [0-9.]+ s of processor time", said)
    assert not refused("add", table)
    return models[0].get_weights(), found[max(found)][2]


def test_networks_with_changed_weights_are_refused(network):
    trained, centres = network
    n_refused = []
    for scale, seed in itertools.product((0.0, 0.01, 0.3, 1.0), range(3)):
        rng = np.random.default_rng(seed)
        weights = [w + scale * w.std() * rng.normal(size=w.shape) for w in trained]
        step = column_arithmetic.make_step(argparse.Namespace(get_weights=lambda weights=weights: weights))
        table, _ = automaton.tabulate(step, column_arithmetic.START, centres, 100)
        n_refused.append(refused("add", table))
    assert not any(n_refused[:6]) and all(n_refused[9:])


# ---- The command


def run(*arguments):
    return prove.main(list(map(str, arguments)))


def test_a_file_is_proved_or_shown_to_be_wrong(tmp_path, capsys):
    path = tmp_path / "x.json"
    for name in OPERATIONS:
        automaton.write(path, name, exact_table(name))
        assert run(path) == 0
        assert re.fullmatch(
            rf"{name}: \d+ states, \d+ cases: every one right. Exact at every length.\n", capsys.readouterr().out
        )
    automaton.write(path, "subtract", changed(exact_table("subtract"), "output", 0, 57, 7))
    assert run(path) == 1
    assert capsys.readouterr().out == "subtract: not proved: 15-7 is 8, and the table writes 7.\n"
    assert os.listdir(tmp_path) == ["x.json"]


def test_the_checker_decides_alone(tmp_path):
    for table, status in ((exact_table("add"), 0), (changed(exact_table("add"), "output", 1, 0, 0), 1)):
        automaton.write(tmp_path / "x.json", "add", table)
        command = [sys.executable, "-I", check_table.__file__, tmp_path / "x.json"]
        assert subprocess.run(command, cwd=tmp_path).returncode == status
    with open(check_table.__file__, encoding="utf-8") as file:
        lines = file.read().splitlines()
    assert [line for line in lines if "import " in line and "." not in line] == ["import json", "import sys"]
    assert len(lines) <= 40


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file or directory"),
        ("", "is not a saved network: it is not JSON with a kind"),
        (b"PK\x03\x04\x80", "is not a saved network: it is not JSON with a kind"),
        ('{"kind": "power"}', "is not a saved network: it is of no known kind"),
        ('{"kind": "add"}', "is not a saved network: it has no table of 100 symbols and 10 outputs"),
        ('{"kind": "text_addition"}', "is not a saved network: it has no table of 169 symbols and 12 outputs"),
        (
            json.dumps({"kind": "add", **exact_table("add")._asdict()})[:-1],
            "is not a saved network: it is not JSON with a kind",
        ),
    ],
)
def test_a_bad_file_is_one_line(tmp_path, capsys, content, message):
    path = tmp_path / "x.json"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    for given, said in ((path, message), (tmp_path, "cannot be read: Is a directory")):
        with pytest.raises(SystemExit) as error:
            run(given)
        shown = capsys.readouterr()
        assert (error.value.code, shown.out) == (2, "")
        assert shown.err.endswith(f": error: argument FILE: '{given}' {said}\n") and shown.err.count("\n") == 1
