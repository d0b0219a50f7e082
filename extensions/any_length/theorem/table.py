"""Writes a table of text_arithmetic as an Agda module, and reads it back.

    to_agda(table)    the table as an Agda module, with a list of what may be kept in each state, for Agda's check
    from_agda(text)   the table in such a module, which may contain nothing else

Of this file, you have to trust `MODULE`, `STATEMENTS` and `from_agda`, which reads back what Agda is given. You need
not trust `to_agda`: its list comes from the proof in fingers.py, and if something is missing there, Agda refuses.
"""

import re
import string

from extensions.any_length import fingers

STATEMENTS = {  # the names in Statement.agda and in Theorem.agda
    "add": ("Adds", "adds"),
    "subtract": ("Subtracts", "subtracts"),
    "multiply": ("Multiplies", "multiplies"),
    "divide": ("Divides", "divides"),
}
MOVES = {-1: "left", 0: "stay", 1: "right"}

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
    reached = {order: [[] for _ in table.output] for order in (0, 1)}
    for order, state, kept in fingers.prove(table).reached or {}:  # None if the fingers go wrong
        reached[order][state].append(in_words(kept))
    statement, theorem = STATEMENTS[table.operation]
    parts = {"Adds": statement, "adds": theorem}
    for finger in (0, 1):
        parts[f"start_{finger + 1}"] = in_list(table.start[finger])
        parts[f"moves_{finger + 1}"] = in_list(MOVES[move] for move in table.moves[finger])
    parts["outputs"] = in_rows(in_list(packed(row, 1)) for row in table.output)
    parts["next"] = in_rows(in_list(packed(row, 4)) for row in table.next_state)
    for order, name in enumerate(("reached_true", "reached_false")):  # is the first finger in the first number?
        parts[name] = in_rows(map(in_list, reached[order]))
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
    """Return as Agda writes it what the rule in fingers.py keeps."""
    if kept in (None, fingers.BEGIN):
        return "done" if kept is None else "start"
    carry, second, a_ended, b_ended = kept  # Agda writes 0 for the second number if it may have more than one digit
    if a_ended and (b_ended or second is not None):
        return f"finished d{second or 0}"
    return f"kept {str(a_ended).lower()} {str(b_ended).lower()} d{second or 0} d{carry}"


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
