"""The extensions: every expression against Python's arithmetic, the held-out split, and the scripts at a small size."""

import ast
import doctest
import importlib
import operator
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from extensions import expressions, training

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ("variable_operators", "brackets")
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}


def value(node):
    """Compute what Python's parser reads: its precedence, its brackets."""
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)](value(node.left), value(node.right))
    return node.value


@pytest.mark.parametrize(("module", "n_examples"), [(expressions, 13), (training, 3)])
def test_doctests(module, n_examples):
    result = doctest.testmod(module)
    assert result.attempted >= n_examples
    assert result.failed == 0


@pytest.mark.parametrize(
    ("n_numbers", "largest", "operators", "brackets", "n"),
    [(1, 10, "+", True, 10), (4, 4, "+", False, 256), (2, 10, "+-*", True, 300), (3, 10, "+-*", True, 27000),
     (3, 5, "+-*", False, 1125), (4, 2, "+-*", True, 1728)],
)  # fmt: skip
def test_every_expression_has_pythons_value(n_numbers, largest, operators, brackets, n):
    problems = expressions.expressions(n_numbers, largest, operators, brackets)
    assert len(problems) == len({text for text, _ in problems}) == n
    assert all(value(ast.parse(text, mode="eval").body) == number for text, number in problems)
    assert any("(" in text for text, _ in problems) == (brackets and n_numbers > 2)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_held_out_is_in_no_order_in_training(seed):
    problems = expressions.expressions(2, 6, "+-*") + expressions.expressions(3, 6, "+-*", brackets=True)
    trained, held_out = expressions.hold_out(problems, len(problems) // 10, random.Random(seed))
    assert sorted(trained + held_out) == sorted(problems)
    assert len(problems) // 10 <= len(held_out) <= len(problems) // 10 + 18  # 18: one sum, 6 orders, 3 ways to write it
    assert not {text for text, _ in trained} & {text for text, _ in held_out}
    terms = [
        {tuple(sorted(re.findall(r"\d+", text))) for text, _ in side if not re.search("[-*]", text)}
        for side in (trained, held_out)
    ]
    assert terms[0] and terms[1] and not terms[0] & terms[1]
    assert (trained, held_out) == expressions.hold_out(problems, len(problems) // 10, random.Random(seed))


@pytest.mark.parametrize(
    ("call", "offender"),
    [
        (lambda: expressions.evaluate([1, 2], "/"), "'/' is not one of"),
        (lambda: expressions.evaluate([1, 2], ""), "longer"),
        (lambda: expressions.expressions(0, 10), "n_numbers must be at least 1, not 0"),
        (lambda: expressions.expressions(2, 0), "largest must be at least 1, not 0"),
        (lambda: expressions.hold_out([("1+1", 2)], 1, random.Random(1)), "leaves none to train on"),
        (lambda: expressions.count_held_out([("1+2", 3)], [("2+1", 3)]), r"held-out 2\+1 occurs in training"),
        (lambda: expressions.encode([("10+10", 20)], 4, 2, "0123456789+ "), r"10\+10 = 20 does not fit"),
        (lambda: expressions.encode([("1-1", 0)], 3, 1, "0123456789+ "), "'-' is not in the alphabet"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(call, offender):
    with pytest.raises(ValueError, match=offender):
        call()


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_small_run_prints_and_saves_what_a_full_one_does(tmp_path, capsys, name):
    arguments = ["--n-examples", "100", "--n-batch", "30", "--n-epoch", "2", "--largest", "4"]
    assert importlib.import_module(f"extensions.{name}").main([*arguments, "--outputs", str(tmp_path)]) == 0
    stdout = capsys.readouterr().out
    assert re.search(
        r"(?m)^Held out: (\d+) of \d+ problems, none of them in training\nRMSE: .*\nExact: \d+ of \1 ", stdout
    )
    assert len(re.findall("(?m)^Expected=", stdout)) == 20
    assert (tmp_path / f"{name}.txt").read_text(encoding="utf-8").splitlines()[-20:] == stdout.splitlines()[-20:]
    assert sorted(os.listdir(tmp_path)) == [f"{name}.keras", f"{name}.png", f"{name}.txt"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_bad_value_is_one_line(tmp_path, name):
    done = subprocess.run(
        [sys.executable, "-m", f"extensions.{name}", "--n-batch", "0", "--outputs", str(tmp_path / "not_made")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.fullmatch(rf"{name}\.py: error: argument --n-batch: '0' is not a whole number .*\n", done.stderr)
    assert os.listdir(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_full_run_passes_97_percent(tmp_path, name):
    done = subprocess.run(
        [sys.executable, "-m", f"extensions.{name}", "--outputs", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert float(re.search(r"Exact: .* \((\S+) %\)", done.stdout)[1]) >= 97
