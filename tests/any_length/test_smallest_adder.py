"""smallest_adder: the proof and what it refuses, the loop and the network, AdderBoard's test."""

import re

from extensions.any_length import problems, smallest_adder

import keras
import numpy as np
import pytest
from hand_made import ADDERS


def n_right(X, weights):
    """Return how many of the sums X the loop gets right, in every digit."""
    return (smallest_adder.add(X, weights) == smallest_adder.right(X)).all(axis=1).sum()


@pytest.mark.parametrize("weights", ADDERS.values())
def test_what_is_proved_is_exact_and_stays_where_the_proof_says(weights):
    bounds, wrong = smallest_adder.walk(weights)
    proved, bounds, errors = smallest_adder.enclose(weights, bounds)
    assert wrong is None and proved and abs(errors).max() < 0.4
    assert smallest_adder.prove(smallest_adder.Adder(list(weights))).holds
    rng = np.random.default_rng(1)
    carry, a, b = rng.integers(0, (2, 10, 10), (100_000, 3)).T
    state = bounds[carry, 0] + rng.random(100_000) * (bounds[carry, 1] - bounds[carry, 0])
    after, answer = smallest_adder.step(a, b, state, weights)
    digit, keep = problems.add(a, b, carry)
    assert ((bounds[keep, 0] <= after) & (after <= bounds[keep, 1])).all()
    low, high = errors[:, carry, a, b]
    assert ((low < answer - digit) & (answer - digit < high)).all()
    for n_digits, n in ((3, 2000), (1000, 5)):
        assert n_right(smallest_adder.draw(n, n_digits, rng), weights) == n


def test_other_weights_are_refused_with_a_sum_that_is_wrong():
    # With this v the state fades while a carry is handed on, and the answer is wrong only then.
    refused = [smallest_adder.untie(4.144, 1.2, -20.66)]
    refused += [[*ADDERS[7][:i], factor * ADDERS[7][i], *ADDERS[7][i + 1 :]] for i in range(7) for factor in (0, 2)]
    for weights in refused:
        _, (a, b) = smallest_adder.walk(weights)
        assert n_right(smallest_adder.to_columns(int(a), int(b))[None], weights) == 0
        assert len(a) >= 2 or weights is not refused[0]
        proof = smallest_adder.prove(smallest_adder.Adder(list(weights)))
        assert not proof.holds and f"{a}+{b} goes wrong" in proof.sentence


def test_intervals_that_are_too_wide_prove_nothing():
    weights = ADDERS[3]
    assert not smallest_adder.enclose(weights, np.array([[-1, 1], [-1, 1]]))[0]
    assert not smallest_adder.enclose(weights, np.array([[-1, -0.99], [0.99, 1]]))[0]
    bounds, _ = smallest_adder.walk(weights)
    assert not smallest_adder.enclose(weights, bounds[::-1])[0]
    heavy = [*weights[:3], 1e6, -1e6, *weights[5:]]  # float64 may be off by more than the margin
    assert not smallest_adder.enclose(heavy, bounds)[0]
    assert (smallest_adder.outward(np.zeros(2)) == [-1e-9, 1e-9]).all()


@pytest.mark.parametrize("n_parameters", ADDERS)
def test_the_loop_is_the_network(n_parameters):
    model = smallest_adder.build_model(n_parameters, 12)
    assert model.count_params() == n_parameters
    u_a, u_b, v, *others = weights = ADDERS[n_parameters]
    weights_of = {3: (u_a, v, 4 * others[-1]), 7: ([[u_a], [u_b]], [[v]], np.c_[others])}
    model.set_weights([np.array(part) for part in weights_of[n_parameters]])
    X = smallest_adder.draw(300, 10, np.random.default_rng(1))
    answers = keras.ops.convert_to_numpy(model(np.pad(X, ((0, 0), (1, 0), (0, 0))) - 4.5))[:, 1:, 0]
    assert (np.rint(answers + 4.5) == smallest_adder.add(X, weights)).all()


def test_the_picture_does_not_say_that_answers_are_nearer_than_they_are():
    weights = smallest_adder.untie(4.144, 1.997, -20.660)
    _, _, errors = smallest_adder.enclose(weights, smallest_adder.walk(weights)[0])
    [said] = re.findall(r"less than (\S+) from", smallest_adder.picture(smallest_adder.Adder(weights)).get_suptitle())
    assert abs(errors).max() < float(said) < abs(errors).max() + 0.01


def test_adderboards_pairs_are_always_the_same_and_of_no_training():
    assert smallest_adder.test(ADDERS[3]) == [10_000, 16] and len(set(smallest_adder.EDGES)) == 16
    weak = smallest_adder.untie(4.144, 0.9, -20.66)  # how often it is right depends on the pairs
    pairs = np.random.default_rng(2025).integers(0, 10, (10_000, 10, 2))
    n = n_right(np.pad(pairs, ((0, 0), (0, 1), (0, 0))), weak)
    assert smallest_adder.test(weak)[0] == n and 100 < n < 9_900
