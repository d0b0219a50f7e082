"""Every extension in seconds: what a run prints it saves, with its settings, and each variant is in it."""

import importlib
import re
from types import SimpleNamespace

import common
from extensions import experiments
from extensions.numbers import exact_lstm, squares, unlucky_starts
from extensions.text import framings, held_out_pairs, integer_encoding, scratchpad, small_sums

import pytest

ONCE = "--n-examples 20 --n-batch 10 --n-epoch 1"
TINY = f"{ONCE} --n-seeds 1"
FEW = ("as the article pads", "padding weight 0", "padding masked", "answer as long as input")  # of nine framings
SMALL = {  # the transcript: the script, its arguments, and the names that it is run with
    "exact_lstm": ("numbers.exact_lstm", TINY, exact_lstm.VARIANTS),
    "feedback_decoder": (
        "text.feedback_decoder",
        f"{TINY} --largest 9",
        ("RepeatVector (article)", "feedback", "feedback and attention"),
    ),
    "framings": ("text.framings", f"{TINY} --largest 50", FEW),
    "held_out_pairs": ("text.held_out_pairs", f"{TINY} --largest 11", ("10", "11")),
    "integer_encoding": ("text.integer_encoding", f"{TINY} --largest 9", integer_encoding.LEARNING_RATES),
    "layer_sizes": (
        "text.layer_sizes",
        f"{TINY} --units 25 --digits 2",
        [str((framing, 2, 25)) for framing in ("as the article pads", "answer reversed")],
    ),
    "scratchpad": ("text.scratchpad", f"{TINY} --largest 3", scratchpad.CHOSEN),
    "scratchpad_brackets": ("text.scratchpad", f"{TINY} --largest 2 --brackets", scratchpad.CHOSEN),
    "small_sums": ("text.small_sums", TINY, small_sums.VARIANTS),
    "squares": ("numbers.squares", f"{TINY} --largest 10", squares.VARIANTS),
    "unlucky_starts": ("numbers.unlucky_starts", TINY, unlucky_starts.SIGNS),
    "variable_terms": ("text.variable_terms", f"{TINY} --largest 3", ("two to four terms",)),
}
SEARCHED = (
    "feedback_decoder framings integer_encoding layer_sizes scratchpad scratchpad_brackets variable_terms".split()
)


@pytest.fixture(autouse=True)
def fast(monkeypatch, eager):
    """Unroll nothing, which takes long, compare few framings, and show the article's end after an epoch."""
    monkeypatch.setattr(common, "unroll", lambda n_steps: False)
    monkeypatch.setattr(framings, "FRAMINGS", {name: framings.FRAMINGS[name] for name in FEW})
    monkeypatch.setattr(held_out_pairs, "N_EPOCH", 1)


def run(name, outputs, *more):
    script, arguments, _ = SMALL[name]
    main = importlib.import_module(f"extensions.{script}").main
    return main([*arguments.split(), *more, "--outputs", str(outputs)])


def names_of(printed):
    return re.findall(r"(?m)^(.*), seed \d+$", printed)


@pytest.mark.parametrize("name", SMALL)
def test_what_is_printed_is_saved(tmp_path, capsys, name):
    assert run(name, tmp_path) == 0
    printed = capsys.readouterr().out
    assert names_of(printed)[: len(SMALL[name][2])] == list(SMALL[name][2])
    text = (tmp_path / f"{name}.txt").read_text(encoding="utf-8")
    assert printed.endswith(text) and text.startswith("n_examples=20, ")
    assert not {path.name for path in tmp_path.iterdir()} - {f"{name}.txt", f"{name}.png"}
    if name not in ("feedback_decoder", "small_sums"):
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", SEARCHED)
def test_a_search_tries_each_rate_and_is_saved_beside_the_result(tmp_path, monkeypatch, name):
    monkeypatch.setattr(experiments, "RATES", (0.004, 0.016))
    monkeypatch.setattr("keras.Model.fit", lambda *_, **__: SimpleNamespace(history={"val_exact": [0.5, 0.25]}))
    assert run(name, tmp_path, "--search") == 0
    [path] = tmp_path.iterdir()
    assert path.name == f"{name}_search.txt"
    rows = re.findall(r"(?m)^ *(.*), learning rate (\S+): ([\d.]+) \(([\d.]+)\)$", path.read_text(encoding="utf-8"))
    names = list(SMALL[name][2])
    if "scratchpad" in name:
        names = [f"{variant}, {share}% two numbers" for variant in names for share in (25, 70)]
    if name == "layer_sizes":
        names = ["25 units"]
    assert [row[:2] for row in rows] == [(variant, rate) for variant in names for rate in ("0.004", "0.016")]
    if "scratchpad" not in name:  # whose accuracy is not that of one prediction
        assert {row[2:] for row in rows} == {("25.00", "25.00")}


# ---- Ctrl-C


@pytest.mark.parametrize("name", SMALL)
def test_ctrl_c_in_the_second_run_reports_the_first(tmp_path, capsys, interrupt, name):
    interrupt(2)
    assert run(name, tmp_path, "--n-seeds", "2") == 130
    printed = capsys.readouterr().out
    assert len(names_of(printed)) == 2  # of which one is finished
    text = (tmp_path / f"{name}.txt").read_text(encoding="utf-8")
    assert printed.endswith(text) and text.endswith("\ninterrupted after 1 runs\n")


@pytest.mark.parametrize("name", SMALL)
def test_ctrl_c_in_the_first_run_saves_nothing(tmp_path, capsys, interrupt, name):
    interrupt(1)
    assert run(name, tmp_path) == 130
    assert capsys.readouterr().out.endswith("\ninterrupted after 0 runs\n")
    assert list(tmp_path.iterdir()) == []
