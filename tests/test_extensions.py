"""The extensions that compare on held-out problems: what is special in each, and all of them at a tiny size."""

import doctest
import importlib
import io
import os
import re

import keras
import numpy as np
import pytest

import common
import seq2seq_sum
from extensions import framings, held_out_pairs, integer_encoding, variable_terms
from extensions.shared import expressions, training

SMALL = {  # the largest number, and the variants of each
    "integer_encoding": ("9", ["one-hot vectors", "scaled integers", "embedding"]),
    "framings": ("50", ["as the article pads", "padding weight 0", "padding masked", "answer as long as input"]),
    "feedback_decoder": ("9", ["RepeatVector (article)", "feedback", "feedback and attention"]),
    "held_out_pairs": ("11", ["10", "11"]),
    "variable_terms": ("3", ["two to four terms"]),
    "variable_operators": ("3", ["with a scratchpad", "at once"]),
    "brackets": ("2", ["with a scratchpad", "at once"]),
}
SEARCHED = [name for name in SMALL if name != "held_out_pairs"]
TINY = ("--n-examples", "20", "--n-batch", "10")


class History:
    """What a training returns: shares after each of two epochs."""

    history = {"exact": [0.5, 0.25], "val_exact": [0.5, 0.25]}


@pytest.fixture
def tiny(monkeypatch, tmp_path, eager):
    """Give a function that runs a script at a tiny size, into tmp_path.

    Nothing is compiled or unrolled, which takes most of the time of such a run. Of the nine framings four are tried.
    """

    def run(name, *arguments):
        largest, variants = SMALL[name]
        module = importlib.import_module(f"extensions.{name}")
        if name == "framings":
            monkeypatch.setattr(framings, "LEARNING_RATES", {variant: 0.008 for variant in variants})
        arguments = ["--largest", largest, *TINY, "--n-epoch", "1", "--n-seeds", "1", *arguments]
        return module.main([*arguments, "--outputs", str(tmp_path)])

    monkeypatch.setattr(held_out_pairs, "N_EPOCH", 1)
    monkeypatch.setattr(common, "unroll", lambda n_steps: False)
    return run


@pytest.fixture
def trainings(monkeypatch):
    """Let nothing be trained or predicted, where what comes of it is tested. Counts, and interrupts one if asked."""

    def fit(self, *_, **__):
        state["n"] += 1
        if state["n"] == state["interrupted"]:
            raise KeyboardInterrupt
        return History()

    state = {"n": 0, "interrupted": None}
    monkeypatch.setattr(keras.Model, "fit", fit)
    monkeypatch.setattr(expressions, "answers", lambda model, X, alphabet: ["1"] * len(X if len(X) > 2 else X[0]))
    return state


def saved_by(name):
    return [f"{name}.txt"] if name == "feedback_decoder" else [f"{name}.png", f"{name}.txt"]


def variants_of(stdout):
    return re.findall(r"(?m)^(.*), seed \d+$", stdout)


@pytest.mark.parametrize("name", SMALL)
def test_a_tiny_run_prints_and_saves_what_a_full_one_does(tmp_path, capsys, tiny, name):
    assert tiny(name) == 0
    stdout = capsys.readouterr().out
    assert variants_of(stdout) == SMALL[name][1]
    text = (tmp_path / f"{name}.txt").read_text(encoding="utf-8")
    assert stdout.endswith(text)
    assert re.match(r"n_examples=20, largest=\d+, n_batch=10, n_epoch=\d+, seed=1, n_seeds=1", text)
    n_variants = len(SMALL[name][1])
    shares = re.findall(r"\d+ of \d+, \d+\.\d\d % \(95 % interval \d+\.\d\d to \d+\.\d\d\)", text)
    assert len(shares) >= n_variants + 1  # each variant's, and the baseline
    assert "Always the commonest answer, " in text
    assert sorted(os.listdir(tmp_path)) == saved_by(name)
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in tmp_path.glob("*.png"))


@pytest.mark.parametrize("name", SEARCHED)
def test_a_search_is_saved_beside_the_result(tmp_path, capsys, monkeypatch, tiny, trainings, name):
    monkeypatch.setattr(training, "RATES", (0.004, 0.016))
    module = importlib.import_module(f"extensions.{name}")
    assert tiny(name, "--search") == 0
    stdout = capsys.readouterr().out
    text = (tmp_path / f"{name}_search.txt").read_text(encoding="utf-8")
    assert stdout.endswith(text)
    variants = SMALL[name][1]
    if hasattr(module, "CHOSEN"):
        variants = [f"{variant}, {share}% two numbers" for variant in variants for share in (25, 70)]
    rows = re.findall(r"(?m)^ *(.*), learning rate (\S+): (\d+\.\d\d) \((\d+\.\d\d)\)$", text)
    assert [row[:2] for row in rows] == [(variant, rate) for variant in variants for rate in ("0.004", "0.016")]
    if not hasattr(module, "CHOSEN"):  # those let the model answer the validation problems
        assert {row[2:] for row in rows} == {("25.00", "25.00")}
    assert trainings["n"] == len(rows)
    assert os.listdir(tmp_path) == [f"{name}_search.txt"]


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize(
    ("argument", "value"), [("--n-batch", "0"), ("--largest", "1"), ("--n-seeds", "0"), ("--seed", "x")]
)
def test_a_bad_value_is_one_line(tmp_path, capsys, name, argument, value):
    with pytest.raises(SystemExit) as error:
        importlib.import_module(f"extensions.{name}").main([argument, value, "--outputs", str(tmp_path / "not_made")])
    shown = capsys.readouterr()
    assert (error.value.code, shown.out) == (2, "")
    assert re.fullmatch(rf".*: error: argument {argument}: '{value}' is not a whole number from .*\n", shown.err)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", SMALL)
def test_what_does_not_fit_into_memory_is_one_line(tmp_path, capsys, name):
    with pytest.raises(SystemExit) as error:
        importlib.import_module(f"extensions.{name}").main(["--n-examples", "960000000", "--outputs", str(tmp_path)])
    shown = capsys.readouterr()
    assert (error.value.code, shown.out) == (2, "")
    assert re.fullmatch(r".*: error: argument --n-examples, .*: that takes .* GiB; allowed are 8\n", shown.err)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", SMALL)
def test_ctrl_c_in_the_second_run_reports_the_first(tmp_path, capsys, tiny, trainings, name):
    trainings["interrupted"] = 2
    assert tiny(name, "--n-seeds", "2") == 130
    stdout = capsys.readouterr().out
    assert len(variants_of(stdout)) == trainings["n"] == 2
    assert "\nInterrupted: the finished runs are reported.\n" in stdout
    text = (tmp_path / f"{name}.txt").read_text(encoding="utf-8")
    assert stdout.endswith(text)
    assert text.endswith("\ninterrupted after 1 runs\n")
    first, *others = SMALL[name][1]
    report = text.split("\n", 1)[1]
    assert first in report and not any(f" {other}: " in report for other in others)
    assert sorted(os.listdir(tmp_path)) == saved_by(name)


@pytest.mark.parametrize("name", SMALL)
def test_ctrl_c_in_the_first_run_saves_nothing(tmp_path, capsys, tiny, trainings, name):
    trainings["interrupted"] = 1
    assert tiny(name) == 130
    assert capsys.readouterr().out.endswith("\ninterrupted after 0 runs\n")
    assert os.listdir(tmp_path) == []


# ---- Framings


def test_doctests():
    assert doctest.testmod(framings) == (0, 1)


@pytest.mark.parametrize("framing", framings.LEARNING_RATES)
def test_a_framing_fits_its_model_and_hides_nothing_but_padding(framing):
    pairs = [(7, 8), (678, 45), (999, 999)]
    inputs, answers = framings.write(framing, pairs, 999)
    X, y = framings.encode(framing, pairs, 999)
    assert X.shape[:2] == (3, len(inputs[0]))
    assert y.shape[:2] == (3, len(answers[0]))
    for text, answer, pair in zip(inputs, answers, pairs, strict=True):
        assert sorted(re.sub("[+ ]", "", text)) == sorted(f"{pair[0]}{pair[1]}")
        assert (answer[::-1] if framing in framings.REVERSED else answer).strip() == str(sum(pair))
    assert (X.sum(axis=-1) == 0).any() == (framing == "padding masked")
    model = framings.build_model(framing, X.shape[1], y.shape[1], 12)
    assert model.output_shape == (None, *y.shape[1:])
    # The article's weights: the same in each framing.
    assert model.count_params() == seq2seq_sum.build_model(5, 2, 12).count_params()


def test_masking_leaves_out_the_padding():
    X, _ = framings.encode("padding masked", [(7, 8)], 999)
    model = framings.build_model("padding masked", 7, 4, 12)
    assert X[0, :4].sum() == 0  # "    7+8"
    shifted = X[:, [4, 5, 6, 0, 1, 2, 3]]
    masked, plain = model, framings.build_model("as the article pads", 7, 4, 12)
    plain.set_weights(model.get_weights())
    one, other = (keras.ops.convert_to_numpy(masked(sums)) for sums in (X, shifted))
    assert one == pytest.approx(other, abs=1e-6)
    one, other = (keras.ops.convert_to_numpy(plain(sums)) for sums in (X, shifted))
    assert one != pytest.approx(other, abs=1e-6)


def test_padding_has_weight_0_and_all_else_1(tmp_path, capsys, monkeypatch):
    fitted = []

    def fit(self, X, y, sample_weight, **_):
        fitted.append((y, sample_weight))
        raise KeyboardInterrupt

    monkeypatch.setattr(keras.Model, "fit", fit)
    for framing in ("padding weight 0", "as the article pads"):
        monkeypatch.setattr(framings, "LEARNING_RATES", {framing: 0.008})
        arguments = ["--n-examples", "2048", "--n-epoch", "1", "--largest", "99", "--outputs", str(tmp_path)]
        assert framings.main(arguments) == 130
    (y, weights), (_, no_weights) = fitted
    texts = [common.invert_encoding(seq, framings.ALPHABET) for seq in y]
    assert weights.tolist() == [[float(character != " ") for character in text] for text in texts]
    assert 100 < (weights == 0).sum() < (weights == 1).sum()
    assert no_weights is None


# ---- Encodings


def test_the_encodings_are_what_they_say():
    def first_layers(encoding):
        return keras.Sequential(integer_encoding.build_model(encoding, 3, 2, 12).layers[:-4])

    X = keras.ops.array([[0, 11, 5]])
    vectors = keras.ops.convert_to_numpy(first_layers("one-hot vectors")(X))
    assert vectors.tolist() == [[[float(i == j) for j in range(12)] for i in (0, 11, 5)]]
    assert np.ravel(first_layers("scaled integers")(X)) == pytest.approx([0, 1, 5 / 11])
    assert first_layers("embedding")(X).shape == (1, 3, 12)


def test_the_encodings_read_the_same_article_layers():
    def settings(model):
        return [(type(layer), getattr(layer, "units", None)) for layer in model.layers[-4:]]

    for encoding in integer_encoding.LEARNING_RATES:
        model = integer_encoding.build_model(encoding, 5, 3, 12)
        assert settings(model) == settings(seq2seq_sum.build_model(5, 3, 12))
        assert model.output_shape == (None, 3, 12)


# ---- Variable terms, held-out pairs


def test_rare_values_and_lengths_are_drawn_more_often():
    problems = [("1+1", 2), ("1+2", 3), ("2+1", 3), ("1+1+1", 3)]
    assert variable_terms.weigh(problems) == pytest.approx([(1 * 3) ** -0.5, *[(3 * 3) ** -0.5] * 2, (3 * 1) ** -0.5])


def test_the_few_sums_of_two_terms_may_all_be_in_training(tmp_path, capsys, tiny, trainings, monkeypatch):
    """With few problems, a seed may hold out none of a kind."""
    calls, split = [], expressions.split

    def uneven(problems, n_held_out, rng):
        train, validation, test = split(problems, n_held_out, rng)
        calls.append(1)
        n = 4 if len(calls) == 1 else 3
        rest = [problem for problem in train if problem[0].count("+") + 1 == n][:5]
        return train, validation, [problem for problem in test if problem[0].count("+") + 1 == n] or rest

    monkeypatch.setattr(expressions, "split", uneven)
    assert tiny("variable_terms", "--n-seeds", "2") == 0


def test_the_picture_of_held_out_pairs_has_a_line_for_each_run():
    history = {"exact": [0.1, 0.5], "val_exact": [0.0, 0.25]}
    results = {10: [(None, None, history), (None, None, history | {"val_exact": [0.0, 0.0]})]}
    results |= {99: [(None, None, history)]}
    figure = held_out_pairs.picture(results, "title")
    figure.savefig(file := io.BytesIO(), format="png")
    assert file.getvalue().startswith(b"\x89PNG")
    lines = [[list(line.get_ydata()) for line in axes.lines if line.get_linestyle() == "-"] for axes in figure.axes]
    assert lines == [[[10, 50], [10, 50], [0, 25], [0, 0]], [[10, 50], [0, 25]]]
    zeros = [[text.get_text() for text in axes.texts if "0 %" in text.get_text()] for axes in figure.axes]
    assert zeros == [["1 of 2 networks: 0 %"], []]
    marks = [[line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == ":"] for axes in figure.axes]
    assert marks == [[held_out_pairs.N_EPOCH]] * 2


def test_the_epochs_of_a_rise_are_printed(tmp_path, tiny, trainings):
    assert tiny("held_out_pairs", "--n-epoch", "2") == 0
    text = (tmp_path / "held_out_pairs.txt").read_text(encoding="utf-8")
    rises = re.findall(r"(?m)^held out, exact, first epoch at (\d\d) % of each seed: (\w+)$", text)
    assert rises == [("50", "1"), ("99", "never")] * 2


def test_the_rows_of_sums_are_in_the_order_of_their_terms(tmp_path, tiny, trainings):
    assert tiny("variable_terms") == 0
    text = (tmp_path / "variable_terms.txt").read_text(encoding="utf-8")
    kinds = re.findall(r"(?m)^ +(\d terms.*): \d+ of ", text)
    assert kinds[-2:] == ["5 terms, sum up to 12", "5 terms, sum above 12"]
    assert kinds == sorted(kinds, key=lambda kind: kind[0])
    axes = variable_terms.picture({"4 terms": [90, 95], "5 terms, sum above 12": [0, 1]}).axes[0]
    assert [list(line.get_xdata()) for line in axes.lines] == [[90, 95], [0, 1]]


# ---- In full


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "variant", "share"),
    [
        ("variable_terms", "two to four terms", 99),
        ("variable_operators", "with a scratchpad", 95),
        ("brackets", "with a scratchpad", 95),
        ("integer_encoding", "one-hot vectors", 95),
    ],
)
def test_a_full_run_is_as_good_as_the_readme_says(tmp_path, name, variant, share):
    module = importlib.import_module(f"extensions.{name}")
    assert module.main(["--outputs", str(tmp_path)]) == 0
    text = (tmp_path / f"{name}.txt").read_text(encoding="utf-8")
    if hasattr(module, "CHOSEN"):
        found = re.search(rf"(?m)^{variant}, test problems .*\nRMSE.*\nExact: \d+ of \d+, (\S+) %", text)
    else:
        found = re.search(rf"(?m)^ +{variant}: \d+ of \d+, (\S+) %", text)
    assert float(found[1]) >= share
