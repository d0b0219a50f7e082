"""Every extension in seconds: what a run prints it saves, each variant is in it, and nothing held out is trained."""

import importlib
import re

import common
from extensions import experiments
from extensions.numbers import exact_lstm, squares, unlucky_starts
from extensions.text import data, framings, held_out_pairs, integer_encoding, layer_sizes, scratchpad, small_sums

import pytest

ONCE = "--n-examples 20 --n-batch 10 --n-epoch 1"
TINY = f"{ONCE} --n-seeds 1"
DECODERS = ("RepeatVector (article)", "feedback", "feedback and attention")
FEW_FRAMINGS = ("as the article pads", "padding weight 0", "padding masked", "answer as long as input")
FEW_LSTMS = ("as in the article", exact_lstm.BEST)
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
SEARCHED = {  # the names that a search has, if others than the comparison
    "feedback_decoder": DECODERS,
    "framings": FEW_FRAMINGS,
    "integer_encoding": integer_encoding.LEARNING_RATES,
    "layer_sizes": ["25 units"],
    "scratchpad": [f"{name}, {share}% two numbers" for name in scratchpad.SHARES for share in (25, 70)],
    "variable_terms": ("two to four terms",),
}


def few(variants, names):
    return {name: variants[name] for name in names}


@pytest.fixture(autouse=True)
def fast(monkeypatch, eager):
    """Unroll nothing, which takes long, compare few variants, and show the article's end after an epoch."""
    monkeypatch.setattr(common, "unroll", lambda n_steps: False)
    monkeypatch.setattr(framings, "FRAMINGS", few(framings.FRAMINGS, FEW_FRAMINGS))
    monkeypatch.setattr(squares, "VARIANTS", few(squares.VARIANTS, FEW_MODELS))
    monkeypatch.setattr(exact_lstm, "VARIANTS", few(exact_lstm.VARIANTS, FEW_LSTMS))
    monkeypatch.setattr(held_out_pairs, "N_EPOCH", 1)


def run(name, outputs, *more):
    script, arguments, _ = SMALL[name]
    main = importlib.import_module(f"extensions.{script}").main
    return main([*arguments.split(), *more, "--outputs", str(outputs)])


def saved(name, outputs, printed):
    """Return the transcript, which is what was printed last, and the names that were run."""
    text = (outputs / f"{name}.txt").read_text(encoding="utf-8")
    assert printed.endswith(text) and text.startswith("n_examples=20, ")
    return text, re.findall(r"(?m)^(.*), seed \d+$", printed[: -len(text)])


@pytest.mark.parametrize("name", SMALL)
def test_what_is_printed_is_saved_and_each_name_is_in_it(tmp_path, capsys, name):
    assert run(name, tmp_path) == 0
    _, names = saved(name, tmp_path, capsys.readouterr().out)
    assert names == list(SMALL[name][2])
    endings = {path.name.removeprefix(name) for path in tmp_path.iterdir()}
    assert endings == {".txt"} if name in ("feedback_decoder", "small_sums") else {".txt", ".png"}


@pytest.mark.parametrize("name", SMALL)
def test_ctrl_c_in_the_second_run_reports_the_first(tmp_path, capsys, interrupt, name):
    interrupt(2)
    assert run(name, tmp_path, "--n-seeds", "2") == 130
    text, names = saved(name, tmp_path, capsys.readouterr().out)
    assert text.endswith(f"\ninterrupted after {len(names) - 1} runs\n")


@pytest.mark.parametrize("name", SEARCHED)
def test_a_search_tries_each_rate_and_has_the_split_of_the_comparison(tmp_path, monkeypatch, name):
    splits = []

    def train(variant, split, rng, seed, learning_rate, args):
        splits.append(split)
        if not args.search:
            raise KeyboardInterrupt
        return None, {"val_exact": [0.5, 0.25]}

    monkeypatch.setattr(experiments, "RATES", (0.004, 0.016))
    monkeypatch.setattr(experiments, "train", train)
    assert run(name, tmp_path, "--search") == 0 and run(name, tmp_path) == 130
    [path] = tmp_path.iterdir()
    assert path.name == f"{name}_search.txt"
    rows = re.findall(r"(?m)^ *(.*), learning rate (\S+): 25.00 \(25.00\)$", path.read_text(encoding="utf-8"))
    assert rows == [(variant, rate) for variant in SEARCHED[name] for rate in ("0.004", "0.016")]
    assert splits[0].validation and splits[0][:3] == splits[-1][:3]


HELD_OUT = ("feedback_decoder", "framings", "held_out_pairs", "integer_encoding", "scratchpad", "variable_terms")


@pytest.mark.parametrize("name", HELD_OUT)
def test_a_test_problem_in_training_is_refused(tmp_path, monkeypatch, name):
    hold_out = data.hold_out

    def leak(problems, n_held_out, rng):
        _, held_out = hold_out(problems, n_held_out, rng)
        return problems, held_out

    monkeypatch.setattr(data, "hold_out", leak)
    with pytest.raises(ValueError, match="is held out"):
        run(name, tmp_path)
    assert list(tmp_path.iterdir()) == []
