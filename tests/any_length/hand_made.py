"""Tables made by hand, whose states are what a child keeps, and what changes them."""

from extensions.any_length import fingers, marks, smallest_adder
from extensions.any_length.problems import DIVIDE, OPERATIONS

import numpy as np


def exact_program(operation):
    """Return a Program that is right: the first finger in the first number, the second in the second."""
    start, moves = np.zeros((2, 8, 8, 8), dtype=int), np.zeros((2, 7, 7), dtype=int)
    sign = fingers.KIND[fingers.ALPHABET.index(operation.sign)]
    if operation is DIVIDE:
        start[0, 5, 0], moves[0, 0] = 1, 1
    else:
        start[0, :, 0, sign], moves[0, 0] = 1, -1
    start[1, :, 0, 6] = 1
    if not operation.one_digit:
        moves[1, :, 0] = -1
    return fingers.Program(start.reshape(2, -1), moves.reshape(2, -1))


def exact_table(name):
    """Return the smallest table that does an operation."""
    operation = OPERATIONS[name]
    rule, kept, next_state, output = fingers.rule(operation, exact_program(operation), 0), [fingers.BEGIN], [], []
    for here in kept:
        next_state.append([0] * fingers.N_PAIRS)
        output.append([0] * fingers.N_PAIRS)
        for symbol, right, keep in rule(here):
            if keep is not None and keep not in kept:
                kept.append(keep)
            next_state[-1][symbol] = 0 if keep is None else kept.index(keep)
            output[-1][symbol] = right
    start, moves = exact_program(operation)
    return fingers.Table(name, start.tolist(), moves.tolist(), next_state, output)


def changed(table, part, row, column, value):
    """Return a copy of a table with one entry changed."""
    rows = [list(row) for row in getattr(table, part)]
    rows[row][column] = value
    return table._replace(**{part: rows})


def transposed(rows, n):
    """Return rows of a number for each pair, of n kinds or characters each, with the fingers' parts exchanged."""
    return np.transpose(np.reshape(rows, (-1, n, n)), (0, 2, 1)).reshape(-1, n * n).tolist()


def swapped(table):
    """Return a table that does the same with the fingers exchanged."""
    cases = transposed(table.next_state, 16), transposed(table.output, 16)
    return fingers.Table(table.operation, table.start[::-1], transposed(table.moves, 7)[::-1], *cases)


def exact_marker():
    """Return the Marker whose states are what was kept before a character, and the character."""
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


TABLES = {name: exact_table(name) for name in OPERATIONS}
MARKER = exact_marker()
ADDERS = {3: smallest_adder.untie(4.144, 1.997, -20.66), 7: (3.4, 3.4, 1.84, 1.045, 1.045, 0.482, -5.236)}
