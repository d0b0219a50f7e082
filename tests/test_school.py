"""school: long multiplication and problems of one's own with exact workers, tiny runs, bad input, Ctrl-C."""

import argparse
import doctest
import io
import os
import re
import sys

import keras
import numpy as np
import pytest
from matplotlib.figure import Figure

from extensions import school
from extensions.school import SIGNS
from extensions.shared import column_problems, columns, lengths
from extensions.shared.operations import OPERATIONS

pytestmark = pytest.mark.usefixtures("no_limit_of_digits")
TINY = ("--n-examples", "64", "--n-batch", "32", "--n-epoch", "1")
MODELS = sorted(f"school_{name}.{suffix}" for name in SIGNS for suffix in ("keras", "txt"))
FILES = sorted(["school.png", "school.txt", *MODELS])


def worker(operation):
    """Make a worker that is exact, and that refuses columns which are none of its operation."""

    def work(X):
        assert X.ndim == 3 and X.shape[2] == 2 and X.min() >= 0 and X.max() <= 9
        digits, kept = columns.work(operation, X)
        if OPERATIONS[operation].one_digit:
            assert (X[..., 1] == X[:, :1, 1]).all()
        if OPERATIONS[operation].order == 1:
            assert (kept[:, -1] == 0).all()  # nothing is lost at the end
        return digits

    return work


def number(digits):
    return int("".join(map(str, digits[::-1].tolist())))


def test_doctests():
    result = doctest.testmod(school)
    assert result.attempted >= 2
    assert result.failed == 0


# ---- Long multiplication


@pytest.mark.parametrize(
    ("n_a", "n_b"), [(1, 1), (1, 2), (2, 1), (3, 3), (5, 4), (7, 16), (1, 40), (40, 1), (33, 29), (100, 100)]
)
def test_long_multiplication_is_pythons(n_a, n_b):
    rng = np.random.default_rng(n_a)
    a, b = (rng.integers(0, 10, (20, n), dtype=np.int8) for n in (n_a, n_b))
    a[0], b[0], a[1], b[1], b[2], a[3], b[3] = 0, 0, 9, 9, 0, 0, 9
    product = school.long_multiplication(worker("+"), worker("*"), a, b)
    assert product.shape == (20, n_a + n_b)
    assert list(map(number, product)) == [number(x) * number(y) for x, y in zip(a, b, strict=True)]
    assert number(product[1]) == (10**n_a - 1) * (10**n_b - 1)


def test_long_multiplication_has_no_arithmetic_of_its_own():
    a, b = np.array([[8, 5, 9]]), np.array([[7, 6]])
    product = school.long_multiplication(lambda X: X[..., 0], worker("*"), a, b)
    assert number(product[0]) == 958 * 7  # the first row
    assert number(school.long_multiplication(worker("+"), lambda X: X[..., 0], a, b)[0]) == 958 * 11


def test_products_and_squares_are_counted():
    seen = []

    def right(X):
        seen.append(len(X))
        return worker("*")(X)

    count = school.count_products(worker("+"), right, 30, 4, np.random.default_rng(1))
    assert count == "4 x 4 digits 30/30 products and 30/30 squares"
    assert seen == [30 * 4] * 2
    count = school.count_products(worker("+"), lambda X: right(X) * 0, 1200, 2, np.random.default_rng(1))
    assert count == "2 x 2 digits 0/1,200 products and 0/1,200 squares"


# ---- The network


def test_predicting_in_parts_is_predicting_at_once(eager):
    rng = np.random.default_rng(1)
    trained = school.build_model(9)
    trained.set_weights([rng.normal(size=weights.shape) / 5 for weights in trained.get_weights()])
    whole = school.build_model(30)
    whole.set_weights(trained.get_weights())
    X = column_problems.draw_random(12, 29, rng)
    expected = keras.ops.convert_to_numpy(whole(columns.one_hot(X))).argmax(axis=2)
    assert len(np.unique(expected)) > 3
    late = keras.ops.convert_to_numpy(whole(columns.one_hot(np.roll(X, -7, axis=1)))).argmax(axis=2)
    assert (late[:, :-7] != expected[:, 7:]).any()  # without what came before, other digits are written
    assert (keras.ops.convert_to_numpy(trained(columns.one_hot(X[:, :9]))).argmax(axis=2) == expected[:, :9]).all()
    assert (school.make_worker(trained, 5)(X) == expected).all()
    reader = school.build_model(None, 5)
    reader.set_weights(trained.get_weights())
    reader.compile()
    assert (lengths.predict(reader, X[::-1], 7) == expected[::-1]).all()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_training_is_on_problems_of_its_operation(monkeypatch, eager, operation):
    fitted = []
    monkeypatch.setattr(keras.Model, "fit", lambda self, *args, **kwargs: fitted.append((*args, kwargs)))
    args = argparse.Namespace(n_batch=8, n_epoch=3, n_digits=4, learning_rate=0.01)
    model = school.train(operation, 1, args, 2)
    [(X, y, kwargs)] = fitted
    assert X.shape == (48, 5, 20) and (kwargs["epochs"], kwargs["steps_per_epoch"], kwargs["batch_size"]) == (3, 2, 8)
    X = np.stack([X[..., :10].argmax(axis=2), X[..., 10:].argmax(axis=2)], axis=2).astype(np.int8)
    assert (y == worker(operation)(X)).all()
    assert model.output_shape == (None, 5, 10)


# ---- The script


def run(*arguments, outputs):
    return school.main([*TINY, *arguments, "--outputs", str(outputs)])


def without_progress(stdout):
    return re.sub(r"(?m)^(Epoch \d+/\d+|\d+/\d+ - .*)\n", "", stdout)


@pytest.fixture
def quick(monkeypatch, eager):
    """Let the networks read many problems at once, and let the products and the picture be small."""
    make, draw = school.make_worker, column_problems.draw
    monkeypatch.setattr(school, "make_worker", lambda model, n_problems=64: make(model, 4096))
    monkeypatch.setattr(school, "PRODUCTS", [(2, 3)])
    monkeypatch.setattr(
        column_problems, "draw", lambda n, n_digits, rng, **kwargs: draw(n, min(n_digits, 50), rng, **kwargs)
    )


@pytest.fixture
def known(monkeypatch, eager):
    """Let no network be trained: each is its sign, and its worker is exact. Gives the names of those asked for."""
    asked = []

    def load_or_train(name, args, train):
        asked.append(name)
        return SIGNS[name.removeprefix("school_")]

    monkeypatch.setattr(lengths, "load_or_train", load_or_train)
    monkeypatch.setattr(school, "make_worker", lambda sign, n_problems=64: worker(sign))
    return asked


def test_a_tiny_run_prints_and_saves_what_a_full_one_does(tmp_path, capsys, quick):
    assert run("--tested", "11", outputs=tmp_path) == 0
    stdout = without_progress(capsys.readouterr().out)
    text = (tmp_path / "school.txt").read_text(encoding="utf-8")
    assert stdout.endswith(text)
    first, *lines = text.splitlines()
    assert first == "n_examples=64, n_batch=32, n_epoch=1, learning_rate=0.005, seed=1, n_digits=8"
    n_hard = {"add": 31, "subtract": 29, "multiply": 290, "divide": 261}
    for i, name in enumerate(SIGNS):
        title, header, row, seed, summary = lines[5 * i : 5 * i + 5]
        assert title == f"{name}, seed 1:" and header.split() == ["digits", "random", "carrying", "hard", "exact"]
        assert re.match(rf" +11 +[\d,]+/2,000 +[\d,]+/2,000 +\d+/{n_hard.get(name, '[0-9]+')} ", row)
        assert re.match(rf"{name}, seed 1, \d+\.\d s of training: wrong of 11 digits: \d+ random, ", seed)
        assert summary == f"{name}: all exact with 0 of 1 seeds"
    small = {"add": (200, "10,000"), "subtract": (200, "15,050"), "multiply": (460, "10,000"), "divide": (450, "9,000")}
    lines = lines[5 * len(SIGNS) :]
    for line, (name, (n_transitions, n)) in zip(lines, small.items(), strict=False):
        assert re.fullmatch(rf"{name}, small problems with all {n_transitions} transitions: [\d,]+/{n}", line)
    assert lines[len(SIGNS) :] == ["long multiplication, seed 1: 3 x 3 digits 0/2 products and 0/2 squares"]
    assert sorted(os.listdir(tmp_path)) == FILES
    assert (tmp_path / "school.png").read_bytes().startswith(b"\x89PNG")
    for name in SIGNS:
        model = keras.saving.load_model(tmp_path / f"school_{name}.keras", compile=False)
        assert model.output_shape == (None, 9, 10)
        assert (tmp_path / f"school_{name}.txt").read_text(encoding="utf-8") == first + "\n"


@pytest.fixture
def exact_run(monkeypatch, known):
    """Let a run without a problem have exact workers, and neither pictures nor models to save."""
    monkeypatch.setattr(school, "train", lambda operation, *_: operation)
    monkeypatch.setattr(school, "picture", lambda *_: Figure())
    monkeypatch.setattr(school, "PRODUCTS", [(20, 3), (2, 15)])
    monkeypatch.setattr(school.common, "save", save_text)


def save_text(outputs, name, text, figure=None, model=None):
    (outputs / name).write_text(f"{text}\n{model}", encoding="utf-8")


def test_exact_workers_pass_every_test(tmp_path, capsys, exact_run):
    assert run("--tested", "9", "1001", "--n-seeds", "2", outputs=tmp_path) == 0
    lines = capsys.readouterr().out.splitlines()
    for name, n in {"add": "10,000", "subtract": "15,050", "multiply": "10,000", "divide": "9,000"}.items():
        assert f"{name}: all exact with 2 of 2 seeds" in lines
        assert any(re.match(rf"{name}, small problems .*: {n}/{n}, {n}/{n}$", line) for line in lines)
    for seed in (1, 2):
        counts = "3 x 3 digits 20/20 products and 20/20 squares, 15 x 15 digits 2/2 products and 2/2 squares"
        assert lines.count(f"long multiplication, seed {seed}: {counts}") == 2  # at once, and in the report
    for name, sign in SIGNS.items():
        settings, model = (tmp_path / f"school_{name}").read_text(encoding="utf-8").splitlines()
        assert settings.startswith("n_examples=64, ") and model == sign


def test_the_picture_has_states_and_shares_for_each_operation(quick):
    keras.utils.set_random_seed(1)
    result = lengths.Result({"random": np.array([1, 0]), "carrying": np.array([1, 1])}, [], None)
    runs = {name: [(school.build_model(9), {9: result, 10: result}, "")] * 2 for name in ("multiply", "divide")}
    figure = school.picture("title", 8, runs)
    above, below = figure.axes[:2], figure.axes[2:]
    assert [axes.get_title() for axes in above] == ["multiply", "divide"]
    for axes in above:  # 9 is the second digit
        assert {label.get_text() for label in axes.texts} <= set("012345678") and len(axes.texts) > 4
        assert sum(len(line.get_xdata()) for line in axes.lines) == 51
    for axes in below:
        assert [list(line.get_ydata()) for line in axes.lines] == [[75, 75]] * 2


# ---- Problems of one's own

BIG, BIGGER = "123456789" * 9, "987654321" * 12


@pytest.mark.parametrize(
    ("problem", "shown", "networks"),
    [
        ("958+67", "958+67=1025", ["add"]),
        ("0+0", "0+0=0", ["add"]),
        ("007+0095", "7+95=102", ["add"]),
        (f"{BIG}+{BIGGER}", f"{BIG}+{BIGGER}={int(BIG) + int(BIGGER)}", ["add"]),
        ("958-67", "958-67=891", ["subtract"]),
        ("1000-1", "1000-1=999", ["subtract"]),
        ("67-67", "67-67=0", ["subtract"]),
        ("0100-099", "100-99=1", ["subtract"]),
        (f"{BIGGER}-{BIG}", f"{BIGGER}-{BIG}={int(BIGGER) - int(BIG)}", ["subtract"]),
        ("958*67", "958*67=64186", ["add", "multiply"]),
        ("958x67", "958*67=64186", ["add", "multiply"]),
        ("7*0", "7*0=0", ["add", "multiply"]),
        ("0*958", "0*958=0", ["add", "multiply"]),
        ("5*00123", "5*123=615", ["add", "multiply"]),
        (f"{BIG}*{BIGGER}", f"{BIG}*{BIGGER}={int(BIG) * int(BIGGER)}", ["add", "multiply"]),
        (f"{BIGGER}x{BIG}", f"{BIGGER}*{BIG}={int(BIG) * int(BIGGER)}", ["add", "multiply"]),
        ("958:7", "958:7=136, remainder 6", ["subtract", "multiply", "divide"]),
        ("958/7", "958:7=136, remainder 6", ["subtract", "multiply", "divide"]),
        ("0:3", "0:3=0, remainder 0", ["subtract", "multiply", "divide"]),
        ("5:9", "5:9=0, remainder 5", ["subtract", "multiply", "divide"]),
        ("00081/09", "81:9=9, remainder 0", ["subtract", "multiply", "divide"]),
        (f"{BIG}:8", f"{BIG}:8={int(BIG) // 8}, remainder {int(BIG) % 8}", ["subtract", "multiply", "divide"]),
    ],
)
def test_a_problem_is_answered_from_the_argument_and_from_standard_input(
    tmp_path, capsys, monkeypatch, known, problem, shown, networks
):
    for given in (problem, "-"):
        monkeypatch.setattr(sys, "stdin", io.StringIO("\n ".join(re.split(r"\b", problem)) + "\n"))
        known.clear()
        assert run(given, outputs=tmp_path) == 0
        assert capsys.readouterr().out == f"{shown}\nPython's integers say the same.\n"
        assert known == [f"school_{name}" for name in networks]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_is_worked_out_as_python_does(operation):
    rng, rules, workers = np.random.default_rng(1), OPERATIONS[operation], {sign: worker(sign) for sign in OPERATIONS}
    for n_digits in (1, 2, 5, 30):
        for _ in range(20):
            a, b = (int("".join(map(str, rng.integers(0, 10, n_digits)))) for _ in range(2))
            if rules.one_digit and operation != "*":
                b = int(rng.choice(rules.one_digit))
            if rules.larger_first:
                a, b = max(a, b), min(a, b)
            assert school.solve(str(a), operation, str(b), workers) == str(rules.compute(a, b))


@pytest.mark.parametrize(
    ("problem", "faulty", "shown", "right"),
    [
        ("958+67", "+", "958+67=0", "1025"),
        ("958-67", "-", "958-67=0", "891"),
        ("958*67", "*", "958*67=0", "64186"),
        ("958*67", "+", "958*67=0", "64186"),
        ("958:7", ":", "958:7=0, remainder 958", "136, remainder 6"),
        ("958:7", "*", "958:7=136, remainder 958", "136, remainder 6"),
        ("958:7", "-", "958:7=136, remainder 0", "136, remainder 6"),
    ],
)
def test_a_wrong_answer_is_called_wrong(tmp_path, capsys, monkeypatch, known, problem, faulty, shown, right):
    def make_worker(sign):
        return (lambda X: 0 * X[..., 0]) if sign == faulty else worker(sign)

    monkeypatch.setattr(school, "make_worker", make_worker)
    assert run(problem, outputs=tmp_path) == 1
    assert capsys.readouterr().out == f"{shown}\nWrong: Python's integers say {right}\n"


def test_the_models_a_problem_needs_are_trained_once_and_saved(tmp_path, capsys, monkeypatch, quick):
    expected = ["school_add.keras", "school_add.txt", "school_multiply.keras", "school_multiply.txt"]
    first = run("3*4", outputs=tmp_path)
    stdout = capsys.readouterr().out
    answer = re.search(r"(?m)^3\*4=(\d+)$", stdout)[1]
    assert first == (answer != "12") and stdout.count("2/2 - ") == 2
    assert sorted(os.listdir(tmp_path)) == expected
    monkeypatch.setattr(school, "train", lambda *_: 1 / 0)
    assert run("3*4", outputs=tmp_path) == first
    assert capsys.readouterr().out.startswith(f"3*4={answer}\n")


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        ("a*3", "'a*3' is not a problem such as 958*67"),
        ("12*b", "'12*b' is not a problem such as 958*67"),
        ("12+", "'12+' is not a problem such as 958*67"),
        ("*12", "'*12' is not a problem such as 958*67"),
        ("12", "'12' is not a problem such as 958*67"),
        ("", "'' is not a problem such as 958*67"),
        ("1+2+3", "'1+2+3' is not a problem such as 958*67"),
        ("2**3", "'2**3' is not a problem such as 958*67"),
        ("5--3", "'5--3' is not a problem such as 958*67"),
        ("1.5*2", "'1.5*2' is not a problem such as 958*67"),
        ("2^3", "'2^3' is not a problem such as 958*67"),
        ("12X3", "'12X3' is not a problem such as 958*67"),
        ("67-958", "differences below 0 are not learned"),
        ("66-67", "differences below 0 are not learned"),
        ("000-1", "differences below 0 are not learned"),
        ("958:0", "behind : is one digit, from 1 to 9"),
        ("958/000", "behind : is one digit, from 1 to 9"),
        ("958:12", "behind : is one digit, from 1 to 9"),
        ("9" * 25_000 + "x" + "9" * 25_000, "the rows of this product would not fit into memory"),
    ],
)
def test_a_bad_problem_is_one_line(tmp_path, capsys, monkeypatch, problem, message):
    for given in (problem, "-"):
        monkeypatch.setattr(sys, "stdin", io.StringIO(problem))
        with pytest.raises(SystemExit) as error:
            run(given, outputs=tmp_path)
        shown = capsys.readouterr()
        assert (error.value.code, shown.out) == (2, "")
        assert re.fullmatch(rf".*: error: argument 958\*67: {re.escape(message)}\n", shown.err)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-3+4"], "unrecognized arguments: -3+4"),
        (["3+4", "5"], "unrecognized arguments: 5"),
        (["--n-digits", "19"], "argument --n-digits: '19' is not a whole number from 1 to 18"),
        (["--tested", "0"], "argument --tested: '0' is not a whole number from 1 to 100000000"),
        (["--n-seeds", "0"], "argument --n-seeds: '0' is not a whole number from 1 to 1000"),
    ],
)
def test_a_bad_value_is_one_line(tmp_path, capsys, arguments, message):
    with pytest.raises(SystemExit) as error:
        run(*arguments, outputs=tmp_path)
    shown = capsys.readouterr()
    assert (error.value.code, shown.out) == (2, "")
    assert re.fullmatch(rf".*: error: {re.escape(message)}\n", shown.err)
    assert os.listdir(tmp_path) == []


# ---- Ctrl-C


def test_an_interrupted_run_keeps_the_finished_network(tmp_path, capsys, quick, interrupt):
    interrupt(2)
    assert run("--tested", "11", outputs=tmp_path) == 130
    stdout = without_progress(capsys.readouterr().out)
    assert "\nInterrupted: the finished runs are reported.\n" in stdout
    text = (tmp_path / "school.txt").read_text(encoding="utf-8")
    assert stdout.endswith(text) and text.endswith("\ninterrupted after 1 runs\n")
    assert "\nadd, small problems with all 200 transitions: " in text
    assert "subtract" not in text and "multiplication" not in text
    assert sorted(os.listdir(tmp_path)) == ["school.png", "school.txt", "school_add.keras", "school_add.txt"]


def test_with_no_network_finished_nothing_is_saved(tmp_path, capsys, eager, interrupt):
    interrupt(1)
    assert run("--tested", "11", outputs=tmp_path) == 130
    assert "\nInterrupted: " in capsys.readouterr().out
    assert os.listdir(tmp_path) == []


def test_a_problem_whose_second_training_is_interrupted_keeps_the_first(tmp_path, eager, interrupt):
    interrupt(2)
    with pytest.raises(KeyboardInterrupt):
        run("3*4", outputs=tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["school_add.keras", "school_add.txt"]


def test_ctrl_c_in_the_further_tests_keeps_the_networks(tmp_path, capsys, monkeypatch, exact_run):
    def count_products(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(school, "count_products", count_products)
    assert run("--tested", "1001", outputs=tmp_path) == 130
    text = (tmp_path / "school").read_text(encoding="utf-8")
    assert "\ndivide, small problems with all 450 transitions: 9,000/9,000\n" in text
    assert "long multiplication" not in text and f"\ninterrupted after {len(SIGNS)} runs\n" in text
    assert sorted(os.listdir(tmp_path)) == sorted(["school", *(f"school_{name}" for name in SIGNS)])
