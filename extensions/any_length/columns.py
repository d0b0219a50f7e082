"""Many steps at once, in columns, by the proved tables of text_arithmetic; and long multiplication.

Where all numbers have as many digits, one below the other, nothing has to be found: a table reads the digits of each
column. These cases were all tried in its proof, as its fingers read the same pairs from text.
"""

from extensions.any_length import fingers
from extensions.any_length.problems import OPERATIONS, SIGNS

import numpy as np


def work(table, a, b):
    """Return what a Table writes in columns of digits a and b, (n_digits, ...), the units first, all at once."""
    next_state, output = (np.ravel(entries).astype(np.int32) for entries in (table.next_state, table.output))
    orders = fingers.check_fingers(fingers.program_of(table), OPERATIONS[table.operation]).orders
    of_a, of_b = (fingers.to_symbol(min(orders), *digits) for digits in ((1, 0), (0, 1)))
    digits, state = np.empty(np.broadcast(a, b).shape, dtype=np.uint8), np.int32(0)
    for i, (x, y) in enumerate(zip(a, b, strict=True)):
        case = fingers.N_PAIRS * state + of_a * x.astype(np.int32) + of_b * y
        digits[i], state = output[case], next_state[case]
    return digits


def multiply(tables, a, b, n_rows):
    """Return products, as on paper: a row for each digit of b, a shifted by its place; rows are added in pairs."""
    rows = np.zeros((len(a), n_rows, a.shape[1]), dtype=np.uint8)
    for i in range(n_rows):
        rows[i:, i] = a[: len(a) - i]
    rows = work(tables["multiply"], rows, np.broadcast_to(b[:n_rows], rows.shape))
    while rows.shape[1] > 1:
        rows = np.pad(rows, ((0, 0), (0, rows.shape[1] % 2), (0, 0)))
        rows = work(tables["add"], rows[:, ::2], rows[:, 1::2])
    return rows[:, 0]


def do_steps(tables, sign, a, b, n_digits):
    """Return the values of steps of one sign, modulo 10 ** n_digits, as texts. a, b: lists of numbers as text.

    tables: a dict of name -> Table, for a product "add" and "multiply".
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
    """Return the answer to a problem of two numbers, as text, by proved tables; dicts of name -> Table, Proof.

    The remainder of a division is what its last state stands for, which the proof has found.
    """
    if sign == "*" and len(b) > 1:
        return do_steps(tables, sign, [a], [b], len(a) + len(b))[0]
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
