"""Many steps at once, in columns, by the proved tables of text_arithmetic; and long multiplication.

Numbers of equal length are written one below the other, so no fingers are needed: the table reads each column. Its
proof tried all these cases, because its fingers read the same pairs from text.
"""

import typing

from extensions.any_length import fingers
from extensions.any_length.problems import OPERATIONS, SIGNS

import numpy as np


class Columns(typing.NamedTuple):
    """What a Table of + - * does with digits a and b in state s: int16 arrays, indexed by 100 * s + 10 * a + b."""

    next_state: np.ndarray
    output: np.ndarray


def columns_of(table):
    """Return the Columns of a Table."""
    orders = fingers.check_fingers(fingers.program_of(table), OPERATIONS[table.operation]).orders
    symbols = [fingers.to_symbol(min(orders), a, b) for a in range(10) for b in range(10)]
    return Columns(*(np.array(rows, dtype=np.int16)[:, symbols].ravel() for rows in (table.next_state, table.output)))


def work(table, a, b):
    """Return what Columns write for the digits a and b of many problems: arrays (n_digits, ...), units first."""
    digits, state = np.empty(np.broadcast(a, b).shape, dtype=np.uint8), np.int16(0)
    for i, (x, y) in enumerate(zip(a, b, strict=True)):
        case = 100 * state + 10 * x.astype(np.int16) + y
        digits[i], state = table.output[case], table.next_state[case]
    return digits


def multiply(tables, a, b, n_rows):
    """Return products as on paper: a row for each digit of b, shifted by its place. The rows are added in pairs."""
    rows = np.zeros((len(a), n_rows, a.shape[1]), dtype=np.uint8)
    for i in range(n_rows):
        rows[i:, i] = a[: len(a) - i]
    rows = work(tables["multiply"], rows, np.broadcast_to(b[:n_rows], rows.shape))
    while rows.shape[1] > 1:
        rows = np.pad(rows, ((0, 0), (0, rows.shape[1] % 2), (0, 0)))
        rows = work(tables["add"], rows[:, ::2], rows[:, 1::2])
    return rows[:, 0]


def do_steps(tables, sign, a, b, n_digits):
    """Return the values of steps with one sign, modulo 10 ** n_digits, as texts. a, b: lists of numbers as text.

    tables: dict of name -> Columns; a product needs "add" and "multiply".
    """
    if sign == "*":  # there is a row for each digit of the second number: it is the shorter one
        b, a = zip(*(sorted(pair, key=len) for pair in zip(a, b, strict=True)), strict=True)

    def to_digits(numbers):
        text = "".join(number.zfill(n_digits) for number in numbers)
        return np.frombuffer(text.encode(), dtype=np.uint8).reshape(-1, n_digits).T[::-1] - ord("0")

    a_digits, b_digits = to_digits(a), to_digits(b)
    if sign != "*":
        digits = work(tables[SIGNS[sign]], a_digits, b_digits)
    else:
        n_rows = max(map(len, b))
        at_once = 1 + 10**7 // (n_rows * n_digits)  # so that the memory stays bounded
        parts = [slice(i, i + at_once) for i in range(0, len(a), at_once)]
        digits = np.hstack([multiply(tables, a_digits[:, part], b_digits[:, part], n_rows) for part in parts])
    return [row.tobytes().decode().lstrip("0") or "0" for row in (digits[::-1].T + ord("0")).astype(np.uint8)]


def answer(tables, proofs, a, sign, b):
    """Return the answer of proved tables to a problem of two numbers, as text. tables, proofs: dicts by name.

    The remainder of a division is what its last state stands for, which the proof has found.
    """
    if sign == "*" and len(b) > 1:
        in_columns = {name: columns_of(table) for name, table in tables.items() if name in ("add", "multiply")}
        return do_steps(in_columns, sign, [a], [b], len(a) + len(b))[0]
    table = tables[SIGNS[sign]]
    written, (order, state) = fingers.solve(table, a, b)
    if sign != "/":
        return written[::-1].lstrip("0") or "0"
    [remainder] = {
        kept[0]
        for finger, last, kept in proofs["divide"].reached
        if kept and (finger, last, kept[1]) == (order, state, int(b))
    }
    return f"{written.lstrip('0') or '0'}, remainder {remainder}"
