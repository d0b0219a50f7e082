"""A table of text_arithmetic as an Agda module, and back; what may be kept in each state; a problem that goes wrong.

    read(path)       the table in a JSON file, a dict
    to_agda(data)    the table as an Agda module, with a list for Agda's check of what is kept in each state
    from_agda(text)  the table in such a module, read back: nothing else may stand in the module
    search(data)     a problem that goes wrong, if one is found

Nothing here is trusted: a list that lacks something makes Agda refuse, and what Agda is given is read back. The rules
stand here a second time, written independently of the walk in text_arithmetic.py and of Rules.agda.
"""

import collections
import itertools
import json
import re

ALPHABET = "0123456789+-*/ ="
SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}
STATEMENTS = {
    "add": ("Adds", "adds"),
    "subtract": ("Subtracts", "subtracts"),
    "multiply": ("Multiplies", "multiplies"),
    "divide": ("Divides", "divides"),
}
MOVES = {-1: "left", 0: "stay", 1: "right"}
START, DONE, ENDED = "start", "done", None  # ENDED is read where a number has no digit any more


def read(path):
    """Return the table in a JSON file, a dict. Raises ValueError, in one line, for another file, OSError for none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    if not isinstance(data, dict) or data.get("kind") != "text_arithmetic" or data.get("operation") not in SIGNS:
        raise ValueError("it is no table of text_arithmetic")
    n_states = len(data["output"]) if isinstance(data.get("output"), list) else 0
    n = {"start": (2, 512, 0, 511), "moves": (2, 49, -1, 1)}
    n |= {"next_state": (n_states, 256, 0, n_states - 1), "output": (n_states, 256, 0, 15)}
    for name, (n_rows, n_columns, lowest, highest) in n.items():
        rows = data.get(name)
        right_shape = isinstance(rows, list) and len(rows) == n_rows and all(
            isinstance(row, list) and len(row) == n_columns for row in rows
        )
        if not right_shape or not n_states or n_states > 65536 or any(
            type(entry) is not int or not lowest <= entry <= highest for row in rows for entry in row
        ):
            raise ValueError(f"its {name} is not {n_rows} x {n_columns} whole numbers from {lowest} to {highest}")
    return data


# ---- The table at work ---------------------------------------------------------------------------------------------


def kind(character):
    """Return the kind of a character, its place in ALPHABET: 0 a digit, 1 to 4 a sign, 5 the blank, 6 "="."""
    return max(0, character - 9)


def starts(data, text):
    """Return the places where the fingers start in a text, a list of places in ALPHABET."""
    kinds = [7, *map(kind, text), 7]
    windows = [64 * l + 8 * k + r for l, k, r in zip(kinds, kinds[1:], kinds[2:], strict=False)]
    first, second = ([ranks[window] for window in windows] for ranks in data["start"])
    i = first.index(max(first))
    second[i] = -1
    return i, second.index(max(second))


def work(data, problem):
    """Return what the table writes for a problem as text, up to the blank; None if no blank comes in time."""
    text, written, state = [ALPHABET.index(character) for character in problem], "", 0
    i, j = starts(data, text)
    for _ in range(2 * len(text)):
        symbol, pair = 16 * text[i] + text[j], 7 * kind(text[i]) + kind(text[j])
        character, state = ALPHABET[data["output"][state][symbol]], data["next_state"][state][symbol]
        if character == " ":
            return written
        written += character
        i, j = (min(max(place + data["moves"][f][pair], 0), len(text) - 1) for f, place in enumerate((i, j)))
    return None


def is_right(data, a, b):
    """Return whether the table answers a problem of two numbers as text right."""
    sign = SIGNS[data["operation"]]
    written = work(data, f" {a}{sign}{b}=")
    if not written or not written.isdigit():
        return False
    right = {"+": int(a) + int(b), "-": int(a) - int(b), "*": int(a) * int(b), "/": int(a) // max(1, int(b))}[sign]
    return int(written if sign == "/" else written[::-1]) == right


def search(data):
    """Return a problem that goes wrong, two numbers as text, or None: what the walk found, else the first small one."""
    for order in orders(data):
        _, path = walk(data, order)
        if path:
            a, b = ("".join(str(read[i]) for read in path if read[i] is not ENDED) for i in (0, 1))
            if data["operation"] != "divide":
                a, b = a[::-1], b[::-1]
            b = b[0] if data["operation"] in ("multiply", "divide") else b
            for first, second in ((a, b), ("1" + a, b)):
                if allowed(data, first, second) and not is_right(data, first, second):
                    return first, second
    one_digit = data["operation"] in ("multiply", "divide")
    longs = [*map(str, range(1000)), "1000", "9999", "12345", "98765"]
    for a, b in itertools.product(longs, map(str, range(10)) if one_digit else longs):
        if allowed(data, a, b) and not is_right(data, a, b):
            return a, b
    return None


def allowed(data, a, b):
    """Return whether the theorem says something of this problem."""
    if data["operation"] == "subtract":
        return int(a) >= int(b) and len(a) >= len(b)
    return data["operation"] != "divide" or b != "0"


# ---- What may be kept in each state --------------------------------------------------------------------------------


def rule(operation, kept):
    """Return the cases of what is kept: what either finger reads, what is right to write, and what to keep then.

    Kept are START, DONE, or (first ended, second ended, the one-digit second number or 0, carry).
    """
    digits, first = range(10), kept == START
    if kept == DONE:
        return []
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
            cases.append(((x, y), " ", DONE))
        elif operation in ("add", "subtract"):
            cases.append(((x, y), str(digit), (x is ENDED, y is ENDED, 0, keep)))
        else:
            cases.append(((x, y), str(digit), (x is ENDED, False, y, keep)))
    return cases


def walk(data, order):
    """Return for each state the list of what may be kept, and what was read in a problem that goes wrong, or None.

    order: whether the first finger is in the first number.
    """
    operation = data["operation"]
    end_of_first, end_of_second = "/" if operation == "divide" else " ", SIGNS[operation]
    paths, queue = {(0, START): []}, collections.deque([(0, START)])
    wrong = None
    while queue and not wrong:
        state, kept = queue.popleft()
        for (x, y), right, keep in rule(operation, kept):
            a = ALPHABET.index(end_of_first if x is ENDED else str(x))
            b = ALPHABET.index(end_of_second if y is ENDED else str(y))
            symbol, path = (16 * a + b if order else 16 * b + a), [*paths[state, kept], (x, y)]
            if ALPHABET[data["output"][state][symbol]] != right:
                wrong = path
                break
            then = data["next_state"][state][symbol], keep
            if then not in paths:
                paths[then] = path
                queue.append(then)
    reached = [[] for _ in data["output"]]
    for state, kept in paths:
        reached[state].append(kept)
    return reached, wrong


def orders(data):
    """Return the orders of the fingers that occur: True where the first finger starts in the first number."""
    found = set()
    sign = SIGNS[data["operation"]]
    for a, b in itertools.product(range(1, 5), range(1, 5) if sign in "+-" else [1]):
        i, j = starts(data, [ALPHABET.index(character) for character in f" {'5' * a}{sign}{'5' * b}="])
        found.add(i < j)
    return sorted(found, reverse=True)


# ---- Agda ----------------------------------------------------------------------------------------------------------

MODULE = """module Trained where

open import Agda.Builtin.Bool
open import Agda.Builtin.Equality
open import Agda.Builtin.List
open import Statement
open import Rules
open import Theorem

program : Program
program = record
  {{ start₁ = {start_1}
  ; start₂ = {start_2}
  ; moves₁ = {moves_1}
  ; moves₂ = {moves_2}
  ; outputs =
{outputs}
  ; next =
{next}
  }}

reached : Reached
reached true =
{reached_true}
reached false =
{reached_false}

trained : {Adds} program
trained = {adds} program reached refl
"""


def to_agda(data):
    """Return an Agda module that says that a table does its operation: Agda accepts it if that is so."""
    reached = {order: [] for order in (True, False)} | {order: walk(data, order)[0] for order in orders(data)}
    statement, theorem = STATEMENTS[data["operation"]]
    parts = {"Adds": statement, "adds": theorem}
    for finger in (0, 1):
        parts[f"start_{finger + 1}"] = in_list(data["start"][finger])
        parts[f"moves_{finger + 1}"] = in_list(MOVES[move] for move in data["moves"][finger])
    parts["outputs"] = in_rows(in_list(packed(row, 1)) for row in data["output"])
    parts["next"] = in_rows(in_list(packed(row, 4)) for row in data["next_state"])
    for order, name in ((True, "reached_true"), (False, "reached_false")):
        parts[name] = in_rows(in_list(map(in_words, row)) for row in reached[order])
    return MODULE.format(**parts)


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
    first, second, digit, carry = kept
    return f"kept {str(first).lower()} {str(second).lower()} d{digit} d{carry}"


def from_agda(text):
    """Return the table in an Agda module as `to_agda` writes it, a dict; raises ValueError for any other text."""
    row, kept = r"(?:0x[0-9a-f]+ ∷ )*\[\]", r"start|done|kept (?:true|false) (?:true|false) d[0-9] d[0-9]"
    rows, keeps = rf"(?:    \({row}\) ∷\n)*    \[\]", rf"(?:    \((?:(?:{kept}) ∷ )*\[\]\) ∷\n)*    \[\]"
    patterns = {f"start_{finger}": r"(?:[0-9]+ ∷ )*\[\]" for finger in (1, 2)}
    patterns |= {f"moves_{finger}": r"(?:(?:left|stay|right) ∷ )*\[\]" for finger in (1, 2)}
    patterns |= {"outputs": rows, "next": rows, "Adds": "[A-Z][a-z]+", "adds": "[a-z]+"}
    groups = {name: f"(?P<{name}>{pattern})" for name, pattern in patterns.items()}
    escaped = re.escape(MODULE.replace("{{", "{").replace("}}", "}"))
    for name, pattern in {**groups, "reached_true": keeps, "reached_false": keeps}.items():
        escaped = escaped.replace(re.escape("{" + name + "}"), pattern)
    if not (match := re.fullmatch(escaped, text)):
        raise ValueError("the Agda module is not as it should be")
    operations = {statement: operation for operation, statement in STATEMENTS.items()}
    numbers = {name: number for number, name in MOVES.items()}
    unpacked = {}
    for name, n in (("outputs", 1), ("next", 4)):
        lines = match[name].splitlines()[:-1]
        unpacked[name] = [
            [int(digits[i : i + n], 16) for digits in re.findall("0x([0-9a-f]+)", line) for i in range(0, len(digits), n)]
            for line in lines
        ]
    return {
        "operation": operations[match["Adds"], match["adds"]],
        "start": [[int(rank) for rank in match[f"start_{finger}"].split(" ∷ ")[:-1]] for finger in (1, 2)],
        "moves": [[numbers[move] for move in match[f"moves_{finger}"].split(" ∷ ")[:-1]] for finger in (1, 2)],
        "next_state": unpacked["next"],
        "output": unpacked["outputs"],
    }
