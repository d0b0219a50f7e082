"""The scripts of the room: their seeds, rounds, results, files, questions; bad values, damaged files, Ctrl-C."""

import argparse
import importlib
import io
import os
import re
import sys

from extensions.any_length import automaton, calculator, column_arithmetic, columns, marks, prove, text_addition

import keras
import numpy as np
import pytest
from hand_made import ADDER, ADDERS, CENTRES, FINGERS, MARKER, TABLES, changed, exact_network

ADD = columns.OPERATIONS["add"]
FILES = {  # the endings of what a proved run leaves
    "column_arithmetic": [".png", ".txt", *(f"_{name}.json" for name in columns.OPERATIONS)],
    "marks": [".json", ".txt"],
    "smallest_adder": [".png", ".txt"],
    "text_addition": [".gif", ".json", ".png", ".txt"],
    "text_addition_ablation": [".png", ".txt"],
}


def module(name):
    return importlib.import_module(f"extensions.any_length.{name}")


ablation, smallest_adder = module("text_addition_ablation"), module("smallest_adder")


def run(name, outputs, *arguments):
    few = ["--n-digits=2", "--tested=1"] if name == "text_addition_ablation" else []
    return module(name).main([*arguments, *few, f"--outputs={outputs}"])


# ---- What is trained on

SETTINGS = {"n_examples": 64, "n_batch": 32, "n_epoch": 1, "learning_rate": 0.01, "n_digits": 2, "n_characters": 12}
TRAININGS = {
    "column_arithmetic": lambda args: column_arithmetic.train(ADD, args.seed, args, (2,)),
    "marks": lambda args: marks.train(args.seed, args, (2,)),
    "smallest_adder": lambda args: smallest_adder.train(3, args.seed, args),
    "text_addition": lambda args: text_addition.train(args, (2,)),
    "text_addition_ablation": lambda args: ablation.train(ablation.VARIANTS["attention"], args.seed, args),
}


def fed(monkeypatch, name, seed, n_fits=1):
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
        TRAININGS[name](argparse.Namespace(**SETTINGS, seed=seed))
    return inputs, weights[0]


@pytest.mark.parametrize("name", TRAININGS)
def test_the_seed_decides_problems_and_weights(monkeypatch, eager, name):
    ([first], weights), ([again], same), ([other], others) = (fed(monkeypatch, name, seed) for seed in (7, 7, 8))
    assert (first == again).all() and (weights == same).all()
    assert not np.array_equal(first, other) and (weights != others).any()


@pytest.mark.parametrize(("name", "every"), [("column_arithmetic", 10), ("marks", 4), ("text_addition", 4)])
def test_what_went_wrong_goes_into_the_next_rounds(monkeypatch, eager, name, every):
    (first, second, third), _ = fed(monkeypatch, name, 1, 3)
    if name == "marks":  # some hundred texts; the first of them come again
        assert (second[::every, :8] == third[::every, :8]).all()
        assert (second[1::every, :8] != third[1::every, :8]).any()
    else:
        n_columns = 1 if name == "column_arithmetic" else second.shape[1]
        parts = first[::every], second[::every], second[1::every]
        n_before, n_wrong, n_others = (len(np.unique(part[:, :n_columns], axis=0)) for part in parts)
        assert n_before > 3 and n_wrong == 1 and n_others > 3


# ---- Runs. The trainings return networks made by hand

THREE = ADDERS[3][0], ADDERS[3][2], 4 * ADDERS[3][6]
NETWORKS = {
    "column_arithmetic": lambda operation, seed, args: exact_network(operation.name),
    "marks": lambda seed, args: (None, MARKER, "proved"),
    "smallest_adder": lambda n, seed, args: THREE if n == 3 else ADDERS[7],
    "text_addition": lambda args: (FINGERS, ADDER, CENTRES, *text_addition.prove(ADDER)[:2]),
    "text_addition_ablation": lambda variant, seed, args: FINGERS,
}
WRONG = column_arithmetic.prove(ADD, changed(TABLES["add"], "output", 0, 87, 6))
NOT_PROVED = {
    "column_arithmetic": (None, None, {2: (WRONG, np.zeros(2), None)}, "5 rounds"),
    "marks": (None, None, "not proved"),
    "smallest_adder": (0.0,) * 7,
    "text_addition": (None, None, None, False, "not proved"),
}


@pytest.fixture
def made(monkeypatch):
    """Let the trainings return exact networks. Gives their seeds, and a set of the trainings that are interrupted."""
    seeds, interrupted = [], set()

    for name, network in NETWORKS.items():

        def train(*args, network=network):
            if len(seeds) in interrupted:
                raise KeyboardInterrupt
            seeds.append(args[-2] if len(args) > 1 else args[0].seed)
            return network(*args)

        monkeypatch.setattr(module(name), "train", train)
    monkeypatch.setattr(
        ablation, "VARIANTS", {name: ablation.VARIANTS[name] for name in ("two fingers", "spread fingers")}
    )
    monkeypatch.setattr(column_arithmetic, "CHECKED", ((5, 10),))
    monkeypatch.setattr(text_addition, "SHOWN", (9, 8))
    monkeypatch.setattr(text_addition, "draw_tests", lambda rng: {"few": [("1", "1"), ("12", "9")]})
    monkeypatch.setattr(text_addition, "round_off", lambda model, rng: (ADDER,))  # for the ablation
    monkeypatch.setattr(marks, "draw", lambda n, rng: " ")
    monkeypatch.setattr(marks, "count_right", lambda texts, model=None, marker=None: 3)
    return seeds, interrupted


@pytest.mark.parametrize("name", FILES)
def test_a_run_of_proved_networks(made, tmp_path, capsys, name):
    assert run(name, tmp_path, "--seed=7", "--n-seeds=2") == 0
    seeds, _ = made
    assert seeds == sorted(seeds) and set(seeds) == {7, 8}
    assert sorted(path.name.removeprefix(name) for path in tmp_path.iterdir()) == sorted(FILES[name])
    text = (tmp_path / f"{name}.txt").read_text(encoding="utf-8")
    assert capsys.readouterr().out.endswith(text) and "seed=7" in text.splitlines()[0]
    told = re.findall(r"(?m)^(?:.*seed )? *([78])(?:,|:|  | +\d+\.\d)", text)
    assert sorted(map(int, told)) == sorted(seeds)
    for path in tmp_path.glob("*.json"):
        assert prove.main([str(path)]) == 0
        assert name != "text_addition" or "seed=7" in automaton.read(path)["settings"]


@pytest.mark.parametrize("name", FILES)
def test_a_run_that_is_interrupted_or_not_proved(made, tmp_path, monkeypatch, name):
    _, interrupted = made
    old, transcript = [tmp_path / f"{name}{ending}" for ending in FILES[name]], tmp_path / f"{name}.txt"
    for path in old:
        path.write_text("of another run")
    interrupted.add(0)
    assert run(name, tmp_path) == 130 and {path.read_text() for path in old} == {"of another run"}
    interrupted.clear()
    interrupted.add(1)
    assert run(name, tmp_path, "--n-seeds=3") == 130
    assert "interrupted" in transcript.read_text(encoding="utf-8").splitlines()[-1]
    tables = list(tmp_path.glob("*.json"))  # those that are not of this run are gone
    assert len(tables) == any(ending.endswith(".json") for ending in FILES[name])
    assert all(prove.main([str(path)]) == 0 for path in tables)
    if name in NOT_PROVED:
        monkeypatch.setattr(module(name), "train", lambda *_: NOT_PROVED[name])
        assert run(name, tmp_path) == 1 and not list(tmp_path.glob("*.json"))
        assert "0 of 1 seeds" in transcript.read_text(encoding="utf-8")


CHECKS = {"column_arithmetic": "check_proof", "marks": "count_right", "text_addition": "is_right"}


@pytest.mark.parametrize("name", CHECKS)
def test_ctrl_c_after_the_training_keeps_the_table(made, tmp_path, monkeypatch, name):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(module(name), CHECKS[name], interrupt)
    assert run(name, tmp_path) == 130
    [path] = tmp_path.glob("*.json")
    assert prove.main([str(path)]) == 0


# ---- Questions


def test_asking_trains_once_and_leaves_the_files_of_runs_alone(made, tmp_path, capsys):
    seeds, _ = made
    file, own = tmp_path / "text_addition.json", tmp_path / "text_addition_asked.json"
    file.write_text("damaged", encoding="utf-8")
    for question in ("43904+506095", " 043904 + 0506095\n"):
        assert run("text_addition", tmp_path, question) == 0
        assert "43904+506095=549999" in capsys.readouterr().out.splitlines()
    assert seeds == [1] and own.exists() and file.read_text(encoding="utf-8") == "damaged"
    assert run("text_addition", tmp_path, "1+1", "--seed=2") == 0  # other settings
    assert seeds == [1, 2]
    own.rename(file)
    assert run("text_addition", tmp_path, "1+1", "--seed=2") == 0
    assert seeds == [1, 2] and not own.exists()


def test_only_a_proved_table_of_these_settings_adds(tmp_path):
    path, data = tmp_path / "x.json", text_addition.to_data(ADDER, "seed=1")
    automaton.write(path, **data)
    assert text_addition.find(path, "seed=1") and not text_addition.find(path, "seed=2")
    for part, value in {"output": [[0] * 169] * len(data["output"]), "moves": [[0] * 169] * 2, "start": "no"}.items():
        automaton.write(path, **{**data, part: value})
        assert text_addition.find(path, "seed=1") is None


def test_the_calculator_shows_its_steps_and_asks_for_missing_networks(made, outputs, capsys, monkeypatch):
    seeds, _ = made
    files = set(os.listdir(outputs))
    for name, file in (("column_arithmetic", "column_arithmetic_add.json"), ("marks", "marks.json")):
        (outputs / file).unlink()
        files.remove(file)
        with monkeypatch.context() as patched:
            patched.setattr(module(name), "train", lambda *_, name=name: NOT_PROVED[name])
            assert run("calculator", outputs, "1+2") == 1 and set(os.listdir(outputs)) == files
        capsys.readouterr()
        assert run("calculator", outputs, "((12+3)*45-600)*7-8*(9-1234567)", "--steps", "--seed=5") == 0
        files.add(file.replace(".json", "_asked.json"))
        assert set(os.listdir(outputs)) == files
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["((12+3)*45-600)*7-8*(9-1234567)", "((15)*45-600)*7-8*(9998765442)"]
    assert lines[-3:-1] == ["9876989", "9876989"] and seeds == [5, 5]


def test_the_calculators_tests_and_picture_and_a_wrong_answer(outputs, capsys, monkeypatch):
    monkeypatch.setattr(calculator, "tests", lambda seed: [(f"few, {seed}", ["1+2", "2*(3-4)"])])
    assert run("calculator", outputs, "--test", "--seed=9") == 0
    assert (outputs / "calculator.txt").read_text().startswith("few, 9: exact 2 of 2, ")
    assert (outputs / "calculator.png").stat().st_size > 10_000
    monkeypatch.setattr(calculator, "solve", lambda *args, **kwargs: ["4"])
    assert run("calculator", outputs, "1+2") == 1 and "3" in capsys.readouterr().out.splitlines()[-1]


def refused(capsys, name, *arguments):
    """Return the one line that refuses arguments of a script."""
    with pytest.raises(SystemExit) as error:
        module(name).main(list(arguments))
    shown = capsys.readouterr()
    assert (error.value.code, shown.out, shown.err.count("\n")) == (2, "", 1) and len(shown.err) < 300
    return shown.err


@pytest.mark.parametrize(("name", "answer"), [("calculator", "3"), ("column_arithmetic", "1+2=3")])
def test_standard_input(outputs, capsys, monkeypatch, name, answer):
    for data in (b"1+2", b"\xef\xbb\xbf 1 + 2\r\n"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="ascii"))
        assert run(name, outputs, "-") == 0 and capsys.readouterr().out.splitlines()[0] == answer
    for stdin in (io.TextIOWrapper(io.BytesIO("1+2".encode("utf-16"))), io.TextIOWrapper(io.BytesIO(b"")), None):
        monkeypatch.setattr(sys, "stdin", stdin)
        refused(capsys, name, "-", f"--outputs={outputs}")


def test_a_bad_value_is_one_line(tmp_path, capsys):
    bad = [
        *((name, "--n-seeds=0") for name in FILES), ("column_arithmetic", "67-958"), ("text_addition", "+1"),
        ("text_addition", "958*67"), ("calculator", "12+*3"), ("calculator", "+".join(["9" * 1000] * 3000)),
        ("calculator",), ("calculator", "9" * 9000 + "*" + "9" * 9000), ("column_arithmetic", "--n-digits=19"),
        ("text_addition", "--n-digits=18"), ("text_addition_ablation", "--n-digits=18"), ("marks", "--n-characters=7"),
        ("smallest_adder", "--n-batch=129"), ("smallest_adder", "--n-examples=127"),
        ("text_addition_ablation", "--tested=0"),
    ]  # fmt: skip
    for name, *arguments in bad:
        assert "argument " in refused(capsys, name, *arguments, f"--outputs={tmp_path}")
    assert os.listdir(tmp_path) == []


def test_a_damaged_file_is_one_line(outputs, capsys):
    contents = [b"", b"[1]", b'{"kind": 3}', b"[" * 100_000, b"\xff\xfe\x00", b'{"kind": "add"}', b'{"kind": "power"}']
    contents += [b'{"kind": "marks", "left": [[0]], "marks": 3}', b'{"kind": "text_addition"}']
    for name, file in (("calculator", "marks"), ("column_arithmetic", "column_arithmetic_add")):
        path = outputs / f"{file}.json"
        for content in contents:
            path.write_bytes(content)
            assert str(path) in refused(capsys, name, "1+2", f"--outputs={outputs}")
            assert str(path) in refused(capsys, "prove", str(path)) and path.read_bytes() == content
    for missing in ("none.json", "."):
        refused(capsys, "prove", str(outputs / missing))


def test_a_table_that_is_not_proved_does_not_answer(outputs, capsys):
    path = outputs / "column_arithmetic_add.json"
    for kind, table in (("subtract", TABLES["subtract"]), ("add", changed(TABLES["add"], "output", 1, 99, 8))):
        automaton.write(path, kind, table)
        refused(capsys, "column_arithmetic", "2+2", f"--outputs={outputs}")
    assert prove.main([str(path)]) == 1
    a, b, right, written = map(int, re.findall("[0-9]+", capsys.readouterr().out))
    assert a + b == right != written
    automaton.write(path, "add", TABLES["add"])
    path = outputs / "marks.json"
    automaton.write(path, "marks", **MARKER._replace(marks=np.zeros_like(MARKER.marks).tolist())._asdict())
    refused(capsys, "calculator", "1+2", f"--outputs={outputs}")
    assert prove.main([str(path)]) == 1
