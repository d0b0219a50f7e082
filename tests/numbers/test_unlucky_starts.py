"""unlucky_starts: the weights that it multiplies out, and who fails. Its run is tested in test_small_runs.py."""

import re

import mlp_sum
from extensions.numbers import unlucky_starts

import numpy as np
import pytest


def test_the_weights_are_those_of_the_whole_network():
    model = mlp_sum.build_model(3)
    model.set_weights([np.random.default_rng(1).normal(size=weight.shape) for weight in model.get_weights()])
    outputs = np.asarray(model(np.concatenate([np.zeros((1, 3)), np.eye(3)])))[:, 0]  # the first is the bias
    assert unlucky_starts.multiply_out(model) == pytest.approx(outputs[1:] - outputs[0], abs=1e-5)


def test_who_fails_is_counted():
    weights = np.array([0.25, -1.0])
    results = {
        "as drawn": [unlucky_starts.Run(weights, rmse) for rmse in (0.5, 0.0, 2.0)],
        "sign turned": [unlucky_starts.Run(-weights, rmse) for rmse in (0.0, 1.0, 3.0)],
    }
    lines = unlucky_starts.table(results, 7)
    assert lines[2] == "seed 8: 0.25, -1.00; 0.0000; 1.0000"
    counts = [re.match(r"(\d) of (\d)", line).groups() for line in lines[4:]]
    assert counts == [("2", "3"), ("1", "2"), ("1", "1"), ("2", "3"), ("2", "3")]
