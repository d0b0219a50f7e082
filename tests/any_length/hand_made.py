"""Tables made by hand, whose states are what a child keeps in mind, and what changes them."""

from extensions.any_length import columns
from extensions.any_length.automaton import Table
from extensions.any_length.columns import OPERATIONS


def exact_table(name):
    """Return the smallest table that does an operation."""
    rule, kept, table = columns.rule(OPERATIONS[name]), [columns.START], Table([], [])
    for here in kept:
        for rows in table:
            rows.append([0] * 100)
        for symbol, right, keep in rule(here):
            if keep not in kept:
                kept.append(keep)
            table.next_state[-1][symbol], table.output[-1][symbol] = kept.index(keep), right
    return table


def changed(table, part, state, symbol, value):
    """Return a copy of a table with one entry changed. part: "next_state" or "output"."""
    rows = [row[:] for row in getattr(table, part)]
    rows[state][symbol] = value
    return table._replace(**{part: rows})
