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

import keras
import pytest

import seq2seq_sum
from extensions import expressions, framings, integer_encoding, training

ROOT = Path(__file__).resolve().parent.parent
SMALL = {  # arguments that make a run of seconds
    "integer_encoding": ["--largest", "9", "--n-seeds", "1"],
    "variable_terms": ["--largest", "4"],
    "variable_operators": ["--largest", "4"],
    "brackets": ["--largest", "4"],
    "held_out_pairs": ["--largest", "12", "--n-seeds", "2"],
    "framings": ["--largest", "50", "--n-seeds", "1"],
}
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}


def value(node):
    """Compute what Python's parser reads: its precedence, its brackets."""
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)](value(node.left), value(node.right))
    return node.value


@pytest.mark.parametrize(("module", "n_examples"), [(expressions, 17), (training, 4), (framings, 2)])
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


@pytest.mark.parametrize("seed", [1, 2])
def test_pairs_held_out_are_never_drawn_in_any_order(seed):
    rng = random.Random(seed)
    trained, held_out = expressions.hold_out_pairs(20, 21, rng)
    assert len(held_out) == 21
    assert sorted(trained + held_out) == [(a, b) for a in range(1, 21) for b in range(a, 21)]
    drawn = set(expressions.draw_pairs(trained, 10_000, rng))
    assert not {tuple(sorted(pair)) for pair in drawn} & set(held_out)
    assert drawn == set(trained) | {pair[::-1] for pair in trained}  # both orders of each
    with pytest.raises(ValueError, match="occurs in training"):
        expressions.count_held_out([(1, 2)], [(2, 1)], name=lambda pair: tuple(sorted(pair)))


@pytest.mark.parametrize("framing", framings.FRAMINGS)
def test_a_framing_fits_its_model_and_hides_nothing_but_padding(framing):
    pairs = [(7, 8), (678, 45), (999, 999)]
    inputs, answers = framings.write(framing, pairs, [15, 723, 1998], 999)
    X, y = framings.encode(framing, pairs, 999)
    assert X.shape[:2] == (3, len(inputs[0]))
    assert y.shape[:2] == (3, len(answers[0]))
    for text, answer, pair in zip(inputs, answers, pairs, strict=True):
        assert sorted(re.sub("[+ ]", "", text)) == sorted(f"{pair[0]}{pair[1]}")
        assert (answer[::-1] if framing in framings.REVERSED else answer).strip() == str(sum(pair))
    assert (X.sum(axis=-1) == 0).any() == (framing == "padding masked")
    model = framings.build_model(framing, X.shape[1], y.shape[1], 12)
    assert model.output_shape == (None, *y.shape[1:])
    # The article's weights: the same in each framing.
    assert model.count_params() == seq2seq_sum.build_model(5, 2, 12).count_params()


def test_masking_leaves_out_the_padding():
    X, _ = framings.encode("padding masked", [(7, 8)], 999)
    model = framings.build_model("padding masked", 7, 4, 12)
    assert X[0, :4].sum() == 0  # "    7+8"
    X_shifted = X[:, [4, 5, 6, 0, 1, 2, 3]]
    assert model.predict(X, verbose=0) == pytest.approx(model.predict(X_shifted, verbose=0), abs=1e-6)


def test_the_encodings_are_what_they_say():
    def first_layers(encoding):
        return keras.Sequential(integer_encoding.build_model(encoding, 3, 2, 12).layers[:-4])

    X = keras.ops.array([[0, 11, 5]])
    vectors = first_layers("one-hot vectors").predict(X, verbose=0)
    assert vectors.tolist() == [[[float(i == j) for j in range(12)] for i in (0, 11, 5)]]
    assert first_layers("scaled integers").predict(X, verbose=0).ravel() == pytest.approx([0, 1, 5 / 11])
    assert first_layers("embedding").predict(X, verbose=0).shape == (1, 3, 12)


@pytest.mark.parametrize(
    ("call", "offender"),
    [
        (lambda: expressions.evaluate([1, 2], "/"), "'/' is not one of"),
        (lambda: expressions.evaluate([1, 2], ""), "longer"),
        (lambda: expressions.expressions(0, 10), "n_numbers must be at least 1, not 0"),
        (lambda: expressions.expressions(2, 0), "largest must be at least 1, not 0"),
        (lambda: expressions.hold_out([("1+1", 2)], 1, random.Random(1)), "leaves none to train on"),
        (lambda: expressions.count_held_out([("1+2", 3)], [("2+1", 3)]), r"held-out 1\+2 occurs in training"),
        (lambda: expressions.encode([("10+10", 20)], 4, 2, "0123456789+ "), r"10\+10 = 20 does not fit"),
        (lambda: expressions.encode([("1-1", 0)], 3, 1, "0123456789+ "), "'-' is not in the alphabet"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(call, offender):
    with pytest.raises(ValueError, match=offender):
        call()


@pytest.mark.parametrize("name", SMALL)
def test_a_small_run_prints_and_saves_what_a_full_one_does(tmp_path, capsys, name):
    arguments = [*SMALL[name], "--n-examples", "100", "--n-batch", "30", "--n-epoch", "2", "--outputs", str(tmp_path)]
    assert importlib.import_module(f"extensions.{name}").main(arguments) == 0
    stdout = capsys.readouterr().out
    held_out = re.findall(r"Held out: (\d+) of \d+ problems, none of them in training", stdout)
    reports = re.findall(
        r"(?m)^RMSE: .*\nExact: \d+ of (\d+) .*\nNo number at all: .*\n((?:Expected=.*\n){1,20})", stdout
    )
    assert held_out
    assert len(reports) == {"integer_encoding": 3, "framings": 8, "held_out_pairs": 2}.get(name, 1)
    transcript = (tmp_path / f"{name}.txt").read_text(encoding="utf-8")
    assert transcript.endswith(stdout[stdout.rindex("RMSE:") :])
    assert transcript.count("\nRMSE: ") == len(reports)
    assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", SMALL)
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
@pytest.mark.parametrize(
    ("name", "share"), [("variable_terms", 99), ("variable_operators", 97), ("brackets", 97), ("integer_encoding", 90)]
)
def test_a_full_run_is_as_good_as_the_readme_says(tmp_path, name, share):
    done = subprocess.run(
        [sys.executable, "-m", f"extensions.{name}", "--outputs", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert float(re.search(r"Exact: .* \((\S+) %\)", done.stdout)[1]) >= share
