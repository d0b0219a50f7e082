"""A calculator of trained networks: expressions of any length, depth and size of numbers, every answer proved exact.

    (2-9)*3+8      a network marks every step that may be done now, here 2-9 (marks.py)
    (9993)*3+8     networks work out the steps, column by column (column_arithmetic.py): -7 is 9993
    9993*3+8       brackets around a single number are marked, too, and dropped
    9979+8         the next step, and so on
    9987           until one number is left: 0000-9987 is 0013, and the answer -13

Learned is every decision about characters, and every digit that is written. Given are this loop, the plan of long
multiplication, and ten's complement, as in mechanical calculators: all numbers of a problem have the same number of
digits, sufficient for it, and one that begins with 5 to 9 is below 0. How many suffice is counted from the text before.

    python -m extensions.any_length.calculator "((12+3)*45-600)*7-8*(9-1234567)"     one of your own; --steps shows all
    python -m extensions.any_length.calculator - < expression.txt                    from standard input
    python -m extensions.any_length.calculator --test                                by terms, by depth, by digits
"""

import argparse
import itertools
import random
import re
import sys
import time

import numpy as np
from matplotlib.figure import Figure

import common
from extensions.any_length import column_arithmetic, expressions, marks

NAMES = {"+": "add", "-": "subtract", "*": "multiply"}
SHOWN = "((12+3)*45-600)*7-8*(9-1234567)"  # the expression in the picture


def work(table, a, b):
    """Let a Table work in columns of digits a and b, (n_digits, ...), the units first, all problems at once."""
    next_state, output = (np.ravel(entries).astype(np.int16) for entries in table)
    digits, state = np.empty(np.broadcast(a, b).shape, dtype=np.uint8), np.int16(0)
    for i, column in enumerate(zip(a, b, strict=True)):
        case = 100 * state + 10 * column[0].astype(np.int16) + column[1]
        digits[i], state = output[case], next_state[case]
    return digits


def multiply(tables, a, b, n_rows):
    """Multiply as on paper: a row for each digit of b, a shifted by its place, and the rows added up in pairs."""
    rows = np.zeros((len(a), n_rows, a.shape[1]), dtype=np.uint8)
    for i in range(n_rows):
        rows[i:, i] = a[: len(a) - i]
    rows = work(tables["*"], rows, np.broadcast_to(b[:n_rows], rows.shape))
    while rows.shape[1] > 1:
        rows = np.pad(rows, ((0, 0), (0, rows.shape[1] % 2), (0, 0)))
        rows = work(tables["+"], rows[:, ::2], rows[:, 1::2])
    return rows[:, 0]


def do_steps(tables, sign, a, b, n_digits):
    """Work out steps of one sign, modulo 10 ** n_digits. a, b: lists of numbers as text. Returns a list of texts."""
    columns = [
        np.frombuffer("".join(x.zfill(n_digits) for x in numbers).encode(), dtype=np.uint8) for numbers in (a, b)
    ]
    columns = [x.reshape(-1, n_digits).T[::-1] - ord("0") for x in columns]
    if sign != "*":
        digits = work(tables[sign], *columns)
    else:
        n_rows = max(map(len, b))
        at_once = 1 + 10**7 // (n_rows * n_digits)
        parts = range(0, len(a), at_once)
        digits = np.hstack([multiply(tables, *(x[:, i : i + at_once] for x in columns), n_rows) for i in parts])
    return [row.tobytes().decode().lstrip("0") or "0" for row in (digits[::-1].T + ord("0")).astype(np.uint8)]


def solve(problems, marker, tables, n_digits, show=lambda tokens, marks: None):
    """Return the values of expressions, lists of tokens, as texts; all are worked out together, in one text.

    show: is called with the tokens and the marks of each round.
    """
    tokens = [" ", *itertools.chain.from_iterable([*problem, " "] for problem in problems)]
    while True:
        found = marks.read(marker, "".join(tokens))[np.cumsum([len(token) for token in tokens]) - 1]
        show(tokens, found)
        if not found.any():
            break
        for sign in NAMES:
            steps = [i for i in np.flatnonzero(found == marks.STEP) if tokens[i] == sign]
            if steps:
                a, b = ([tokens[i + side] for i in steps] for side in (-1, 1))
                for i, answer in zip(steps, do_steps(tables, sign, a, b, n_digits), strict=True):
                    tokens[i - 1 : i + 2] = "", answer, ""
        for i in np.flatnonzero(found == marks.BRACKET):
            tokens[i] = ""
        tokens = [token for token in tokens if token]
    values = "".join(tokens).split()
    below = [len(value) == n_digits and value[0] in "56789" for value in values]
    return [
        "-" + do_steps(tables, "-", ["0"], [value], n_digits)[0] if minus else value.lstrip("0") or "0"
        for value, minus in zip(values, below, strict=True)
    ]


# ---- Tests, and a picture --------------------------------------------------------------------------------------------


def test(marker, tables, seed):
    """Work out expressions by number of terms, depth and digits, and all small ones. Yields a line for each kind."""
    rng = random.Random(seed)
    kinds = [(n, 1, 3, "+-*", 100 if n < 1000 else 10) for n in (3, 10, 100, 1000)]
    kinds += [(200, depth, 3, "+-*", 10) for depth in (1, 10, 100)]
    kinds += [(20, 3, n_digits, "+-*", 100) for n_digits in (1, 10, 50)]
    kinds += [(1000, 100, 50, "+-", 1)]
    for n_numbers, depth, n_digits, signs, n in kinds:
        texts = [expressions.draw(n_numbers, depth, n_digits, signs, rng) for _ in range(n)]
        name = f"{n_numbers:,} numbers of up to {n_digits} digits, {signs}, {depth} levels of brackets"
        yield f"{name}: {count(texts, marker, tables)}"
    numbers = [[str(i + 1) for i in range(10)]] * 3
    shapes = ["{}{}{}{}{}", "({}{}{}){}{}", "{}{}({}{}{})"]
    parts = list(itertools.product(numbers[0], NAMES, numbers[1], NAMES, numbers[2]))
    texts = [shape.format(*part) for shape in shapes for part in parts]
    yield f"all with three numbers from 1 to 10: {count(texts, marker, tables)}"
    texts = ["+".join(terms) for terms in itertools.product(numbers[0], repeat=5)]
    yield f"all sums of five numbers from 1 to 10: {count(texts, marker, tables)}"


def count(texts, marker, tables):
    """Work out expressions, a hundred at a time, and say how many are exact, and how long it took."""
    start, n_exact = time.perf_counter(), 0
    for i in range(0, len(texts), 100):
        problems = [expressions.tokens_of(text) for text in texts[i : i + 100]]
        answers = solve(problems, marker, tables, max(expressions.estimate(tokens)[0] for tokens in problems))
        n_exact += sum(
            int(a) == expressions.evaluate(b, int, expressions.exact_step)
            for a, b in zip(answers, problems, strict=True)
        )
    return f"exact {n_exact:,} of {len(texts):,} ({time.perf_counter() - start:.1f} s)"


def picture(rounds):
    """Draw the rounds of an expression one below the other, with what is marked. rounds: as from `show`; a Figure."""
    figure = Figure(figsize=(9, 0.9 + 0.36 * len(rounds)), dpi=100)
    figure.suptitle("Every step that may be done now is marked, and done, until one number is left")
    axes = figure.add_axes((0.02, 0.02, 0.96, 0.8))
    axes.set(xlim=(0, max(len("".join(tokens)) for tokens, _ in rounds)), ylim=(len(rounds), 0))
    axes.axis("off")
    looks = {marks.STEP: ("gold", "step", 1), marks.BRACKET: ("dimgray", "bracket to drop", 0)}
    for y, (tokens, found) in enumerate(rounds):
        ends = np.cumsum([0, *map(len, tokens)])
        colors = ["black"] * ends[-1]
        for i in np.flatnonzero(found):
            color, label, around = looks[found[i]]
            first, last = ends[i - around], ends[i + 1 + around]
            axes.barh(y + 0.5, last - first - 0.1, 0.8, first + 0.05, color=color, label=label)
            colors[first:last] = ["black" if around else "white"] * (last - first)
        for x, (character, color) in enumerate(zip("".join(tokens), colors, strict=True)):
            axes.text(x + 0.5, y + 0.5, character, color=color, family="monospace", size=15, ha="center", va="center")
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(
        *zip(*dict(zip(labels, zip(handles, labels, strict=True), strict=True)).values(), strict=True),
        loc="lower right",
        fontsize=13,
    )
    return figure


# ---- The script ------------------------------------------------------------------------------------------------------


def own_expression(text):
    """Read an expression, or "-" for one from standard input: an argparse `type`. Returns a list of tokens."""
    try:
        return expressions.tokens_of(sys.stdin.read() if text == "-" else text)
    except (AttributeError, UnicodeDecodeError):  # it is closed, or has something else
        raise argparse.ArgumentTypeError("standard input has no text") from None
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def refuse(tokens, n_digits, n_rounds):
    """Return why an expression would take too long or too much memory, as text, or None."""
    n_numbers, n_products = sum(token.isdigit() for token in tokens), tokens.count("*")
    seconds = n_rounds * n_digits * (3e-7 * n_numbers + 2e-5) + n_products * 4e-8 * n_digits**2
    if seconds > 600:
        return f"at most {n_rounds:,} rounds with numbers of {n_digits:,} digits might take {seconds / 60:,.0f} minutes"
    if n_products and n_digits**2 > 2e8:
        return f"a product of {n_digits:,} digits takes {3 * n_digits**2 / 2**30:.1f} GiB of memory"
    return None


def load(args):
    """Return the Marker and the Table of each sign; what is missing in args.outputs is trained. ValueError if none."""
    if not (path := args.outputs / "marks.json").exists():
        settings = marks.argument_parser().parse_args(["--outputs", str(args.outputs)])
        _, marker, line = marks.train(args.seed, settings)
        if not marker:
            raise ValueError(line)
        marks.save(path, marker)
    return marks.load(path), {sign: column_arithmetic.load_or_train(name, args) for sign, name in NAMES.items()}


def main(argv=None):
    """Work out a given expression, or the tests; return the exit status."""
    parser = common.argument_parser(__doc__)
    parser.add_argument("expression", nargs="?", type=own_expression, help="one of your own; - for standard input")
    parser.add_argument("--steps", action="store_true", help="print each round's text")
    parser.add_argument("--test", action="store_true", help="work out many, and draw one")
    argv = [re.sub(r"^-(?=\s*[0-9(])", " -", text) for text in (sys.argv[1:] if argv is None else argv)]
    args = parser.parse_args(argv)  # "-3*4" is no option
    if not args.test and not args.expression:
        parser.error("the argument expression is missing, or --test")
    n_digits, n_rounds = expressions.estimate(args.expression or ["0"])
    if reason := refuse(args.expression or ["0"], n_digits, n_rounds):
        parser.error(f"argument expression: {reason}")
    try:
        marker, tables = load(args)
    except ValueError as error:
        parser.error(str(error))
    if args.test:
        lines, rounds, tokens = [], [], expressions.tokens_of(SHOWN)
        for line in test(marker, tables, args.seed):
            lines.append(line)
            print(line, flush=True)
        solve([tokens], marker, tables, expressions.estimate(tokens)[0], lambda *round: rounds.append(round))
        common.save(args.outputs, "calculator", "\n".join(lines), picture(rounds))
        return int(any("WRONG" in line for line in lines))
    sys.set_int_max_str_digits(0)

    def show(tokens, found):
        if args.steps:
            print("".join(tokens).strip())

    [answer] = solve([args.expression], marker, tables, n_digits, show)
    right = str(expressions.evaluate(args.expression, int, expressions.exact_step))
    print(answer)
    print(
        "Python's integers say the same." if answer == right else f"Wrong: Python's integers say {right}",
        file=sys.stderr,
    )
    return int(answer != right)


if __name__ == "__main__":
    common.run(main)
