"""Networks and tables made by hand, whose states are what a child keeps in mind, and what changes them."""

from extensions.any_length import automaton, columns, marks, smallest_adder, text_addition
from extensions.any_length.automaton import Table
from extensions.any_length.columns import OPERATIONS
from extensions.any_length.text_addition import BLANK, EQUALS, PLUS

import numpy as np


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


def exact_network(name):
    """Return a network that does an operation, as column_arithmetic.train does, with its states as centres."""
    table = exact_table(name)
    proof = automaton.prove(table, columns.rule(OPERATIONS[name]), columns.START)
    states = np.zeros((len(table.output), 32))
    states[:, 0] = np.arange(len(states))
    after, scores = states[np.array(table.next_state)], np.eye(10)[np.array(table.output)]

    def step(kept, symbols):
        now = kept[:, 0].astype(int)
        return after[now, symbols], scores[now, symbols]

    return step, table, {2: (proof, np.array([1.5, 1]), states[1:])}, "1 round, 3.0 s of processor time"


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


def fingers(swapped=0.0):
    """Return text_addition's network with weights that are known to add.

    The fingers start before "+" and before "=", and move on from digits. The states are a thermometer: the k-th is
    positive if both digits and the carry make k or more. The tenth is the carry; one more says if there are digits.
    swapped: above 0, the first finger starts before "=" if the digit there is the larger one.
    """
    digits = np.arange(10)
    start, start_bias = np.zeros((2, 13, 2)), np.zeros(2)
    start[1, PLUS], start[1, EQUALS] = (10, 10 * (swapped > 0)), (10 * (swapped > 0), 10)
    start[0, :10, 0] = swapped * digits
    move, move_bias = np.zeros((26, 2)), np.full(2, -10)
    pair, pair_bias = np.zeros((26, 64)), np.zeros(64)
    for finger in (0, 1):
        move[13 * finger + digits, finger] = 20
        pair[13 * finger + digits, 0] = digits  # both digits' sum
        pair[13 * finger + digits, 1] = 1  # how many there are
    kernel, keep, bias = np.zeros((64, 32)), np.zeros((32, 32)), np.zeros(32)
    kernel[0, :19], bias[:19] = 40, -40 * (np.arange(1, 20) - 0.75)
    keep[9, :19] = 20
    kernel[1, 19], bias[19] = 40, -20
    write, write_bias = np.zeros((32, 12)), np.zeros(12)
    for total in range(20):
        for state, sign in ((total - 1, 0.5), (total, -0.5)):
            if 0 <= state < 19:
                write[state, total % 10] += sign
            else:
                write_bias[total % 10] += 0.5
    write[[0, 19], BLANK] = -0.75  # neither digits nor a carry
    model = text_addition.build_model(9, 5)
    model.set_weights([start, start_bias, move, move_bias, pair, pair_bias, kernel, keep, bias, write, write_bias])
    return model


TABLES = {name: exact_table(name) for name in OPERATIONS}
MARKER = exact_marker()
ADDERS = {3: smallest_adder.untie(4.144, 1.997, -20.66), 7: (3.4, 3.4, 1.84, 1.045, 1.045, 0.482, -5.236)}
FINGERS = fingers()
ADDER, CENTRES, *_ = text_addition.round_off(FINGERS, np.random.default_rng(1), (32,))
