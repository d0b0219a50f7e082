"""What is shared on numbers of any length: prediction in parts, the test by length, reports, problems of one's own."""

import argparse
import doctest
import io
import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import common
from extensions import long_addition
from extensions.shared import column_problems, columns, lengths

ROOT = Path(__file__).resolve().parent.parent
SUM = ("([0-9]+)([+])([0-9]+)", "958+67")
pytestmark = pytest.mark.usefixtures("no_limit_of_digits")


def add(X):
    return columns.work("+", X)[0]


def test_doctests():
    result = doctest.testmod(lengths)
    assert result.attempted >= 2
    assert result.failed == 0


# ---- Prediction in parts


class School:
    """A reader that adds exactly, with a carry for its state. It keeps the shapes of what it reads."""

    def __init__(self, n_sums):
        self.input_shape, self.layers, self.shapes, self.carry = (n_sums, None, 20), [self], [], None

    def reset_state(self):
        self.carry = np.zeros(self.input_shape[0], dtype=int)

    def predict_on_batch(self, X):
        self.shapes.append(X.shape)
        assert X.dtype == np.float32 and (X.sum(axis=2) == 2).all()
        totals = X[..., :10].argmax(axis=2) + X[..., 10:].argmax(axis=2)
        digits = np.empty(totals.shape, dtype=int)
        for i in range(totals.shape[1]):
            self.carry, digits[:, i] = np.divmod(totals[:, i] + self.carry, 10)
        return np.eye(10)[digits]


@pytest.mark.parametrize(("n_sums", "n_columns"), [(23, 50), (500, 1000), (5, 7), (1, 1), (64, 49)])
def test_parts_are_read_in_order_and_of_one_shape_each(n_sums, n_columns):
    X = column_problems.draw(23, 49, np.random.default_rng(1))
    reader = School(n_sums)
    digits = lengths.predict(reader, X, n_columns)
    assert digits.dtype == np.int8 and (digits == add(X)).all()
    assert set(reader.shapes) == {(n_sums, min(50, n_columns), 20)}
    assert len(reader.shapes) == -(-23 // n_sums) * -(-50 // n_columns)


def test_however_long_the_sums_a_thousand_columns_are_read_at_a_time():
    X = column_problems.draw(3, 12_345, np.random.default_rng(1))
    reader = School(2)
    assert (lengths.predict(reader, X) == add(X)).all()
    assert reader.shapes == [(2, 1000, 20)] * 26


@pytest.mark.parametrize("cell", long_addition.CELLS)
def test_predicting_in_parts_is_predicting_at_once(cell, eager):
    rng = np.random.default_rng(1)
    trained, whole = long_addition.build_model(9, 20, cell), long_addition.build_model(25, 20, cell)  # unrolled and not
    # Such weights that the state of long ago matters.
    trained.set_weights([rng.normal(size=weights.shape) / 4 for weights in trained.get_weights()])
    whole.set_weights(trained.get_weights())
    X = column_problems.draw_random(12, 24, rng)
    probabilities = keras.ops.convert_to_numpy(whole(columns.one_hot(X)))
    expected = probabilities.argmax(axis=2)
    assert len(np.unique(expected)) > 3
    short = keras.ops.convert_to_numpy(trained(columns.one_hot(X[:, :9])))
    np.testing.assert_allclose(short, probabilities[:, :9], rtol=1e-3, atol=1e-5)
    # The state matters: without what came before, other digits are written.
    late = keras.ops.convert_to_numpy(whole(columns.one_hot(np.roll(X, -7, axis=1))))
    assert (late.argmax(axis=2)[:, :-7] != expected[:, 7:]).any()
    reader = long_addition.build_model(None, 20, cell, n_sums=7)
    reader.set_weights(trained.get_weights())
    reader.compile()
    assert (lengths.predict(reader, X, 7) == expected).all()
    assert (lengths.predict(reader, X[::-1], 25) == expected[::-1]).all()  # the state of before is forgotten
    made = long_addition.make_predict(trained, 16, argparse.Namespace(units=20, cell=cell))
    assert (made(X) == expected).all()


@pytest.mark.slow
def test_a_thousand_sums_of_10000_digits_stay_below_two_gigabytes():
    # At once, the encoded digits alone would take 0.8 GB, and the states of the network 1.3 GB.
    code = (
        "import argparse, resource, numpy as np\n"
        "from extensions import long_addition\n"
        "from extensions.shared import column_problems\n"
        "X = column_problems.draw_random(1000, 10_000, np.random.default_rng(1))\n"
        "args = argparse.Namespace(units=32, cell='LSTM')\n"
        "predict = long_addition.make_predict(long_addition.build_model(8, 32, 'LSTM'), 64, args)\n"
        "assert predict(X).shape == (1000, 10_001)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 2 * 2**30


# ---- The test of problems that were never trained


def evaluate(predict, operation="+", n_digits=9, n_trained=8, **kwargs):
    return lengths.evaluate(predict, operation, n_digits, n_trained, np.random.default_rng(1), **kwargs)


def wrong_on_0_0(X):
    digits = add(X)
    digits[X[:, 0].sum(axis=1) == 0] += 1
    return digits


def test_evaluation_counts_random_carrying_and_hard_sums():
    exact, wrong, longest = evaluate(wrong_on_0_0)
    assert {kind: len(right) for kind, right in exact.items()} == {"random": 10_000, "carrying": 10_000, "hard": 31}
    assert 9850 < exact["random"].sum() < 9950  # a hundredth begins with 0 and 0
    assert exact["hard"].sum() == 31 - len(wrong)
    assert "0+0" in wrong and "99..9+1" not in wrong and len(wrong) < 5
    assert len(longest) == 10_000 and set(longest) == set(range(9))
    exact, wrong, _ = evaluate(add)
    assert all(right.all() for right in exact.values()) and wrong == []


@pytest.mark.parametrize(("operation", "n_hard"), [("-", 29), ("*", 290), (":", 261)])
def test_evaluation_of_the_other_operations(operation, n_hard):
    exact, wrong, longest = evaluate(lambda X: columns.work(operation, X)[0], operation)
    assert {kind: len(right) for kind, right in exact.items()} == {"random": 10_000, "carrying": 10_000, "hard": n_hard}
    assert all(right.all() for right in exact.values()) and (wrong, longest) == ([], None)
    exact, wrong, _ = evaluate(add, operation)
    assert exact["random"].mean() < 0.2 and exact["carrying"].mean() < 0.2 and len(wrong) > n_hard / 2


def test_kinds_are_chosen_and_an_answer_may_be_more_than_the_digits():
    sizes = []

    def answer(X):
        sizes.append(X.shape)
        return np.pad(add(X), ((0, 0), (0, 1)), constant_values=7)

    exact, wrong, _ = evaluate(answer, n_digits=101, kinds=("unequal", "carrying"), answer=answer)
    assert list(exact) == ["unequal", "carrying", "hard"] and sizes == [(1031, 102, 2)] * 2
    assert all(right.all() for right in exact.values()) and wrong == []
    assert evaluate(add, kinds=("unequal",)).longest_carry is None
    exact, wrong, _ = evaluate(lambda X: answer(X) % 7, n_digits=101, kinds=("unequal", "carrying"), answer=answer)
    assert not any(right.any() for right in exact.values()) and len(wrong) == 31


def test_an_adder_whose_carries_pass_no_nine_is_exact_where_none_has_to():
    def one_carry(X):
        totals = X.sum(axis=2)
        totals[:, 1:] += X.sum(axis=2)[:, :-1] > 9
        return totals % 10

    exact, wrong, longest = evaluate(one_carry)
    assert (exact["carrying"] == (longest == 0)).all()
    assert exact["carrying"].mean() < 0.5 < exact["random"].mean() < 0.9
    assert "99..9+1" in wrong and "0+0" not in wrong and "44..4+55..5" not in wrong


@pytest.mark.parametrize(
    ("n_digits", "n"), [(10, 10_000), (11, 2000), (100, 2000), (1000, 500), (1001, 50), (10_000, 50), (10_001, 1)]
)
def test_longer_sums_are_tested_in_smaller_number(n_digits, n):
    exact, _, longest = evaluate(add, n_digits=n_digits)
    assert len(exact["random"]) == len(exact["carrying"]) == len(longest) == n
    assert len(exact["hard"]) == 31


@pytest.mark.parametrize("operation", "+-*:")
def test_a_problem_that_may_occur_in_training_is_not_called_new(monkeypatch, operation):
    def shorter(n_problems, n_digits, rng, operation):
        X = column_problems.draw_random(n_problems, n_digits, rng, operation)
        X[7, -2 if operation != ":" else 1, : 2 if operation in "+-" else 1] = 0
        return X

    monkeypatch.setitem(lengths.KINDS, "random", shorter)

    def right(X):
        return columns.work(operation, X)[0]

    with pytest.raises(ValueError, match="1 random problems of 9 digits may occur in training"):
        evaluate(right, operation)
    exact, *_ = evaluate(right, operation, n_trained=9)  # no longer than in training: known
    assert len(exact["random"]) == 10_000


# ---- Reports


def result(*carrying, hard=(True, True), names=(), longest=(0, 0, 2)):
    exact = {"random": np.array([True] * 3), "carrying": np.array(carrying, dtype=bool), "hard": np.array(hard)}
    return lengths.Result(exact, list(names), np.array(longest))


ALL, NONE = result(1, 1, 1), result(0, 0, 0)
NAMES = ["99..9+1", "0+0", "1+99..9", "long+short"]
MIXED = {1_000: ALL, 10: result(0, 0, 0, hard=(True, False), names=NAMES)}


def test_the_table_and_the_failures_say_what_is_wrong():
    header, *rows = lengths.table(MIXED).splitlines()
    assert header.split() == ["digits", "random", "carrying", "hard", "exact"]
    assert rows[0].split() == ["1,000", "3/3", "3/3", "2/2"]
    assert re.split(" {2,}", rows[1].strip()) == [
        "10", "3/3", "0/3", "1/2", "not 99..9+1, 0+0, 1+99..9 and 1 more",
    ]  # fmt: skip
    assert lengths.failures(MIXED) == "wrong of 10 digits: 3 carrying, 1 hard"
    assert lengths.failures({1_000: ALL}) == "all exact"
    assert lengths.failures({9: NONE, 1_000: result(1, 0, 1)}) == (
        "wrong of 9 digits: 3 carrying; wrong of 1,000 digits: 1 carrying"
    )


def test_shares_are_of_all_problems():
    assert lengths.shares(MIXED) == {1_000: 100, 10: 50}


@pytest.mark.parametrize(("others", "n_digits"), [((9, 10, 4), 10), ((100, 20), 20)])
def test_the_longest_carry_is_that_of_10_digits_or_of_the_fewest(others, n_digits):
    results = {n: NONE for n in others} | {n_digits: result(1, 0, 1)}
    n, exact = lengths.by_carry(results)
    assert n == n_digits
    assert {passed: right.tolist() for passed, right in exact.items()} == {0: [True, False], 2: [True]}
    assert lengths.carry_line(results) == (
        f"Carrying sums of {n_digits} digits exact, by the columns that the longest carry passes: 0: 1/2, 2: 1/1"
    )


ARGS = argparse.Namespace(seed=5, n_digits=8, n_seeds=2, tested=[9, 10], outputs="outputs", problem=None)


def test_each_name_is_trained_with_each_seed_and_tested_at_each_length(capsys, eager):
    trained, tested = [], []

    def train(name, seed):
        trained.append((name, seed))
        return f"{name} of {seed}"

    def test(name, model, n_digits, rng):
        tested.append((name, model, n_digits, rng.random()))
        return result(1, 1, name == "good")

    runs, status = lengths.runs(train, test, ["good", "bad"], ARGS)
    printed = capsys.readouterr().out.splitlines()
    assert status == 0
    assert trained == [("good", 5), ("bad", 5), ("good", 6), ("bad", 6)]
    assert [row[:3] for row in tested] == [(name, f"{name} of {seed}", n) for name, seed in trained for n in (9, 10)]
    numbers = [row[3] for row in tested]  # a seed tests both names on the same problems
    assert numbers[:2] == numbers[2:4] and numbers[4:6] == numbers[6:8] and len(set(numbers)) == 4
    for name, seeds in runs.items():
        for seed, (model, results, line) in zip((5, 6), seeds, strict=True):
            assert model == f"{name} of {seed}" and list(results) == [9, 10]
            assert re.match(rf"{name}, seed {seed}, \d+\.\d s of training: ", line)
            assert line in printed
    lines = lengths.report(runs, ARGS)
    assert lines[0] == "seed=5, n_digits=8"
    assert lines[1] == "good, seed 5:" and lines[2] == lengths.table(runs["good"][0][1])
    assert lines[5] == "good: all exact with 2 of 2 seeds"
    assert lines[6] == "bad, seed 5:"
    assert lines[9].endswith("training: wrong of 9 digits: 1 carrying; wrong of 10 digits: 1 carrying")
    assert lines[10:] == ["bad: all exact with 0 of 2 seeds"]


def test_an_interrupted_run_says_how_many_seeds_were_asked_for(capsys, eager):
    def train(name, seed):
        if seed == 6 and name == "late":
            raise KeyboardInterrupt

    runs, status = lengths.runs(train, lambda *_: ALL, ["early", "late"], ARGS)
    assert status == 130
    assert {name: len(seeds) for name, seeds in runs.items()} == {"early": 2, "late": 1}
    *others, last, interrupted = lengths.report(runs, ARGS)
    assert last == "late: all exact with 1 of 1 seeds"
    assert interrupted == "late: interrupted, 2 seeds were asked for"
    assert not any("interrupted" in line for line in others)


# ---- Arguments, and problems of one's own


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("958+67", ["958", "+", "67"]),
        (" 958 +\n67\n", ["958", "+", "67"]),
        ("000958+0067", ["958", "+", "67"]),
        ("0+000", ["0", "+", "0"]),
        ("9" * 10_000 + "+1", ["9" * 10_000, "+", "1"]),
    ],
)
def test_a_problem_is_read_from_the_argument_and_from_standard_input(monkeypatch, text, groups):
    assert lengths.problem(*SUM)(text) == groups
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    assert lengths.problem(*SUM)("-") == groups


@pytest.mark.parametrize("text", ["", "+", "12", "12+", "+12", "-3+4", "1-2", "1+2+3", "a+1", "1.5+2", "١+٢", "²+1"])
def test_what_is_no_problem_is_refused(monkeypatch, text):
    for source, argument in ((None, text), (text, "-")):
        monkeypatch.setattr(sys, "stdin", io.StringIO(source))
        with pytest.raises(argparse.ArgumentTypeError, match=f"^{re.escape(repr(text))} is not a problem such as 958"):
            lengths.problem(*SUM)(argument)


def test_standard_input_that_is_closed_or_no_text_is_refused(monkeypatch):
    for stdin in (None, io.TextIOWrapper(io.BytesIO(b"1+\xff"), encoding="utf-8")):
        monkeypatch.setattr(sys, "stdin", stdin)
        with pytest.raises(argparse.ArgumentTypeError, match="^standard input has no text$"):
            lengths.problem(*SUM)("-")


def test_of_a_long_text_that_is_no_problem_the_beginning_is_shown():
    with pytest.raises(argparse.ArgumentTypeError, match=f"^'{'9' * 40}[.][.][.]' is not a problem such as 958"):
        lengths.problem(*SUM)("9" * 100_000)
    with pytest.raises(argparse.ArgumentTypeError, match=f"^'{'9' * 40}' is not a problem such as 958"):
        lengths.problem(*SUM)("9" * 40)


def test_an_answer_is_compared_with_pythons(capsys):
    assert lengths.check("958+67", "1025", lambda: 958 + 67) == 0
    assert capsys.readouterr().out == "958+67=1025\nPython's integers say the same.\n"
    assert lengths.check("958+67", "1024", lambda: 958 + 67) == 1
    assert capsys.readouterr().out == "958+67=1024\nWrong: Python's integers say 1025\n"
    sys.set_int_max_str_digits(4300)
    assert lengths.check("10..0-1", "9" * 5000, lambda: 10**5000 - 1) == 0


def test_a_model_is_loaded_with_the_same_settings_only(tmp_path, capsys):
    args = argparse.Namespace(**vars(ARGS) | {"outputs": tmp_path})
    trained = []

    def train():
        trained.append(keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)]))
        return trained[-1]

    assert lengths.load_or_train("model", args, train) is trained[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.keras", "model.txt"]
    args.tested, args.n_seeds, args.problem = [7], 9, ["1", "2"]  # none of these decides what is trained
    loaded = lengths.load_or_train("model", args, train)
    assert len(trained) == 1
    assert all((a == b).all() for a, b in zip(loaded.get_weights(), trained[0].get_weights(), strict=True))
    assert capsys.readouterr().out == ""
    args.seed = 6
    assert lengths.load_or_train("model", args, train) is trained[1]
    assert capsys.readouterr().out == f"{tmp_path}/model.keras was trained with seed=5, n_digits=8\n"


def test_digits_to_test_and_in_training_have_limits(capsys):
    parser = common.ArgumentParser()
    lengths.add_lengths(parser, 8, [9, 10])
    assert vars(parser.parse_args([])) == {"n_digits": 8, "tested": [9, 10]}
    assert parser.parse_args(["--n-digits", "18", "--tested", "1", "100000000"]).tested == [1, 10**8]
    for arguments in (["--n-digits", "0"], ["--n-digits", "19"], ["--tested", "0"], ["--tested", "9", "100000001"]):
        with pytest.raises(SystemExit):
            parser.parse_args(arguments)
        assert re.search(rf"argument {arguments[0]}: '{arguments[-1]}' is not a whole", capsys.readouterr().err)
