"""How experiments are run: what a variant is never given, Ctrl-C, the search, statistics and pictures."""

import argparse
import os
import random
import re

import common
from extensions import experiments
from extensions.text import data

import keras
import numpy as np
import pytest

SPLIT = experiments.Split([(1, 1), (2, 2), (3, 3)], [(1, 3), (3, 1)], [(1, 2), (2, 1)], data.form)


@pytest.fixture
def args(tmp_path):
    settings = {"n_examples": 4, "n_batch": 2, "n_epoch": 1, "seed": 5, "n_seeds": 2, "search": False}
    return argparse.Namespace(**settings, outputs=tmp_path)


def build(n_in, n_out, n_chars):
    flat = [keras.layers.Flatten(), keras.layers.Dense(n_out * n_chars), keras.layers.Reshape((n_out, n_chars))]
    return keras.Sequential([keras.Input((n_in, n_chars)), *flat, keras.layers.Softmax()])


def encode(pairs):
    return data.encode_sums(pairs, 3)


def transcript(args, name="name"):
    return (args.outputs / name / "transcript.txt").read_text(encoding="utf-8")


VARIANT = experiments.Variant(0.01, encode, build)


# ---- What a variant is never given


@pytest.mark.parametrize("leak", [(1, 3), (2, 1)])
def test_what_is_held_out_is_refused_before_the_training(args, leak):
    """Whether a draw or the split lets it in, in one order of its terms; nor may the validation be the test."""
    draws = VARIANT._replace(draw=lambda training, is_held_out, rng, n: [(1, 1)] * (n - 1) + [leak])
    in_training = SPLIT._replace(training=[leak])
    validation_is_test = SPLIT._replace(validation=[(5, 5), leak], test=[leak, (6, 6)])
    for variant, parts in ((draws, SPLIT), (VARIANT, in_training), (VARIANT, validation_is_test)):
        with pytest.raises(ValueError, match="is held out"):
            experiments.train(variant._replace(encode=None), parts, random.Random(1), 1, 0.01, args)


def recording(seen):
    """Return a variant that notes what it draws from, and what it encodes."""

    def draw(training, is_held_out, rng, n):
        assert [is_held_out(pair) for part in SPLIT[:3] for pair in part] == [False] * 3 + [True] * 4
        seen.append(training)
        return (training * n)[:n]

    def encode_and_note(pairs):
        seen.append(list(dict.fromkeys(pairs)))
        return encode(pairs)

    return VARIANT._replace(draw=draw, encode=encode_and_note)


def test_a_variant_draws_from_training_is_validated_and_sees_the_test_once_at_the_end(args, eager):
    """Problems are split once for each seed and set of problems, of which the third variant has another one."""
    seen, splits, reported = [], [], []

    def split(problems, rng):
        splits.append((problems, rng.random()))
        return SPLIT

    def report(results, folder):
        reported.extend(results["one"])
        (folder / "table.json").write_text("[]")
        return ["a line"], None

    variants = {"one": recording(seen), "two": VARIANT, "three": VARIANT._replace(problems=3)}
    assert experiments.compare("name", variants, split, report, args) == 0
    assert seen == [SPLIT.training, SPLIT.training, SPLIT.validation, SPLIT.test] * 2
    assert splits == [(problems, random.Random(seed).random()) for seed in (5, 6) for problems in (None, 3)]
    assert transcript(args) == f"{common.settings_line(args)}\na line\n"
    assert sorted(os.listdir(args.outputs / "name")) == ["table.json", "transcript.txt"]
    X, y = encode(SPLIT.validation)
    for run in reported:
        assert run.problems == SPLIT.test and run.expected == ["3", "3"]
        assert run.predicted == experiments.read(run.model.predict(encode(SPLIT.test)[0], verbose=0))
        accuracy = (run.model.predict(X, verbose=0).argmax(axis=2) == y.argmax(axis=2)).all(axis=1).mean()
        assert run.validation == [pytest.approx(accuracy)]
        assert run.rng.random() == random.Random(args.seed + reported.index(run)).random()  # the split took none of it
    first, second = (run.model.get_weights()[0] for run in reported)
    assert (first != second).any()  # the seed decides on the weights


def test_a_search_never_sees_the_test_and_reports_the_mean_of_all_rates(args, monkeypatch):
    args.search, args.n_epoch, seen, rates, reached = True, 3, [], [], iter([0.25, 0.5, 0, 0, 0.75, 1, 0, 0])

    def answer(model, problems):
        seen.append(problems)
        return ["3", "2"]  # the first is right

    monkeypatch.setattr(experiments, "RATES", (0.004, 0.016))
    monkeypatch.setattr(experiments, "adam", lambda rate, n_updates, _: rates.append((rate, n_updates)))
    monkeypatch.setattr(experiments, "fit", lambda *_, **__: {"val_exact": [0.99, next(reached)]})
    variants = {"one": recording(seen), "two": recording(seen)._replace(answer=answer)}
    assert experiments.compare("name", variants, lambda name, rng: SPLIT, None, args) == 0
    assert {str(pairs) for pairs in seen} == {str(SPLIT.training), str(SPLIT.validation)}
    assert rates == [(0.004, 6), (0.016, 6)] * 4  # 3 epochs of 2 updates
    assert re.findall(r"(?m)^ *(\w+), learning rate ([\d.]+): (.*)$", transcript(args, "name_search")) == [
        ("one", "0.004", "50.00 (25.00, 75.00)"),
        ("one", "0.016", "75.00 (50.00, 100.00)"),
        ("two", "0.004", "50.00 (50.00, 50.00)"),
        ("two", "0.016", "50.00 (50.00, 50.00)"),
    ]


def test_a_model_that_reads_its_answer_gets_the_right_one_in_training_only(args, monkeypatch):
    reads = []

    class Model:
        def predict(self, X, **others):
            reads.append(X)
            return encode(SPLIT.test)[1]

    def fit(model, X, y, *others, validation_data, sample_weight):
        reads.extend([X, validation_data[0]])
        assert (X[1] == y).all() and (validation_data[1] == encode(SPLIT.validation)[1]).all()
        return {"val_exact": []}

    monkeypatch.setattr(experiments, "fit", fit)
    variant = VARIANT._replace(build=lambda *shape: Model(), reads_answer=True)
    model, _ = experiments.train(variant, SPLIT, random.Random(1), 1, 0.01, args)
    experiments.answer(variant, model, SPLIT.test)
    assert [answer.any() for _, answer in reads] == [True, False, False]
    assert (reads[2][0] == encode(SPLIT.test)[0]).all()


# ---- Training


def test_exact_asks_for_every_character():
    y_true = np.eye(3)[[[0, 1], [0, 1], [2, 2], [2, 2]]]
    y_pred = np.eye(3)[[[0, 1], [1, 1], [2, 0], [1, 0]]] * 0.5 + 0.1
    assert keras.ops.convert_to_numpy(experiments.exact(y_true, y_pred)).tolist() == [1, 0, 0, 0]


def test_the_learning_rate_rises_and_falls_and_biases_do_not_decay():
    optimizer = experiments.adam(0.01, 200, weight_decay=0.5)
    rates = [float(optimizer._learning_rate(n)) for n in (0, 5, 10, 105, 200)]
    assert rates == pytest.approx([0, 0.005, 0.01, 0.005, 0], abs=1e-8)
    optimizer.build([keras.Variable(np.ones(1), name="kernel"), keras.Variable(np.ones(1), name="bias")])
    optimizer.iterations.assign(10)
    optimizer.apply([keras.ops.zeros(1), keras.ops.zeros(1)])
    assert np.ravel(optimizer._trainable_variables) == pytest.approx([1 - 0.01 * 0.5, 1])
    assert optimizer.clipnorm == 1


def test_a_fit_is_that_of_one_batch_after_the_other(args, eager):
    args.n_epoch = 2
    X, y = encode([(1, 1), (3, 2), (2, 2), (1, 3)] * 2)
    one, other = (build(X.shape[1], *y.shape[1:]) for _ in range(2))
    other.set_weights(one.get_weights())
    experiments.fit(one, X, y, args, keras.optimizers.SGD(1.0))
    other.compile(keras.optimizers.SGD(1.0), "categorical_crossentropy")
    for i in range(0, 8, 2):
        other.train_on_batch(X[i : i + 2], y[i : i + 2])
    for weights, others in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(weights, others, rtol=1e-4, atol=1e-6)


# ---- Each name with each seed


@pytest.mark.parametrize(
    ("n", "runs"),
    [(0, {"one": [2**32 - 1, 0], "two": [9]}), (1, {}), (2, {"one": [7]}), (3, {"one": [7], "two": [9]})],
)
def test_ctrl_c_in_a_run_reports_and_saves_those_before(args, n, runs):
    """The seed after the last there is is the first; the second name has a seed of its own, and no other."""
    args.seed, calls = 7 if n else 2**32 - 1, []

    def run(name, seed):
        calls.append((name, seed))
        if len(calls) == n:
            raise KeyboardInterrupt
        return seed

    results, status = experiments.run_each(
        "name", run, ("one", "two"), lambda results, folder: ([str(results)], None), args, {"two": [9]}
    )
    assert (results, status, len(calls)) == (runs, 130 if n else 0, n or 3)
    if runs:
        last = [f"interrupted after {n - 1} runs"] if n else []
        assert transcript(args).splitlines()[1:] == [str(runs), *last]
    else:
        assert os.listdir(args.outputs) == []


# ---- Reports


def test_a_report_has_the_interval_and_the_baseline():
    expected, predicted = ["12", " 9", "12", "10"], ["12", "12", "12", "10"]
    rmse, _, *rows = common.report(expected, predicted).splitlines()
    exact, baseline = f"Exact: {experiments.percentage(3, 4)}", experiments.majority_baseline(expected)
    assert experiments.report(expected, predicted).splitlines() == [rmse, exact, baseline, *rows]


def made_up(predicted, *accuracies):
    return experiments.Run([], ["12", " 9"], predicted, accuracies, None, None)


RUNS = {
    "first": [made_up(["12", " 9"], 0.2, 0.99, 1.0), made_up(["12", " 8"], 0.2, 0.3, 0.4)],
    "second": [made_up(["12", " 9"], 0.0, 0.0, 1.0)],
}


def test_a_table_shows_every_variant_and_seed(args):
    assert experiments.table(RUNS, args)[1:] == [
        f"{'first':>24}: {experiments.percentage(3, 4)}",
        f"{'':26}100.00, 50.00; 4, never",
        f"{'second':>24}: {experiments.percentage(2, 2)}",
        f"{'':26}100.00; 6",
        f"Always the commonest answer, 12: {experiments.percentage(2, 4)}",
    ]


def test_a_comparison_is_drawn_with_a_dot_for_each_seed(args):
    figure = experiments.comparison_picture("title", RUNS, args)
    left, right = figure.axes
    assert "1 of 2" in figure.get_suptitle() and "1 of 2" in right.texts[0].get_text()
    assert [list(line.get_xdata()) for line in (*left.lines, *right.lines)] == [[100, 50], [100], [4], [6]]
