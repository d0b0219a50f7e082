"""What the extensions share: expressions and their forms, splits, the scratchpad, statistics, interrupted runs."""

import argparse
import ast
import collections
import doctest
import functools
import importlib
import io
import itertools
import math
import operator
import random
import re

import keras
import numpy as np
import pytest
from matplotlib.figure import Figure

import common
from extensions.shared import expressions, models, scratchpad, training

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}
LISTED = expressions.expressions(2, 6) + expressions.expressions(3, 6, brackets=True)
ARGS = argparse.Namespace(seed=5, n_seeds=2, n_epoch=3, search=False)


def value(node, numbers=int):
    """Compute what Python's parser reads: its precedence, its brackets. numbers: what stands for a number."""
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)](value(node.left, numbers), value(node.right, numbers))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -value(node.operand, numbers)
    return numbers(node.value)


def pythons(text, numbers=int):
    return value(ast.parse(text, mode="eval").body, numbers)


@pytest.mark.parametrize(
    ("module", "n_examples"), [("expressions", 13), ("training", 7), ("scratchpad", 4), ("models", 0)]
)
def test_doctests(module, n_examples):
    result = doctest.testmod(importlib.import_module(f"extensions.shared.{module}"))
    assert result.attempted >= n_examples
    assert result.failed == 0


# ---- Expressions and their forms


@pytest.mark.parametrize(
    ("n_numbers", "largest", "operators", "brackets", "n"),
    [(1, 10, "+", True, 10), (4, 4, "+", False, 256), (2, 10, "+-*", True, 300), (3, 10, "+-*", True, 27000),
     (3, 5, "+-*", False, 1125), (4, 2, "+-*", True, 1728)],
)  # fmt: skip
def test_every_expression_has_pythons_value(n_numbers, largest, operators, brackets, n):
    problems = expressions.expressions(n_numbers, largest, operators, brackets)
    assert len(problems) == len({text for text, _ in problems}) == n
    assert all(pythons(text) == number for text, number in problems)
    assert any("(" in text for text, _ in problems) == (brackets and n_numbers > 2)


def polynomial(text, names):
    """Multiply out, the i-th number taken as the i-th of the names: a dict of sorted names -> coefficient."""
    names = iter(names)

    def add(a, b, sign=1):
        total = collections.Counter(a)
        for monomial, coefficient in b.items():
            total[monomial] += sign * coefficient
        return total

    def multiply(a, b):
        total = collections.Counter()
        for one, other in itertools.product(a, b):
            total[tuple(sorted(one + other))] += a[one] * b[other]
        return total

    def read(node):
        if isinstance(node, ast.BinOp):
            left, right = read(node.left), read(node.right)
            if isinstance(node.op, ast.Mult):
                return multiply(left, right)
            return add(left, right, -1 if isinstance(node.op, ast.Sub) else 1)
        if isinstance(node, ast.UnaryOp):
            return add({}, read(node.operand), -1)
        return {(next(names),): 1}

    return frozenset(read(ast.parse(text, mode="eval").body).items())


@functools.cache
def independent_form(text):
    """Name the form in another way: each number is an unknown of its own, and equal numbers may change places.

    Up to three numbers, each written once, multiplying out tells apart just what differs by more than the order of
    terms and factors, and brackets that change nothing.
    """
    numbers = re.findall(r"\d+", text)
    places = {number: [i for i, other in enumerate(numbers) if other == number] for number in numbers}
    forms = set()
    for orders in itertools.product(*(itertools.permutations(range(len(where))) for where in places.values())):
        names = list(numbers)
        for where, order in zip(places.values(), orders, strict=True):
            for i, j in zip(where, order, strict=True):
                names[i] += f", no. {j}"
        forms.add(polynomial(text, names))
    return frozenset(forms)


def test_forms_are_those_of_an_independent_definition():
    problems = expressions.expressions(2, 4) + expressions.expressions(3, 4, brackets=True)
    forms, others = collections.defaultdict(set), collections.defaultdict(set)
    for text, _ in problems:
        forms[expressions.canonical(text)].add(text)
        others[independent_form(text)].add(text)
    assert sorted(map(sorted, forms.values())) == sorted(map(sorted, others.values()))
    assert 100 < len(forms) < len(problems) / 2


def random_tree(rng, n):
    """Draw an expression of n numbers: a number, or (left, operator, right)."""
    if n == 1:
        return rng.randint(1, 9)
    n_left = rng.randint(1, n - 1)
    return random_tree(rng, n_left), rng.choice("+-*"), random_tree(rng, n - n_left)


def write(tree, rng=None):
    """Write a tree in brackets; with rng some more, and with terms and factors changing places."""
    if isinstance(tree, int):
        return f"({tree})" if rng and rng.random() < 0.2 else str(tree)
    left, sign, right = tree
    if rng and rng.random() < 0.5:
        if sign in "+*":
            left, right = right, left
        elif not isinstance(left, int) and left[1] in "+-":  # (a+b)-c and (a-c)+b
            a, inner, b = left
            left, sign, right = (a, "-", right), inner, b
        elif not isinstance(right, int) and right[1] in "+-":  # a-(b-c) and (a-b)+c
            b, inner, c = right
            left, sign, right = (left, "-", b), {"+": "-", "-": "+"}[inner], c
    text = f"({write(left, rng)}){sign}({write(right, rng)})"
    return f"({text})" if rng and rng.random() < 0.3 else text


def test_order_and_brackets_that_change_nothing_change_no_form():
    rng = random.Random(1)
    n_texts = 0
    for _ in range(1500):
        tree = random_tree(rng, rng.randint(2, 4))
        texts = {write(tree)} | {write(tree, rng) for _ in range(4)}
        assert len({expressions.canonical(text) for text in texts}) == 1, texts
        assert len({pythons(text) for text in texts}) == 1, texts  # write itself makes no mistake
        n_texts += len(texts)
    assert n_texts > 5000


def test_one_form_is_one_value_whatever_the_numbers_stand_for():
    rng = random.Random(1)
    forms = collections.defaultdict(list)
    for _ in range(4000):
        tree = random_tree(rng, rng.randint(2, 4))
        forms[expressions.canonical(write(tree))].append(write(tree))
    assert sum(len(texts) > 1 for texts in forms.values()) > 200
    for _ in range(3):
        numbers = [rng.randint(10**6, 10**7) for _ in range(10)]
        for form, texts in forms.items():
            assert len({pythons(text, numbers.__getitem__) for text in texts}) == 1, form


def test_different_values_have_different_forms():
    values = collections.defaultdict(set)
    for text, number in LISTED:
        values[expressions.canonical(text)].add(number)
    assert all(len(numbers) == 1 for numbers in values.values())
    assert len(values) > 1000


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("3+(4-2)", "4+3-2", True),
        ("3-(4-2)", "3-4+2", True),
        ("3-(4-2)", "2+3-4", True),
        ("3-(4+2)", "3-2-4", True),
        ("(2*3)*4", "4*(3*2)", True),
        ("(2+3)*4", "4*(3+2)", True),
        ("2*3+4", "4+(3*2)", True),
        ("10+1", "1+10", True),
        ("(2+3)*4", "2+3*4", False),
        ("(2+3)*4", "2*4+3*4", False),
        ("3-4", "4-3", False),
        ("(3-4)*2", "(4-3)*2", False),
        ("3-(4-2)", "3-4-2", False),
        ("2+2", "2*2", False),
        ("1+6", "2+5", False),
        ("11+1", "1+1+1", False),
    ],
)
def test_forms_by_example(one, other, same):
    assert (expressions.canonical(one) == expressions.canonical(other)) == same


def test_pairs_are_one_form_in_both_orders():
    pairs = expressions.pairs(7)
    assert len(pairs) == len(set(pairs)) == 49
    assert {number for pair in pairs for number in pair} == set(range(1, 8))
    assert len({expressions.form(pair) for pair in pairs}) == 28
    assert all(expressions.form((a, b)) == expressions.form((b, a)) for a, b in pairs)


# ---- Splits


SMALL = [problem for problem in LISTED if not re.search("[56]", problem[0])]
PROBLEMS = {"expressions": SMALL, "sums": expressions.expressions(4, 4, "+"), "pairs": expressions.pairs(20)}


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_split_is_a_partition_and_no_form_stands_in_two_parts(name, seed, capsys):
    problems = PROBLEMS[name]
    n = len(problems) // 10
    parts = expressions.split(problems, n, random.Random(seed))
    assert sorted(sum(parts, [])) == sorted(problems)
    largest_form = max(collections.Counter(map(expressions.form, problems)).values())
    assert all(n <= len(part) < n + largest_form for part in parts[1:])
    for one, other in itertools.combinations(parts, 2):
        if name == "pairs":
            assert not {frozenset(pair) for pair in one} & {frozenset(pair) for pair in other}
        else:
            assert not {independent_form(text) for text, _ in one} & {independent_form(text) for text, _ in other}
    assert capsys.readouterr().out == (
        f"Held out of {len(problems)} problems: {len(parts[1])} for validation, {len(parts[2])} for the test.\n"
    )
    assert parts == expressions.split(problems, n, random.Random(seed))
    assert parts != expressions.split(problems, n, random.Random(seed + 10))


def test_what_is_held_out_is_in_no_order_in_training():
    for n_held_out in (1, 60):
        trained, held_out = expressions.hold_out(SMALL, n_held_out, random.Random(1))
        assert sorted(trained + held_out) == sorted(SMALL)
        assert n_held_out <= len(held_out) < n_held_out + 36
        assert not {expressions.canonical(text) for text, _ in trained} & {
            expressions.canonical(text) for text, _ in held_out
        }


@pytest.mark.parametrize(
    ("call", "offender"),
    [
        (lambda: expressions.hold_out([("1+1", 2)], 1, random.Random(1)), "holding out 1 of 1 .* leaves none to train"),
        (lambda: expressions.hold_out([("1+2", 3), ("2+1", 3)], 1, random.Random(1)), "leaves none to train on"),
        (lambda: expressions.hold_out([], 0, random.Random(1)), "leaves none to train on"),
        (lambda: expressions.split(expressions.pairs(2), 2, random.Random(1)), "leaves none to train on"),
        (lambda: expressions.check_apart([("1+2", 3)], [("2+1", 3)]), r"^\+1\+2 stands in two parts of the split"),
        (lambda: expressions.check_apart([("1", 1)], [("3-(4-2)", 1)], [("2+3-4", 1)]), "stands in two parts"),
        (lambda: expressions.check_apart([(1, 2)], [(3, 4)], [(2, 1)]), r"\(1, 2\) stands in two parts"),
        (lambda: expressions.encode([("10+10", 20), ("1+1", 2)], 4, 2, "0123456789+ "), "differ in length"),
        (lambda: expressions.encode([("1-1", 0)], 3, 1, "0123456789+ "), "'-' is not in the alphabet"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(call, offender):
    with pytest.raises(ValueError, match=offender):
        call()


def test_a_split_with_a_leak_is_refused(monkeypatch):
    hold_out = expressions.hold_out

    def leaking(problems, n_held_out, rng):
        rest, held_out = hold_out(problems, n_held_out, rng)
        return rest + held_out[:1], held_out

    monkeypatch.setattr(expressions, "hold_out", leaking)
    with pytest.raises(ValueError, match="stands in two parts"):
        expressions.split(expressions.pairs(9), 8, random.Random(1))


def test_encoded_problems_are_read_back():
    alphabet = "0123456789+-*() "
    X, y = expressions.encode([("(1-9)*2", -16), ("3+4", 7)], 8, 3, alphabet)
    assert [common.invert_encoding(seq, alphabet) for seq in X] == [" (1-9)*2", "     3+4"]
    assert [common.invert_encoding(seq, alphabet) for seq in y] == ["-16", "  7"]
    X, y = expressions.encode_sums([(9, 10), (1, 2)], 10, alphabet)
    assert [common.invert_encoding(seq, alphabet) for seq in X] == [" 9+10", "  1+2"]
    assert [common.invert_encoding(seq, alphabet) for seq in y] == ["19", " 3"]


# ---- The scratchpad


def test_step_by_step_every_expression_comes_to_pythons_value():
    problems = expressions.expressions(2, 10) + expressions.expressions(3, 10, brackets=True)[::7]
    for text, number in LISTED + problems:
        rest = expressions.first_step(text)
        n_numbers = len(re.findall(r"\d+", text))
        assert re.fullmatch(r"-?\d+[-+*]-?\d+", rest), text
        assert pythons(rest) == number, text
        assert (rest == text) == (n_numbers == 2)
        if n_numbers == 3:
            assert scratchpad.next_text((text, number)) == rest
        assert scratchpad.next_text((rest, number))[::-1] == scratchpad.answer_text((rest, number))[::-1] == str(number)


def test_the_first_step_is_the_one_that_comes_first():
    steps = {"3+7*8": "3+56", "3*7+8": "21+8", "3-7-8": "-4-8", "3*7*8": "21*8", "3-(7-8)": "3--1", "3+(7+8)": "3+15"}
    steps |= {"(3-7)*8": "-4*8", "(3*7)+8": "21+8", "3*(7-8)": "3*-1"}
    assert {text: expressions.first_step(text) for text in steps} == steps


@pytest.mark.parametrize("largest", [2, 5])
def test_drills_are_second_steps_of_no_text_of_the_list(largest):
    problems = expressions.expressions(2, largest) + expressions.expressions(3, largest, brackets=True)
    drills = scratchpad.drills(largest)
    texts = {text for text, _ in drills}
    assert len(texts) == len(drills)
    assert all(pythons(text) == number for text, number in drills)
    assert not texts & {text for text, _ in problems}
    # and no second step is missing
    steps = {expressions.first_step(text) for text, _ in problems}
    assert steps - {text for text, _ in problems} <= texts


def test_drills_are_no_terms_of_what_is_held_out_in_another_order():
    listed = expressions.expressions(2, 4)
    held_out = {independent_form(text) for text, _ in listed}
    assert any(independent_form(text) in held_out for text, _ in scratchpad.drills(4))  # -3+1 is 1-3
    kept = scratchpad.drills(4, listed)
    assert len(kept) > 100
    assert [text for text, _ in kept if independent_form(text) in held_out] == []


class Oracle:
    """A model that writes, as probabilities, what a function makes of the text it reads."""

    def __init__(self, write):
        self.write = write

    def predict(self, X, batch_size, verbose):
        texts = [common.invert_encoding(seq, scratchpad.ALPHABET).strip() for seq in X]
        return scratchpad.encode([""] * len(X), [self.write(text) for text in texts], 1, 6)[1] * 0.9


SOME = expressions.expressions(3, 3, brackets=True) + expressions.expressions(2, 3)


def never_wrong(write):
    """Make a function for Oracle: of an expression what `write` makes of it and its value, of all else nothing."""
    return lambda text: (
        write((text, pythons(text))) if re.fullmatch(r"[-+*()\d]*\d[-+*]-?[-+*()\d]*[\d)]", text) else ""
    )


def test_a_scratchpad_without_errors_is_exact_and_read_twice():
    expected, predicted, n_first = scratchpad.test(Oracle(never_wrong(scratchpad.next_text)), 7, SOME)
    assert expected == predicted == [str(pythons(text)) for text, _ in SOME]
    assert n_first == len(SOME)


def test_what_is_answered_at_once_is_not_read_again():
    expected, predicted, n_first = scratchpad.test(Oracle(never_wrong(scratchpad.answer_text)), 7, SOME)
    assert expected == predicted
    assert n_first == 27  # of two numbers; of three, a first text was due


def test_an_error_on_the_scratchpad_is_an_error():
    first, last = scratchpad.answer(Oracle({"1+2*3": "1+7", "1+7": "8"}.get), ["1+2*3"], 7)
    assert (first, last) == (["1+7"], ["8"])
    assert scratchpad.test(Oracle({"1+2*3": "1+7", "1+7": "8"}.get), 7, [("1+2*3", 7)]) == (["7"], ["8"], 0)
    assert scratchpad.test(Oracle({"1+2*3": "1+6", "1+6": "+"}.get), 7, [("1+2*3", 7)]) == (["7"], ["+"], 1)


def test_texts_and_answers_are_padded_on_opposite_sides():
    X, y = scratchpad.encode(["3+56", "3"], ["95", "82-"], 5, 4)
    assert [common.invert_encoding(seq, scratchpad.ALPHABET) for seq in X] == [" 3+56", "    3"]
    assert [common.invert_encoding(seq, scratchpad.ALPHABET) for seq in y] == ["95  ", "82- "]


def test_the_scratchpads_report_counts_variants_and_kinds():
    kinds = ["n+n", "n+n*n", "n+n"]
    one, other = (["3", "7", "5"], ["3", "7", "5"], 3, kinds), (["3", "7", "5"], ["3", "8", "5"], 2, kinds)
    lines, by_kind = scratchpad.report({"with a scratchpad": [one, other], "directly": [other, other]})
    assert by_kind == {
        "with a scratchpad": {"n+n": (4, 4), "n+n*n": (1, 2)}, "directly": {"n+n": (4, 4), "n+n*n": (0, 2)},
    }  # fmt: skip
    text = "\n".join(lines)
    assert "with a scratchpad, test problems of all seeds; exact in % of each seed: 100.00, 66.67\n" in text
    assert "directly, test problems of all seeds; exact in % of each seed: 66.67, 66.67\n" in text
    assert f"\nFirst text right: {training.percentage(5, 6)}\n" in text
    assert text.endswith(
        "      n+n: with a scratchpad 4 of 4, directly 4 of 4\n    n+n*n: with a scratchpad 1 of 2, directly 0 of 2"
    )
    axes = drawn(scratchpad.picture("title", by_kind)).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["n+n", "n+n*n"]
    assert [list(line.get_xdata()) for line in axes.lines] == [[100, 50], [100, 0]]


# ---- Statistics and pictures


def drawn(figure):
    """Draw a picture into memory; return it."""
    assert isinstance(figure, Figure)
    figure.savefig(file := io.BytesIO(), format="png")
    assert file.getvalue().startswith(b"\x89PNG")
    return figure


@pytest.mark.parametrize(("n_exact", "n"), [(0, 1), (1, 1), (0, 930), (930, 930), (2, 66), (837, 930), (50, 100)])
def test_a_share_has_wilsons_interval(n_exact, n):
    z, p = 1.959963984540054, n_exact / n
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = ((middle + sign * half) / (1 + z * z / n) * 100 for sign in (-1, 1))
    pattern = r"(\d+) of (\d+), (\d+\.\d\d) % \(95 % interval (\d+\.\d\d) to (\d+\.\d\d)\)"
    shown = re.fullmatch(pattern, training.percentage(n_exact, n)).groups()
    assert shown[:3] == (str(n_exact), str(n), f"{100 * p:.2f}")
    assert [float(x) for x in shown[3:]] == pytest.approx([low, high], abs=0.00501)


def test_a_report_has_the_interval_and_the_baseline():
    expected, predicted = ["12", " 9", "12", "10"], ["12", " 8", "12", "10"]
    lines = training.report(expected, predicted).splitlines()
    assert lines[:3] == [
        "RMSE: 0.500000",
        f"Exact: {training.percentage(3, 4)}",
        f"Always the commonest answer, 12: {training.percentage(2, 4)}",
    ]
    assert lines[3:] == common.report(expected, predicted).splitlines()[2:]
    assert training.count_exact(expected, predicted) == 3
    with pytest.raises(ValueError):
        training.count_exact(["1"], ["1", "2"])


def test_exact_asks_for_every_character():
    y_true = np.eye(3)[[[0, 1], [0, 1], [2, 2], [2, 2]]]
    y_pred = np.eye(3)[[[0, 1], [1, 1], [2, 0], [1, 0]]] * 0.5 + 0.1
    assert keras.ops.convert_to_numpy(training.exact(y_true, y_pred)).tolist() == [1, 0, 0, 0]


def test_the_learning_rate_rises_and_falls_to_zero():
    optimizer = training.adam(0.01, 200)

    def rate(n):
        optimizer.iterations.assign(n)
        return float(optimizer.learning_rate)

    rates = [rate(n) for n in range(201)]
    assert rates[:11] == pytest.approx([0.001 * n for n in range(11)], abs=1e-8)
    assert all(a > b for a, b in itertools.pairwise(rates[10:]))
    assert rates[105] == pytest.approx(0.005, abs=1e-8)  # half-way down
    assert rates[200] == pytest.approx(0, abs=1e-8)
    assert float(training.adam(0.01, 1).learning_rate) == 0  # of one update, too


def test_the_weight_decay_spares_the_biases():
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, bias_initializer="ones")])
    optimizer = training.adam(0.1, 10, weight_decay=0.5)
    optimizer.build(model.trainable_variables)
    optimizer.iterations.assign(1)
    kernel, bias = model.get_weights()
    optimizer.apply([keras.ops.zeros((2, 2)), keras.ops.zeros((2,))])
    assert model.get_weights()[0] == pytest.approx(kernel * (1 - 0.1 * 0.5), rel=1e-5)
    assert model.get_weights()[1] == pytest.approx(bias)


@pytest.mark.parametrize(
    ("goal", "shares", "n"), [(0.99, [0.5, 0.99, 0.4, 1], 20), (0.99, [1], 10), (0.99, [0.98, 0.5], None)]
)
def test_updates_until_a_goal(goal, shares, n):
    assert training.updates_until(goal, shares, 10) == n


RESULTS = {
    "first": [(["12", " 9"], ["12", " 9"], [0.2, 0.99, 1.0]), (["12", "10"], ["12", "11"], [0.2, 0.3, 0.4])],
    "second": [(["12", " 9"], ["13", " 8"], [0.0, 0.0, 0.0])],
}


def test_a_table_shows_every_variant_and_seed():
    assert training.table(RESULTS, 10) == [
        "Held-out test problems exact, of all seeds, then of each seed in %; updates until 99 % in validation",
        f"{'first':>24}: {training.percentage(3, 4)}",
        f"{'':26}100.00, 50.00; 20, never",
        f"{'second':>24}: {training.percentage(0, 2)}",
        f"{'':26}0.00; never",
        f"Always the commonest answer, 12: {training.percentage(3, 6)}",
    ]


def test_a_comparison_is_drawn_with_a_dot_for_each_seed():
    figure = drawn(training.comparison_picture("title", RESULTS, 10, {"second": "other label"}))
    assert figure.get_suptitle() == "title: 0 of 2 reach 99 % with every seed"
    left, right = figure.axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["first", "other label"]
    assert [list(line.get_xdata()) for line in left.lines] == [[100, 50], [0]]
    assert [list(line.get_xdata()) for line in right.lines] == [[20], []]
    assert [text.get_text() for text in right.texts] == ["never: 1 of 2", "never: 1 of 1"]


def test_kinds_are_counted():
    assert expressions.kind("(3+10)*2") == "(n+n)*n"
    counts = training.count_by_kind(["a", "b", "a"], ["1", "2", "3"], ["1", "3", "3"])
    assert counts == {"a": (2, 2), "b": (0, 1)}
    with pytest.raises(ValueError):
        training.count_by_kind(["a"], ["1", "2"], ["1", "2"])


# ---- Runs, interrupted and not


def runs_until(n, calls=None):
    """Make a function for training.runs that counts its runs, and is interrupted in the n-th."""
    calls = [] if calls is None else calls

    def run(name, seed, learning_rate=None):
        calls.append((name, seed, learning_rate))
        if len(calls) == n:
            raise KeyboardInterrupt
        right = {"one": ["1", "2"], "two": ["1", "3"]}[name]
        return ["1", "2"], right, [0.25, learning_rate or seed / 100]

    return run


@pytest.fixture(autouse=True)
def cleared(monkeypatch):
    """Count the calls of keras.utils.clear_session, which take long; interrupt the one that is asked for."""
    state = argparse.Namespace(n=0, interrupted=None)

    def clear():
        state.n += 1
        if state.n == state.interrupted:
            raise KeyboardInterrupt

    monkeypatch.setattr(keras.utils, "clear_session", clear)
    return state


def test_each_name_is_run_with_each_seed(cleared):
    calls = []
    results, status = training.runs(runs_until(0, calls), ("one", "two"), ARGS)
    assert status == 0
    assert cleared.n == 4
    assert calls == [("one", 5, None), ("two", 5, None), ("one", 6, None), ("two", 6, None)]
    assert {name: [shares[1] for *_, shares in variant] for name, variant in results.items()} == {
        "one": [0.05, 0.06],
        "two": [0.05, 0.06],
    }


@pytest.mark.parametrize(("n", "finished"), [(1, {}), (2, {"one": 1}), (3, {"one": 1, "two": 1}),
                                             (4, {"one": 2, "two": 1})])  # fmt: skip
def test_ctrl_c_in_a_run_keeps_those_before(n, finished):
    results, status = training.runs(runs_until(n), ("one", "two"), ARGS)
    assert status == 130
    assert {name: len(variant) for name, variant in results.items()} == finished


def test_ctrl_c_between_two_runs_keeps_those_before(cleared):
    cleared.interrupted = 3
    results, status = training.runs(runs_until(0), ("one", "two"), ARGS)
    assert status == 130
    assert {name: len(variant) for name, variant in results.items()} == {"one": 1, "two": 1}


def outputs_of(tmp_path):
    return argparse.Namespace(**vars(ARGS), outputs=tmp_path)


def test_a_comparison_is_printed_and_saved(tmp_path, capsys):
    calls = []
    rates = {"one": 0.1, "two": 0.2}
    status = training.compare("name", "title", runs_until(0, calls), rates, outputs_of(tmp_path), 10)
    assert status == 0
    assert [call[2] for call in calls] == [0.1, 0.2, 0.1, 0.2]
    text = (tmp_path / "name.txt").read_text(encoding="utf-8")
    assert capsys.readouterr().out.endswith(text)
    first, *lines = text.splitlines()
    assert first == "seed=5, n_seeds=2, n_epoch=3, search=False"
    assert lines[1:5] == [
        f"{'one':>24}: {training.percentage(4, 4)}",
        f"{'':26}100.00, 100.00; never, never",
        f"{'two':>24}: {training.percentage(2, 4)}",
        f"{'':26}50.00, 50.00; never, never",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["name.png", "name.txt"]


def test_a_comparison_without_a_title_has_no_picture(tmp_path):
    assert training.compare("name", None, runs_until(0), {"one": 0.1}, outputs_of(tmp_path), 10) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["name.txt"]


def test_an_interrupted_comparison_reports_what_is_finished(tmp_path, capsys):
    status = training.compare("name", "title", runs_until(4), {"one": 0.1, "two": 0.2}, outputs_of(tmp_path), 10)
    assert status == 130
    text = (tmp_path / "name.txt").read_text(encoding="utf-8")
    assert capsys.readouterr().out.endswith(text)
    assert (
        f"{'one':>24}: {training.percentage(4, 4)}\n" in text and f"{'two':>24}: {training.percentage(1, 2)}\n" in text
    )
    assert text.endswith("\ninterrupted after 3 runs\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["name.png", "name.txt"]


@pytest.mark.parametrize("search", [False, True])
def test_with_nothing_finished_nothing_is_saved(tmp_path, capsys, search):
    args = outputs_of(tmp_path)
    args.search = search
    assert training.compare("name", "title", runs_until(1), {"one": 0.1, "two": 0.2}, args, 10) == 130
    assert capsys.readouterr().out.endswith("\ninterrupted after 0 runs\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("n", [0, 12])
def test_a_search_compares_all_rates_for_all_variants(tmp_path, capsys, n):
    calls = []
    args = outputs_of(tmp_path)
    args.search = True
    status = training.compare("name", "title", runs_until(n, calls), {"one": 9, "two": 9}, args, 10)
    assert status == (130 if n else 0)
    variants = list(itertools.product(("one", "two"), training.RATES))
    assert [call[:2] + call[2:] for call in calls] == [(name, seed, rate) for seed in (5, 6) for name, rate in variants]
    text = (tmp_path / "name_search.txt").read_text(encoding="utf-8")
    assert capsys.readouterr().out.endswith(text)
    lines = text.splitlines()
    shares = [(f"{100 * rate:.2f}", 1 if (n and i == 5) else 2) for i, (_, rate) in enumerate(variants)]
    assert lines[2:8] == [
        f"{name:>24}, learning rate {rate}: {share} ({', '.join([share] * n_seeds)})"
        for (name, rate), (share, n_seeds) in zip(variants, shares, strict=True)
    ]
    assert lines[8:] == (["interrupted after 11 runs"] if n else [])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["name_search.txt"]


# ---- Saved models


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    outputs = tmp_path_factory.mktemp("saved")
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    common.save(outputs, "name", "seed=1, units=3\nExact: all", model=model)
    return outputs, model


def test_the_right_model_is_loaded(saved, capsys):
    loaded = models.load(saved[0] / "name.keras", "seed=1, units=3")
    assert all((a == b).all() for a, b in zip(loaded.get_weights(), saved[1].get_weights(), strict=True))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda path, text: text.write_text("seed=2, units=3\nExact: all"), "was trained with seed=2, units=3"),
        (lambda path, text: text.write_text("seed=1, units=3\ninterrupted after 2 of 3 epochs\n"), "is half trained"),
        (lambda path, text: text.write_text(""), "cannot be loaded: ValueError: .*"),
        (lambda path, text: text.write_bytes(b"\xff\xfe\x00"), "cannot be loaded: UnicodeDecodeError: .*"),
        (lambda path, text: text.unlink(), "cannot be loaded: FileNotFoundError: .*"),
        (lambda path, text: path.write_bytes(b"foreign"), "cannot be loaded: .*"),
        (lambda path, text: path.write_bytes(path.read_bytes()[:-500]), "cannot be loaded: .*"),
        (lambda path, text: path.write_bytes(b""), "cannot be loaded: .*"),
    ],
)
def test_what_is_not_the_right_model_is_one_line(saved, tmp_path, capsys, damage, reason):
    path, text = tmp_path / "name.keras", tmp_path / "name.txt"
    for copy in (path, text):
        copy.write_bytes((saved[0] / copy.name).read_bytes())
    damage(path, text)
    assert models.load(path, "seed=1, units=3") is None
    assert re.fullmatch(rf"{re.escape(str(path))} {reason}\n", capsys.readouterr().out)


def test_without_a_file_nothing_is_said(tmp_path, capsys):
    assert models.load(tmp_path / "name.keras", "seed=1") is None
    assert capsys.readouterr().out == ""
