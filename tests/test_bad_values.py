"""Bad values, of every script: one line that names the argument and what is allowed, before anything is made."""

import importlib
import os
import re

import pytest

SCRIPTS = {  # of each, the numbers that --largest allows, if it has the argument
    "lstm_sum_naive": (1, 10**12),
    "mlp_sum": (1, 10**12),
    "seq2seq_sum": (1, 10**12),
    "extensions.quiz": (1, 10**12),
    "extensions.subtraction": (3, 999),
    "extensions.numbers.exact_lstm": (1, 10**12),
    "extensions.numbers.squares": (5, 1000),
    "extensions.numbers.unlucky_starts": (1, 10**12),
    "extensions.text.feedback_decoder": (5, 999),
    "extensions.text.framings": (50, 2000),
    "extensions.text.held_out_pairs": (11, 999),
    "extensions.text.integer_encoding": (5, 200),
    "extensions.text.layer_sizes": None,
    "extensions.text.scratchpad": (2, 30),
    "extensions.text.small_sums": None,
    "extensions.text.variable_terms": (2, 20),
}
ONCE = ("lstm_sum_naive", "mlp_sum", "seq2seq_sum", "extensions.quiz", "extensions.subtraction")  # trained once
MORE = {  # what one script only, or some, refuse
    "mlp_sum": [("--learning-rate", "nan", "a number from 1e-09 to 10.0"), ("--n-numbers", "0", "1 to 1000")],
    "extensions.text.held_out_pairs": [("--n-epoch", "29", "a whole number from 30 to 1000000")],
    "extensions.text.layer_sizes": [("--digits", "10", "a whole number from 1 to 9")],
}


def refused(name, capsys, outputs, *arguments):
    """Run a script that must be refused; return the line that says why, without the script's name."""
    with pytest.raises(SystemExit) as error:
        importlib.import_module(name).main([*arguments, "--outputs", str(outputs)])
    shown = capsys.readouterr()
    assert (error.value.code, shown.out) == (2, "")
    assert shown.err.count("\n") == 1
    return shown.err.partition(": error: ")[2][:-1]


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_bad_value_is_one_line(tmp_path, capsys, name):
    bad = [("--n-batch", "0", "1 to 1000000000"), ("--n-examples", "1.5", "a whole number"), *MORE.get(name, [])]
    bad += [("--seed", "x", "a whole number from 0 to 4294967295")]
    if name not in ONCE:
        bad += [("--n-seeds", "0", "a whole number from 1 to 1000")]
    if SCRIPTS[name]:
        lowest, highest = SCRIPTS[name]
        bad += [("--largest", str(value), f"from {lowest} to {highest}") for value in (lowest - 1, highest + 1)]
    for argument, value, allowed in bad:
        line = refused(name, capsys, tmp_path / "not_made", f"{argument}={value}")
        assert line.startswith(f"argument {argument}: {value!r} is not ") and allowed in line
    line = refused(name, capsys, tmp_path / "not_made", "--n-examples", "7", "--n-batch", "3")
    assert line == "argument --n-examples: 7 is not a multiple of --n-batch, 3"
    line = refused(name, capsys, tmp_path / "not_made", "--n-examples", "1000000000", "--n-batch", "1000000000")
    assert re.fullmatch(r"argument --n-examples, --n-epoch or --n-numbers: that takes \d+ GiB; allowed are 8", line)
    assert os.listdir(tmp_path) == ["not_made"] and os.listdir(tmp_path / "not_made") == []


@pytest.mark.parametrize(
    "arguments", [("--n-epoch", "99999999"), ("--n-numbers", "1000", "--largest", str(10**12), "--n-epoch", "1000")]
)
def test_many_epochs_or_long_sums_do_not_fit_either(tmp_path, capsys, arguments):
    assert "allowed are 8" in refused("seq2seq_sum", capsys, tmp_path, *arguments)


@pytest.mark.parametrize("folder", ["file", "file/below", "/proc/cannot_be_made"])
def test_a_bad_folder_is_one_line(tmp_path, capsys, folder):
    (tmp_path / "file").write_text("")
    line = refused("mlp_sum", capsys, tmp_path / folder)
    assert re.fullmatch(rf"argument --outputs: '.*{folder}' is not a folder that can be written: .*", line)
    assert os.listdir(tmp_path) == ["file"] and (tmp_path / "file").read_text() == ""


@pytest.mark.parametrize("name", SCRIPTS)
def test_help_is_the_docstring_and_the_arguments(capsys, name):
    module = importlib.import_module(name)
    with pytest.raises(SystemExit) as error:
        module.main(["--help"])
    shown = capsys.readouterr().out
    assert error.value.code == 0 and module.__doc__.strip() in shown and "--n-examples " in shown
