"""How a table with two fingers works out a problem of any length from its text, and the proof that the table is right.

    " 958+67="  ->  the fingers read  8 7, 5 6, 9 +, blank +  ->  it writes "5201 "

A table says where the fingers start, how they move, and what is written and kept. Starts and moves depend on kinds of
characters only: digit, "+", "-", "*", "/", blank, "=" and the outside of the text. What is written and kept depends on
the digits themselves. Three finite checks cover all cases:

    start    every window of three kinds that occurs in a problem: do the fingers start in the right places?
    moves    every pair of kinds that the fingers can meet: do both move as they must?
    states   every pair of characters in every state that can be reached, breadth first: is the right character written?
"""

import itertools
import typing

from extensions.any_length import automaton, certify, problems
from extensions.any_length.problems import ALPHABET, BLANK, DIVIDE, EQUALS, OPERATIONS, SUBTRACT

import numpy as np

N_CHARS, N_KINDS = len(ALPHABET), 7
N_PAIRS = N_CHARS**2
KIND = np.array([0] * 10 + [1, 2, 3, 4, 5, 6])  # of each character; all digits are of one kind
OUTSIDE = 7  # the kind of everything before and behind the text
TO_INDEX = bytes.maketrans(ALPHABET.encode(), bytes(range(N_CHARS)))
DIGITS = [*range(1, 10), 0]  # 0 comes last: a counterexample gets leading zeros only if no other digit will do


class Program(typing.NamedTuple):
    """Where two fingers start and how they move, in whole numbers.

    start: for each finger, a rank for each window of three kinds, 64 * left + 8 * kind + right: int array (2, 512).
    A finger starts where its rank is highest, on the leftmost such place. The second avoids the place of the first.
    moves: for each finger, -1, 0 or 1 for each pair of kinds, 7 * first + second: int array (2, 49).
    """

    start: np.ndarray
    moves: np.ndarray


class Table(typing.NamedTuple):
    """Everything the rounded network does for an operation: the fields of Program and automaton.Table, as lists."""

    operation: str
    start: list
    moves: list
    next_state: list
    output: list


def read(program, text, n_steps, kind=KIND):
    """Return the places of the fingers, ints (n, n_steps, 2), and the pairs of characters read, (n, n_steps).

    text: indices of ALPHABET (n, n_in). A pair is 16 * first + second. kind: of each character, (16,).
    """
    rows, n_kinds = np.arange(len(text)), kind.max() + 1
    kinds = np.pad(kind[text], ((0, 0), (1, 1)), constant_values=n_kinds)  # the outside is one more kind
    first, second = program.start[:, ((n_kinds + 1) * kinds[:, :-2] + kinds[:, 1:-1]) * (n_kinds + 1) + kinds[:, 2:]]
    place = first.argmax(axis=1)
    second[rows, place] = -1
    place, places, symbols = np.stack([place, second.argmax(axis=1)], axis=1), [], []
    for _ in range(n_steps):
        characters = text[rows[:, None], place]
        places.append(place)
        symbols.append(characters @ [N_CHARS, 1])
        place = np.clip(place + program.moves[:, kind[characters] @ [n_kinds, 1]].T, 0, text.shape[1] - 1)
    return np.stack(places, axis=1), np.stack(symbols, axis=1)


def program_of(table):
    """Return the Program of a Table."""
    return Program(np.array(table.start), np.array(table.moves))


def to_indices(text):
    """Return the index in ALPHABET of each character of a text, uint8 (n_characters,)."""
    return np.frombuffer(text.encode().translate(TO_INDEX), dtype=np.uint8)


def solve(table, a, b):
    """Return what a Table writes for two numbers, all as text, and (order, state) at the end.

    The table stops at its first blank, which is not returned. Digits stay as written: a quotient's from the left, all
    others units first.
    """
    text = to_indices(f" {a}{OPERATIONS[table.operation].sign}{b}=")
    [[[i, j]]], _ = read(program_of(table), text[None], 1)
    order, state, written, characters = int(i > j), 0, bytearray(), text.tolist()
    i, j, kinds, last, (first_moves, second_moves) = int(i), int(j), KIND.tolist(), len(text) - 1, table.moves
    for _ in characters:
        first, second = characters[i], characters[j]
        symbol = N_CHARS * first + second
        output = table.output[state][symbol]
        if output == BLANK:
            break
        written.append(output)
        state = table.next_state[state][symbol]
        seen = N_KINDS * kinds[first] + kinds[second]
        i = min(max(i + first_moves[seen], 0), last)
        j = min(max(j + second_moves[seen], 0), last)
    return "".join(map(ALPHABET.__getitem__, written)), (order, state)


def is_right(table, a, b):
    """Return whether a Table gives the right answer for two numbers, given as text, with the right leading zeros."""
    operation = OPERATIONS[table.operation]
    right = problems.exact(a, operation.sign, b).split(",")[0]
    right = right.zfill(len(a) if operation.one_digit else max(len(a), len(b)))
    return solve(table, a, b)[0] == (right if operation is DIVIDE else right[::-1])


def load(data):
    """Return the Table in a dict from `certify.read`. Raises a one-line ValueError if there is none."""
    n_states = len(data["output"]) if isinstance(data.get("output"), list) else 0
    parts = {
        "start": automaton.indices(data.get("start"), (2, 512), 512),
        "moves": automaton.indices(data.get("moves"), (2, N_KINDS**2), 2, -1),
        "next_state": automaton.indices(data.get("next_state"), (n_states, N_PAIRS), n_states),
        "output": automaton.indices(data.get("output"), (n_states, N_PAIRS), N_CHARS),
    }
    if data.get("operation") not in OPERATIONS or None in parts.values():
        raise ValueError("it has no operation with starts, moves and states")
    return Table(data["operation"], **parts)


# ---- The proof -------------------------------------------------------------------------------------------------------

BEGIN = 0, None, None, None  # what is kept before the first step


def to_symbol(order, x, y):
    """Return the symbol that is read with one finger on x in the first number and one on y in the second.

    order: 0 if the first finger is in the first number, 1 if it is in the second.
    """
    return N_CHARS * y + x if order else N_CHARS * x + y


def moves_from(program, order, x, y):
    """Return two moves: of the finger in the first number, which is on x, and of the other one, which is on y."""
    kinds = KIND[to_indices(x + y)]
    seen = N_KINDS * kinds[order] + kinds[1 - order]
    return int(program.moves[order][seen]), int(program.moves[1 - order][seen])


def rule(operation, program, order):
    """Return the rule for `automaton.walk`. order: as for `to_symbol`.

    The rule keeps the carry, borrow or remainder; the second number, if it has one digit; and whether either number has
    ended. For a difference below 0, it checks only the digits that both numbers have, not the end.
    """
    sign = ALPHABET.index(operation.sign)
    end = sign if operation is DIVIDE else BLANK  # what is read behind the last digit of the first number
    of_first, of_second = moves_from(program, order, " ", "1" if operation.one_digit else operation.sign)

    def after(kept):
        if kept is None:  # the end
            return []
        carry, second, a_ended, b_ended = kept
        if a_ended and (b_ended or operation.one_digit):  # the last carry is written: wherever the fingers go
            firsts = DIGITS if of_first > 0 else [BLANK]
            if operation.one_digit:
                seconds = [(sign, second, EQUALS)[of_second + 1]]
            else:
                seconds = DIGITS if of_second else [sign]
            return [(to_symbol(order, x, y), BLANK, None) for x, y in itertools.product(firsts, seconds)]
        firsts = [end] if a_ended else [*DIGITS, end]
        seconds = [sign] if b_ended else [*DIGITS, sign]
        if kept == BEGIN:  # each number has a digit
            firsts = seconds = DIGITS
        if operation.one_digit:
            seconds = operation.one_digit if second is None else [second]
        cases = []
        for x, y in itertools.product(firsts, seconds):
            all_read = x == end and (operation.one_digit or y == sign)
            if all_read and (operation is DIVIDE or carry == 0):
                cases.append((to_symbol(order, x, y), BLANK, None))
            elif x != end or operation is not SUBTRACT:
                right, carried = operation.step(x if x < 10 else 0, y if y < 10 else 0, carry)
                keep = carried, y if operation.one_digit else None, x == end, y == sign
                cases.append((to_symbol(order, x, y), right, keep))
        return cases

    return after


class Checked(typing.NamedTuple):
    """What the check of the fingers found: their orders, as for `to_symbol`; the number of cases; the first fault."""

    orders: set
    n_windows: int
    n_moves: int
    wrong: str | None


def check_fingers(program, operation):
    """Check every start and every move of a Program; return a Checked.

    start: all digits are of one kind, so a longer number has the same windows, in the same order, as a number of three
    digits. Numbers of one, two and three digits are therefore all cases.
    moves: the finger in the first number must move left from each digit, or right, to divide. On the blank in front it
    may stay, or move to the left, where nothing is. The finger in the second number must move left from each digit and
    stay on the sign; it must never leave a number of one digit. A last carry is written after both numbers have been
    read. The fingers may then be anywhere nearby; the check of the states covers that, see `rule`.
    """
    orders, windows, n_moves = set(), set(), 0
    for n_a, n_b in itertools.product((1, 2, 3), (1,) if operation.one_digit else (1, 2, 3)):
        text = to_indices(f" {'1' * n_a}{operation.sign}{'1' * n_b}=")
        kinds = [OUTSIDE, *KIND[text].tolist(), OUTSIDE]
        windows.update(zip(kinds[:-2], kinds[1:-1], kinds[2:], strict=True))
        [[places]] = read(program, text[None], 1)[0].tolist()
        right = [1 if operation is DIVIDE else n_a, n_a + 1 + n_b]  # the first digit of a dividend, else units; units
        if sorted(places) != right:
            return Checked(orders, len(windows), 0, f"start wrong in {'1' * n_a}{operation.sign}{'1' * n_b}=")
        orders.add(int(places != right))
    met = {"+": ("11", "1+", " 1"), "-": ("11", "1-"), "*": ("11",), "/": ("11",)}[operation.sign]
    for order, (x, y) in itertools.product(sorted(orders), met):
        of_first, of_second = moves_from(program, order, x, y)
        allowed = (-1, 0) if x == " " else (1,) if operation is DIVIDE else (-1,)
        if of_first not in allowed or of_second != (-1 if y == "1" and not operation.one_digit else 0):
            return Checked(orders, len(windows), n_moves, f"move wrong from {x!r} and {y!r}")
        n_moves += 2
    return Checked(orders, len(windows), n_moves, None)


def prove(table):
    """Check every start, every move, and every case of the states of a Table; return the Proof.

    `wrong` is as `text_arithmetic.fit` expects it. `reached` is a dict of (order, state, kept) -> the path there.
    """
    operation = OPERATIONS[table.operation]
    program = program_of(table)
    checked = check_fingers(program, operation)
    if checked.wrong:
        return certify.Proof(False, f"not proved: the fingers {checked.wrong}.", [(operation.name, [])])
    states, n_cases, reached, wrong = automaton.Table(table.next_state, table.output), 0, {}, []
    for order in sorted(checked.orders):
        walk = automaton.walk(states, rule(operation, program, order), BEGIN)
        n_cases += walk.n_cases
        reached |= {(order, *pair): path for pair, path in walk.reached.items()}
        wrong += [[divmod(symbol, N_CHARS)[:: -1 if order else 1] for symbol in path] for path in walk.wrong]
    if wrong:
        problem = to_problem(operation, wrong[0])
        sentence = f"not proved: {len(wrong)} of {n_cases:,} cases go wrong, as in {problem}=."
        return certify.Proof(False, sentence, [(operation.name, pairs) for pairs in wrong], reached)
    sentence = (
        f"{checked.n_windows} windows, {checked.n_moves} moves, {len(table.output) - 1} centres, {n_cases:,} cases"
    )
    return certify.Proof(True, f"{sentence}: every one right. Exact at every length.", [], reached)


def to_problem(operation, pairs):
    """Return, as text, the shortest problem in which these pairs of characters, given as indices, are read.

    >>> to_problem(SUBTRACT, [(5, 7)]), to_problem(DIVIDE, [(5, 7), (8, 7)])
    ('15-7', '58/7')
    """
    read = (itertools.takewhile(lambda x: x < 10, characters) for characters in zip(*pairs, strict=True))
    numbers = ["".join(map(str, digits)) for digits in read]
    a, b = numbers if operation is DIVIDE else (number[::-1] for number in numbers)
    if operation is SUBTRACT and a < b.zfill(len(a)):
        a = "1" + a
    return a + operation.sign + (b[0] if operation.one_digit else b)
