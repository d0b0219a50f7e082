"""Every extension in seconds: what a run prints it saves, each variant is in it, and nothing held out is trained."""

import collections
import importlib
import random
import re

import common
import lstm_sum_naive
import mlp_sum
from extensions import experiments
from extensions.numbers import exact_lstm, squares, unlucky_starts
from extensions.text import data, framings, integer_encoding, layer_sizes, scratchpad, small_sums, variable_terms

import keras
import numpy as np
import pytest

ONCE = "--n-examples 20 --n-batch 10 --n-epoch 1"
TINY = f"{ONCE} --n-seeds 1"
DECODERS = ("RepeatVector (article)", "feedback", "feedback and attention")
FEW_FRAMINGS = ("as the article pads", "padding weight 0", "padding masked", "answer as long as input")
FEW_LSTMS = ("as in the article", "within 0.1 and 0.9", "ReLU cell", "4 times the updates", "gradients clipped")
FEW_LSTMS += ("averaged weights", exact_lstm.BEST, "the same, 300 seeds on")
FEW_MODELS = [name for name, (*_, model) in squares.VARIANTS.items() if model in ("Dense(1)", squares.LINE)]
SIZES = [f"{framing}, up to 3 digits, 25 units" for framing in layer_sizes.FRAMINGS]
SMALL = {  # the transcript: the script, its arguments, and the names that it is run with
    "exact_lstm": ("numbers.exact_lstm", TINY, FEW_LSTMS),
    "feedback_decoder": ("text.feedback_decoder", f"{TINY} --largest 9", DECODERS),
    "framings": ("text.framings", f"{TINY} --largest 50", FEW_FRAMINGS),
    "held_out_pairs": ("text.held_out_pairs", f"{TINY} --largest 11", ("10", "11")),
    "integer_encoding": ("text.integer_encoding", f"{TINY} --largest 9", integer_encoding.LEARNING_RATES),
    "layer_sizes": ("text.layer_sizes", f"{TINY} --units 25 25 --digits 3 3", SIZES),
    "scratchpad": ("text.scratchpad", f"{TINY} --largest 3", scratchpad.SHARES),
    "scratchpad_brackets": ("text.scratchpad", f"{TINY} --largest 2 --brackets", scratchpad.SHARES),
    "small_sums": ("text.small_sums", TINY, small_sums.VARIANTS),
    "squares": ("numbers.squares", f"{TINY} --largest 10", FEW_MODELS),
    "unlucky_starts": ("numbers.unlucky_starts", TINY, unlucky_starts.SIGNS),
    "variable_terms": ("text.variable_terms", f"{TINY} --largest 3", ("two to four terms",)),
}


def few(variants, names):
    return {name: variants[name] for name in names}


def run(name, outputs, *more):
    script, arguments, _ = SMALL[name]
    main = importlib.import_module(f"extensions.{script}").main
    return main([*arguments.split(), *more, "--outputs", str(outputs)])


@pytest.fixture(autouse=True)
def fast(monkeypatch, eager):
    """Unroll nothing, hold out little, compare few variants, and show the article's end after an epoch."""
    monkeypatch.setattr(common, "unroll", lambda n_steps: False)
    split = data.split
    monkeypatch.setattr(data, "split", lambda problems, n, rng: split(problems, min(n, 100), rng))
    monkeypatch.setattr(framings, "FRAMINGS", few(framings.FRAMINGS, FEW_FRAMINGS))
    monkeypatch.setattr(squares, "VARIANTS", few(squares.VARIANTS, FEW_MODELS))
    monkeypatch.setattr(exact_lstm, "VARIANTS", few(exact_lstm.VARIANTS, FEW_LSTMS))
    monkeypatch.setattr("extensions.text.held_out_pairs.N_EPOCH", 1)


@pytest.fixture
def fits(monkeypatch):
    """Return the list of the trainings that follow: model, weights before, X, y, and what else is given."""
    recorded, fit = [], keras.Model.fit

    def record(self, X, y, *others, **options):
        recorded.append((self, self.get_weights(), X, y, options))
        return fit(self, X, y, *others, **options)

    monkeypatch.setattr(keras.Model, "fit", record)
    return recorded


@pytest.fixture
def small_run(tmp_path, capsys, monkeypatch):
    """Give a function that runs a script, checks what every run must do, and returns the transcript."""
    run_each = experiments.run_each

    def run_and_report_twice(script, run, names, report, args):
        def report_twice(results):
            name = next(iter(results))
            assert report({name: results[name]})  # as after Ctrl-C in the second run
            return report(results)

        return run_each(script, run, names, report_twice, args)

    def run_and_check(name):
        monkeypatch.setattr(experiments, "run_each", run_and_report_twice)
        assert run(name, tmp_path) == 0
        printed = capsys.readouterr().out
        text = (tmp_path / f"{name}.txt").read_text(encoding="utf-8")
        assert printed.endswith(text) and text.startswith("n_examples=20, ")
        assert re.findall(r"(?m)^(.*), seed \d+$", printed[: -len(text)]) == list(SMALL[name][2])
        endings = {path.name.removeprefix(name) for path in tmp_path.iterdir()}
        assert endings == {".txt"} if name in ("feedback_decoder", "small_sums") else {".txt", ".png"}
        return text

    return run_and_check


WITH_MORE = (
    "exact_lstm",
    "integer_encoding",
    "squares",
    "unlucky_starts",
    "variable_terms",
)  # these have tests of their own below


@pytest.mark.parametrize("name", [name for name in SMALL if name not in WITH_MORE])
def test_what_is_printed_is_saved_and_each_name_is_in_it(small_run, name):
    small_run(name)


@pytest.mark.parametrize("name", ["layer_sizes", "scratchpad"])
def test_a_search_has_the_split_of_the_comparison(tmp_path, monkeypatch, name):
    splits = []

    def compare(script, variants, split, report, args):
        splits.append([split(variant, random.Random(1))[:3] for variant in variants][-1])
        return len(variants)

    monkeypatch.setattr(experiments, "compare", compare)
    assert run(name, tmp_path) == 2
    assert run(name, tmp_path, "--search") == {"layer_sizes": 1, "scratchpad": 4}[name]
    assert splits[0] == splits[1] and splits[0][1] != splits[0][2]


def test_rare_sums_are_drawn_more_often_and_each_number_of_terms_is_a_row(small_run, monkeypatch):
    """1+1 and 1+1+1 are alone in a value or a length: weights of 1 / sqrt(3), those of the others 1 / 3."""
    sums = [("1+1", 2), ("1+2", 3), ("2+1", 3), ("1+1+1", 3)]
    draw, calls = variable_terms.draw, []

    def draw_and_count(training, is_held_out, rng, n):
        calls.append(collections.Counter(draw(sums, is_held_out, rng, 20_000)))
        return draw(training, is_held_out, rng, n)

    monkeypatch.setattr(variable_terms, "draw", draw_and_count)
    text = small_run("variable_terms")
    [counts] = calls
    rare, frequent = (20_000 * weight / (2 * 3**-0.5 + 2 / 3) for weight in (3**-0.5, 1 / 3))
    assert [counts[problem] for problem in sums] == pytest.approx([rare, frequent, frequent, rare], abs=400)
    rows = [(kind, int(n)) for kind, n in re.findall(r"(?m)^ +(\d terms.*): \d+ of (\d+), ", text)]
    assert sum(n for _, n in rows[:-2]) == int(re.search(r"two to four terms: \d+ of (\d+),", text)[1])
    assert rows[-2][0] == "5 terms, sum up to 12" and rows[-2][1] + rows[-1][1] == 1000


def test_the_integer_encodings_are_what_they_say(small_run, fits):
    small_run("integer_encoding")
    X = np.array([[0, 11, 5]])
    one_hot, scaled, embedded = (keras.Sequential(model.layers[:-4])(X) for model, *_ in fits)
    assert keras.ops.convert_to_numpy(one_hot).tolist() == np.eye(12)[X].tolist()
    assert np.ravel(scaled) == pytest.approx([0, 1, 5 / 11]) and embedded.shape == (1, 3, 12)


def test_squares_has_all_held_out_problems_and_what_one_layer_learned(small_run):
    text = small_run("squares")
    rows = re.findall(r"(?m)^(\w+ .*), best line \(NumPy\) +(\d+) +([\d.]+) ", text)
    largest_fifth = ((81 - 66) ** 2 / 2 + (100 - 75) ** 2 / 2) ** 0.5  # of squares: the best line is y = 9 x - 15
    assert ("largest fifth of sums", "36", "0.00") in rows and ("sums beyond", "10000", "0.00") in rows
    assert ("largest fifth of squares", "2", f"{largest_fifth:.2f}") in rows
    learned = re.findall(r"(?m)^(.*), Dense\(1\), seed 1: .* \(scaled\)$", text)
    assert learned == [task for task, *_ in rows]


def test_unlucky_starts_is_mlp_sum_and_only_the_sign_differs(tmp_path, small_run, fits):
    text = small_run("unlucky_starts")
    assert mlp_sum.main([*ONCE.split(), "--outputs", str(tmp_path)]) == 0
    (_, weights, X, y, _), (_, turned, X_turned, y_turned, _), (_, article, X_article, _, _) = fits
    assert (X == X_turned).all() and (y == y_turned).all() and (X == X_article).all()
    assert (turned[0] == -weights[0]).all() and (article[0] == weights[0]).all()
    assert all((turned[i] == weights[i]).all() for i in range(1, len(weights)))
    start = np.linalg.multi_dot(weights[::2])[:, 0]
    rmse = re.search(r"RMSE: ([\d.]+)", (tmp_path / "mlp_sum.txt").read_text(encoding="utf-8"))[1]
    assert f"\nseed 1: {start[0]:.2f}, {start[1]:.2f}; {float(rmse):.4f}; " in text


def test_each_lstm_changes_what_it_says_and_the_first_is_the_articles(tmp_path, small_run, fits):
    small_run("exact_lstm")
    assert lstm_sum_naive.main([*ONCE.split(), "--outputs", str(tmp_path)]) == 0
    *ours, (article, _, X_article, y_article, _) = fits
    for variant, (model, _, X, y, options) in zip(exact_lstm.VARIANTS.values(), ours, strict=True):
        n_updates = options["epochs"] * options["steps_per_epoch"]
        assert n_updates == 2 * variant.times and len(X) == 10 * variant.n_sums * n_updates
        lstm, optimizer = model.layers[0], model.optimizer
        assert (lstm.units, lstm.activation.__name__) == (variant.units, variant.activation)
        assert (optimizer.clipnorm, optimizer.use_ema) == (variant.clipnorm, variant.use_ema)
        assert float(optimizer.learning_rate) == pytest.approx(0 if variant.decay else variant.rate, abs=1e-6)
        assert variant.low <= X.min() and y.max() <= variant.high
        rng = random.Random(1 + variant.shift)
        first = [variant.low + (variant.high - variant.low) * rng.randint(1, 100) / 200 for _ in range(2)]
        assert X[0, :, 0] == pytest.approx(first)
    model, _, X, y, _ = ours[0]
    assert (X == X_article).all() and (y == y_article).all()
    for weights, same in zip(model.get_weights(), article.get_weights(), strict=True):
        assert weights == pytest.approx(same, abs=1e-6)
