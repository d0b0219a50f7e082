"""Decides whether the table in a JSON file adds, subtracts, multiplies or divides. It imports nothing of the project.

Every state must stand for one carry (borrow, remainder), with one second number if that has one digit: for what it is
when it is first met. Each column is then tried in it: the digit must be right, and the next state stand for the next.
"""

import json
import sys


def decide(data):
    """Return whether all digits of every problem, of any length, are right."""
    if data["kind"] in ("add", "subtract"):
        seconds = [range(10)]  # of one problem, any digit in each column
    else:
        seconds = [[digit] for digit in range(data["kind"] == "divide", 10)]
    for digits in seconds:
        stands_for, met = {0: 0}, [0]
        for state in met:
            for symbol in [10 * a + b for a in range(10) for b in digits]:
                digit, kept = work(data["kind"], *divmod(symbol, 10), stands_for[state])
                then = data["next_state"][state][symbol]
                if then not in stands_for:
                    met.append(then)
                if data["output"][state][symbol] != digit or stands_for.setdefault(then, kept) != kept:
                    return False
    return True


def work(kind, a, b, kept):
    """Return the digit of a column and what is kept then."""
    if kind == "divide":
        return divmod(10 * kept + a, b)
    total = {"add": a + b + kept, "subtract": a - b - kept, "multiply": a * b + kept}[kind]
    return total % 10, abs(total // 10)


if __name__ == "__main__":
    sys.exit(not decide(json.load(open(sys.argv[1], encoding="utf-8"))))
