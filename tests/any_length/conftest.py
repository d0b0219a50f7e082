"""What these tests share: a folder with tables that are exact."""

from extensions.any_length import automaton

import pytest
from hand_made import MARKER, TABLES


@pytest.fixture
def outputs(tmp_path):
    """Give a folder with the tables of all operations and of the marks, made by hand."""
    for name, table in TABLES.items():
        automaton.write(tmp_path / f"column_arithmetic_{name}.json", name, table)
    automaton.write(tmp_path / "marks.json", "marks", **MARKER._asdict())
    return tmp_path
