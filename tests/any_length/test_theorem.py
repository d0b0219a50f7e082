"""theorem: Agda accepts a table of each operation made by hand, and refuses each with one entry changed."""

import json
import random
import re
import shutil

from extensions.any_length import fingers
from extensions.any_length.theorem import __main__ as theorem
from extensions.any_length.theorem import table as tables

import numpy as np
import pytest
from browser import table as page_table
from check_table import decide
from hand_made import TABLES, changed, swapped, transposed

needs_agda = pytest.mark.skipif(theorem.find_agda() is None, reason="Agda is not installed")
DIVIDED_BY, BLANK, EQUALS = 13, 14, 15


def either_way(table):
    """Return a table of sums whose first finger is in the first number, unless that has one digit."""
    cases = [np.maximum(rows, transposed(rows, 16)).tolist() for rows in (table.next_state, table.output)]
    moves = np.minimum(table.moves, transposed(table.moves, 7)[::-1]).tolist()
    start = np.zeros((2, 8, 8, 8), dtype=int)
    start[:, :, 0, 6], start[:, 5, 0, 1], start[0, 0, 0, 1] = 2, 1, 3
    return fingers.Table(table.operation, start.reshape(2, -1).tolist(), moves, *cases)


def to_the_end(table):
    """Return a table of products whose second finger goes on to "=" when the last carry has been written."""
    output = [row[: 16 * BLANK + EQUALS] + [BLANK] + row[16 * BLANK + EQUALS + 1 :] for row in table.output]
    return changed(table._replace(output=output), "moves", 1, 7 * 5 + 0, 1)


ACCEPTED = {
    "add": either_way(TABLES["add"]),
    "subtract": TABLES["subtract"],
    "multiply": swapped(to_the_end(TABLES["multiply"])),
    "divide": swapped(TABLES["divide"]),
}


def refused():
    """Return tables with one entry changed each: a start, a move, an output and a next state."""
    divide, multiply = ACCEPTED["divide"], ACCEPTED["multiply"]
    state = multiply.next_state[0][16 * 7 + 8]  # 8 * 7, as it is read here: 7 * 8
    return {
        "add": changed(ACCEPTED["add"], "start", 0, 64 * 1 + 8 * 0 + 0, 9),  # the first digit behind "+"
        "subtract": changed(ACCEPTED["subtract"], "moves", 1, 7 * 0 + 2, -1),  # from "-"
        "multiply": changed(multiply, "next_state", state, 16 * 7 + 0, 0),
        "divide": changed(divide, "output", divide.next_state[0][16 * 7 + 9], 16 * 7 + DIVIDED_BY, 0),
    }


@pytest.fixture(scope="module")
def proofs(tmp_path_factory):
    """Give a folder with the proofs, which Agda has checked, here once and not once for each test."""
    folder = tmp_path_factory.mktemp("proofs")
    theorem.copy_proofs(theorem.find_agda(), folder)
    return folder


@pytest.fixture
def run(proofs, monkeypatch, tmp_path, capsys):
    """Give a function that runs the command on tables and returns its status and the lines that it prints."""
    monkeypatch.setattr(theorem, "copy_proofs", lambda agda, to: shutil.copytree(proofs, to, dirs_exist_ok=True))

    def run_command(given):
        for name, table in given.items():
            (tmp_path / f"{name}.json").write_text(json.dumps({"kind": "text_arithmetic", **table._asdict()}))
        return theorem.main([str(tmp_path)]), capsys.readouterr().out.splitlines()

    return run_command


@needs_agda
def test_tables_are_accepted(run):
    status, lines = run(ACCEPTED)
    assert status == 0
    assert [line.split(":")[0] for line in lines[1::2]] == list(ACCEPTED)
    assert all("Agda accepts the theorem" in line for line in lines[1::2])
    assert lines[2].strip() == 'The answer to " a+b=" is a + b, the units first, and a blank.'
    assert lines[8].strip().endswith("so that c is the quotient.")


@needs_agda
def test_tables_with_one_entry_changed_are_refused_with_what_goes_wrong(run):
    status, lines = run(refused())
    assert status == 1
    assert [line.split(":")[0] for line in lines[1:]] == list(ACCEPTED)
    said = [re.search(r"Agda refuses the theorem. Not proved: (.*)", line)[1] for line in lines[1:]]
    said = dict(zip(ACCEPTED, said, strict=True))
    assert "move wrong" in said.pop("subtract")
    for name, sentence in said.items():
        assert not fingers.is_right(refused()[name], *re.search(r"in (\d+)[+*/](\d+)=", sentence).groups())


@pytest.mark.slow
@needs_agda
def test_tables_of_a_trained_network_are_accepted_and_refused_with_any_entry_changed(proofs):
    """Changed are an output, a next state and a move of each, until the second checker finds a change that matters."""
    rng, n_refused = random.Random(1), 0
    for table in map(page_table, ACCEPTED):  # those of a trained network
        assert theorem.check(theorem.find_agda(), proofs, table)
        for part, values in (("output", range(10)), ("next_state", range(len(table.output))), ("moves", (-1, 0, 1))):
            other = table
            while decide(other._asdict()):
                row, value = rng.randrange(len(getattr(table, part))), rng.choice(values)
                other = changed(table, part, row, rng.randrange(len(getattr(table, part)[0])), value)
            assert not theorem.check(theorem.find_agda(), proofs, other)
            n_refused += 1
    assert n_refused == 12


@pytest.mark.parametrize("operation", ACCEPTED)
def test_the_module_has_the_table_and_nothing_else(operation):
    text = tables.to_agda(ACCEPTED[operation])
    assert tables.from_agda(text) == ACCEPTED[operation]
    state = text.index("outputs")
    digit = text.index("0x", state) + 2
    other = text[:digit] + ("1" if text[digit] == "0" else "0") + text[digit + 1 :]
    assert tables.from_agda(other) != ACCEPTED[operation]
    for more in (
        text + "postulate false : true ≡ false\n",
        "{-# OPTIONS --type-in-type #-}\n" + text,
        text.replace("refl", "(refl)"),
        text.replace("0x", "0x0", 1),
        text.replace("program : Program\n", "program : Program\nprogram = other\n"),
        text.replace("import Theorem", "import Theorems"),
        re.sub(r"trained = [a-z]+", "trained = other", text),
    ):
        with pytest.raises(ValueError, match="not as it should be"):
            tables.from_agda(more)


def test_a_module_with_another_table_is_not_believed(monkeypatch, tmp_path):
    to_agda = tables.to_agda
    monkeypatch.setattr(tables, "to_agda", lambda table: to_agda(TABLES["subtract"]))
    with pytest.raises(ValueError, match="not the one in the file"):
        theorem.check("agda", tmp_path, changed(TABLES["subtract"], "output", 0, 0, 1))


@needs_agda
def test_what_agda_cannot_check_is_not_refused(tmp_path):
    (tmp_path / "Trained.agda").write_text("module Trained where\nimport Missing\n")
    with pytest.raises(ValueError, match="Agda cannot check Trained.agda"):
        theorem.run_agda(theorem.find_agda(), tmp_path, "Trained")


def test_proofs_that_are_refused_are_not_called_accepted(monkeypatch, tmp_path):
    monkeypatch.setattr(theorem, "run_agda", lambda agda, folder, module: module != "Marks")
    with pytest.raises(ValueError, match="Agda refuses Marks.agda"):
        theorem.copy_proofs("agda", tmp_path)


@needs_agda
def test_no_axioms(tmp_path):
    (tmp_path / "Trained.agda").write_text("module Trained where\npostulate anything : Set\n")
    with pytest.raises(ValueError, match="safe"):
        theorem.run_agda(theorem.find_agda(), tmp_path, "Trained")


def test_bad_files_and_no_agda(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(theorem, "find_agda", lambda: "agda")
    (tmp_path / "marks.json").write_text('{"kind": "marks"}')
    for folder, names in (("fewer", ["add"]), ("exchanged", ["add", "multiply", "subtract", "divide"])):
        (tmp_path / folder).mkdir()
        for name, own in zip(names, ACCEPTED, strict=False):
            data = {"kind": "text_arithmetic", **ACCEPTED[name]._asdict()}
            (tmp_path / folder / f"{own}.json").write_text(json.dumps(data))
    for name in ("none.json", "marks.json", "fewer", "exchanged", "."):
        path = tmp_path / name
        with pytest.raises(SystemExit) as ended:
            theorem.main([str(path)])
        assert ended.value.code == 2
        assert capsys.readouterr().err.count("\n") == 1
    monkeypatch.setattr(theorem, "find_agda", lambda: None)
    with pytest.raises(SystemExit) as ended:
        theorem.main([str(tmp_path)])
    assert ended.value.code == 2
    assert "pip install agda" in capsys.readouterr().err
