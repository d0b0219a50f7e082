"""A calculator made of trained networks, each of them proved, for expressions of any length and depth.

    (2-9)*3+8      a network marks every step that may be done now, here 2-9 (marks.py)
    (9993)*3+8     the network of four operations works out the steps, in columns (columns.py): -7 is 9993
    9993*3+8       brackets around a single number are marked, too, and dropped
    9979+8         the next step, and so on
    9987           until one number is left: 0000-9987 is 0013, and the answer -13

The networks learn every decision about characters, and every digit that is written. The program supplies this loop,
the plan of long multiplication, and ten's complement, as in mechanical calculators: all numbers of a problem have the
same number of digits, and a number that begins with 5 to 9 is below 0. The text tells how many digits are enough. Each
network is proved; the calculator as a whole is tested.

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

import common
from extensions import experiments
from extensions.any_length import certify, columns, expressions, marks, text_arithmetic
from extensions.any_length.problems import MOST_CELLS, given

import numpy as np
from matplotlib.figure import Figure

SIGNS = "+-*"
SHOWN = "((12+3)*45-600)*7-8*(9-1234567)"  # the expression in the picture


def solve(problems, marker, tables, n_digits, show=lambda tokens, marks: None):
    """Return the values of expressions as texts. problems: lists of tokens; all are worked out together, as one text.

    show: is called with the tokens and the marks of each round.
    """
    tokens = [" ", *itertools.chain.from_iterable([*problem, " "] for problem in problems)]
    while True:
        found = marks.read(marker, "".join(tokens))[np.cumsum([len(token) for token in tokens]) - 1]
        show(list(tokens), found)
        if not found.any():
            break
        for sign in SIGNS:
            steps = [i for i in np.flatnonzero(found == marks.STEP) if tokens[i] == sign]
            if steps:
                a, b = [tokens[i - 1] for i in steps], [tokens[i + 1] for i in steps]
                for i, answer in zip(steps, columns.do_steps(tables, sign, a, b, n_digits), strict=True):
                    tokens[i - 1 : i + 2] = "", answer, ""
        for i in np.flatnonzero(found == marks.BRACKET):
            tokens[i] = ""
        tokens = [token for token in tokens if token]
    values = []
    for value in "".join(tokens).split():
        if len(value) == n_digits and value[0] in "56789":  # it is below 0
            [value] = columns.do_steps(tables, "-", ["0"], [value], n_digits)
            values.append("-" + value)
        else:
            values.append(value.lstrip("0") or "0")
    return values


# ---- Tests, and a picture --------------------------------------------------------------------------------------------


def tests(seed):
    """Yield names and lists of expressions: random ones by terms, by depth and by digits, and all small ones."""
    rng = random.Random(seed)
    kinds = [(n, 1, 3, "+-*", 10_000 // n) for n in (3, 10, 100, 1000)]  # numbers, levels, digits, signs, expressions
    kinds += [(200, depth, 3, "+-*", 20) for depth in (1, 10, 100)]
    kinds += [(20, 3, n_digits, "+-*", 100) for n_digits in (1, 10, 50)]
    for n_numbers, depth, n_digits, signs, n in [*kinds, (1000, 100, 50, "+-", 1)]:
        digits = "1 digit" if n_digits == 1 else f"{n_digits} digits"
        name = f"{n_numbers:,} numbers of {digits}, {signs}, brackets {depth} deep"
        yield name, [expressions.draw(n_numbers, depth, n_digits, signs, rng) for _ in range(n)]
    numbers = [str(i + 1) for i in range(10)]
    steps = list(itertools.product(numbers, SIGNS, numbers, SIGNS, numbers))
    small = ["".join(step) for step in itertools.product(numbers, SIGNS, numbers)]
    small += [shape.format(*step) for shape in ("{}{}{}{}{}", "({}{}{}){}{}", "{}{}({}{}{})") for step in steps]
    yield "all of two or three numbers from 1 to 10, + - * and brackets", small
    yield "all sums of five numbers from 1 to 10", ["+".join(terms) for terms in itertools.product(numbers, repeat=5)]


def count(texts, marker, tables):
    """Return how many expressions are exact. A thousand at a time are worked out, as one text."""
    n_exact = 0
    for i in range(0, len(texts), 1000):
        problems = [expressions.tokens_of(text) for text in texts[i : i + 1000]]
        answers = solve(problems, marker, tables, max(expressions.estimate(problem)[0] for problem in problems))
        n_exact += experiments.count_exact(map(expressions.exact, problems), answers)
    return n_exact


def picture(rounds):
    """Return a matplotlib Figure: the rounds of an expression, one below the other. rounds: what `solve` shows."""
    figure = Figure(figsize=(9, 1 + 0.36 * len(rounds)), dpi=100)
    marked = "Filled: every step that may be done now. Framed: brackets around a single number."
    figure.suptitle(f"{marked}\nA number below 0 is written in ten's complement: -7 is 9993.")
    axes = figure.add_axes((0.02, 0.02, 0.96, 0.78), frameon=False, xticks=[], yticks=[])
    axes.set_ylim(len(rounds) - 0.5, -0.5)
    for y, (tokens, found) in enumerate(rounds):
        ends = np.cumsum([0, *map(len, tokens)])
        for i in np.flatnonzero(found):
            if found[i] == marks.STEP:  # with the numbers on both sides
                first, end, color, edge = ends[i - 1], ends[i + 2], "gold", "gold"
            else:
                first, end, color, edge = ends[i], ends[i + 1], "white", "black"
            axes.barh(y, end - first - 0.1, 0.8, first + 0.05, color=color, edgecolor=edge)
        for x, character in enumerate("".join(tokens)):
            axes.text(x + 0.5, y, character, family="monospace", size=16, ha="center", va="center_baseline")
    return figure


# ---- The script ------------------------------------------------------------------------------------------------------


def own_expression(text):
    """Return the tokens of an expression; "-" reads one from standard input: an argparse `type`."""
    try:
        tokens = expressions.tokens_of(given(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    (n_digits, n_rounds, n_rows), n_products = expressions.estimate(tokens), tokens.count("*")
    seconds = n_rounds * n_digits * (3e-7 * len(tokens) + 2e-5) + n_products * 4e-8 * n_digits * n_rows
    reason = f"up to {n_rounds:,} rounds of numbers of {n_digits:,} digits may take "
    if seconds > 600:
        raise argparse.ArgumentTypeError(f"{reason}{seconds / 60:,.0f} minutes; the limit is 10")
    if n_digits * n_rows > MOST_CELLS:
        raise argparse.ArgumentTypeError(f"{reason}{3e-9 * n_digits * n_rows:,.1f} GB of memory; the limit is 0.6")
    return tokens


def load(args):
    """Return the Marker and a dict of the Columns of + - *, or (None, None) if they are not proved.

    They are those of a run with this seed and the usual settings. What is missing is trained.
    """
    found = []
    for task, parts in ((marks.TASK, ("marks",)), (text_arithmetic.TASK, ("add", "subtract", "multiply"))):
        tables, _ = certify.get(task, argparse.Namespace(**task.defaults, seed=args.seed, outputs=args.outputs), parts)
        if tables is None:
            return None, None
        found.append(tables)
    return found[0]["marks"], {name: columns.columns_of(table) for name, table in found[1].items()}


def run_tests(marker, tables, args):
    """Test, print and save; return the exit status, 1 if an answer is wrong."""
    lines, rounds, status, problem = [], [], 0, expressions.tokens_of(SHOWN)
    for name, texts in tests(args.seed):
        start, n_exact = time.process_time(), count(texts, marker, tables)
        lines.append(f"{name}: exact {n_exact:,} of {len(texts):,}, {time.process_time() - start:.1f} s")
        print(lines[-1], flush=True)
        status |= n_exact < len(texts)
    solve([problem], marker, tables, expressions.estimate(problem)[0], lambda *shown: rounds.append(shown))
    with common.run_folder(args.outputs, "calculator") as folder:
        (folder / "transcript.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        picture(rounds).savefig(folder / "picture.png")
    return status


def main(argv=None):
    """Work out a given expression, or the tests; return the exit status."""
    parser = common.argument_parser(__doc__)
    parser.add_argument("expression", nargs="?", type=own_expression, help="one of your own; - for standard input")
    parser.add_argument("--steps", action="store_true", help="print each round's text")
    parser.add_argument("--test", action="store_true", help="work out many, and draw one")
    argv = [re.sub(r"^-(?=\s*[0-9(])", " -", text) for text in (sys.argv[1:] if argv is None else argv)]
    args = parser.parse_args(argv)  # "-3*4" is no option
    if not args.test and not args.expression:
        parser.error("argument expression: give one, or --test")
    marker, tables = load(args)
    if marker is None:
        return 1
    if args.test:
        return run_tests(marker, tables, args)

    n_digits, *_ = expressions.estimate(args.expression)
    show = {"show": lambda tokens, found: print("".join(tokens).strip())} if args.steps else {}
    [answer] = solve([args.expression], marker, tables, n_digits, **show)
    right = expressions.exact(args.expression)
    print(answer)
    print("Exact arithmetic says the same." if answer == right else f"Wrong: exact arithmetic says {right}")
    return int(answer != right)


if __name__ == "__main__":
    common.run(main)
