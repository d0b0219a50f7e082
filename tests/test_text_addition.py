"""text_addition and its comparison: fingers with known weights, tiny runs, a sum of one's own, bad input, Ctrl-C."""

import argparse
import contextlib
import doctest
import functools
import io
import itertools
import os
import re
import sys

import keras
import numpy as np
import pytest
from conftest import compile_nothing
from PIL import Image, ImageSequence

from extensions import text_addition, text_addition_compare
from extensions.shared import column_problems, columns, fingers, lengths, training

ALPHABET = fingers.ALPHABET
FILES = [f"text_addition.{suffix}" for suffix in ("gif", "keras", "png", "txt")]
TINY = ("--n-examples", "60", "--n-batch", "30", "--n-epoch", "2", "--n-digits", "3")


def adder(n_in=9, n_steps=5, carry=True):
    """Build a network with weights that are known to add; only the tests set weights.

    The fingers start before "+" and before "=", and move on from digits. The states are a thermometer: the k-th is
    positive if both digits and the carry make k or more. The tenth is the carry; one more says if there are digits.
    """
    digits = np.arange(10)
    start, start_bias = np.zeros((2, 13, 2)), np.zeros(2)
    start[1, [ALPHABET.index("+"), ALPHABET.index("=")], [0, 1]] = 10
    move, move_bias = np.zeros((26, 2)), np.full(2, -10)
    pair, pair_bias = np.zeros((26, 64)), np.zeros(64)
    for finger in (0, 1):
        move[13 * finger + digits, finger] = 20
        pair[13 * finger + digits, 0] = digits  # both digits' sum
        pair[13 * finger + digits, 1] = 1  # how many there are
    read, keep, bias = np.zeros((64, 32)), np.zeros((32, 32)), np.zeros(32)
    read[0, :19], bias[:19] = 40, -40 * (np.arange(1, 20) - 0.75)
    keep[9, :19] = 20 * carry
    read[1, 19], bias[19] = 40, -20
    write, write_bias = np.zeros((32, 12)), np.zeros(12)
    for total in range(20):
        for state, sign in ((total - 1, 0.5), (total, -0.5)):
            if 0 <= state < 19:
                write[state, total % 10] += sign
            else:
                write_bias[total % 10] += 0.5
    write[[0, 19], fingers.END] = -0.75  # neither digits nor a carry
    model = fingers.build_model(n_in, n_steps)
    weights = [start, start_bias, move, move_bias, pair, pair_bias, read, keep, bias, write, write_bias]
    model.set_weights([np.array(weight, dtype=np.float32) for weight in weights])
    return model


def written(text, *indices):
    """Read indices as text."""
    return ["".join(ALPHABET[i] for i in row) for row in (text, *indices)]


def test_doctests():
    assert doctest.testmod(fingers) == (0, 1)
    assert doctest.testmod(text_addition_compare) == (0, 1)


# ---- Sums as text


def test_sums_are_written_as_in_the_article_and_answers_units_first():
    rng = np.random.default_rng(1)
    X = np.concatenate([column_problems.draw_unequal(200, 7, rng), column_problems.hard_problems("+", 7, rng)[1]])
    text, answers = fingers.encode(X)
    assert text.shape == (231, 17) and answers.shape == (231, 9)
    for row, answer in zip(text, answers, strict=True):
        question, total = written(row, answer)
        a, b = re.fullmatch(r" +(0|[1-9]\d*)\+(0|[1-9]\d*)=", question).groups()
        assert total.rstrip()[::-1] == str(int(a) + int(b)) and total.endswith(" ")


@pytest.mark.parametrize("n_digits", [1, 2, 6, 18])
@pytest.mark.parametrize("grow", [False, True])
def test_what_is_trained_on_is_never_longer_and_grows(n_digits, grow):
    X = fingers.draw(8000, n_digits, np.random.default_rng(1), grow=grow)
    assert X.shape == (8000, n_digits + 1, 2)
    first, second = (columns.count_digits(X[:, :, [i]]) for i in (0, 1))
    longest = np.maximum(first, second)
    assert longest.max() == n_digits
    for start in range(0, 8000, 400):
        allowed = min(n_digits, 1 + 2 * (n_digits - 1) * (start + 399) // 8000) if grow else n_digits
        assert longest[start : start + 400].max() == allowed
    assert (longest[4000:] == n_digits).mean() > 0.3
    assert set(first[4000:].tolist()) == set(second[4000:].tolist()) == set(range(n_digits + 1))  # 0 has no digits
    assert 0.25 < (first == second).mean() and abs((first < second).mean() - (first > second).mean()) < 0.03


def test_columns_of_nine_are_as_frequent_as_asked():
    shares = []
    for most_nines in (0, 1):
        X = fingers.draw(8000, 8, np.random.default_rng(1), most_nines)
        ends = np.minimum(*(columns.count_digits(X[:, :, [i]]) for i in (0, 1)))
        shares.append((X.sum(axis=2) == 9)[np.arange(9) < ends[:, None] - 1].mean())
    assert 0.08 < shares[0] < 0.12 and 0.5 < shares[1] < 0.6


def test_nothing_stands_behind_the_first_space():
    space = fingers.END
    steps = [np.array([1, space, 2]), np.array([space, 3, 4]), np.array([5, space, 6])]
    assert fingers.end(steps).tolist() == [[1, space, space], [space, space, space], [2, 4, 6]]


# ---- The fingers


def test_fingers_walk_from_the_units_to_the_left():
    text, answers = fingers.encode(columns.from_text([("958", "67"), ("7", "40")], 4))
    assert written(text[0], answers[0]) == ["    958+67=", "5201  "]
    places, states, characters = zip(*itertools.islice(fingers.steps(adder(), text), 6), strict=True)
    places = np.stack(places, axis=1)
    assert places[0].tolist() == [[6, 9], [5, 8], [4, 7], [3, 7], [3, 7], [3, 7]]
    assert places[1].tolist() == [[6, 9], [5, 8], [5, 7], [5, 7], [5, 7], [5, 7]]
    assert [state.shape for state in states] == [(2, 32)] * 6
    assert (np.stack(characters, axis=1) == answers).all()


def test_a_finger_stays_at_the_left_edge():
    text = np.array([[ALPHABET.index(character) for character in "12+34="]])
    steps = fingers.steps(adder(), text)
    assert [next(steps)[0][0].tolist() for _ in range(4)] == [[1, 4], [0, 3], [0, 2], [0, 2]]
    model = adder(6, 4)
    read = keras.ops.convert_to_numpy(model.layers[0](text))[0]
    assert (read.argmax(axis=1) == [2, 1, 1, 1]).all()
    assert (read[:, 13:].argmax(axis=1) == [4, 3, 10, 10]).all()


def test_the_second_finger_does_not_start_where_the_first_one_does():
    model = adder(9, 5)
    start, *others = model.get_weights()
    start[:] = -10  # each finger likes the place before "+" most, and the one before "=" nearly as much
    start[:, [ALPHABET.index("+"), ALPHABET.index("=")]] = [[[-10], [-10]], [[11], [10.9]]]
    start[1, ALPHABET.index("="), 0] = 5
    model.set_weights([start, *others])
    text, answers = fingers.encode(columns.from_text([("958", "67"), ("7", "40")], 3))
    places, _, _ = next(fingers.steps(model, text))
    assert places.tolist() == [[4, 7], [4, 7]]
    assert (fingers.predict(model, text, 5) == answers).all()
    assert (keras.ops.convert_to_numpy(model(text)).argmax(axis=2)[0] == answers[0]).all()


@pytest.mark.parametrize("n_digits", [1, 2, 9, 300])
def test_known_weights_add_text_of_any_length(n_digits):
    rng = np.random.default_rng(n_digits)
    X = np.concatenate(
        [
            column_problems.draw_random(50, n_digits, rng),
            column_problems.draw_unequal(50, n_digits, rng),
            column_problems.hard_problems("+", n_digits, rng)[1],
        ]
    )
    assert (text_addition.predict(adder(), X) == fingers.encode(X)[1]).all()
    n_exact = (text_addition.predict(adder(carry=False), X) == fingers.encode(X)[1]).all(axis=1).mean()
    assert n_exact < 0.6 if n_digits < 9 else n_exact < 0.3


def shuffled(seed):
    """Build a network whose sharp fingers start where they should, and then do and write what chance wants."""
    keras.utils.set_random_seed(seed)
    model, rng = adder(15, 8), np.random.default_rng(seed)
    start, move = (
        model.get_weights()[:2],
        [20 * rng.integers(-3, 4, (26, 2)), np.full(2, 10)],
    )  # no decision is close to 0
    weights = [rng.normal(size=weight.shape) / 3 for weight in model.get_weights()[4:]]
    model.set_weights([*start, *move, *weights])
    return model


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_sharp_fingers_do_in_numpy_what_the_network_does(seed):
    text, _ = fingers.encode(column_problems.draw_unequal(200, 6, np.random.default_rng(1)))
    model = shuffled(seed) if seed else adder(15, 8)
    reads = keras.ops.convert_to_numpy(model.layers[0](text))
    probabilities = keras.ops.convert_to_numpy(model(text))
    places, states, characters = zip(*itertools.islice(fingers.steps(model, text), 8), strict=True)
    expected = np.stack([np.take_along_axis(text, place, axis=1) for place in places], axis=1)
    np.testing.assert_allclose(reads.reshape(200, 8, 2, 13), np.eye(13)[expected], atol=1e-3)
    assert (np.stack(characters, axis=1) == probabilities.argmax(axis=2)).mean() > 0.999
    assert len(np.unique(np.stack(places, axis=1).reshape(-1, 2), axis=0)) > 20
    assert len(np.unique(characters)) > 3


def test_spread_fingers_read_a_mixture():
    model = fingers.build_model(15, 8)
    text, _ = fingers.encode(column_problems.draw_random(20, 6, np.random.default_rng(1)))
    reads = keras.ops.convert_to_numpy(model.layers[0](text)).reshape(20, 8, 2, 13)
    np.testing.assert_allclose(reads.sum(axis=-1), 1, atol=1e-4)  # nothing of a finger is lost
    assert reads.min() >= 0 and reads[:, 0].max() < 0.999


# ---- The script


@pytest.fixture(autouse=True)
def short_picture(monkeypatch):
    monkeypatch.setattr(text_addition, "SHOWN", ("99", "3"))


@pytest.fixture
def known(monkeypatch):
    """Let the training be done: it gives weights that are known to add."""
    monkeypatch.setattr(text_addition, "train", lambda *_: adder())


def run(*arguments, outputs):
    return text_addition.main([*arguments, "--outputs", str(outputs)])


def without_progress(stdout):
    return re.sub(r"(?m)^(Epoch \d+/\d+|\d+/\d+ - .*)\n", "", stdout)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Run the script at a tiny size: the folder of its files, and what it printed."""
    outputs = tmp_path_factory.mktemp("outputs")
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as stdout:
        compile_nothing(patch)
        patch.setattr(text_addition, "SHOWN", ("99", "3"))
        assert run(*TINY, "--n-seeds", "2", "--tested", "1001", outputs=outputs) == 0
    return outputs, without_progress(stdout.getvalue())


def test_a_tiny_run_prints_and_saves_what_a_full_one_does(tiny):
    outputs, stdout = tiny
    text = (outputs / "text_addition.txt").read_text(encoding="utf-8")
    assert stdout.endswith(text)
    first, *lines = text.splitlines()
    assert first == "n_examples=60, n_batch=30, n_epoch=2, learning_rate=0.016, seed=1, n_digits=3"
    assert lines[0] == "two fingers, seed 1:"
    assert lines[1].split() == ["digits", "random", "carrying", "unequal", "hard", "exact"]
    assert re.match(r" +1,001 +\d+/50 +\d+/50 +\d+/50 +\d+/31  not ", lines[2])
    for line, seed in zip(lines[3:5], (1, 2), strict=True):
        assert re.match(rf"two fingers, seed {seed}, \d+\.\d s of training: wrong of 1,001 digits: ", line)
    assert lines[5] == "two fingers: all exact with 0 of 2 seeds"
    assert re.match(
        r"Carrying sums of 1,001 digits exact, by the columns that the longest carry passes: 2: 0/2, ", lines[6]
    )
    assert len(lines) == 7
    assert sorted(os.listdir(outputs)) == FILES
    assert (outputs / "text_addition.png").read_bytes().startswith(b"\x89PNG")


def test_a_trained_model_answers_a_sum_without_training_and_rightly_or_not(tiny, capsys, monkeypatch):
    outputs, _ = tiny
    monkeypatch.setattr(text_addition, "train", None)
    model = keras.saving.load_model(outputs / "text_addition.keras")
    [answer] = text_addition.predict(model, columns.from_text([("958", "67")], 3))
    [answer] = written(answer)
    status = run(*TINY, "958+67", outputs=outputs)
    shown = capsys.readouterr().out
    assert status == (answer != "5201 ")
    assert re.match(rf"958\+67={re.escape(answer[::-1].strip())}\n", shown)
    assert shown.endswith("\nWrong: Python's integers say 1025\n" if status else "Python's integers say the same.\n")


def test_known_weights_pass_the_test_and_stay_the_same_when_saved(tmp_path, capsys, known):
    assert run(*TINY, "--tested", "1001", outputs=tmp_path) == 0
    *_, header, row, line, summary, carries = capsys.readouterr().out.splitlines()
    assert row.split() == ["1,001", *["50/50"] * 3, "31/31"]
    assert line.endswith("s of training: all exact") and summary == "two fingers: all exact with 1 of 1 seeds"
    counts = re.findall(r"\d+: (\d+)/(\d+)", carries)
    assert sum(int(n) for _, n in counts) == 50 and all(right == n for right, n in counts)
    loaded = keras.saving.load_model(tmp_path / "text_addition.keras")
    assert loaded.layers[0].get_config()["n_steps"] == 5
    X = column_problems.draw_unequal(100, 30, np.random.default_rng(1))
    assert (text_addition.predict(loaded, X) == fingers.encode(X)[1]).all()
    text, _ = fingers.encode(column_problems.draw_random(50, 3, np.random.default_rng(1)))
    assert (keras.ops.convert_to_numpy(loaded(text)) == keras.ops.convert_to_numpy(adder()(text))).all()
    with Image.open(tmp_path / "text_addition.gif") as animation:
        durations = [frame.info["duration"] for frame in ImageSequence.Iterator(animation)]
    assert len(durations) == 4 and durations[3] == pytest.approx(
        4 * durations[2], rel=0.01
    )  # the last frame is shown four times


def test_the_picture_shows_the_fingers_and_the_shares():
    text, steps = text_addition.watch(adder(), "99", "3")
    assert "".join(character for _, _, character in text_addition.watch(adder(), "3", "4")[1]) == "7 "
    assert text == "  99+3=" and [character for _, _, character in steps] == ["2", "0", "1", " "]
    exact = {"random": np.array([1, 1]), "carrying": np.array([1, 0]), "unequal": np.array([0, 0])}
    results = {n: lengths.Result(exact, [], None) for n in (9, 10)}
    figure = text_addition.picture("title", 6, [results, results], text, steps)
    figure.savefig(file := io.BytesIO(), format="png")
    assert file.getvalue().startswith(b"\x89PNG")
    left, right = figure.axes
    assert [list(line.get_xdata()) for line in left.lines] == [[3, 2, 1, 1], [5, 4, 4, 4]]
    assert [label.get_text() for label in left.get_yticklabels()] == ["2", "0", "1", "end"]
    assert [list(line.get_ydata()) for line in right.lines] == [[100, 100], [50, 50], [0, 0]] * 2


# ---- A sum of one's own


@pytest.mark.parametrize(("a", "b"), [("0", "0"), ("9", "1"), ("5", "12345"), ("9" * 300, "1")])
def test_a_sum_is_answered_from_the_argument_and_from_standard_input(tmp_path, capsys, monkeypatch, known, a, b):
    for given in (f"{a}+{b}", "-"):
        monkeypatch.setattr(sys, "stdin", io.StringIO(f" {a}+\n{b}\n"))
        assert run(*TINY, given, outputs=tmp_path) == 0
        shown = f"{a}+{b}={int(a) + int(b)}\nPython's integers say the same.\n"
        assert capsys.readouterr().out == shown
        monkeypatch.setattr(text_addition, "train", None)  # the model is saved by now
    assert sorted(os.listdir(tmp_path)) == ["text_addition.keras", "text_addition.txt"]


def test_leading_zeros_are_left_out(tmp_path, capsys, known):
    assert run(*TINY, "00958+000", outputs=tmp_path) == 0
    assert capsys.readouterr().out == "958+0=958\nPython's integers say the same.\n"


def test_a_wrong_answer_is_called_wrong(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(text_addition, "train", lambda *_: adder(carry=False))
    assert run(*TINY, "958+67", outputs=tmp_path) == 1
    assert capsys.readouterr().out == "958+67=915\nWrong: Python's integers say 1025\n"
    assert run(*TINY, "951+27", outputs=tmp_path) == 0


def test_without_a_saved_model_it_is_trained_first(tmp_path, capsys, eager):
    status = run(*TINY, "2+3", outputs=tmp_path)
    stdout = capsys.readouterr().out
    answer = re.search(r"(?m)^2\+3=(.*)$", stdout)[1]
    assert "Epoch 2/2" in stdout and status == (answer != "5")
    assert sorted(os.listdir(tmp_path)) == ["text_addition.keras", "text_addition.txt"]


@pytest.mark.parametrize("text", ["12+", "a+1", "1+2+3", "", "1-2", "+1", "12", "1.5+2", "-3+4"])
@pytest.mark.parametrize("stdin", [False, True])
def test_a_bad_sum_is_one_line(tmp_path, capsys, monkeypatch, text, stdin):
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    with pytest.raises(SystemExit) as error:
        run("-" if stdin else text, outputs=tmp_path)
    shown = capsys.readouterr()
    assert (error.value.code, shown.out) == (2, "")
    message = f"argument 958+67: {text!r} is not a problem such as 958+67"
    if text == "-3+4" and not stdin:
        message = "unrecognized arguments: -3+4"
    assert re.fullmatch(rf".*: error: {re.escape(message)}\n", shown.err)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--n-digits", "19"], "argument --n-digits: '19' is not a whole number from 1 to 18"),
        (["--tested", "9", "x"], "argument --tested: 'x' is not a whole number from 1 to 100000000"),
        (["--n-seeds", "0"], "argument --n-seeds: '0' is not a whole number from 1 to 1000"),
        (["--n-examples", "1000000000"], "argument --n-examples, .*: that takes .* GiB; allowed are 8"),
        (["1+2", "3"], "unrecognized arguments: 3"),
    ],
)
@pytest.mark.parametrize("script", [text_addition, text_addition_compare])
def test_a_bad_value_is_one_line(tmp_path, capsys, script, arguments, message):
    if script is text_addition_compare and arguments[0] == "1+2":
        message = "unrecognized arguments: 1[+]2 3"
    with pytest.raises(SystemExit) as error:
        script.main([*arguments, "--outputs", str(tmp_path)])
    shown = capsys.readouterr()
    assert (error.value.code, shown.out) == (2, "")
    assert re.fullmatch(rf".*: error: {message}\n", shown.err)
    assert os.listdir(tmp_path) == []


# ---- Training


ARGS = argparse.Namespace(n_batch=64, n_epoch=1, n_digits=3, learning_rate=0.01)


@pytest.mark.parametrize(
    "train",
    [
        lambda: text_addition.train(1, ARGS, 1),
        lambda: text_addition_compare.train("two fingers", 1, 0.01, ARGS, 1),
    ],
)
def test_what_comes_after_the_first_space_has_no_weight(monkeypatch, eager, train):
    fitted = []
    monkeypatch.setattr(keras.Model, "fit", lambda self, *args, **kwargs: fitted.append((*args, kwargs)))
    train()
    [(text, answers, kwargs)] = fitted
    assert (text == fingers.encode(fingers.draw(64, 3, np.random.default_rng(1)))[0]).all()
    for answer, weights in zip(answers, kwargs["sample_weight"], strict=True):
        n_digits = len(written(answer)[0].rstrip())
        assert weights.tolist() == [1.0] * (n_digits + 1) + [0.0] * (4 - n_digits)


def test_training_refuses_longer_numbers(monkeypatch):
    draw = fingers.draw
    monkeypatch.setattr(fingers, "draw", lambda n, n_digits, rng: draw(n, n_digits + 1, rng))
    with pytest.raises(ValueError, match="a number of more than 3 digits was drawn"):
        text_addition.train(1, ARGS, 1)


def test_an_interrupted_run_keeps_the_finished_seeds(tmp_path, capsys, eager, interrupt):
    interrupt(2)
    assert run(*TINY, "--n-seeds", "3", "--tested", "1001", outputs=tmp_path) == 130
    stdout = without_progress(capsys.readouterr().out)
    assert "\nInterrupted: the finished runs are reported.\n" in stdout
    text = (tmp_path / "text_addition.txt").read_text(encoding="utf-8")
    assert stdout.endswith(text)
    summary = "two fingers: all exact with 0 of 1 seeds\ntwo fingers: interrupted, 3 seeds were asked for\n"
    assert summary in text and "seed 2" not in text
    assert sorted(os.listdir(tmp_path)) == FILES


def test_with_no_training_finished_nothing_is_saved(tmp_path, capsys, eager, interrupt):
    interrupt(1)
    assert run(*TINY, "--n-seeds", "3", "--tested", "1001", outputs=tmp_path) == 130
    assert "\nInterrupted: " in capsys.readouterr().out
    assert os.listdir(tmp_path) == []


def test_a_sum_whose_training_is_interrupted_has_no_answer(tmp_path, eager, interrupt):
    interrupt(1)
    with pytest.raises(KeyboardInterrupt):
        run(*TINY, "1+2", outputs=tmp_path)
    assert os.listdir(tmp_path) == []


# ---- The comparison


def compare(*arguments, outputs):
    tiny = ("--n-examples", "32", "--n-batch", "32", "--n-epoch", "1", "--n-digits", "2", "--n-seeds", "1")
    return text_addition_compare.main([*tiny, *arguments, "--outputs", str(outputs)])


def test_a_tiny_comparison_prints_and_saves_what_a_full_one_does(tmp_path, capsys, monkeypatch, eager):
    encode = functools.cache(lambda shape, digits, f=fingers.encode: f(np.frombuffer(digits, np.int8).reshape(shape)))
    monkeypatch.setattr(fingers, "encode", lambda X: encode(X.shape, X.tobytes()))  # all networks get the same sums
    monkeypatch.setattr(text_addition_compare, "KINDS", ("carrying",))
    names = ("two fingers", "spread fingers", "attention", "article's layers")
    monkeypatch.setattr(text_addition_compare, "LEARNING_RATES", dict.fromkeys(names, 0.01))
    assert compare("--tested", "3", outputs=tmp_path) == 0
    stdout = without_progress(capsys.readouterr().out)
    text = (tmp_path / "text_addition_compare.txt").read_text(encoding="utf-8")
    assert stdout.endswith(text)
    settings, header, *lines = text.splitlines()
    assert settings == "n_examples=32, n_batch=32, n_epoch=1, seed=1, search=False, n_digits=2"
    assert header.split() == ["Exact,", "in", "%,", "of", "digits", "3"]
    rows = [re.fullmatch(r" *(.*?) +(\d+\.\d\d)", line).groups() for line in lines[:4]]
    assert [name for name, _ in rows] == list(names) and all(0 <= float(share) < 20 for _, share in rows)
    for line, name in zip(lines[4:], names, strict=True):
        assert re.match(rf"{name}, seed 1, \d+\.\d s of training: wrong of 3 digits: \d+ carrying, ", line)
    assert sorted(os.listdir(tmp_path)) == ["text_addition_compare.png", "text_addition_compare.txt"]


SOME = [("958", "67"), ("7", "40"), ("99", "1"), ("1234", "8766")]


@pytest.mark.parametrize("name", ["two fingers", "spread fingers"])
def test_sharp_fingers_are_exact_spread_or_not(name):
    X = columns.from_text(SOME, 6)
    assert (text_addition_compare.predict(name, adder(), X) == fingers.encode(X)[1]).all()


@pytest.mark.parametrize("name", ["spread fingers", "attention", "article's layers"])
def test_other_networks_answer_longer_sums_with_the_same_weights(name):
    keras.utils.set_random_seed(1)
    n_columns = 4
    model = text_addition_compare.build_model(name, 2 * n_columns + 1, n_columns + 1)
    model.set_weights([3 * weights for weights in model.get_weights()])
    X = columns.from_text(SOME, 6)
    text, answers = text_addition_compare.encode(name, X)
    longer = text_addition_compare.build_model(name, text.shape[1], answers.shape[1])
    longer.set_weights(model.get_weights())
    expected = keras.ops.convert_to_numpy(longer(text_addition_compare.inputs(name, text, 0 * answers))).argmax(axis=2)
    expected = [re.sub(" .*", lambda rest: " " * len(rest[0]), row) for row in written(*expected)]
    assert written(*text_addition_compare.predict(name, model, X)) == expected
    assert len(set(expected)) > 1


def test_attention_reads_right_answers_in_training_only():
    text, answers = fingers.encode(columns.from_text(SOME, 6))
    one_hot = np.eye(13)
    for training_now in (True, False):
        read, answer = text_addition_compare.inputs("attention", text, answers, training=training_now)
        assert (read == one_hot[text]).all() and (answer == one_hot[answers] * training_now).all()
    assert (text_addition_compare.inputs("article's layers", text, answers) == one_hot[text]).all()
    assert text_addition_compare.inputs("two fingers", text, answers) is text


def test_each_name_is_trained_on_its_own_kind_of_sums(monkeypatch, eager):
    drawn, draw = {}, fingers.draw
    monkeypatch.setattr(fingers, "draw", lambda *args: drawn.setdefault(name, args) and draw(*args))
    monkeypatch.setattr(keras.Model, "fit", lambda *args, **kwargs: None)
    for name in text_addition_compare.LEARNING_RATES:
        text_addition_compare.train(name, 1, 0.01, ARGS, 1)
    assert {name: (n, n_digits) for name, (n, n_digits, *_) in drawn.items()} == dict.fromkeys(drawn, (64, 3))
    kinds = {name: tuple(kind) for name, (_, _, _, *kind) in drawn.items()}
    assert kinds.pop("no columns of nine") == (0, True) and kinds.pop("all lengths at once") == (1, False)
    assert len(kinds) == 4 and set(kinds.values()) == {(1, True)}


@pytest.fixture
def untrained(monkeypatch):
    """Let no network be trained: each adds rightly, but for two that carry nothing."""
    trained = []

    def train(name, seed, learning_rate, args, n_steps):
        trained.append((name, seed, learning_rate))
        if len(trained) == state["interrupted"]:
            raise KeyboardInterrupt
        return adder(carry=name not in ("attention", "article's layers"))

    state = {"interrupted": None, "trained": trained}
    monkeypatch.setattr(text_addition_compare, "train", train)
    monkeypatch.setattr(text_addition_compare, "predict", lambda _, model, X: text_addition.predict(model, X))
    return state


def test_a_search_is_saved_beside_the_result(tmp_path, capsys, monkeypatch, eager, untrained):
    names = ("two fingers", "attention")
    monkeypatch.setattr(text_addition_compare, "LEARNING_RATES", dict.fromkeys(names, 0.008))
    monkeypatch.setattr(training, "RATES", (0.004, 0.016))
    draw = column_problems.draw_unequal
    monkeypatch.setattr(column_problems, "draw_unequal", lambda n, n_digits, rng: draw(n // 50, n_digits, rng))
    assert compare("--search", "--seed", "101", outputs=tmp_path) == 0
    text = (tmp_path / "text_addition_compare_search.txt").read_text(encoding="utf-8")
    assert capsys.readouterr().out.endswith(text)
    arms = [(name, rate) for name in names for rate in (0.004, 0.016)]
    assert untrained["trained"] == [(name, 101, rate) for name, rate in arms]
    rows = re.findall(r"(?m)^ *(.*), learning rate (\S+): (\d+\.\d\d) ", text)
    assert [(name, float(rate)) for name, rate, _ in rows] == arms
    for name, _, share in rows:
        assert share == "100.00" if name == "two fingers" else float(share) < 50
    assert os.listdir(tmp_path) == ["text_addition_compare_search.txt"]


def test_ctrl_c_keeps_the_networks_that_are_finished(tmp_path, capsys, eager, untrained):
    untrained["interrupted"] = 3
    assert compare("--tested", "1001", outputs=tmp_path) == 130
    text = (tmp_path / "text_addition_compare.txt").read_text(encoding="utf-8")
    assert capsys.readouterr().out.endswith(text)
    assert re.findall(r"(?m)^ *(.*?) +(\d+\.\d\d)$", text) == [("two fingers", "100.00"), ("spread fingers", "100.00")]
    assert text.endswith("\ninterrupted after 2 runs\n") and "no columns of nine" not in text
    assert sorted(os.listdir(tmp_path)) == ["text_addition_compare.png", "text_addition_compare.txt"]


def test_ctrl_c_in_the_first_training_saves_nothing(tmp_path, capsys, eager, untrained):
    untrained["interrupted"] = 1
    assert compare("--tested", "1001", outputs=tmp_path) == 130
    assert "\nInterrupted: " in capsys.readouterr().out
    assert os.listdir(tmp_path) == []


def test_the_comparisons_picture_has_a_field_for_each_network():
    exact = {"random": np.array([1, 0, 0, 0])}
    seeds = [(None, {n: lengths.Result(exact, [], None) for n in (9, 10)}, "")] * 2
    figure = text_addition_compare.picture("title", 6, {name: seeds for name in text_addition_compare.LEARNING_RATES})
    assert [axes.get_title() for axes in figure.axes] == list(text_addition_compare.LEARNING_RATES)
    assert all([list(line.get_ydata()) for line in axes.lines] == [[25, 25]] * 2 for axes in figure.axes)
