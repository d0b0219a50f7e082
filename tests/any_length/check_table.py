"""Decides whether the table in a JSON file adds, subtracts, multiplies or divides. It imports nothing of the project.

Every state must stand for one carry (borrow, remainder), with one second number if that has one digit: for what it is
when it is first met. Every pair of characters is then tried in it: the output must be right, and the next state stand
for what is kept then.
"""

import json
import sys

ALPHABET = "0123456789+-*/ ="
KINDS = {**dict.fromkeys("0123456789", 0), "+": 1, "-": 2, "*": 3, "/": 4, " ": 5, "=": 6, "": 7}
SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}


def decide(data):
    """Return whether the answer to every problem, of any length, is right."""
    sign, short = SIGNS[data["operation"]], data["operation"] in ("multiply", "divide")
    orders = {order(data, sign, "1" * n, "1" * m) for n in range(1, 5) for m in ([1] if short else range(1, 5))}
    if None in orders:
        return False
    seconds = [[str(d)] for d in range(sign == "/", 10)] if short else [list("0123456789")]
    return all(moves(data, sign, short, swapped) for swapped in orders) and all(
        states(data, sign, digits, short, swapped) for digits in seconds for swapped in orders
    )


def order(data, sign, a, b):
    """Return whether the fingers start the other way round, or None if they start wrong."""
    text = ["", " ", *a, sign, *b, "=", ""]
    windows = [
        sum(w * KINDS[x] for w, x in zip((64, 8, 1), text[i - 1 : i + 2], strict=True)) for i in range(1, len(text) - 1)
    ]
    first = max(range(len(windows)), key=lambda i: (data["start"][0][windows[i]], -i))
    second = max(set(range(len(windows))) - {first}, key=lambda i: (data["start"][1][windows[i]], -i))
    places = [1 if sign == "/" else len(a), len(a) + 1 + len(b)]
    return {(places[0], places[1]): False, (places[1], places[0]): True}.get((first, second))


def moves(data, sign, short, swapped):
    """Return whether the fingers move as they must, wherever they are."""
    met = {"+": ("00", "0+", " 0"), "-": ("00", "0-"), "*": ("00",), "/": ("00",)}[sign]
    for x, y in met:
        symbol = 7 * KINDS[y] + KINDS[x] if swapped else 7 * KINDS[x] + KINDS[y]
        of_a, of_b = data["moves"][swapped][symbol], data["moves"][not swapped][symbol]
        right_a = of_a == (1 if sign == "/" else -1) if x == "0" else of_a < 1
        if not right_a or of_b != (-1 if y == "0" and not short else 0):
            return False
    return True


def states(data, sign, seconds, short, swapped):
    """Return whether every output is right. seconds: the digits that the second number may have."""
    first, behind = {0: 0}, sign if sign == "/" else " "
    queue = [(0, "begin", "")]  # state, whether the first number has ended, whether the second has
    seen = set(queue)
    for state, a_ended, b_ended in queue:
        xs = "0123456789" if a_ended == "begin" else behind if a_ended else "0123456789" + behind
        ys = seconds if short or a_ended == "begin" else [sign] if b_ended else [*seconds, sign]
        done = a_ended == "ended" and (short or b_ended)  # the last carry is written, and the fingers may be elsewhere
        if done:
            kind = 0 if short else KINDS[sign]
            symbol = 7 * kind + 5 if swapped else 35 + kind
            of_a, of_b = data["moves"][swapped][symbol], data["moves"][not swapped][symbol]
            xs = "0123456789" if of_a == 1 else " "
            ys = [[sign], seconds, ["="]][of_b + 1] if short else [sign] if of_b == 0 else seconds
        for x, y in [(x, y) for x in xs for y in ys]:
            kept, over = first[state], done or x == behind and (short or y == sign)
            if over and (done or kept == 0 or sign == "/"):
                right, keep = " ", None
            elif sign == "-" and x == " ":
                continue
            else:
                a, b = int(x if x.isdigit() else 0), int(y if y.isdigit() else 0)
                if sign == "/":
                    digit, keep = divmod(10 * kept + a, b)
                else:
                    total = {"+": a + b + kept, "-": a - b - kept, "*": a * b + kept}[sign]
                    digit, keep = total % 10, abs(total // 10)
                right = str(digit)
            i, j = ALPHABET.index(x), ALPHABET.index(y)
            symbol = 16 * j + i if swapped else 16 * i + j
            then = data["next_state"][state][symbol]
            if data["output"][state][symbol] != ALPHABET.index(right):
                return False
            if keep is not None:
                if first.setdefault(then, keep) != keep:
                    return False
                here = (then, "ended" if x == behind else "", "ended" if y == sign else "")
                if here not in seen:
                    seen.add(here)
                    queue.append(here)
    return True


if __name__ == "__main__":
    sys.exit(not decide(json.load(open(sys.argv[1], encoding="utf-8"))))
