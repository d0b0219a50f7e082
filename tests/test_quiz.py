"""The quiz: whatever people type, its score, which saved model it takes, and once a terminal."""

import io
import json
import os
import re
import select
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import common
import seq2seq_sum
from extensions import quiz

import keras
import pytest

ROOT = Path(__file__).resolve().parent.parent
PROMPT = "Your sum, or Enter: "
BRIEF = ("--n-epoch", "5")  # so that the model knows some sums and not others


def judgement(shown, total):
    """Return whether the quiz calls the model's answer right; check that it says so of the right total only."""
    said, verdict = re.search(r"The model says (.*?): (.*?)\.\s", shown).groups()
    assert verdict == ("right" if said == str(total) else f"wrong, it is {total}")
    return verdict == "right"


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    outputs = tmp_path_factory.mktemp("outputs")
    assert seq2seq_sum.main([*BRIEF, "--outputs", str(outputs)]) == 0
    return outputs


@pytest.fixture
def run(monkeypatch, capsys):
    """Give a function that runs the quiz with its input from a pipe, and returns its status and what it prints."""

    def run(typed, *arguments):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed), encoding="utf-8"))
        status = quiz.main([*map(str, arguments)])
        return status, capsys.readouterr().out

    return run


@pytest.fixture
def trainings(monkeypatch):
    """Let seq2seq_sum.py only save a model that is not trained. Gives a list of the arguments of each training."""
    calls = []

    def main(argv):
        calls.append(argv)
        settings = dict(argument.removeprefix("--").split("=") for argument in argv)
        folder = Path(settings.pop("outputs"))
        folder.mkdir(exist_ok=True)
        model = seq2seq_sum.build_model(
            *common.sequence_lengths(int(settings["n-numbers"]), int(settings["largest"])), 12
        )
        line = ", ".join(f"{name.replace('-', '_')}={value}" for name, value in settings.items())
        figures = {"settings": line, "n_finished": int(settings["n-epoch"])}
        common.save(folder, "seq2seq_sum", model=model, scores=figures)
        return 0

    monkeypatch.setattr(seq2seq_sum, "main", main)
    return calls


# ---- What is typed


def test_whatever_is_typed_the_quiz_goes_on_and_keeps_score(outputs, run, monkeypatch):
    problems = iter([([[3, 4]], [7]), ([[5, 5]], [10]), ([[1, 2]], [3])])
    draw = common.random_sum_pairs
    monkeypatch.setattr(common, "random_sum_pairs", lambda n, *rest: next(problems) if n == 1 else draw(n, *rest))
    sums = {"3+10": 13, " 7 + 8 ": 15, "10+10": 20, "1+1": 2, "004+0005": 9}
    no_sums = ("11+1", "0+5", "5", "1+2+3", "7" * 3000 + "+1", "1+" * 1000 + "1", "9" * 100_000 + "+1", "abc", "3++4",
               "3-4", "3+4=7", "٣+٤", "３+４", "1e1+2", "exit()", "%s", "\x1b[A", "+\x00")  # fmt: skip
    # Problems: a right answer, a wrong one, and what is no number, before a right one.
    problem_lines = ["", "7", "", "110", "", "", "x", "1.5", "٣", "+", " 003 "]
    typed = "\n".join([*sums, *no_sums, *problem_lines]).encode() + b"\n\xff\xfe+\nQ\n1+1\n"
    status, shown = run(typed, *BRIEF, "--outputs", outputs)
    assert status == 0
    answers = re.findall(r"(?:You are [^\n]*\. )?The model says [^\n]*\n", shown)
    right = [judgement(shown, total) for shown, total in zip(answers, [*sums.values(), 7, 10, 3], strict=True)]
    assert [re.match(r"You are (\w+)", answer)[1] for answer in answers[-3:]] == ["right", "wrong", "right"]
    assert len(re.findall(r"(?m)^(?:The model knows only|That is not a sum) ", shown)) == len(no_sums) + 1
    assert shown.count("3+4 = ") == shown.count("5+5 = ") == 1 and shown.count("1+2 = ") == 6
    assert shown.endswith(f"\nThe model: {sum(right)} of 8 right. You: 2 of 3 right.\n")


def test_the_models_answers_are_the_saved_models(outputs, run):
    pairs = [(a, b) for a in range(1, 11) for b in (1, 10)]
    status, shown = run("".join(f"{a}+{b}\n" for a, b in pairs).encode() + b"\n", *BRIEF, "--outputs", outputs)
    lines = shown[shown.index(PROMPT) :].splitlines()
    right = [judgement(line + "\n", sum(pair)) for pair, line in zip(pairs, lines[1::2], strict=False)]
    assert lines[0] == PROMPT + "1+1"  # a pipe shows what was typed
    assert status == 0 and 0 < sum(right) < len(pairs)  # the brief training; else the test says nothing
    assert lines[-1] == f"The model: {sum(right)} of {len(pairs)} right. You: 0 of 0 right."

    # The same answers, with the article's functions.
    model = keras.saving.load_model(outputs / "seq2seq_sum.keras")
    X, _ = common.to_string(pairs, [2], 2, 10)
    X, _ = common.one_hot_encode(*common.integer_encode(X, ["2"], seq2seq_sum.ALPHABET), 12)
    expected = [common.invert_encoding(seq, seq2seq_sum.ALPHABET).strip() for seq in model.predict(X, verbose=0)]
    assert re.findall("The model says (.*?): ", shown) == expected


@pytest.mark.parametrize("text", ["1+2", "1+2+100", "1+2+3+4", "0+1+2", "1+2+", "", "1+2+" + "9" * 5000])
def test_a_sum_has_as_many_numbers_as_the_model_knows(text):
    assert quiz.read_sum("99 +0012+ 7 ", 3, 99) == [99, 12, 7]
    with pytest.raises(ValueError, match=r"not a sum like 3\+3\+3|sums of 3 whole numbers from 1 to 99"):
        quiz.read_sum(text, 3, 99)


def test_a_terminal_and_ctrl_c_there(outputs):
    spawn = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    command = [sys.executable, "-c", spawn, sys.executable, "-m", "extensions.quiz", *BRIEF, "--outputs", str(outputs)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    shown = b""

    def read(until, seconds=120):
        nonlocal shown
        while until not in shown and select.select([process.stdout], [], [], seconds)[0]:
            part = process.stdout.read(10_000)
            if not part:  # closed by the quiz
                break
            shown += part
        return until in shown

    assert read(PROMPT.encode())
    process.stdin.write(b"\n")
    assert read(b" = ")
    process.stdin.write(b"0\n")
    assert read(b"You are wrong") and read(b"The model says")
    # `input` keeps a Ctrl-C that comes between its prompt and its reading until the next key: it is pressed again.
    assert any(process.stdin.write(b"\x03") and read(b"You: 0 of 1 right", seconds=5) for _ in range(10)), shown
    read(b"the end")
    assert b"Traceback" not in shown
    assert process.wait() == 130


def test_a_closed_input_is_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)  # as Python has it after `<&-`
    with pytest.raises(SystemExit) as error:
        quiz.main(["--outputs", str(tmp_path)])
    assert error.value.code == 2
    assert re.fullmatch(r".*: error: [^\n]* is closed\n", capsys.readouterr().err)


# ---- The model


def test_without_a_model_one_is_trained_once_for_each_size(tmp_path, run, trainings):
    for typed in (b"q\n", b"99+99\n100+1\n"):
        status, shown = run(typed, "--largest", 99, "--outputs", tmp_path)
        assert status == 0 and len(trainings) == 1
    assert judgement(shown, 198) is False  # not trained
    run(b"", "--outputs", tmp_path)
    assert ["--n-examples=10000" in trainings[0], "--n-examples=1000" in trainings[1]] == [True, True]
    assert sorted(os.listdir(tmp_path)) == ["seq2seq_sum_2x10", "seq2seq_sum_2x99"]


def test_a_model_of_other_settings_is_left_alone(outputs, run, trainings):
    """A model with another seed has the same widths."""
    before = {path: path.read_bytes() for path in outputs.glob("seq2seq_sum.*")}
    for argument in ("--largest=8", "--seed=2"):
        _, shown = run(b"1+1\n", *BRIEF, argument, "--outputs", outputs)
        assert f"{outputs / 'seq2seq_sum.keras'} was trained with n_examples=1000, n_numbers=2, largest=10, " in shown
        assert argument in trainings[-1]
    assert {path: path.read_bytes() for path in outputs.glob("seq2seq_sum.*")} == before


def test_ctrl_c_in_the_training_ends_the_quiz_and_the_next_one_trains_anew(tmp_path, run, trainings, monkeypatch):
    folder = tmp_path / "seq2seq_sum_2x10"
    with monkeypatch.context() as patch:
        patch.setattr(seq2seq_sum, "main", lambda argv, save=seq2seq_sum.main: save(argv) or 130)
        status, shown = run(b"1+1\n", "--outputs", tmp_path)
    assert status == 130 and "The model says" not in shown
    figures = json.loads((folder / "seq2seq_sum.json").read_text(encoding="utf-8"))
    (folder / "seq2seq_sum.json").write_text(json.dumps(figures | {"n_finished": 2}), encoding="utf-8")
    status, shown = run(b"1+1\n", "--outputs", tmp_path)
    assert f"{folder / 'seq2seq_sum.keras'} is half trained\n" in shown
    assert status == 0 and "The model says" in shown and len(trainings) == 2


def with_code():
    """Return a model of the right shapes that would run code of its file's."""
    code = keras.layers.Lambda(lambda X: X[:, :2], output_shape=(2, 12))
    return keras.Sequential([keras.Input((5, 12)), code])


@pytest.mark.parametrize(
    ("ending", "content", "reason"),
    [
        ("keras", b"", "cannot be loaded: "),
        ("keras", b"a note\n", "cannot be loaded: "),
        ("keras", None, "cannot be loaded: "),  # a folder
        ("keras", with_code, "cannot be loaded: ValueError: .*Lambda"),
        ("keras", lambda: seq2seq_sum.build_model(5, 3, 12), "has other layers: "),
        ("keras", lambda: keras.Sequential([keras.Input((5,)), keras.layers.Dense(1)]), "has other layers: "),
        ("json", b"\xff\xfe\n", "cannot be loaded: "),
        ("json", b"[1]", "cannot be loaded: "),
    ],
)
def test_what_is_no_model_is_one_line(outputs, tmp_path, capsys, ending, content, reason):
    values = {"n_examples": 1000, "n_numbers": 2, "largest": 10, "n_batch": 10, "n_epoch": 5, "learning_rate": 0.001}
    args = Namespace(**values, seed=1)
    for name in ("seq2seq_sum.keras", "seq2seq_sum.json"):
        (tmp_path / name).write_bytes((outputs / name).read_bytes())
    assert quiz.load(tmp_path / "seq2seq_sum.keras", args).count_params() > 0
    path = tmp_path / f"seq2seq_sum.{ending}"
    path.unlink()
    if content is None:
        path.mkdir()
    elif callable(content):
        content().save(path)
    else:
        path.write_bytes(content)
    assert quiz.load(tmp_path / "seq2seq_sum.keras", args) is None
    assert re.fullmatch(rf"{tmp_path}/seq2seq_sum\.keras {reason}[^\n]*\n", capsys.readouterr().out)


def test_a_model_that_was_not_evaluated_is_trained_anew(outputs, tmp_path, run, trainings):
    (tmp_path / "seq2seq_sum.keras").write_bytes((outputs / "seq2seq_sum.keras").read_bytes())
    status, shown = run(b"1+1\n", *BRIEF, "--outputs", tmp_path)
    assert "was not evaluated to the end" in shown and status == 0 and len(trainings) == 1


@pytest.mark.slow
def test_the_model_for_99_gets_95_percent(tmp_path, run):
    status, shown = run(b"47+38\n", "--largest", "99", "--outputs", tmp_path)
    assert status == 0
    assert int(re.search(r"the model gets (\d+) right", shown)[1]) >= 950
