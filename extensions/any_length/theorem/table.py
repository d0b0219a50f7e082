"""Writes a table of text_arithmetic as an Agda module, reads it back, and seeks a problem it gets wrong.

    to_agda(table)    the table as an Agda module, with a list of what may be kept in each state, for Agda's check
    from_agda(text)   the table in such a module, which may contain nothing else
    search(table)     a problem that goes wrong, if one is found

Of this file, you have to trust `MODULE`, `STATEMENTS` and `from_agda`, which reads back what Agda is given. You need
not trust `to_agda`: if its list lacks something, Agda refuses. The rules that make the list are written here once more,
independently of those in fingers.py.
"""

import collections
import itertools
import re
import string

from extensions.any_length import fingers
from extensions.any_length.problems import ALPHABET, BLANK, EQUALS, OPERATIONS

STATEMENTS = {  # the names in Statement.agda and in Theorem.agda
    "add": ("Adds", "adds"),
    "subtract": ("Subtracts", "subtracts"),
    "multiply": ("Multiplies", "multiplies"),
    "divide": ("Divides", "divides"),
}
MOVES = {-1: "left", 0: "stay", 1: "right"}
START, DONE = "start", "done"  # kept before the first step, and after the blank
FINISHED = "finished"  # kept with the one-digit second number, or 0, when the last carry has been written
ENDED, BEYOND = None, EQUALS  # read where a number has no more digits, and behind both numbers


# ---- A problem that goes wrong -------------------------------------------------------------------------------------


def search(table):
    """Return a problem that goes wrong, two numbers as text, or None: what the walk found, else the first small one."""
    one_digit = table.operation in ("multiply", "divide")
    suspects = []
    for order in orders(table):
        _, path = walk(table, order)
        if path:
            a, b = ("".join(str(x) for x in reads if x in range(10)) for reads in zip(*path, strict=True))
            if table.operation != "divide":
                a, b = a[::-1], b[::-1]
            b = b[:1] if one_digit else b
            suspects += [(a, b), ("1" + a, b)]
    numbers = [*map(str, range(1000)), "1000", "9999", "12345", "98765"]
    small = itertools.product(numbers, numbers[:10] if one_digit else numbers)
    for a, b in itertools.chain(suspects, small):
        if is_meant(table.operation, a, b) and not fingers.is_right(table, a, b):
            return a, b
    return None


def is_meant(operation, a, b):
    """Return whether the theorem says something of this problem."""
    if operation == "subtract":
        return len(a) >= len(b) and a >= b.zfill(len(a))
    return operation != "divide" or b != "0"


# ---- What may be kept in each state --------------------------------------------------------------------------------


def rule(operation, kept, lasts):
    """Return the cases of what is kept: what either finger reads, what is right to write, and what to keep then.

    Kept are START, DONE, (FINISHED, d) or (first ended, second ended, d, carry); d is the second number if it has one
    digit, else 0. lasts: as `last_reads` gives.
    """
    digits, first = range(10), kept == START
    if kept == DONE:
        return []
    if kept[0] == FINISHED:
        return [(reads, BLANK, DONE) for reads in lasts(kept[1])]
    a_ended, b_ended, d, carry = (False, False, 0, 0) if first else kept
    firsts = [ENDED] if a_ended else digits if first else [ENDED, *digits]
    if operation in ("add", "subtract"):
        seconds = [ENDED] if b_ended else digits if first else [ENDED, *digits]
    else:
        seconds = digits[operation == "divide" :] if first else [d]
    cases = []
    for x, y in itertools.product(firsts, seconds):
        a, b = x or 0, y or 0
        if operation == "divide":
            over = x is ENDED
            digit, keep = divmod(10 * carry + a, b)
        else:
            over = x is ENDED and (y is ENDED or operation == "multiply") and carry == 0
            if operation == "subtract" and x is ENDED and not over:
                continue  # the first number is not the smaller one
            total = {"add": a + b + carry, "subtract": a - b - carry, "multiply": a * b + carry}[operation]
            digit, keep = total % 10, abs(total // 10)
        if over:
            cases.append(((x, y), BLANK, DONE))
        elif x is ENDED and (y is ENDED or operation == "multiply"):
            cases.append(((x, y), digit, (FINISHED, y or 0)))
        elif operation in ("add", "subtract"):
            cases.append(((x, y), digit, (x is ENDED, y is ENDED, 0, keep)))
        else:
            cases.append(((x, y), digit, (x is ENDED, False, y, keep)))
    return cases


def walk(table, order):
    """Return for each state the list of what may be kept, and what was read in a problem that goes wrong, or None.

    order: whether the first finger is in the first number.
    """
    operation, sign = table.operation, ALPHABET.index(OPERATIONS[table.operation].sign)
    end_of_first, lasts = sign if operation == "divide" else BLANK, last_reads(table, order)
    paths, queue = {(0, START): []}, collections.deque([(0, START)])
    wrong = None
    while queue and not wrong:
        state, kept = queue.popleft()
        for (x, y), right, keep in rule(operation, kept, lasts):
            a, b = end_of_first if x is ENDED else x, sign if y is ENDED else y
            symbol, path = (16 * a + b if order else 16 * b + a), [*paths[state, kept], (x, y)]
            if table.output[state][symbol] != right:
                wrong = path
                break
            then = table.next_state[state][symbol], keep
            if then not in paths:
                paths[then] = path
                queue.append(then)
    reached = [[] for _ in table.output]
    for state, kept in paths:
        reached[state].append(kept)
    return reached, wrong


def last_reads(table, order):
    """Return a function of d that lists what may be read when the last carry has been written, wherever fingers go."""
    sign = fingers.KIND[ALPHABET.index(OPERATIONS[table.operation].sign)]
    one_digit, kinds = table.operation == "multiply", (5, 0 if table.operation == "multiply" else sign)
    pair = 7 * kinds[0] + kinds[1] if order else 7 * kinds[1] + kinds[0]
    of_first, of_second = (table.moves[finger][pair] for finger in ((0, 1) if order else (1, 0)))
    firsts = range(10) if of_first == 1 else [ENDED]

    def lasts(d):
        if one_digit:
            return itertools.product(firsts, [{-1: ENDED, 0: d, 1: BEYOND}[of_second]])
        return itertools.product(firsts, [ENDED] if of_second == 0 else range(10))

    return lasts


def orders(table):
    """Return the orders of the fingers that occur: True where the first finger starts in the first number."""
    n_digits, sign = range(1, 5), OPERATIONS[table.operation].sign
    found = set()
    for n_a, n_b in itertools.product(n_digits, n_digits if sign in "+-" else [1]):
        text = fingers.to_indices(f" {'1' * n_a}{sign}{'1' * n_b}=")
        [[[i, j]]], _ = fingers.read(fingers.program_of(table), text[None], 1)
        found.add(bool(i < j))
    return sorted(found)


# ---- Agda ----------------------------------------------------------------------------------------------------------

MODULE = string.Template("""module Trained where

open import Agda.Builtin.Bool
open import Agda.Builtin.Equality
open import Agda.Builtin.List
open import Statement
open import Rules
open import Theorem

program : Program
program = record
  { start₁ = $start_1
  ; start₂ = $start_2
  ; moves₁ = $moves_1
  ; moves₂ = $moves_2
  ; outputs =
$outputs
  ; next =
$next
  }

reached : Reached
reached true =
$reached_true
reached false =
$reached_false

trained : $Adds program
trained = $adds program reached refl
""")


def to_agda(table):
    """Return the Agda module that says that a Table does its operation: Agda accepts it if that is so."""
    reached = {order: [] for order in (True, False)} | {order: walk(table, order)[0] for order in orders(table)}
    statement, theorem = STATEMENTS[table.operation]
    parts = {"Adds": statement, "adds": theorem}
    for finger in (0, 1):
        parts[f"start_{finger + 1}"] = in_list(table.start[finger])
        parts[f"moves_{finger + 1}"] = in_list(MOVES[move] for move in table.moves[finger])
    parts["outputs"] = in_rows(in_list(packed(row, 1)) for row in table.output)
    parts["next"] = in_rows(in_list(packed(row, 4)) for row in table.next_state)
    for order, name in ((True, "reached_true"), (False, "reached_false")):
        parts[name] = in_rows(in_list(map(in_words, row)) for row in reached[order])
    return MODULE.substitute(parts)


def in_list(entries):
    """Return an Agda list of entries: in_list([1, 2]) is "1 ∷ 2 ∷ []"."""
    return " ∷ ".join([*map(str, entries), "[]"])


def in_rows(lists):
    """Return an Agda list of lists, one a line."""
    return "\n".join([*(f"    ({row}) ∷" for row in lists), "    []"])


def packed(row, n):
    """Return a table's row of 256 as 16 numbers, each with 16 entries of n hexadecimal digits."""
    return ["0x" + "".join(f"{entry:0{n}x}" for entry in row[i : i + 16]) for i in range(0, 256, 16)]


def in_words(kept):
    """Return what is kept as Agda writes it."""
    if kept in (START, DONE):
        return kept
    if kept[0] == FINISHED:
        return f"finished d{kept[1]}"
    first, second, digit, carry = kept
    return f"kept {str(first).lower()} {str(second).lower()} d{digit} d{carry}"


def from_agda(text):
    """Return the Table in an Agda module as `to_agda` writes it. Raises ValueError for any other text."""
    kept = "(?:start|done|finished d[0-9]|kept (?:true|false) (?:true|false) d[0-9] d[0-9])"
    keeps = rf"(?:    \((?:{kept} ∷ )*\[\]\) ∷\n)*    \[\]"
    ranks, moves = r"(?:[0-9]+ ∷ ){512}\[\]", r"(?:(?:left|stay|right) ∷ ){49}\[\]"
    outputs, states = (rf"(?:    \((?:0x[0-9a-f]{{{16 * n}}} ∷ ){{16}}\[\]\) ∷\n)+    \[\]" for n in (1, 4))
    patterns = {"start_1": ranks, "start_2": ranks, "moves_1": moves, "moves_2": moves}
    patterns |= {"outputs": outputs, "next": states, "reached_true": keeps, "reached_false": keeps}
    patterns |= {"Adds": "[A-Z][a-z]+", "adds": "[a-z]+"}
    groups = {name: f"(?P<{name}>{pattern})" for name, pattern in patterns.items()}
    module = re.sub(r"\\\$(\w+)", lambda name: groups[name[1]], re.escape(MODULE.template))
    operations = {names: operation for operation, names in STATEMENTS.items()}
    match = re.fullmatch(module, text)
    if not match or match.group("Adds", "adds") not in operations:
        raise ValueError("the Agda module is not as it should be")
    numbers, unpacked = {name: number for number, name in MOVES.items()}, []
    for name, n in (("next", 4), ("outputs", 1)):
        rows = [re.findall("0x([0-9a-f]+)", line) for line in match[name].splitlines()[:-1]]
        unpacked.append([[int(x[i : i + n], 16) for x in row for i in range(0, 16 * n, n)] for row in rows])
    start = [[int(rank) for rank in match[name].split(" ∷ ")[:-1]] for name in ("start_1", "start_2")]
    moves = [[numbers[move] for move in match[name].split(" ∷ ")[:-1]] for name in ("moves_1", "moves_2")]
    return fingers.Table(operations[match["Adds"], match["adds"]], start, moves, *unpacked)
