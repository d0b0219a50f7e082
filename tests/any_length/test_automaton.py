"""automaton.py: proofs of tables made by hand, rounding of a network made by hand, files and what is refused."""

from extensions.any_length import automaton, columns
from extensions.any_length.columns import OPERATIONS

import numpy as np
import pytest
from hand_made import TABLES, changed

ADD = columns.rule(OPERATIONS["add"])


def multiply(states, symbols):
    """Multiply as a network of one unit would, which is the carry."""
    a, b = np.divmod(symbols, 10)
    total = a * b + np.rint(states[:, 0]).astype(int)
    return (total // 10)[:, None], np.eye(10)[total % 10]


def test_a_wrong_problem_is_the_shortest():
    table = TABLES["add"]  # its states are no carry and a carry
    assert automaton.prove(changed(table, "output", 0, 34, 8), ADD, columns.START)[:3] == (35, [34], [7])
    proof = automaton.prove(changed(table, "output", 1, 0, 0), ADD, columns.START)  # a carry alone is lost
    assert proof[1:3] == ([19, 0], [0, 1])
    proof = automaton.prove(changed(table, "next_state", 1, 90, 0), ADD, columns.START)  # 9 + 0 + 1 loses its carry
    assert proof[1:3] == ([19, 90, 0], [0, 0, 1])
    assert automaton.run(table, [90, 0], 1) == ([0, 1], 0)  # it can go on from a state


def test_a_network_is_rounded_to_the_fewest_centres():
    rule, start = columns.rule(OPERATIONS["multiply"]), np.zeros(1)
    states = np.repeat(np.arange(9.0), 5)[:, None] + np.tile(np.linspace(-0.1, 0.1, 5), 9)[:, None]
    table, found = automaton.fewest(multiply, start, states, 100, rule, columns.START)
    assert list(found) == [2, 4, 8, 16] and [bool(proof.wrong) for proof, *_ in found.values()] == [True] * 3 + [False]
    proof, margins, centres = found[16]
    assert automaton.prove(table, rule, columns.START) == proof and set(centres[:, 0].round()) == set(range(9))
    assert 0 < margins[0] < 0.2 and margins[1] == 1
    table, found = automaton.fewest(multiply, start, states[::15], 100, rule, columns.START)
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


def test_entries_that_cannot_be_looked_up_are_refused():
    assert automaton.indices([[0, 1]], (1, 2), 2) == [[0, 1]]
    for damaged in (None, {}, "ab", [], [[0]], [[0, -1]], [[0, 1.0]], [[0, 10**30]], [[[0], [1]]]):
        assert automaton.indices(damaged, (1, 2), 2) is None
