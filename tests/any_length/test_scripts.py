"""The scripts of the room: the networks and their NumPy twins, trainings of a few updates, questions, bad values."""

import argparse
import functools
import importlib
import io
import random
import re
import sys

from extensions.any_length import automaton, calculator, certify, fingers, marks, problems
from extensions.any_length import text_arithmetic as arithmetic
from extensions.any_length import text_arithmetic_ablation as ablation

import keras
import numpy as np
import pytest
from hand_made import MARKER, TABLES, exact_program, swapped

SCRIPTS = "text_arithmetic", "text_arithmetic_ablation", "marks", "smallest_adder"
TINY = {"n_examples": 32, "n_batch": 16, "n_epoch": 1, "learning_rate": 0.01}


def run(name, *arguments):
    return importlib.import_module(f"extensions.any_length.{name}").main(list(arguments))


@pytest.fixture
def proved(tmp_path):
    """Give a folder with the tables of a run with seed 1, made by hand."""
    for task, tables in ((arithmetic.TASK, TABLES), (marks.TASK, {"marks": MARKER})):
        (tmp_path / task.name).mkdir()
        certify.save(tmp_path / task.name, task, tables, task.defaults | {"seed": 1})
    return tmp_path


# ---- The network of four operations


def test_a_sharp_finger_reads_what_its_program_reads(eager):
    keras.utils.set_random_seed(1)
    layer, rng = arithmetic.Fingers(3, 3, sharpness=1e5), np.random.default_rng(1)
    text, _ = arithmetic.draw_texts(400, 1, rng)  # " 5+3=": no two windows are the same
    candidates, n_compared = rng.integers(0, 3, (400, 1), dtype=np.int32), 0
    model = arithmetic.build_model(text.shape[1], layer)
    found = keras.ops.convert_to_numpy(layer([text, candidates]))
    table, programs = arithmetic.reader_of(model).get_weights()[0].reshape(4, 256, -1), arithmetic.programs_of(layer)
    for j in range(400):
        program = programs[j % 4][candidates[j, 0]]
        alone = program._replace(start=program.start[::-1])  # where the second finger would be without the first
        [[places]], _ = fingers.read(program, text[[j]], 1)
        if places[0] != fingers.read(alone, text[[j]], 1)[0][0, 0, 0]:  # else a sharp second finger is nowhere
            _, [symbols] = fingers.read(program, text[[j]], 3)
            assert np.allclose(found[j], table[j % 4, symbols], atol=1e-3)
            n_compared += 1
    assert n_compared > 200


def test_table_and_network_are_counted_apart():
    programs = [exact_program(operation) for operation in problems.OPERATIONS.values()]
    network = arithmetic.Network(programs, arithmetic.build_reader(7))
    proofs = {name: fingers.prove(table) for name, table in TABLES.items()}
    proofs["add"] = proofs["add"]._replace(holds=False)
    lines = arithmetic.check(certify.Result(network, TABLES, proofs, 1, 0.0, {"seed": 1}), ((20, 10), (1, 2000)))
    assert [line.split(",")[0].strip() for line in lines] == ["subtract", "multiply", "divide"]
    for line in lines:
        assert "20 of 20 of 10 digits, 1 of 1 of 2,000 digits" in line and "0 of 500 of 100 digits without" in line
        right, n = re.search("([0-9]+) of ([0-9]+) hard", line).groups()
        assert right == n


def test_the_reader_in_numpy_is_that_of_keras(eager):
    keras.utils.set_random_seed(1)
    reader = arithmetic.build_reader(6)
    reader.set_weights([3 * weights for weights in reader.get_weights()])
    symbols = np.random.default_rng(1).integers(0, 256, (50, 6))
    for i in range(4):
        expected = keras.ops.convert_to_numpy(reader(256 * i + symbols)).argmax(axis=2)
        _, written = automaton.collect(arithmetic.make_step(reader, i), arithmetic.START, symbols)
        assert (written == expected).all() and len(np.unique(expected)) > 3


def test_tables_are_the_network_rounded():
    rng = np.random.default_rng(1)
    centres = rng.normal(size=(5, 3))

    def step(states, symbols):  # the next state is near the centre that the symbol names
        return centres[symbols % 5] + 0.01 * states[:, :3], np.eye(7)[symbols % 7]

    states, _ = automaton.collect(step, np.zeros(3), rng.integers(0, 35, (200, 20)))
    table = automaton.tabulate(step, np.zeros(3), automaton.centres_of(states.reshape(-1, 3), 5), 35)
    assert len(table.output) == 6 and (np.array(table.output) == np.arange(35) % 7).all()
    assert all(len(np.unique(np.array(table.next_state)[:, i::5])) == 1 for i in range(5))


def arguments(task, **others):
    return argparse.Namespace(**{**task.defaults, **TINY, "seed": 1} | others)


def test_rounds_train_the_same_network_further(eager):
    args = arguments(arithmetic.TASK, n_epoch_reader=1, n_digits=2, n_candidates=2)
    networks = []
    for _ in range(2):
        keras.utils.set_random_seed(1)
        networks.append(arithmetic.find_programs(np.random.default_rng(1), args))
    network, again = networks
    assert len(network.programs) == 4 and np.array_equal(network.programs[2].start, again.programs[2].start)
    further = arithmetic.fit(network, [("divide", [(5, 7), (8, 7), (1, 7)])], random.Random(1), args)
    assert further.programs is network.programs and further.reader.input_shape == (None, 6)
    change = further.reader.get_weights()[0] - network.reader.get_weights()[0]
    assert 0 < abs(change).max() < 0.2
    table = next(arithmetic.round_off(further, "divide", random.Random(1)))
    assert fingers.load(certify_data(table)) == table and not fingers.prove(table).holds


def certify_data(table):
    return {"kind": "text_arithmetic", "settings": {}, **table._asdict()}


@pytest.mark.parametrize("of_which", [lambda table: table, swapped])
def test_where_a_table_goes_wrong_the_states_of_the_network_become_centres(of_which, monkeypatch):
    table = of_which(TABLES["add"])
    others = np.random.default_rng(1).choice([-1, 1], (len(table.output) - 1, arithmetic.START.size))
    exact = np.vstack([arithmetic.START, others])  # the network's states

    def step(states, symbols):
        here = ((states[:, None] - exact) ** 2).sum(axis=2).argmin(axis=1)
        return exact[np.array(table.next_state)[here, symbols]], np.eye(16)[np.array(table.output)[here, symbols]]

    monkeypatch.setattr(arithmetic, "make_step", lambda reader, i: step)
    network = arithmetic.Network([fingers.program_of(table)] * 4, None)
    found = list(arithmetic.round_off(network, "add", random.Random(1), (2,), n_refined=9))
    n_states, holds = [len(one.output) for one in found], [fingers.prove(one).holds for one in found]
    assert n_states[0] == 3 and n_states[1] > 3 and n_states == sorted(n_states) and len(found) == 10
    assert not holds[0] and holds[-1]
    [alone] = arithmetic.round_off(network, "add", random.Random(1), (2,), n_refined=0)
    assert alone == found[0]


def test_marks_practises_what_went_wrong(eager):
    args, wrong = arguments(marks.TASK, n_characters=12), [" 1+(23*4567)-89 "]
    first = marks.fit(None, [], random.Random(1), args)
    assert (first.X == marks.fit(None, [], random.Random(1), args).X).all()
    second = marks.fit(first, wrong, random.Random(1), args)
    texts = ["".join(marks.ALPHABET[i] for i in row) for row in second.X]
    assert texts[::4] == wrong * 8 and len(set(texts[1::4])) > 5
    marker = next(marks.round_off(second, "marks", random.Random(1), (2,)))
    assert not marks.prove(marker).holds and marks.load(marker._asdict()) == marker


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_tiny_run(eager, tmp_path, monkeypatch, name):
    few_variants = {name: ablation.VARIANTS[name] for name in ("fingers see digits", "one program for all", "no pair")}
    monkeypatch.setattr(ablation, "VARIANTS", few_variants)
    for module in (arithmetic, marks):
        few_centres = functools.partial(module.round_off, n_centres=(2,))
        monkeypatch.setattr(module, "TASK", module.TASK._replace(n_rounds=1, round_off=few_centres))
    few = {
        "text_arithmetic": ["--n-epoch-reader=1", "--n-digits=2", "--n-candidates=1"],
        "text_arithmetic_ablation": ["--n-candidates=2", "--n-digits=2", "--n-seeds=1", "--tested=3"],
        "marks": ["--n-characters=12"],
        "smallest_adder": ["--n-examples=128", "--n-batch=128"],
    }[name]
    tiny = [] if name == "smallest_adder" else ["--n-examples=32", "--n-batch=16", "--n-epoch=1"]
    status = run(name, *tiny, *few, "--seed=7", f"--outputs={tmp_path}")
    assert status == (name != "text_arithmetic_ablation")  # nothing is proved
    text = (tmp_path / name / "transcript.txt").read_text(encoding="utf-8")
    assert "seed=7" in text.splitlines()[0] and not list((tmp_path / name).glob("*.json"))


def test_the_candidate_that_is_counted_is_chosen_by_its_characters_not_by_its_answers(tmp_path, monkeypatch):
    monkeypatch.setattr(ablation, "VARIANTS", {"as it is": ablation.Variant()})
    monkeypatch.setattr(ablation, "train_candidates", lambda *_: (None, None))
    shares = np.array([[[0.9, 0.8]] * 4, [[0.25, 0.75]] * 4])  # of characters, of answers; the first candidate is best
    monkeypatch.setattr(ablation, "check", lambda *_: shares)
    assert run("text_arithmetic_ablation", "--n-seeds=1", "--tested", "3", f"--outputs={tmp_path}") == 0
    text = (tmp_path / "text_arithmetic_ablation" / "transcript.txt").read_text(encoding="utf-8")
    assert text.endswith("add 25.00; subtract 25.00; multiply 25.00; divide 25.00\n")


# ---- Questions


@pytest.mark.parametrize(
    ("problem", "answer"),
    [("958+67", "1025"), ("958 − 67", "891"), ("7*958", "6706"), ("958÷7", "136, remainder 6"), ("67x958", "64186")],
)
def test_a_problem_is_answered_by_the_tables_of_a_run(proved, capsys, problem, answer):
    assert run("text_arithmetic", problem, f"--outputs={proved}") == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first.endswith(f"={answer}") and "Exact at every length." in lines[0]
    assert sorted(path.name for path in proved.iterdir()) == ["marks", "text_arithmetic"]


def test_an_answer_is_compared_with_decimal_arithmetic(proved, capsys, monkeypatch):
    wrong = {"add": TABLES["add"]._replace(output=[[1] * 256] * 8)}
    monkeypatch.setattr(certify, "get", lambda *_: (wrong, {}))
    assert run("text_arithmetic", "958+67", f"--outputs={proved}") == 1
    assert "1025" in capsys.readouterr().out.splitlines()[-1]


def test_the_calculator(proved, capsys, monkeypatch):
    assert run("calculator", calculator.SHOWN, "--steps", f"--outputs={proved}") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [calculator.SHOWN, "((15)*45-600)*7-8*(9998765442)"] and lines[-2] == "9876989"
    monkeypatch.setattr(calculator, "tests", lambda seed: [(f"few, {seed}", ["1+2", "2*(3-4)"])])
    assert run("calculator", "--test", f"--outputs={proved}") == 0
    folder = proved / "calculator"
    assert (folder / "transcript.txt").read_text().startswith("few, 1: exact 2 of 2, ")
    assert (folder / "picture.png").stat().st_size > 10_000
    asked = []
    monkeypatch.setattr(certify, "get", lambda task, args, _: (asked.append((task.name, args.seed)), None))
    assert run("calculator", "1+2", "--seed=5", f"--outputs={proved}") == 1 and asked == [("marks", 5)]
    monkeypatch.undo()
    monkeypatch.setattr(calculator, "solve", lambda *args, **kwargs: ["4"])
    assert run("calculator", "1+2", f"--outputs={proved}") == 1 and "3" in capsys.readouterr().out.splitlines()[-1]


def test_one_wrong_answer_of_the_calculators_tests_is_not_forgotten(proved, monkeypatch):
    counts = iter([1, 2])
    monkeypatch.setattr(calculator, "tests", lambda seed: [("one", ["1+2", "2*3"]), ("two", ["1+2", "2*3"])])
    monkeypatch.setattr(calculator, "count", lambda *_: next(counts))
    assert run("calculator", "--test", f"--outputs={proved}") == 1


@pytest.mark.parametrize(("name", "answer"), [("calculator", "3"), ("text_arithmetic", "1+2=3")])
def test_standard_input(proved, capsys, monkeypatch, name, answer):
    for data in (b"1+2", b"\xef\xbb\xbf 1 + 2\r\n"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="ascii"))
        assert run(name, "-", f"--outputs={proved}") == 0 and capsys.readouterr().out.splitlines()[0] == answer
    for stdin in (io.TextIOWrapper(io.BytesIO("1+2".encode("utf-16"))), io.TextIOWrapper(io.BytesIO(b"")), None):
        monkeypatch.setattr(sys, "stdin", stdin)
        with pytest.raises(SystemExit):
            run(name, "-", f"--outputs={proved}")


def test_a_bad_value_is_one_line(tmp_path, capsys):
    bad = [
        *((name, "--n-seeds=0") for name in SCRIPTS), ("text_arithmetic", "67-958"), ("text_arithmetic", "+1"),
        ("text_arithmetic", "--n-examples=6", "--n-batch=6"), ("text_arithmetic", "--n-digits=21"),
        ("text_arithmetic_ablation", "--tested=0"), ("calculator", "12+*3"), ("calculator",),
        ("marks", "--n-characters=7"), ("smallest_adder", "--n-batch=129"), ("smallest_adder", "--n-examples=127"),
    ]  # fmt: skip
    for name, *values in bad:
        with pytest.raises(SystemExit) as error:
            run(name, *values, f"--outputs={tmp_path}")
        shown = capsys.readouterr()
        assert (error.value.code, shown.out, shown.err.count("\n")) == (2, "", 1) and "argument " in shown.err
    assert not list(tmp_path.iterdir())


def test_the_pictures(tmp_path):
    from extensions.any_length import finger_pictures

    text, steps = finger_pictures.watch(TABLES["subtract"], "1025", "67")
    assert text == " 1025-67=" and [character for _, _, character, _ in steps] == [*"8590", " "]
    assert steps[0] == (4, 7, "8", "5-7: write 8, borrow 1") and steps[2][3].startswith("0-1: write 9, borrow 1 (67 is")
    figure = finger_pictures.draw(TABLES, tmp_path)
    assert (tmp_path / "animation.gif").stat().st_size > 10_000 and len(figure.axes) == 4
