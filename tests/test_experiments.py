"""How experiments are run: what a variant is never given, Ctrl-C, the search, statistics and pictures."""

import argparse
import io
import itertools
import math
import random

import common
from extensions import experiments
from extensions.text import data

import keras
import numpy as np
import pytest

PAIRS = [(1, 1), (1, 2), (2, 1), (2, 2), (3, 3), (1, 3), (3, 1)]
SPLIT = experiments.Split(PAIRS[:1] + PAIRS[3:5], [(1, 3), (3, 1)], [(1, 2), (2, 1)], data.form)


@pytest.fixture
def args(tmp_path):
    settings = {"n_examples": 4, "n_batch": 2, "n_epoch": 3, "seed": 5, "n_seeds": 2, "search": False}
    return argparse.Namespace(**settings, outputs=tmp_path)


@pytest.fixture(autouse=True)
def fast(monkeypatch, eager):
    """Unroll nothing, which takes long."""
    monkeypatch.setattr(common, "unroll", lambda n_steps: False)


def build(n_in, n_out):
    """Return a small network that may see all characters."""
    flat = [keras.layers.Flatten(), keras.layers.Dense(n_out * 12), keras.layers.Reshape((n_out, 12))]
    return keras.Sequential([keras.Input((n_in, 12)), *flat, keras.layers.Softmax()])


def encode(pairs, training):
    return *data.encode_sums(pairs, 3), None


VARIANT = experiments.Variant(build, encode, 0.01)


def split(name, seed):
    return SPLIT, random.Random(seed)


# ---- What a variant is never given


@pytest.mark.parametrize("leak", SPLIT.validation + SPLIT.test)
def test_a_variant_that_trains_on_what_is_held_out_is_refused_before_the_training(args, leak):
    """Also where the split itself leaks: in one order of the terms the pair is to be trained."""
    untrained = VARIANT._replace(build=None, encode=None)
    draw = untrained._replace(draw=lambda training, is_held_out, rng, n: [(1, 1)] * (n - 1) + [leak])
    leaking = SPLIT._replace(training=[leak], validation=[pair for pair in SPLIT.validation if pair != leak])
    for variant, parts in ((draw, SPLIT), (untrained, leaking._replace(test=[(2, 1), (1, 2)]))):
        with pytest.raises(ValueError, match="is held out"):
            experiments.train(variant, parts, random.Random(1), 1, 0.01, args)


def recording(seen):
    """Return a variant that notes what it draws from, and what it encodes."""

    def draw(training, is_held_out, rng, n):
        assert all(map(is_held_out, SPLIT.validation + SPLIT.test)) and not any(map(is_held_out, SPLIT.training))
        seen.append(("draw", training))
        return rng.choices(training, k=n)

    def encode_and_note(pairs, training):
        seen.append((training, sorted(set(pairs))))
        return encode(pairs, training)

    return VARIANT._replace(draw=draw, encode=encode_and_note)


def test_a_variant_draws_from_training_is_validated_and_sees_the_test_once_at_the_end(args):
    results = experiments.compare({"one": recording(seen := [])}, split, args)
    run = [("draw", SPLIT.training), (True, SPLIT.training), (False, SPLIT.validation), (False, SPLIT.test)]
    assert seen == run * 2
    for run in results.runs["one"]:
        assert run.problems == SPLIT.test and run.expected == ["3", "3"] and len(run.predicted) == 2
        assert len(run.validation_accuracy) == args.n_epoch
        _, y, _ = encode(SPLIT.validation, False)
        predicted = run.model.predict(encode(SPLIT.validation, False)[0], verbose=0)
        exact = (predicted.argmax(axis=2) == y.argmax(axis=2)).all(axis=1).mean()
        assert run.validation_accuracy[-1] == pytest.approx(exact)


def test_a_search_never_sees_the_test(args):
    seen = []
    no_answers = VARIANT._replace(answer=lambda model, problems: seen.append((False, problems)) or ["4", "5"])
    assert experiments.search("name", {"one": recording(seen), "two": no_answers}, split, args) == 0
    assert {str(problems) for _, problems in seen} == {str(SPLIT.training), str(SPLIT.validation)}


def test_a_variant_that_answers_by_itself_is_compared_here():
    variant = VARIANT._replace(answer=lambda model, problems: ["2", "4"])
    assert experiments.answer(variant, None, [("1+1", 2), ("2+3", 5)]) == (["2", "5"], ["2", "4"])


@pytest.mark.parametrize("seed", [1, 2])
def test_a_seed_decides_on_the_weights_and_the_problems(args, seed):
    models = [experiments.train(VARIANT, *split("one", n), n, 0.01, args)[0] for n in (seed, seed, seed + 10)]
    first, again, other = (model.get_weights()[0] for model in models)
    assert (first == again).all() and (first != other).any()


# ---- Training


def test_exact_asks_for_every_character():
    y_true = np.eye(3)[[[0, 1], [0, 1], [2, 2], [2, 2]]]
    y_pred = np.eye(3)[[[0, 1], [1, 1], [2, 0], [1, 0]]] * 0.5 + 0.1
    assert keras.ops.convert_to_numpy(experiments.exact(y_true, y_pred)).tolist() == [1, 0, 0, 0]


def test_the_learning_rate_rises_and_falls_to_zero():
    optimizer = experiments.adam(0.01, 200)
    rates = []
    for n in (0, 5, 10, 105, 200):
        optimizer.iterations.assign(n)
        rates.append(float(optimizer.learning_rate))
    assert rates == pytest.approx([0, 0.005, 0.01, 0.005, 0], abs=1e-8)


def test_the_weight_decay_spares_the_biases():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, bias_initializer="ones")])
    optimizer = experiments.adam(0.1, 10, weight_decay=0.5)
    optimizer.build(model.trainable_variables)
    optimizer.iterations.assign(1)
    kernel, bias = model.get_weights()
    optimizer.apply([keras.ops.zeros((2, 2)), keras.ops.zeros((2,))])
    assert model.get_weights()[0] == pytest.approx(kernel * (1 - 0.1 * 0.5), rel=1e-5)
    assert model.get_weights()[1] == pytest.approx(bias)


# ---- Each variant with each seed


def run_until(n, calls):
    """Return a function for for_each_seed that notes its calls, and is interrupted in the n-th."""

    def run(name, seed):
        calls.append((name, seed))
        if len(calls) == n:
            raise KeyboardInterrupt
        return seed

    return run


@pytest.mark.parametrize(
    ("n", "runs"),
    [(0, {"one": [5, 6], "two": [5, 6]}), (1, {}), (2, {"one": [5]}), (4, {"one": [5, 6], "two": [5]})],
)
def test_ctrl_c_in_a_run_keeps_those_before(args, n, runs):
    results = experiments.for_each_seed(run_until(n, calls := []), ("one", "two"), args)
    assert results == (runs, n > 0)
    assert calls == [("one", 5), ("two", 5), ("one", 6), ("two", 6)][: n or 4]


def test_the_seed_after_the_last_is_the_first(args):
    args.seed = 2**32 - 1
    assert experiments.for_each_seed(run_until(0, []), ["one"], args).runs == {"one": [2**32 - 1, 0]}


@pytest.mark.parametrize("n_trained", [None, 0, 5])
def test_a_search_compares_all_rates_for_all_variants(args, capsys, interrupt, n_trained):
    if n_trained is not None:
        interrupt(n_trained + 1)
    n_all = 2 * len(experiments.RATES)
    one = VARIANT._replace(answer=lambda model, problems: [str(problems[0][1]), "none"])  # so half are right
    variants = {"one": one, "two": one}
    assert experiments.search("name", variants, split, args) == (0 if n_trained is None else 130)
    paths = sorted(path.name for path in args.outputs.iterdir())
    if n_trained == 0:
        assert paths == []
        return
    assert paths == ["name_search.txt"]
    text = (args.outputs / "name_search.txt").read_text(encoding="utf-8")
    assert capsys.readouterr().out.endswith(text)
    rows = [line.strip().partition(":") for line in text.splitlines()[2:] if "rate" in line]
    trials = [f"{name}, learning rate {rate}" for name, rate in itertools.product(variants, experiments.RATES)]
    assert [row[0] for row in rows] == trials[:n_trained]
    assert {row[2] for row in rows[3:]} == {" 50.00 (50.00, 50.00)" if n_trained is None else " 50.00 (50.00)"}
    assert len(rows) == (n_all if n_trained is None else 5)
    assert ("interrupted after 5 runs" in text) == (n_trained == 5)


@pytest.mark.parametrize(
    ("title", "at", "endings"),
    [("title", 0, ["png", "txt"]), (None, 0, ["txt"]), ("title", 4, ["png", "txt"]), ("title", 1, [])],
)
def test_a_comparison_is_printed_and_saved_if_anything_is_finished(args, capsys, interrupt, title, at, endings):
    interrupt(at)
    variants = {"one": VARIANT, "two": VARIANT}
    assert experiments.run_comparison("name", variants, split, args, title) == (130 if at else 0)
    assert sorted(path.name for path in args.outputs.iterdir()) == [f"name.{ending}" for ending in endings]
    printed = capsys.readouterr().out
    assert printed.endswith(f"\ninterrupted after {at - 1} runs\n") == (at > 0)
    if endings:
        text = (args.outputs / "name.txt").read_text(encoding="utf-8")
        assert printed.endswith(text) and text.startswith("n_examples=4, n_batch=2, n_epoch=3, seed=5, n_seeds=2, ")


# ---- Statistics and pictures


@pytest.mark.parametrize(("n_exact", "n"), [(0, 1), (1, 1), (0, 930), (930, 930), (2, 66), (837, 930), (50, 100)])
def test_a_percentage_has_wilsons_interval(n_exact, n):
    z, p = 1.959963984540054, n_exact / n
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = ((middle + sign * half) / (1 + z * z / n) * 100 for sign in (-1, 1))
    shown = experiments.percentage(n_exact, n)
    assert shown == f"{n_exact} of {n}, {100 * p:.2f} % (95 % interval {abs(low):.2f} to {high:.2f})"


def test_a_report_has_the_interval_and_the_baseline():
    expected, predicted = ["12", " 9", "12", "10"], ["12", " 8", "12", "10"]
    lines = experiments.report(expected, predicted).splitlines()
    rmse, _, *rows = common.report(expected, predicted).splitlines()
    exact, baseline = f"Exact: {experiments.percentage(3, 4)}", experiments.majority_baseline(expected)
    assert lines == [rmse, exact, baseline, *rows] and experiments.percentage(2, 4) in baseline


@pytest.mark.parametrize(
    ("goal", "accuracies", "n"), [(0.99, [0.5, 0.99, 0.4, 1], 20), (0.99, [1], 10), (0.99, [0.98, 0.5], None)]
)
def test_updates_until_a_goal(goal, accuracies, n):
    assert experiments.updates_until(goal, accuracies, 10) == n


def test_kinds_are_counted():
    counts = experiments.count_by_kind(["a", "b", "a"], ["1", "2", "3"], ["1", "3", "3"])
    assert counts == {"a": (2, 2), "b": (0, 1)}
    for call in (experiments.count_exact, lambda *answers: experiments.count_by_kind(["a"], *answers)):
        with pytest.raises(ValueError):
            call(["1", "2"], ["1"])


RESULTS = experiments.Results(
    {
        "first": [
            experiments.Run([], ["12", " 9"], ["12", " 9"], [0.2, 0.99, 1.0], None),
            experiments.Run([], ["12", "10"], ["12", "11"], [0.2, 0.3, 0.4], None),
        ],
        "second": [experiments.Run([], ["12", " 9"], ["13", " 8"], [0.0, 0.0, 0.0], None)],
    },
    interrupted=False,
)


def test_a_table_shows_every_variant_and_seed(args):
    assert experiments.table(RESULTS, args)[1:] == [
        f"{'first':>24}: {experiments.percentage(3, 4)}",
        f"{'':26}100.00, 50.00; 4, never",
        f"{'second':>24}: {experiments.percentage(0, 2)}",
        f"{'':26}0.00; never",
        f"Always the commonest answer, 12: {experiments.percentage(3, 6)}",
    ]


def test_a_comparison_is_drawn_with_a_dot_for_each_seed(args):
    figure = experiments.comparison_picture("title", RESULTS, args, {"second": "other label"})
    figure.savefig(io.BytesIO(), format="png")
    assert figure.get_suptitle() == "title: 0 of 2 reach 99 % with every seed"
    left, right = figure.axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["first", "other label"]
    assert [list(line.get_xdata()) for line in left.lines] == [[100, 50], [0]]
    assert [list(line.get_xdata()) for line in right.lines] == [[4], []]
    assert [text.get_text() for text in right.texts] == ["never: 1 of 2", "never: 1 of 1"]
