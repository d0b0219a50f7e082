"""Bad values, of every script: one line that names the argument and what is allowed, before anything is made."""

import importlib
import os

import pytest
from test_small_runs import SMALL

SCRIPTS = {"lstm_sum_naive", "mlp_sum", "seq2seq_sum", "extensions.quiz", "extensions.subtraction"}
SCRIPTS |= {f"extensions.{script}" for script, _, _ in SMALL.values()}
LARGEST = {  # the numbers that --largest allows
    "mlp_sum": (1, 10**12),
    "extensions.subtraction": (3, 999),
    "extensions.numbers.squares": (5, 1000),
    "extensions.text.feedback_decoder": (5, 999),
    "extensions.text.framings": (50, 2000),
    "extensions.text.held_out_pairs": (11, 999),
    "extensions.text.integer_encoding": (5, 200),
    "extensions.text.scratchpad": (2, 30),
    "extensions.text.variable_terms": (2, 20),
}
BAD = [
    ("mlp_sum", "--n-batch", "0", "1 to 1000000000"),
    ("mlp_sum", "--n-examples", "1.5", "a whole number"),
    ("mlp_sum", "--learning-rate", "nan", "a number from 1e-09 to 10.0"),
    ("mlp_sum", "--n-numbers", "0", "1 to 1000"),
    ("mlp_sum", "--seed", "-1", "a whole number from 0 to 4294967295"),
    ("extensions.text.framings", "--n-seeds", "0", "1 to 1000"),
    ("extensions.text.held_out_pairs", "--n-epoch", "29", "a whole number from 30 to 1000000"),
    ("extensions.text.layer_sizes", "--digits", "10", "a whole number from 1 to 9"),
]
for name, (lowest, highest) in LARGEST.items():
    BAD += [(name, "--largest", str(value), f"{lowest} to {highest}") for value in (lowest - 1, highest + 1)]


def refused(name, capsys, outputs, *arguments):
    """Run a script that must be refused; return the line that says why, without the script's name."""
    with pytest.raises(SystemExit) as error:
        importlib.import_module(name).main([*arguments, "--outputs", str(outputs)])
    shown = capsys.readouterr()
    assert (error.value.code, shown.out, shown.err.count("\n"), os.listdir(outputs)) == (2, "", 1, [])
    return shown.err.partition(": error: ")[2][:-1]


@pytest.mark.parametrize(("name", "argument", "value", "allowed"), BAD)
def test_a_bad_value_is_one_line(tmp_path, capsys, name, argument, value, allowed):
    line = refused(name, capsys, tmp_path, f"{argument}={value}")
    assert line.startswith(f"argument {argument}: {value!r} is not ") and allowed in line


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("--n-examples=7 --n-batch=3", "argument --n-examples: 7 is not a multiple of --n-batch, 3"),
        ("--n-epoch=99999999", "allowed are 8"),
        ("--n-numbers=1000 --largest=1000000000000 --n-epoch=1000", "allowed are 8"),
        (f"--outputs={__file__}", f"argument --outputs: '{__file__}' is not a folder that can be written: "),
        ("--outputs=/proc/new", "argument --outputs: '/proc/new' is not a folder that can be written: "),
    ],
)
def test_what_does_not_fit_is_one_line(tmp_path, capsys, arguments, reason):
    assert reason in refused("seq2seq_sum", capsys, tmp_path, *arguments.split())


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_help_is_the_docstring_and_the_arguments(capsys, name):
    module = importlib.import_module(name)
    with pytest.raises(SystemExit) as error:
        module.main(["--help"])
    shown = capsys.readouterr().out
    assert error.value.code == 0 and module.__doc__.strip() in shown and "--n-examples " in shown
