"""The scripts of the room: their seeds, rounds, results, files, questions; bad values, damaged files, Ctrl-C."""

import argparse
import importlib
import io
import json
import os
import re
import subprocess
import sys

from extensions.any_length import (
    automaton,
    calculator,
    column_arithmetic,
    columns,
    marks,
    prove,
    smallest_adder,
    text_addition,
    text_addition_ablation,
)

import keras
import numpy as np
import pytest
from hand_made import changed, exact_marker, exact_network, exact_table, fingers
from test_smallest_adder import ADDERS

SETTINGS = {"n_examples": 64, "n_batch": 32, "n_epoch": 1, "learning_rate": 0.01, "n_digits": 2, "n_characters": 12}
ADD = columns.OPERATIONS["add"]
TRAININGS = {  # how each script trains, with how many centres
    "column_arithmetic": lambda args, n: column_arithmetic.train(ADD, args.seed, args, n),
    "marks": lambda args, n: marks.train(args.seed, args, n),
    "smallest_adder": lambda args, n: smallest_adder.train(3, args.seed, args),
    "text_addition": lambda args, n: text_addition.train(args, n),
    "text_addition_ablation": lambda args, n: text_addition_ablation.train(
        text_addition_ablation.VARIANTS["attention"], args.seed, args
    ),
}
FILES = {  # what a proved run leaves
    "column_arithmetic": ["column_arithmetic.png", "column_arithmetic.txt"]
    + [f"column_arithmetic_{name}.json" for name in columns.OPERATIONS],
    "marks": ["marks.json", "marks.txt"],
    "smallest_adder": ["smallest_adder.png", "smallest_adder.txt"],
    "text_addition": [f"text_addition.{ending}" for ending in ("gif", "json", "png", "txt")],
    "text_addition_ablation": ["text_addition_ablation.png", "text_addition_ablation.txt"],
}


def run(name, outputs, *arguments):
    return importlib.import_module(f"extensions.any_length.{name}").main([*arguments, "--outputs", str(outputs)])


# ---- What is trained on


def fed(monkeypatch, name, seed, n_fits):
    """Return what is fed to the first fits of a script, which train nothing, and the weights before the first."""
    inputs, weights = [], []

    def fit(self, X, *args, **kwargs):
        inputs.append(np.array(X[0] if isinstance(X, list) else X))
        weights.append(np.concatenate([weight.ravel() for weight in self.get_weights()]))
        if len(inputs) == n_fits:
            raise KeyboardInterrupt
        return argparse.Namespace(history={})

    monkeypatch.setattr(keras.Model, "fit", fit)
    with pytest.raises(KeyboardInterrupt):
        TRAININGS[name](argparse.Namespace(**SETTINGS, seed=seed), (2,))
    return inputs, weights[0]


@pytest.mark.parametrize("name", TRAININGS)
def test_the_seed_decides_problems_and_weights(monkeypatch, eager, name):
    (first, weights), (again, same), (other, others) = (fed(monkeypatch, name, seed, 1) for seed in (7, 7, 8))
    assert (first[0] == again[0]).all() and (weights == same).all()
    assert not np.array_equal(first[0], other[0]) and (weights != others).any()
    if name == "smallest_adder":  # and no seed of a test
        X = columns.draw(ADD, 64, 8, np.random.default_rng(7))
        assert (first[0] == np.pad(X, ((0, 0), (1, 1), (0, 0))) - 4.5).all()


@pytest.mark.parametrize(("name", "every"), [("column_arithmetic", 10), ("marks", 4), ("text_addition", 4)])
def test_what_went_wrong_goes_into_the_next_rounds(monkeypatch, eager, name, every):
    (first, second, third), _ = fed(monkeypatch, name, 1, 3)
    if name == "marks":  # some hundred texts; the first of them come again
        texts = ["".join(marks.ALPHABET[i] for i in row.argmax(axis=1)).rstrip() for row in second[::every]]
        again = ["".join(marks.ALPHABET[i] for i in row.argmax(axis=1)).rstrip() for row in third[::every]]
        assert texts == again and len(texts[0]) < 10
    else:
        n_steps = 1 if name == "column_arithmetic" else second.shape[1]
        assert len(np.unique(first[::every, :n_steps], axis=0)) > 3
        assert len(np.unique(second[::every, :n_steps], axis=0)) == 1
        assert len(np.unique(second[1::every, :n_steps], axis=0)) > 3


# ---- Runs. The trainings give networks made by hand


@pytest.fixture(scope="module")
def networks():
    """Give for each script a function of what `train` gets, which returns the seed and an exact network."""
    model = fingers()
    adder, centres, *_ = text_addition.round_off(model, np.random.default_rng(1), (32,))
    with_fingers = (model, adder, centres, *text_addition.prove(adder)[:2])
    exact = {name: exact_network(name) for name in columns.OPERATIONS}
    marked = None, exact_marker(), "proved"
    three = ADDERS[3][0], ADDERS[3][2], 4 * ADDERS[3][6]
    return {
        column_arithmetic: lambda operation, seed, args: (seed, exact[operation.name]),
        marks: lambda seed, args: (seed, marked),
        smallest_adder: lambda n, seed, args: (seed, three if n == 3 else ADDERS[7]),
        text_addition: lambda args: (args.seed, with_fingers),
        text_addition_ablation: lambda variant, seed, args: (seed, model),
    }


@pytest.fixture
def made(monkeypatch, networks):
    """Let the trainings give exact networks. Returns their seeds, and a set of the trainings that are interrupted."""
    seeds, interrupted = [], set()

    def replace(network):
        def train(*args):
            if len(seeds) in interrupted:
                raise KeyboardInterrupt
            seed, found = network(*args)
            seeds.append(seed)
            return found

        return train

    for module, network in networks.items():
        monkeypatch.setattr(module, "train", replace(network))
    variants = {name: text_addition_ablation.VARIANTS[name] for name in ("two fingers", "spread fingers")}
    monkeypatch.setattr(text_addition_ablation, "VARIANTS", variants)
    monkeypatch.setattr(column_arithmetic, "CHECKED", ((5, 10),))
    monkeypatch.setattr(text_addition, "draw_tests", lambda rng: {"few": [("1", "1"), ("12", "9")]})
    monkeypatch.setattr(marks, "count_right", lambda texts, model=None, marker=None: 3)
    return seeds, interrupted


ONE = {"text_addition_ablation": ("--tested", "1", "3")}


@pytest.mark.parametrize("name", FILES)
def test_a_run_of_proved_networks(made, tmp_path, capsys, name):
    assert run(name, tmp_path, "--seed", "7", "--n-seeds", "2", *ONE.get(name, ())) == 0
    seeds, _ = made
    assert seeds == sorted(seeds) and set(seeds) == {7, 8}
    assert sorted(os.listdir(tmp_path)) == sorted(FILES[name])
    text = (tmp_path / f"{name}.txt").read_text(encoding="utf-8")
    assert capsys.readouterr().out.endswith(text) and "seed=7" in text.splitlines()[0]
    told = re.findall(r"(?m)^(?:.*seed )? *([78])(?:,|:|  | +\d+\.\d)", text)
    assert sorted(map(int, told)) == sorted(seeds)
    for path in tmp_path.glob("*.json"):
        assert prove.main([str(path)]) == 0
    if name == "text_addition":
        data = automaton.read(tmp_path / "text_addition.json")
        assert "seed=7" in data["settings"] and text_addition.find(tmp_path / "text_addition.json", data["settings"])


@pytest.mark.parametrize("name", ["column_arithmetic", "marks", "text_addition"])
def test_a_run_that_is_not_proved_has_status_1_and_leaves_no_table(made, tmp_path, monkeypatch, name):
    for file in FILES[name]:
        (tmp_path / file).write_text("of another run")
    module = importlib.import_module(f"extensions.any_length.{name}")
    found = module.train(*{"text_addition": [argparse.Namespace(seed=1)], "marks": [1, None]}.get(name, [ADD, 1, None]))
    if name == "column_arithmetic":
        step, table, _, _ = found
        proof = column_arithmetic.prove(ADD, changed(table, "output", 0, 87, 6))
        found = step, None, {2: (proof, np.zeros(2), np.zeros((2, 32)))}, "5 rounds"
    elif name == "marks":
        found = None, None, "not proved"
    else:
        found = *found[:3], False, "not proved"
    monkeypatch.setattr(module, "train", lambda *_: found)
    assert run(name, tmp_path) == 1
    text = (tmp_path / f"{name}.txt").read_text(encoding="utf-8")
    assert "not proved" in text and "0 of 1 seeds" in text
    assert not list(tmp_path.glob("*.json"))


def test_an_adder_that_is_not_proved_has_status_1(tmp_path, eager):
    assert run("smallest_adder", tmp_path, "--n-examples", "128") == 1
    assert os.listdir(tmp_path) == ["smallest_adder.txt"]


# ---- Ctrl-C


@pytest.mark.parametrize("name", FILES)
def test_ctrl_c_leaves_old_results_whole_or_saves_what_is_finished(made, tmp_path, name):
    _, interrupted = made
    for file in FILES[name]:
        (tmp_path / file).write_text("of another run")
    interrupted.add(0)
    assert run(name, tmp_path, *ONE.get(name, ())) == 130
    assert {(tmp_path / file).read_text() for file in FILES[name]} == {"of another run"}
    interrupted.clear()
    interrupted.add(1)
    assert run(name, tmp_path, "--n-seeds", "3", *ONE.get(name, ())) == 130
    text = (tmp_path / f"{name}.txt").read_text(encoding="utf-8")
    assert text.startswith("n_examples=") and "interrupted" in text.splitlines()[-1]
    for path in tmp_path.glob("*.json"):  # those that are not of this run are gone
        assert prove.main([str(path)]) == 0
    assert len(list(tmp_path.glob("*.json"))) == len([file for file in FILES[name] if ".json" in file][:1])


@pytest.mark.parametrize(
    ("name", "evaluation"),
    [("column_arithmetic", "check_proof"), ("marks", "count_right"), ("text_addition", "is_right")],
)
def test_ctrl_c_after_the_training_keeps_the_table(made, tmp_path, monkeypatch, name, evaluation):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(importlib.import_module(f"extensions.any_length.{name}"), evaluation, interrupt)
    assert run(name, tmp_path) == 130
    [path] = tmp_path.glob("*.json")
    assert prove.main([str(path)]) == 0


# ---- Questions


@pytest.fixture
def outputs(tmp_path):
    """Give a folder with exact tables for the calculator, and their time of writing."""
    for name in calculator.NAMES.values():
        automaton.write(tmp_path / f"column_arithmetic_{name}.json", name, exact_table(name))
    automaton.write(tmp_path / "marks.json", "marks", **exact_marker()._asdict())
    return tmp_path


def test_asking_trains_once_and_leaves_the_files_of_runs_alone(made, tmp_path, capsys):
    seeds, _ = made
    file, own = tmp_path / "text_addition.json", tmp_path / "text_addition_asked.json"
    file.write_text("damaged", encoding="utf-8")
    for question in ("43904+506095", " 043904 + 0506095\n"):
        assert run("text_addition", tmp_path, question) == 0
        assert "43904+506095=549999" in capsys.readouterr().out.splitlines()
    assert seeds == [1] and own.exists() and file.read_text(encoding="utf-8") == "damaged"
    assert run("text_addition", tmp_path, "1+1", "--seed", "2") == 0  # other settings
    assert seeds == [1, 2]
    own.rename(file)
    assert run("text_addition", tmp_path, "1+1", "--seed", "2") == 0
    assert seeds == [1, 2] and not own.exists()


@pytest.mark.parametrize(("part", "value"), [("output", [[0] * 169]), ("moves", [[0] * 169] * 2), ("start", "no")])
def test_a_table_that_is_not_proved_does_not_add(made, tmp_path, part, value):
    assert run("text_addition", tmp_path, "1+1") == 0
    path = tmp_path / "text_addition_asked.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    assert text_addition.find(path, data["settings"]) and not text_addition.find(path, "other settings")
    if part == "output":
        value = value * len(data["output"])
    path.write_text(json.dumps({**data, part: value}), encoding="utf-8")
    assert text_addition.find(path, data["settings"]) is None


def test_the_calculator_shows_its_steps_and_asks_for_missing_networks(made, outputs, capsys):
    seeds, _ = made
    os.remove(outputs / "marks.json")
    assert run("calculator", outputs, "((12+3)*45-600)*7-8*(9-1234567)", "--steps", "--seed", "5") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["((12+3)*45-600)*7-8*(9-1234567)", "((15)*45-600)*7-8*(9998765442)"]
    assert lines[-3:-1] == ["9876989", "9876989"] and seeds == [5]
    assert (outputs / "marks_asked.json").exists() and not (outputs / "marks.json").exists()
    assert run("calculator", outputs, "-3*(-4)") == 0 and seeds == [5]
    assert capsys.readouterr().out.startswith("12\n")


def test_a_wrong_answer_of_the_calculator_is_said(outputs, capsys, monkeypatch):
    monkeypatch.setattr(calculator, "solve", lambda *args, **kwargs: ["4"])
    assert run("calculator", outputs, "1+2") == 1 and "3" in capsys.readouterr().out.splitlines()[-1]


def test_the_calculators_tests_and_picture(outputs, monkeypatch):
    monkeypatch.setattr(calculator, "tests", lambda seed: [(f"few, {seed}", ["1+2", "2*(3-4)"])])
    assert run("calculator", outputs, "--test", "--seed", "9") == 0
    assert (outputs / "calculator.txt").read_text().startswith("few, 9: exact 2 of 2, ")
    assert (outputs / "calculator.png").stat().st_size > 10_000


SUM = {"calculator": "3", "column_arithmetic": "1+2=3", "text_addition": "1+2=3"}


@pytest.mark.parametrize("name", SUM)
@pytest.mark.parametrize("data", [b"1+2", b"\xef\xbb\xbf1+2\n", b" 1 + 2\r\n"])
def test_standard_input(made, outputs, capsys, monkeypatch, name, data):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="ascii"))
    assert run(name, outputs, "-") == 0 and capsys.readouterr().out.splitlines()[0] == SUM[name]


def refused(capsys, name, *arguments):
    """Return the one line that refuses arguments of a script."""
    with pytest.raises(SystemExit) as error:
        importlib.import_module(f"extensions.any_length.{name}").main(list(arguments))
    shown = capsys.readouterr()
    assert (error.value.code, shown.out, shown.err.count("\n")) == (2, "", 1) and len(shown.err) < 300
    return shown.err


@pytest.mark.parametrize("name", SUM)
@pytest.mark.parametrize("data", ["1+2".encode("utf-16"), "1+2".encode("utf-16-le"), b"PK\x03\x04\x80", b"", None])
def test_standard_input_that_is_no_text_is_one_line(outputs, capsys, monkeypatch, name, data):
    monkeypatch.setattr(sys, "stdin", data if data is None else io.TextIOWrapper(io.BytesIO(data)))
    refused(capsys, name, "-", "--outputs", str(outputs))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        *((name, ("--n-seeds", "0")) for name in FILES), *((name, ("--n-examples", "0")) for name in FILES),
        *((name, ("--n-digits", "19")) for name in FILES if name not in ("marks", "smallest_adder")),
        ("marks", ("--n-characters", "7")), ("smallest_adder", ("--n-batch", "129")),
        ("text_addition_ablation", ("--tested", "0")), ("text_addition", ("+1",)), ("text_addition", ("958*67",)),
        ("column_arithmetic", ("67-958",)), ("calculator", ("12+*3",)), ("calculator", ()),
        ("calculator", ("+".join(["9" * 1000] * 3000),)), ("calculator", ("9" * 9000 + "*" + "9" * 9000,)),
    ],
)  # fmt: skip
def test_a_bad_value_is_one_line(tmp_path, capsys, name, arguments):
    assert "argument " in refused(capsys, name, *arguments, "--outputs", str(tmp_path))
    assert os.listdir(tmp_path) == []


BROKEN = [
    b"", b"{", b"[1]", b"3", b'{"kind": 3}', b"{}", b"[" * 100_000, b"\xff\xfe\x00", b"\x80\x04]q.", b'{"kind": "add"}',
    b'{"kind": "power"}', b'{"kind": "marks", "left": [[0]], "marks": 3}', b'{"kind": "text_addition"}',
]  # fmt: skip


@pytest.mark.parametrize("content", BROKEN)
def test_a_damaged_file_is_one_line(outputs, capsys, content):
    for name, file in (("calculator", "marks"), ("column_arithmetic", "column_arithmetic_add")):
        path = outputs / f"{file}.json"
        path.write_bytes(content)
        assert str(path) in refused(capsys, name, "1+2", "--outputs", str(outputs))
        assert str(path) in refused(capsys, "prove", str(path)) and path.read_bytes() == content


def test_a_table_that_is_not_proved_does_not_answer(outputs, capsys):
    adds = exact_table("add")
    for kind, table in (("subtract", exact_table("subtract")), ("add", changed(adds, "output", 1, 99, 8))):
        automaton.write(outputs / "column_arithmetic_add.json", kind, table)
        refused(capsys, "column_arithmetic", "2+2", "--outputs", str(outputs))
    assert prove.main([str(outputs / "column_arithmetic_add.json")]) == 1
    a, b, right, written = map(int, re.findall("[0-9]+", capsys.readouterr().out))
    assert a + b == right != written
    automaton.write(outputs / "column_arithmetic_add.json", "add", adds)
    no_marks = np.zeros_like(exact_marker().marks).tolist()
    automaton.write(outputs / "marks.json", "marks", **exact_marker()._replace(marks=no_marks)._asdict())
    refused(capsys, "calculator", "1+2", "--outputs", str(outputs))
    assert prove.main([str(outputs / "marks.json")]) == 1
    capsys.readouterr()
    for missing in ("none.json", "."):
        refused(capsys, "prove", str(outputs / missing))


@pytest.mark.slow
def test_from_the_shell(outputs):
    command = [sys.executable, "-m", "extensions.any_length.calculator", "2*(3-5)", "--outputs", str(outputs)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0 and result.stdout.startswith("-4\n")
