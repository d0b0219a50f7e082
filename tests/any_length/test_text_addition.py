"""text_addition: a network with known weights, the proof and what it refuses, rounds of training, asking, bad input."""

import argparse
import io
import json
import os
import re
import sys
import time

from extensions.any_length import automaton, text_addition
from extensions.any_length.text_addition import ALPHABET, BLANK, EQUALS, PLUS

import keras
import numpy as np
import pytest
from PIL import Image

TINY = ["--n-examples", "64", "--n-batch", "32", "--n-epoch", "2", "--n-digits", "2"]


def network(swapped=0.0):
    """Build a network with weights that are known to add; only the tests set weights.

    The fingers start before "+" and before "=", and move on from digits. The states are a thermometer: the k-th is
    positive if both digits and the carry make k or more. The tenth is the carry; one more says if there are digits.
    swapped: above 0, the first finger starts before "=" if the digit there is the larger one.
    """
    digits = np.arange(10)
    start, start_bias = np.zeros((2, 13, 2)), np.zeros(2)
    start[1, PLUS], start[1, EQUALS] = (10, 10 * (swapped > 0)), (10 * (swapped > 0), 10)
    start[0, :10, 0] = swapped * digits
    move, move_bias = np.zeros((26, 2)), np.full(2, -10)
    pair, pair_bias = np.zeros((26, 64)), np.zeros(64)
    for finger in (0, 1):
        move[13 * finger + digits, finger] = 20
        pair[13 * finger + digits, 0] = digits  # both digits' sum
        pair[13 * finger + digits, 1] = 1  # how many there are
    kernel, keep, bias = np.zeros((64, 32)), np.zeros((32, 32)), np.zeros(32)
    kernel[0, :19], bias[:19] = 40, -40 * (np.arange(1, 20) - 0.75)
    keep[9, :19] = 20
    kernel[1, 19], bias[19] = 40, -20
    write, write_bias = np.zeros((32, 12)), np.zeros(12)
    for total in range(20):
        for state, sign in ((total - 1, 0.5), (total, -0.5)):
            if 0 <= state < 19:
                write[state, total % 10] += sign
            else:
                write_bias[total % 10] += 0.5
    write[[0, 19], BLANK] = -0.75  # neither digits nor a carry
    model = text_addition.build_model(9, 5)
    model.set_weights([start, start_bias, move, move_bias, pair, pair_bias, kernel, keep, bias, write, write_bias])
    return model


@pytest.fixture(scope="module")
def made():
    """Give the known network's Adder and centres."""
    adder, centres, *_ = text_addition.round_off(network(), np.random.default_rng(1))
    return adder, centres


def is_wrong(adder, a, b):
    """Tell by Python's integers whether the answer to two numbers without leading zeros is wrong."""
    assert str(int(a)) == a and str(int(b)) == b
    return text_addition.add(adder, a, b) != str(int(a) + int(b))


# ---- The table and the proof


def test_the_known_network_is_proved_and_adds(made):
    adder, _ = made
    proved, line, wrong = text_addition.prove(adder)
    assert proved and wrong is None
    pattern = (
        r"start: 142 pairs of neighbours; moves: 121; \d+ states, \d+ cases: every one right. Exact at every length."
    )
    assert re.fullmatch(pattern, line)
    for problems in list(text_addition.draw_tests(np.random.default_rng(1)).values())[::3]:
        assert not any(is_wrong(adder, a, b) for a, b in problems[:2000])
    assert not any(is_wrong(adder, str(a), str(b)) for a in range(60) for b in range(60))


def test_fingers_may_change_places():
    adder, *_ = text_addition.round_off(network(swapped=0.1), np.random.default_rng(1))
    _, order = text_addition.check_start(adder.start)
    assert (np.array(order) == [[b > a for b in range(10)] for a in range(10)]).all()
    proved, line, _ = text_addition.prove(adder)
    assert proved and "moves: 242;" in line
    assert not any(is_wrong(adder, str(a), str(b)) for a in range(60) for b in range(60))
    text = text_addition.to_indices("  958+69=")
    assert text_addition.read(adder, text, 2)[0] == [(7, 4), (6, 3)]


def test_fingers_walk_to_the_left_and_stop(made):
    places, symbols = text_addition.read(made[0], text_addition.to_indices(" 958+67="), 6)
    assert places == [(3, 6), (2, 5), (1, 4), (0, 4), (0, 4), (0, 4)]
    read = ["".join(ALPHABET[i] for i in divmod(symbol, 13)) for symbol in symbols]
    assert read == ["87", "56", "9+", " +", " +", " +"]


@pytest.mark.parametrize("finger", [0, 1])
@pytest.mark.parametrize("text", ["37", "03", "+4", " 5", "="])
def test_a_start_that_is_drawn_elsewhere_is_refused(made, finger, text):
    start = np.array(made[0].start)
    start[finger][tuple([*text_addition.to_indices(text), text_addition.EDGE][:2])] = 181
    adder = made[0]._replace(start=start.tolist())
    proved, line, wrong = text_addition.prove(adder)
    assert not proved and line == f"not proved: start; {'+'.join(wrong)} goes wrong" and is_wrong(adder, *wrong)


def test_a_start_that_is_only_as_good_as_another_is_refused(made):
    start = np.array(made[0].start)
    start[1][3, 7] = start[1][5, EQUALS]
    assert not text_addition.prove(made[0]._replace(start=start.tolist()))[0]


def test_changed_moves_are_refused_or_make_no_difference(made):
    for a, b in [(0, 7), (5, 0), (2, PLUS), (BLANK, 3), (BLANK, PLUS)]:
        for finger in (0, 1):
            moves = [list(row) for row in made[0].moves]
            moves[finger][13 * a + b] ^= 1
            adder = made[0]._replace(moves=moves)
            proved, _, wrong = text_addition.prove(adder)
            assert proved == (finger == 0 and a == BLANK)
            assert proved or is_wrong(adder, *wrong)


def test_changed_tables_are_refused_if_they_go_wrong(made):
    rng, refused = np.random.default_rng(1), 0
    for _ in range(50):
        table = json.loads(json.dumps(made[0].table))
        part, n = (0, len(table[0])) if rng.random() < 0.5 else (1, 12)
        state, a, b = rng.integers(len(table[0])), rng.integers(10), rng.integers(10)
        table[part][state][13 * a + b] = (table[part][state][13 * a + b] + int(rng.integers(1, n))) % n
        adder = made[0]._replace(table=automaton.Table(*table))
        proved, line, wrong = text_addition.prove(adder)
        refused += not proved
        if proved:
            assert not any(is_wrong(adder, str(x), str(y)) for x in range(40) for y in range(40))
        else:
            assert line.startswith("not proved: states; ") and is_wrong(adder, *wrong)
    assert refused > 20


def test_the_table_is_the_network_rounded():
    model = network()
    pairs = text_addition.draw(300, 3, np.random.default_rng(1))
    text, answers = text_addition.encode(pairs, 3)
    step, adder, _ = text_addition.take_apart(model)
    scores = keras.ops.convert_to_numpy(model.layers[0].start(keras.ops.one_hot(text, 13)))
    behind = np.pad(text[:, 1:], ((0, 0), (0, 1)), constant_values=text_addition.EDGE)
    ranks = np.moveaxis(np.array(adder.start)[:, text, behind], 0, 2)
    assert (ranks.argmax(axis=1) == scores.argmax(axis=1)).all()
    symbols = text_addition.to_symbols(adder, [*pairs, (100, 100)])[:-1]
    _, written = automaton.collect(step, np.zeros(32), symbols)
    assert (written == answers).all()
    assert (keras.ops.convert_to_numpy(model(text)).argmax(axis=2) == answers).all()


# ---- The training


@pytest.mark.parametrize("n_digits", [1, 6, 17])
@pytest.mark.parametrize("grow", [False, True])
def test_what_is_trained_on_is_never_longer_and_grows(n_digits, grow):
    pairs = np.array(text_addition.draw(8000, n_digits, np.random.default_rng(1), grow=grow))
    longest = np.array([len(str(number)) for number in pairs.max(axis=1)])
    assert longest.max() == n_digits and pairs.min() == 0
    for start in range(0, 8000, 400):
        allowed = min(n_digits, 1 + 2 * (n_digits - 1) * (start + 399) // 8000) if grow else n_digits
        assert longest[start : start + 400].max() == allowed
    assert (longest[4000:] == n_digits).mean() > 0.3


def test_the_counterexamples_go_into_the_next_round(monkeypatch, eager):
    trained, tables = [], iter([False, False, True])
    encode, prove = text_addition.encode, text_addition.prove
    monkeypatch.setattr(text_addition, "encode", lambda *args: trained.append(args) or encode(*args))
    monkeypatch.setattr(automaton.fewest, "__defaults__", ((2, 4),))
    monkeypatch.setattr(keras.Model, "fit", lambda *args, **kwargs: None)
    monkeypatch.setattr(text_addition, "prove", lambda adder: (next(tables), "", prove(adder)[2]))
    args = argparse.Namespace(n_examples=64, n_batch=32, n_epoch=2, learning_rate=0.01, n_digits=2, seed=1)
    *_, proved, line = text_addition.train(args)
    assert proved and line.startswith("rounds of training: 3; ")
    first, second, third = (pairs for pairs, _ in trained)
    assert (len(first), len(second), len(third)) == (128, 64, 64)
    again = set(second[::4])
    assert 1 <= len(again) <= 2 and again <= set(third[::4])


# ---- The script


@pytest.fixture
def trained(made, monkeypatch):
    """Let training give the known network at once. Returns the list of the seeds that are trained."""
    seeds = []

    def train(args):
        seeds.append(args.seed)
        return network(), *made, *text_addition.prove(made[0])[:2]

    monkeypatch.setattr(text_addition, "train", train)
    return seeds


def test_a_run_writes_what_it_proved(trained, tmp_path, capsys, monkeypatch):
    draw = text_addition.draw_tests
    monkeypatch.setattr(text_addition, "draw_tests", lambda rng: {k: v[:20] for k, v in draw(rng).items()})
    assert text_addition.main(["--n-seeds", "2", "--outputs", str(tmp_path)]) == 0
    assert trained == [1, 2]
    text = (tmp_path / "text_addition.txt").read_text(encoding="utf-8")
    assert text.count("Exact at every length.\n    random, 10 digits: 20 of 20; without rounding 20\n") == 2
    assert text.endswith("    hard, 1,000 digits: 12 of 12; without rounding 12\nproved: 2 of 2 seeds\n")
    assert "    random, 1,000,000 digits: 1 of 1\n" in text and text in capsys.readouterr().out
    assert sorted(os.listdir(tmp_path)) == [f"text_addition.{ending}" for ending in ("gif", "json", "png", "txt")]
    with Image.open(tmp_path / "text_addition.gif") as image:
        assert image.size == (900, 300) and image.n_frames == 11
    data = automaton.read(tmp_path / "text_addition.json")
    assert text_addition.load(data) == text_addition.find(tmp_path / "text_addition.json", data["settings"])
    assert text_addition.prove_saved(data)[0]


def test_a_failed_run_has_status_1_and_writes_no_table(tmp_path, capsys, monkeypatch, eager):
    monkeypatch.setattr(automaton.fewest, "__defaults__", ((2,),))
    monkeypatch.setattr(keras.Model, "fit", lambda *args, **kwargs: None)
    assert text_addition.main([*TINY, "--outputs", str(tmp_path)]) == 1
    text = (tmp_path / "text_addition.txt").read_text(encoding="utf-8")
    assert re.search(r"rounds of training: 5; not proved: .*states; \d+\+\d+ goes wrong\n", text)
    assert text.endswith("proved: 0 of 1 seeds\n") and os.listdir(tmp_path) == ["text_addition.txt"]


def test_asking_trains_once_and_leaves_the_files_of_runs_alone(made, trained, tmp_path, capsys):
    run, own = tmp_path / "text_addition.json", tmp_path / "text_addition_asked.json"
    run.write_text("damaged", encoding="utf-8")
    for question in ("43904+506095", " 043904 + 0506095\n"):
        assert text_addition.main([question, "--outputs", str(tmp_path)]) == 0
        assert capsys.readouterr().out.endswith("43904+506095=549999\nDecimal arithmetic says the same.\n")
    assert trained == [1] and own.exists() and run.read_text(encoding="utf-8") == "damaged"
    assert text_addition.main(["1+1", "--seed", "2", "--outputs", str(tmp_path)]) == 0  # other settings
    assert trained == [1, 2]
    text_addition.save(run, made[0], json.loads(own.read_text(encoding="utf-8"))["settings"])
    own.unlink()
    assert text_addition.main(["1+1", "--seed", "2", "--outputs", str(tmp_path)]) == 0
    assert trained == [1, 2] and not own.exists()


def test_a_file_whose_table_is_not_proved_does_not_answer(made, trained, tmp_path, capsys):
    assert text_addition.main(["1+1", "--outputs", str(tmp_path)]) == 0
    path = tmp_path / "text_addition_asked.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    for name, value in (("output", [[0] * 169]), ("moves", [[0] * 169] * 2), ("start", "no"), ("kind", None)):
        path.write_text(json.dumps({**data, name: value}), encoding="utf-8")
        assert text_addition.find(path, data["settings"]) is None
    path.write_text(json.dumps(data), encoding="utf-8")
    assert text_addition.find(path, data["settings"]) and not text_addition.find(path, "other settings")


def test_a_million_digits_from_standard_input(trained, tmp_path, capsys, monkeypatch):
    rng = np.random.default_rng(1)
    a, b = (bytes(rng.integers(49, 58, 1_000_000, dtype=np.uint8)).decode() for _ in range(2))
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{a} + {b}\n"))
    start = time.process_time()
    assert text_addition.main(["-", "--outputs", str(tmp_path)]) == 0
    assert time.process_time() - start < 10
    question, answer = capsys.readouterr().out.splitlines()[0].split("=")
    assert question == f"{a}+{b}"
    blocks, carry = [], 0
    for end in range(1_000_000, 0, -1000):  # exact in another way
        carry, block = divmod(int(a[end - 1000 : end]) + int(b[end - 1000 : end]) + carry, 10**1000)
        blocks.append(str(block).zfill(1000))
    assert answer == str(carry) * carry + "".join(blocks[::-1])


@pytest.mark.parametrize("arguments", [["+1"], ["1+2=3"], ["--n-digits", "18"], ["--n-seeds", "0"]])
def test_bad_input_is_one_line(tmp_path, capsys, arguments):
    with pytest.raises(SystemExit, match="2"):
        text_addition.main([*arguments, "--outputs", str(tmp_path)])
    shown = capsys.readouterr()
    assert shown.out == "" and re.fullmatch(r".*: error: argument .*: '.*' is not a .*\n", shown.err)
    assert os.listdir(tmp_path) == []


def test_other_operations_are_refused(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        text_addition.main(["958*67", "--outputs", str(tmp_path)])
    assert capsys.readouterr().err.endswith(": error: argument 958+67: this network has learned sums, not *\n")


def test_ctrl_c_keeps_the_finished_seeds(trained, tmp_path, capsys, monkeypatch):
    train = text_addition.train

    def interrupted(args):
        if trained:
            raise KeyboardInterrupt
        return train(args)

    monkeypatch.setattr(text_addition, "train", interrupted)
    monkeypatch.setattr(text_addition, "draw_tests", lambda rng: {"few": [("1", "1"), ("12", "9")]})
    assert text_addition.main(["--n-seeds", "3", "--outputs", str(tmp_path)]) == 130
    text = (tmp_path / "text_addition.txt").read_text(encoding="utf-8")
    assert text.endswith("few: 2 of 2; without rounding 2\ninterrupted: what stands above is finished\n")
