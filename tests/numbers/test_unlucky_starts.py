"""unlucky_starts at a size of seconds: the weights that it multiplies out, and that only the sign differs."""

import re

import mlp_sum
from extensions.numbers import unlucky_starts

import keras
import numpy as np
import pytest

TINY = ("--n-examples", "20", "--n-batch", "10", "--n-epoch", "1", "--n-seeds", "2")


def test_the_weights_are_those_of_the_whole_network():
    model = mlp_sum.build_model(3)
    model.set_weights([np.random.default_rng(1).normal(size=weight.shape) for weight in model.get_weights()])
    outputs = np.asarray(model(np.concatenate([np.zeros((1, 3)), np.eye(3)])))[:, 0]  # the first is the bias
    assert unlucky_starts.multiply_out(model) == pytest.approx(outputs[1:] - outputs[0], abs=1e-5)


def test_only_the_sign_differs(tmp_path, monkeypatch, eager):
    starts, trained = [], keras.Model.fit

    def fit(self, X, y, **options):
        starts.append((unlucky_starts.multiply_out(self), X, y))
        return trained(self, X, y, **options)

    monkeypatch.setattr(keras.Model, "fit", fit)
    assert unlucky_starts.main([*TINY, "--outputs", str(tmp_path)]) == 0
    text = (tmp_path / "unlucky_starts.txt").read_text(encoding="utf-8")
    assert len(starts) == 4
    for seed, (drawn, X, y), (turned, X_turned, y_turned) in zip((1, 2), starts[::2], starts[1::2], strict=True):
        assert (drawn == -turned).all() and drawn.any()
        assert (X == X_turned).all() and (y == y_turned).all()
        assert f"seed {seed}: {drawn[0]:.2f}, {drawn[1]:.2f}; " in text


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


def test_as_drawn_is_mlp_sum_itself(tmp_path, eager):
    arguments = (*TINY[:6], "--seed", "3", "--outputs", str(tmp_path))
    assert mlp_sum.main(arguments) == 0 and unlucky_starts.main([*arguments, "--n-seeds", "1"]) == 0
    rmse = re.search(r"RMSE: ([\d.]+)", (tmp_path / "mlp_sum.txt").read_text(encoding="utf-8"))[1]
    row = re.search(r"seed 3: .*?; ([\d.]+);", (tmp_path / "unlucky_starts.txt").read_text(encoding="utf-8"))[1]
    assert float(row) == pytest.approx(float(rmse), abs=1e-4)
