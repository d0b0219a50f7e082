"""automaton.py: proofs of tables made by hand, rounding of a network made by hand, files and what is refused."""

from extensions.any_length import automaton, columns
from extensions.any_length.automaton import Table
from extensions.any_length.columns import OPERATIONS

import numpy as np
import pytest
from hand_made import TABLES, changed

ADD = columns.rule(OPERATIONS["add"])


def step(states, symbols):
    """Add as a network of two units would: the first is the carry, -0.9 or 0.9; the second says nothing."""
    a, b = np.divmod(symbols, 10)
    total = a + b + (states[:, 0] > 0)
    return np.stack([np.where(total > 9, 0.9, -0.9), a / 100], axis=1), np.eye(10)[total % 10]


def test_a_wrong_problem_is_the_shortest():
    table = TABLES["add"]  # its states are no carry and a carry
    assert automaton.prove(changed(table, "output", 0, 34, 8), ADD, columns.START)[:3] == (35, [34], [7])
    proof = automaton.prove(changed(table, "output", 1, 0, 0), ADD, columns.START)  # a carry alone is lost
    assert proof[1:3] == ([19, 0], [0, 1])
    proof = automaton.prove(changed(table, "next_state", 1, 90, 0), ADD, columns.START)  # 9 + 0 + 1 loses its carry
    assert proof[1:3] == ([19, 90, 0], [0, 0, 1])


def test_table_and_network_go_on_from_a_state():
    assert automaton.run(TABLES["add"], [90, 0], 1) == ([0, 1], 0)
    X = np.array([[87, 56, 90, 0], [0, 99, 1, 0]])
    states, outputs = automaton.collect(step, np.zeros(2), X)
    assert outputs.tolist() == [[5, 2, 0, 1], [0, 8, 2, 0]]
    later, outputs = automaton.collect(step, states[:, 1], X[:, 2:])
    assert outputs.tolist() == [[0, 1], [2, 0]] and (later == states[:, 2:]).all()


def test_a_network_is_rounded_to_the_fewest_centres():
    rng = np.random.default_rng(1)
    states, _ = automaton.collect(step, np.zeros(2), rng.integers(0, 100, (200, 10)))
    states = states.reshape(-1, 2) + 0.05 * rng.normal(size=(2000, 2))
    table, found = automaton.fewest(step, np.zeros(2), states, 100, ADD, columns.START)
    [(n, (proof, margins, centres))] = found.items()
    assert n == 2 and proof[:3] == (300, None, None)  # the start, before the first column, is a state of its own
    assert automaton.prove(table, ADD, columns.START) == proof
    assert sorted(centres[:, 0].round(1)) == [-0.9, 0.9]
    assert 1.6 < margins[0] < 1.8 and margins[1] == 1


def test_more_centres_are_tried_where_two_do_not_do():
    def times(states, symbols):  # its one unit is the carry
        a, b = np.divmod(symbols, 10)
        total = a * b + np.rint(states[:, 0]).astype(int)
        return (total // 10)[:, None], np.eye(10)[total % 10]

    rule = columns.rule(OPERATIONS["multiply"])
    states = np.repeat(np.arange(9.0), 5)[:, None] + np.tile(np.linspace(-0.1, 0.1, 5), 9)[:, None]
    table, found = automaton.fewest(times, np.zeros(1), states, 100, rule, columns.START)
    assert table and list(found) == [2, 4, 8, 16]
    table, found = automaton.fewest(times, np.zeros(1), states[::15], 100, rule, columns.START)
    assert table is None and list(found) == [2]  # there are but three states


# ---- Files


def test_the_transcript_goes_before_other_tables_come(tmp_path):
    for name in ("run.txt", "old.json", "other.txt"):
        (tmp_path / name).write_text("old")
    with pytest.raises(TypeError):  # killed, as it were, while it writes
        automaton.replace(tmp_path, "run", {"table": {"kind": "add", "digits": object()}, "old": None})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.json", "other.txt"]
    automaton.replace(tmp_path, "run", {"table": {"kind": "add"}, "old": None})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.txt", "table.json"]


def test_a_damaged_table_is_refused():
    good = {"next_state": [[0, 1], [1, 1]], "output": [[0, 9], [0, 0]]}
    assert automaton.check(good, 2, 10) == Table(**good)
    for next_state in (None, {}, [[0, 1]], [[0, -1], [1, 1]], [[0, 1.0], [1, 1]], [[0, 10**30], [1, 1]]):
        with pytest.raises(ValueError):
            automaton.check({**good, "next_state": next_state}, 2, 10)
    for output in (None, "ab", [], [[], []], [[0, 10], [0, 0]]):
        with pytest.raises(ValueError):
            automaton.check({**good, "output": output}, 2, 10)
