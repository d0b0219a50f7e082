"""Every extension in seconds: what a run prints it saves, each name is in it, its training is what it says."""

import collections
import importlib
import random
import re

import common
import lstm_sum_naive
from extensions import experiments
from extensions.numbers import exact_lstm, squares
from extensions.text import data, framings, variable_terms

import keras
import numpy as np
import pytest
from test_every_script import ONCE, SMALL
from test_three_scripts import transcript

FEW_FRAMINGS = ("as the article pads", "padding weight 0", "padding masked", "answer as long as input")
FEW_LSTMS = ("as in the article", "within 0.1 and 0.9", "ReLU cell", "4 times the updates", "gradients clipped")
FEW_LSTMS += ("averaged weights", exact_lstm.BEST, exact_lstm.FRESH)
FEW_MODELS = [name for name, (*_, model) in squares.VARIANTS.items() if model in ("Dense(1)", squares.LINE)]
NUMBERS = "exact_lstm", "squares"  # the room of each; the others are in text
NO_MORE = "feedback_decoder", "framings", "layer_sizes", "scratchpad", "scratchpad_brackets", "small_sums"


def few(variants, names):
    return {name: variants[name] for name in names}


def run(name, outputs, *more):
    script = f"extensions.{'numbers' if name in NUMBERS else 'text'}.{name.removesuffix('_brackets')}"
    brackets = ["--brackets", "--largest=2"] if name.endswith("_brackets") else []
    arguments = [*ONCE.split(), "--n-seeds=1", *SMALL.get(script, "").split(), *brackets, *more]
    return importlib.import_module(script).main([*arguments, "--outputs", str(outputs)])


@pytest.fixture(autouse=True)
def fast(monkeypatch, eager):
    """Hold out little, and compare few variants."""
    split = data.split
    monkeypatch.setattr(data, "split", lambda problems, n, rng: split(problems, min(n, 100), rng))
    monkeypatch.setattr(framings, "FRAMINGS", few(framings.FRAMINGS, FEW_FRAMINGS))
    monkeypatch.setattr(squares, "VARIANTS", few(squares.VARIANTS, FEW_MODELS))
    monkeypatch.setattr(exact_lstm, "VARIANTS", few(exact_lstm.VARIANTS, FEW_LSTMS))


@pytest.fixture
def small_run(tmp_path, capsys, monkeypatch):
    """Give a function that runs a script, checks what every run must do, and returns the results and the transcript."""
    run_each = experiments.run_each

    def run_and_check(name):
        names, found = [], {}

        def run_and_report_twice(script, run, all_names, report, *others):
            def report_twice(results, folder):
                name = next(iter(results))
                assert report({name: results[name]}, folder)  # as after Ctrl-C in the second run
                return report(results, folder)

            results, status = run_each(script, run, all_names, report_twice, *others)
            names.extend(map(str, all_names))
            found.update(results)
            return results, status

        monkeypatch.setattr(experiments, "run_each", run_and_report_twice)
        assert run(name, tmp_path) == 0
        printed, text = capsys.readouterr().out, transcript(name, tmp_path)
        assert printed.endswith(text) and text.startswith("n_examples=20, ")
        assert re.findall(r"(?m)^(.*), seed \d+$", printed[: -len(text)]) == names
        picture = set() if name in ("feedback_decoder", "small_sums") else {"picture.png"}
        assert {path.name for path in (tmp_path / name).iterdir()} == {"transcript.txt"} | picture
        return found, text

    return run_and_check


@pytest.mark.parametrize("name", NO_MORE)
def test_what_is_printed_is_saved_and_each_name_is_in_it(small_run, name):
    small_run(name)


def test_the_learning_rates_are_those_that_a_search_chose(tmp_path, monkeypatch):
    """On validation problems of the seed 101, of 0.004, 0.008 and 0.016; another rate is another experiment."""
    rates = {}

    def compare(script, variants, *others):
        rates[script] = [variant.learning_rate for variant in variants.values()]

    monkeypatch.setattr(experiments, "compare", compare)
    for name in ("feedback_decoder", "integer_encoding", "scratchpad", "variable_terms", "layer_sizes"):
        run(name, tmp_path, *(["--units", *"25 50 100 200 400".split()] if name == "layer_sizes" else []))
    monkeypatch.undo()
    rates["framings"] = [framing.learning_rate for framing in framings.FRAMINGS.values()]
    assert rates == {
        "feedback_decoder": [0.016] * 3,
        "integer_encoding": [0.016, 0.008, 0.008],
        "scratchpad": [0.016] * 2,
        "variable_terms": [0.008],
        "layer_sizes": [0.016] * 4 + [0.008] * 2 + [0.004] * 4,
        "framings": [0.016, 0.016, 0.008, 0.016, 0.016, 0.008, 0.016, 0.008, 0.008, 0.008, 0.016, 0.016],
    }
    assert framings.variant(framings.Framing(0.5), 99).learning_rate == 0.5


@pytest.mark.parametrize("name", ["layer_sizes", "scratchpad"])
def test_a_search_has_the_split_of_the_comparison(tmp_path, monkeypatch, name):
    splits = []

    def compare(script, variants, split, report, args):
        splits.append([split(variant.problems, random.Random(1))[:3] for variant in variants.values()][-1])
        return len(variants)

    monkeypatch.setattr(experiments, "compare", compare)
    assert run(name, tmp_path) == 2
    assert run(name, tmp_path, "--search") == {"layer_sizes": 1, "scratchpad": 4}[name]
    assert splits[0] == splits[1] and splits[0][1] != splits[0][2]


def test_rare_sums_are_drawn_more_often_and_each_number_of_terms_is_a_row(small_run, monkeypatch):
    """1+1 and 1+1+1 are alone in a value or a length: weights of 1 / sqrt(3), those of the others 1 / 3."""
    sums = [("1+1", 2), ("1+2", 3), ("2+1", 3), ("1+1+1", 3)]
    counts = collections.Counter(variable_terms.draw(sums, None, random.Random(1), 20_000))
    rare, frequent = (20_000 * weight / (2 * 3**-0.5 + 2 / 3) for weight in (3**-0.5, 1 / 3))
    assert [counts[problem] for problem in sums] == pytest.approx([rare, frequent, frequent, rare], abs=400)
    fives = [[3, 3, 2, 2, 2]] * 600 + [[3, 3, 3, 2, 2]] * 400  # no sum of four terms is above 12
    monkeypatch.setattr(common, "random_sum_pairs", lambda *_: (fives, [sum(terms) for terms in fives]))
    _, text = small_run("variable_terms")
    rows = [(kind, int(n)) for kind, n in re.findall(r"(?m)^ +(\d terms.*): \d+ of (\d+), ", text)]
    assert sum(n for _, n in rows[:-2]) == int(re.search(r"two to four terms: \d+ of (\d+),", text)[1])
    assert rows[-2:] == [("5 terms, sum up to 12", 600), ("5 terms, sum above 12", 400)]


def test_the_integer_encodings_are_what_they_say(small_run, fits):
    small_run("integer_encoding")
    X = np.array([[0, 11, 5]])
    one_hot, scaled, embedded = (keras.Sequential(model.layers[:-4])(X) for model, *_ in fits)
    assert keras.ops.convert_to_numpy(one_hot).tolist() == np.eye(12)[X].tolist()
    assert np.ravel(scaled) == pytest.approx([0, 1, 5 / 11]) and embedded.shape == (1, 3, 12)


def test_squares_has_all_held_out_problems_and_what_one_layer_learned(small_run):
    _, text = small_run("squares")
    rows = re.findall(r"(?m)^(\w+ .*), best line \(NumPy\) +(\d+) +([\d.]+) ", text)
    largest_fifth = ((81 - 66) ** 2 / 2 + (100 - 75) ** 2 / 2) ** 0.5  # of squares: the best line is y = 9 x - 15
    assert ("largest fifth of sums", "36", "0.00") in rows and ("sums beyond", "10000", "0.00") in rows
    assert ("largest fifth of squares", "2", f"{largest_fifth:.2f}") in rows
    learned = re.findall(r"(?m)^(.*), Dense\(1\), seed 1: .* \(scaled\)$", text)
    assert learned == [task for task, *_ in rows]


def test_each_lstm_changes_what_it_says_and_the_first_is_the_articles(tmp_path, small_run, fits, monkeypatch):
    build = lstm_sum_naive.build_model

    def build_model(*args):
        model = build(*args)
        model.layers[-1].bias.assign([0.5])  # so that it starts near the middle, where most sums are
        return model

    monkeypatch.setattr(lstm_sum_naive, "build_model", build_model)
    results, _ = small_run("exact_lstm")
    assert lstm_sum_naive.main([*ONCE.split(), "--outputs", str(tmp_path)]) == 0
    *ours, (article, _, X_article, y_article, _) = fits
    for (name, variant), (model, _, X, y, options) in zip(exact_lstm.VARIANTS.items(), ours, strict=True):
        n_updates = options["epochs"] * options["steps_per_epoch"]
        assert n_updates == 2 * variant.times and len(X) == 10 * variant.n_sums * n_updates
        assert options["shuffle"] is False
        lstm, optimizer = model.layers[0], model.optimizer
        assert (lstm.units, lstm.activation.__name__) == (variant.units, variant.activation)
        assert (optimizer.clipnorm, optimizer.use_ema) == (variant.clipnorm, variant.use_ema)
        assert float(optimizer.learning_rate) == pytest.approx(0 if variant.decay else variant.rate, abs=1e-6)
        assert variant.low <= X.min() and y.max() <= variant.high
        rng = random.Random(301 if name == exact_lstm.FRESH else 1)
        first = [variant.low + (variant.high - variant.low) * rng.randint(1, 100) / 200 for _ in range(2)]
        assert X[0, :, 0] == pytest.approx(first)
    model, _, X, y, _ = ours[0]
    assert (X == X_article).all() and (y == y_article).all()
    for weights, same in zip(model.get_weights(), article.get_weights(), strict=True):
        assert weights == pytest.approx(same, abs=1e-6)
    # The test sums come after those of the training, of the same stream; what is exact in %, is so of all the others.
    X, sums = common.random_sum_pairs(120, 2, 100, random.Random(1))
    X, sums = X[20:] + data.pairs(100), np.array(sums[20:] + [a + b for a, b in data.pairs(100)])
    X, _ = common.normalize(X, sums, 2, 100)
    wrong = common.invert_normalization(np.ravel(model(X[..., None])), 2, 100) - sums
    [outcome] = results["as in the article"]
    assert outcome.rmse == pytest.approx(np.sqrt(np.mean(wrong[:100] ** 2)))
    shares = [100 * np.mean(each == 0) for each in (wrong[100:], wrong, wrong[:100])]
    assert outcome.exact == pytest.approx(shares[0]) and len(set(shares)) == 3 and len(outcome.errors) == 10_000
