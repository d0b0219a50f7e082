"""What all scripts have in common: --help, bad values in one line, Ctrl-C, backends. They are found by their `main`."""

import importlib
import io
import os
import subprocess
import sys
from pathlib import Path

import common

import keras
import pytest

ROOT = Path(__file__).resolve().parent.parent
OTHERS = "any_length", "page"  # rooms with a contract of their own
PATHS = [path.relative_to(ROOT) for path in (*ROOT.glob("*.py"), *ROOT.glob("extensions/**/*.py"))]
SCRIPTS = sorted(
    ".".join(path.with_suffix("").parts)
    for path in PATHS
    if not set(OTHERS) & set(path.parts) and "\ndef main(" in (ROOT / path).read_text(encoding="utf-8")
)
ONCE = "--n-examples 20 --n-batch 10 --n-epoch 1"
SMALL = {  # arguments that make a script's problems few
    "extensions.quiz": "--largest 11",
    "extensions.repeats": "mlp_sum",
    "extensions.subtraction": "--largest 9",
    "extensions.text.feedback_decoder": "--largest 9 --n-seeds 1",
    "extensions.text.framings": "--largest 50 --n-seeds 1",
    "extensions.text.held_out_pairs": "--largest 11 --n-seeds 1",
    "extensions.text.integer_encoding": "--largest 9 --n-seeds 1",
    "extensions.text.layer_sizes": "--units 25 --digits 3 --n-seeds 1",
    "extensions.text.scratchpad": "--largest 3 --n-seeds 1",
    "extensions.text.short_sums": "--largest 50 --n-seeds 1",
    "extensions.text.variable_terms": "--largest 3 --n-seeds 1",
    "extensions.numbers.squares": "--largest 10 --n-seeds 1",
    "extensions.numbers.unlucky_starts": "--n-starts 2",
}
LARGEST = {  # the numbers that --largest allows
    "mlp_sum": (1, 10**12),
    "extensions.subtraction": (3, 999),
    "extensions.numbers.squares": (5, 1000),
    "extensions.text.feedback_decoder": (5, 999),
    "extensions.text.framings": (50, 2000),
    "extensions.text.held_out_pairs": (5, 999),
    "extensions.text.integer_encoding": (5, 200),
    "extensions.text.scratchpad": (2, 30),
    "extensions.text.short_sums": (50, 2000),
    "extensions.text.variable_terms": (2, 20),
}
BAD = [
    ("mlp_sum", "--n-batch=0"),
    ("mlp_sum", "--n-examples=1.5"),
    ("mlp_sum", "--learning-rate=nan"),
    ("mlp_sum", "--n-numbers=1001"),
    ("mlp_sum", "--seed=-1"),
    ("mlp_sum", "--seed=4294967296"),
    ("seq2seq_sum", "--n-examples=7"),  # no multiple of --n-batch
    ("seq2seq_sum", "--n-examples=10000000"),  # all examples would not fit into memory
    ("seq2seq_sum", "--hold-out=91"),
    ("seq2seq_sum", "--outputs="),
    ("seq2seq_sum", f"--outputs={__file__}"),
    ("seq2seq_sum", "--outputs=/proc/new"),
    ("extensions.text.framings", "--n-seeds=0"),
    ("extensions.text.held_out_pairs", "--n-epoch=29"),
    ("extensions.text.layer_sizes", "--digits=10"),
    ("extensions.repeats", "--runs=0"),
    ("extensions.repeats", "--n-examples=10000000"),  # says the script
    ("extensions.repeats", "--scheduler=tls://127.0.0.1:8786"),
]
BAD += [(name, f"--largest={n}") for name, (low, high) in LARGEST.items() for n in (low - 1, high + 1)]


def main(name):
    return importlib.import_module(name).main


def refused(capsys, name, *arguments):
    """Run a script that must be refused; return the line that says why."""
    with pytest.raises(SystemExit) as error:
        main(name)([*(["mlp_sum"] if name == "extensions.repeats" else []), *arguments])
    shown = capsys.readouterr()
    assert (error.value.code, shown.out, shown.err.count("\n")) == (2, "", 1) and shown.err.endswith("\n")
    return shown.err


@pytest.mark.parametrize("name", SCRIPTS)
def test_help_is_the_docstring_and_each_option_refuses_nonsense_in_one_short_line(tmp_path, capsys, monkeypatch, name):
    parsers, parse = [], common.ArgumentParser.parse_args

    def record(self, *args):
        parsers.append(self)
        return parse(self, *args)

    monkeypatch.setattr(common.ArgumentParser, "parse_args", record)
    with pytest.raises(SystemExit) as error:
        main(name)(["--help"])
    shown = capsys.readouterr().out
    assert error.value.code == 0 and importlib.import_module(name).__doc__.strip() in shown
    new = tmp_path / "new"
    for action in parsers[0]._actions[1:]:
        if action.option_strings and action.dest != "outputs":
            [option] = action.option_strings
            outputs = [f"--outputs={new}"] if "--outputs" in shown else []
            line = refused(capsys, name, *outputs, f"{option}={'nonsense' * 700}")
            assert f"argument {option}" in line and len(line) < 700 and not new.exists()


@pytest.mark.parametrize(("name", "argument"), BAD)
def test_a_bad_value_is_one_line_before_anything_is_made(tmp_path, capsys, name, argument):
    option, _, value = argument.partition("=")
    line = refused(capsys, name, f"--outputs={tmp_path}", argument)
    assert f"argument {option}" in line and value in line and os.listdir(tmp_path) == []


NOTHING_TRAINED = "extensions.readme_tables", "extensions.reproduce"


@pytest.mark.parametrize("name", [name for name in SCRIPTS if name not in NOTHING_TRAINED])
def test_ctrl_c_before_anything_is_trained_leaves_no_file(tmp_path, monkeypatch, eager, name):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(keras.Model, "fit", interrupt)
    monkeypatch.setattr(common, "unroll", lambda n_steps: False)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))  # of the quiz
    arguments = [
        *ONCE.replace("--n-epoch 1", "--n-epoch 30").split(),
        *SMALL.get(name, "").split(),
        f"--outputs={tmp_path}",
    ]
    with pytest.raises(SystemExit) as end:
        common.run(lambda: main(name)(arguments))
    assert end.value.code == 130 and not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SCRIPTS if name not in NOTHING_TRAINED])
@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_a_small_run_with_each_backend(tmp_path, name, backend):
    pytest.importorskip(backend, reason=f"tried where {backend} is installed: pip install {backend}")
    arguments = [*ONCE.split(), *SMALL.get(name, "").split(), f"--outputs={tmp_path}"]
    arguments += {"extensions.text.held_out_pairs": ["--n-epoch=30"], "extensions.repeats": ["--jobs=2"]}.get(name, [])
    command = [sys.executable, "-m", name, *arguments]
    environment = os.environ | {"KERAS_BACKEND": backend}
    done = subprocess.run(command, cwd=ROOT, input="", capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "") and list(tmp_path.rglob("transcript.txt"))
