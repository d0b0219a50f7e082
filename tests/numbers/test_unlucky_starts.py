"""A thousand starts at once: each ends as mlp_sum.py does; who fails is counted."""

import json
import re
from argparse import Namespace

import mlp_sum
from extensions.numbers import unlucky_starts

import numpy as np
import pytest


def test_each_start_ends_as_mlp_sum_does(tmp_path, capsys):
    few = "--n-epoch 8 --learning-rate 0.01".split()
    assert unlucky_starts.main([*few, "--seed", "5", "--n-starts", "2", "--outputs", str(tmp_path)]) == 0
    text = (tmp_path / "unlucky_starts" / "transcript.txt").read_text(encoding="utf-8")
    together = [float(rmse) for rmse in re.findall(r"(?m)^seed \d: .*?; (.*?);", text)]
    alone = []
    for seed in "56":
        assert mlp_sum.main([*few, "--seed", seed, "--outputs", str(tmp_path)]) == 0
        alone.append(json.loads((tmp_path / "mlp_sum" / "scores.json").read_text(encoding="utf-8"))["rmse"])
    assert together == pytest.approx(alone, abs=1e-4) and max(alone) > 0


def test_a_flipped_first_layer_flips_the_weights_of_the_whole_network():
    args = Namespace(**mlp_sum.SETTINGS | {"n_numbers": 3, "n_examples": 2, "n_epoch": 1})
    weights, X, y = unlucky_starts.draw(7, args)
    assert X.shape == (4, 3) and y == pytest.approx(X.sum(axis=1))
    model = mlp_sum.build_model(3)
    model.set_weights(weights)
    outputs = np.asarray(model(np.eye(3)))[:, 0]  # the biases are zeros at the start
    stacked = [array[None] for array in weights]
    assert unlucky_starts.multiply_out(stacked)[0] == pytest.approx(outputs, abs=1e-5)
    assert unlucky_starts.multiply_out([-stacked[0], *stacked[1:]])[0] == pytest.approx(-outputs, abs=1e-5)


def test_who_fails_is_counted():
    starts = np.array([[0.25, -1.0], [-1.0, -0.5], [0.5, 1.0], [1.0, 1.0]])
    rmse, flipped = np.array([0.5, 0.0, 2.0, 0.0]), np.array([0.0, 1.0, 3.0, 0.0])
    lines = unlucky_starts.table(starts, rmse, flipped, 7)
    assert lines[1] == "seed 7: 0.25, -1.00; 0.5000; 0.0000"
    counts = [re.search(r": (\d) of (\d)", line).groups() for line in lines[5:]]
    assert counts == [("2", "4"), ("1", "2"), ("1", "2"), ("0", "1"), ("1", "1"), ("1", "1"), ("0", "1")]
    assert unlucky_starts.table(starts[:1], rmse[:1] * 0, flipped[:1], 7)[-1].endswith("there are none")
    figure = unlucky_starts.picture(starts.mean(axis=1), rmse, flipped)
    assert re.findall(r"(\d) of the (\d)", figure.get_suptitle()) == [("1", "2"), ("1", "2")]
    assert [axes.lines[1].get_ydata().tolist() for axes in figure.axes] == [rmse.tolist(), [0, 3]]
