"""smallest_adder: the proof and what it refuses, the loop and the network, a small run, bad input, Ctrl-C."""

import os

from extensions.any_length import columns, smallest_adder

import keras
import numpy as np
import pytest

ADDERS = {3: smallest_adder.untie(4.144, 1.997, -20.66), 7: (3.4, 3.4, 1.84, 1.045, 1.045, 0.482, -5.236)}
ADD = columns.OPERATIONS["add"]


def is_right(weights, a, b):
    """Let the loop add two numbers, given as text, and tell whether each digit is right."""
    X = np.array([[divmod(symbol, 10) for symbol in columns.symbols(ADD, a, b)]])
    return (smallest_adder.add(X, weights) == columns.work(ADD, X)[0]).all()


# ---- The proof


@pytest.mark.parametrize("weights", ADDERS.values())
def test_what_is_proved_is_exact_and_stays_where_the_proof_says(weights):
    bounds, wrong = smallest_adder.walk(weights)
    proved, bounds, errors = smallest_adder.prove(weights, bounds)
    assert wrong is None and proved and abs(errors).max() < 0.4
    rng = np.random.default_rng(1)
    carry, a, b = rng.integers(0, (2, 10, 10), (100_000, 3)).T
    state = bounds[carry, 0] + rng.random(100_000) * (bounds[carry, 1] - bounds[carry, 0])
    after, answer = smallest_adder.step(a, b, state, weights)
    digit, keep = columns.add(a, b, carry)
    assert ((bounds[keep, 0] <= after) & (after <= bounds[keep, 1])).all()
    low, high = errors[:, carry, a, b]
    assert ((low <= answer - digit) & (answer - digit <= high)).all()
    for n_digits, n in ((3, 2000), (10, 2000), (20_000, 5)):
        X = columns.draw(ADD, n, n_digits, rng)
        assert (smallest_adder.add(X, weights) == columns.work(ADD, X)[0]).all()


@pytest.mark.parametrize("number", range(7))
@pytest.mark.parametrize("factor", [0, 0.5, -1, 2])
def test_other_weights_are_refused_with_a_sum_that_is_wrong(number, factor):
    weights = list(ADDERS[7])
    weights[number] *= factor
    _, (a, b) = smallest_adder.walk(weights)
    assert not is_right(weights, a, b)


def test_a_sum_that_goes_wrong_late_is_found():
    # With this v the state fades while a carry is handed on, and the answer is wrong only then.
    weights = smallest_adder.untie(4.144, 1.2, -20.66)
    _, (a, b) = smallest_adder.walk(weights)
    assert len(a) >= 2 and not is_right(weights, a, b)


def test_intervals_that_are_too_wide_prove_nothing():
    weights = ADDERS[3]
    assert not smallest_adder.prove(weights, np.array([[-1, 1], [-1, 1]]))[0]
    assert not smallest_adder.prove(weights, np.array([[-1, -0.99], [0.99, 1]]))[0]
    bounds, _ = smallest_adder.walk(weights)
    assert not smallest_adder.prove(weights, bounds[::-1])[0]
    heavy = [*weights[:3], 1e6, -1e6, *weights[5:]]  # float64 may be off by more than the margin
    assert not smallest_adder.prove(heavy, bounds)[0]


# ---- The network


@pytest.mark.parametrize("n_parameters", ADDERS)
def test_the_loop_is_the_network(n_parameters):
    model = smallest_adder.build_model(n_parameters, 12)
    assert model.count_params() == n_parameters and model.non_trainable_weights == []
    weights = ADDERS[n_parameters]
    values = (weights[0], weights[2], 4 * weights[6]) if n_parameters == 3 else weights
    shapes = [weight.shape for weight in model.weights]
    parts = np.split(np.array(values), np.cumsum([np.prod(shape) for shape in shapes])[:-1].astype(int))
    model.set_weights([part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)])
    X = columns.draw(ADD, 300, 10, np.random.default_rng(1))
    answers = keras.ops.convert_to_numpy(model(np.pad(X, ((0, 0), (1, 0), (0, 0))) - 4.5))[:, 1:, 0]
    assert (np.rint(answers + 4.5) == smallest_adder.add(X, weights)).all()


def test_the_edge_cases_are_sixteen_and_all_is_exact():
    assert len(set(smallest_adder.EDGES)) == 16
    assert smallest_adder.test(ADDERS[3]) == [10_000, 16]
    n_pairs, n_edges = smallest_adder.test(smallest_adder.untie(4.144, 0, -20.66))
    assert n_pairs < 1000 and n_edges < 10


# ---- The script


def test_a_proved_run_shows_both_adders(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(smallest_adder, "train", lambda n, *_: (4.144, 1.997, -20.66) if n == 3 else ADDERS[7])
    assert smallest_adder.main(["--n-seeds", "2", "--outputs", str(tmp_path)]) == 0
    text = (tmp_path / "smallest_adder.txt").read_text(encoding="utf-8")
    assert capsys.readouterr().out == text
    for n_parameters in (3, 7):
        assert f"{n_parameters} parameters: proved exact at every length with 2 of 2 seeds\n" in text
    assert "   4.144    1.997  -20.660    0.482   -4.986\n" in text
    assert sorted(os.listdir(tmp_path)) == ["smallest_adder.png", "smallest_adder.txt"]


def test_a_failed_run_has_status_1_and_shows_a_sum_that_is_wrong(tmp_path, capsys, eager):
    assert smallest_adder.main(["--n-examples", "128", "--outputs", str(tmp_path)]) == 1
    text = (tmp_path / "smallest_adder.txt").read_text(encoding="utf-8")
    for n_parameters in (3, 7):
        assert f"{n_parameters} parameters: proved exact at every length with 0 of 1 seeds\n" in text
    assert text.count(" goes wrong\n") == 2
    assert os.listdir(tmp_path) == ["smallest_adder.txt"]


def test_ctrl_c_keeps_the_finished_seeds(tmp_path, capsys, interrupt, eager):
    interrupt(2)
    arguments = ["--n-seeds", "3", "--n-examples", "128", "--outputs", str(tmp_path)]
    assert smallest_adder.main(arguments) == 130
    text = (tmp_path / "smallest_adder.txt").read_text(encoding="utf-8")
    assert text.endswith("\ninterrupted: what stands above is finished\n") and text.count(" goes wrong\n") == 1


@pytest.mark.parametrize("arguments", [["--n-seeds", "0"], ["--n-batch", "129"]])
def test_bad_input_is_one_line(tmp_path, capsys, arguments):
    with pytest.raises(SystemExit, match="2"):
        smallest_adder.main([*arguments, "--outputs", str(tmp_path)])
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.count("\n") == 1 and f"argument {arguments[0]}: " in shown.err
    assert os.listdir(tmp_path) == []
