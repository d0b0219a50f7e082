"""The quiz: whatever people type, its score, which saved model it takes, and once a terminal."""

import io
import json
import os
import re
import select
import subprocess
import sys
import zipfile
from pathlib import Path

import common
import seq2seq_sum
from extensions import quiz

import keras
import pytest

ROOT = Path(__file__).resolve().parent.parent
PROMPT = "Your sum, or Enter: "
TOO_LARGE = "The model knows only sums of 2 whole numbers from 1 to 10."
NO_SUM = "That is not a sum like 3+3."
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
    """Let seq2seq_sum.py only save: a model that is not trained. Gives the list of the arguments of each training."""
    calls = []

    def save(argv):
        calls.append(argv)
        *settings, _ = [argument[2:].replace("-", "_").split("=", 1) for argument in argv]
        folder = argv[-1].partition("=")[2]
        Path(folder).mkdir(exist_ok=True)
        widths = common.sequence_lengths(*(int(dict(settings)[name]) for name in ("n_numbers", "largest")))
        seq2seq_sum.build_model(*widths, 12).save(Path(folder, "seq2seq_sum.keras"))
        figures = {"settings": ", ".join("=".join(setting) for setting in settings)}
        figures["n_finished"] = int(dict(settings)["n_epoch"])
        Path(folder, "seq2seq_sum.json").write_text(json.dumps(figures), encoding="utf-8")
        return 0

    monkeypatch.setattr(seq2seq_sum, "main", save)
    return calls


# ---- What is typed


def test_whatever_is_typed_the_quiz_goes_on_and_keeps_score(outputs, run, monkeypatch):
    problems = iter([([[3, 4]], [7]), ([[5, 5]], [10]), ([[1, 2]], [3])])
    draw = common.random_sum_pairs
    monkeypatch.setattr(common, "random_sum_pairs", lambda n, *rest: next(problems) if n == 1 else draw(n, *rest))
    sums = {"3+10": 13, " 7 + 8 ": 15, "10+10": 20, "1+1": 2, "004+0005": 9}
    too_large = ("11+1", "0+5", "5", "1+2+3", "7" * 3000 + "+1", "1+" * 1000 + "1", "9" * 100_000 + "+1")
    none = ("abc", "3++4", "+", "3-4", "-3+4", "3+4=7", "٣+٤", "３+４", "1e1+2", "exit()", "%s", "\x1b[A", "+\x00")
    # Problems: a right answer, a wrong one, and what is no number, before a right one.
    problem_lines = ["", "7", "", "110", "", "", "x", "1.5", "٣", "+", " 003 "]
    typed = "\n".join([*sums, *too_large, *none, *problem_lines]).encode() + b"\n\xff\xfe+\n"
    status, shown = run(typed, *BRIEF, "--outputs", outputs)
    assert status == 0
    answers = re.findall(r"(?:You are [^\n]*\. )?The model says [^\n]*\n", shown)
    right = [judgement(shown, total) for shown, total in zip(answers, [*sums.values(), 7, 10, 3], strict=True)]
    assert [re.match(r"You are (\w+)", answer)[1] for answer in answers[-3:]] == ["right", "wrong", "right"]
    assert shown.count(TOO_LARGE) == len(too_large)
    assert shown.count(NO_SUM) == len(none) + 1
    assert shown.count("3+4 = ") == shown.count("5+5 = ") == 1 and shown.count("1+2 = ") == 6
    assert shown.endswith(f"\nThe model: {sum(right)} of 8 right. You: 2 of 3 right.\n")


@pytest.mark.parametrize("typed", [b"q\n3+4\n", b"\n Q \n3+4\n", b""])
def test_q_and_the_end_of_the_input_end_the_quiz_at_both_prompts(outputs, run, typed):
    status, shown = run(typed, *BRIEF, "--outputs", outputs)
    assert status == 0
    assert shown.endswith("The model: 0 of 0 right. You: 0 of 0 right.\n")


def test_the_models_answers_are_the_saved_models(outputs, run):
    pairs = [(a, b) for a in range(1, 11) for b in (1, 10)]
    status, shown = run("".join(f"{a}+{b}\n" for a, b in pairs).encode(), *BRIEF, "--outputs", outputs)
    lines = shown[shown.index(PROMPT) :].splitlines()
    right = [judgement(line + "\n", sum(pair)) for pair, line in zip(pairs, lines[1::2], strict=False)]
    assert lines[0] == PROMPT + "1+1"  # a pipe shows what was typed
    assert status == 0 and len(right) == len(pairs)
    assert 0 < sum(right) < len(pairs)  # the brief training; else the test says nothing
    assert lines[-1] == f"The model: {sum(right)} of {len(pairs)} right. You: 0 of 0 right."

    # The same answers, with the article's functions.
    model = keras.saving.load_model(outputs / "seq2seq_sum.keras")
    X, _ = common.to_string(pairs, [2], 2, 10)
    X, _ = common.one_hot_encode(*common.integer_encode(X, ["2"], seq2seq_sum.ALPHABET), 12)
    expected = [common.invert_encoding(seq, seq2seq_sum.ALPHABET).strip() for seq in model.predict(X, verbose=0)]
    assert re.findall("The model says (.*?): ", shown) == expected


@pytest.mark.parametrize(
    ("text", "terms"), [("1+2+3", [1, 2, 3]), ("99 +0012+ 7 ", [99, 12, 7]), ("1+2", None), ("1+2+100", None),
                        ("1+2+3+4", None), ("0+1+2", None), ("1+2+", None), ("", None), ("1+2+" + "9" * 5000, None)]
)  # fmt: skip
def test_a_sum_has_as_many_numbers_as_the_model_knows(text, terms):
    if terms:
        assert quiz.read_sum(text, 3, 99) == terms
    else:
        with pytest.raises(ValueError, match=r"not a sum like 3\+3\+3|sums of 3 whole numbers from 1 to 99"):
            quiz.read_sum(text, 3, 99)


def test_a_terminal_and_ctrl_c_there(outputs):
    spawn = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    quiz = [sys.executable, "-m", "extensions.quiz", *BRIEF, "--outputs", str(outputs)]
    process = subprocess.Popen(
        [sys.executable, "-c", spawn, *quiz], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    )
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


@pytest.mark.parametrize("stream", ["stdin", "stdout"])
def test_a_closed_input_or_output_is_one_line(tmp_path, capsys, monkeypatch, stream):
    monkeypatch.setattr(sys, stream, None)  # as Python has it after `<&-` or `>&-`
    with pytest.raises(SystemExit) as error:
        quiz.main(["--outputs", str(tmp_path)])
    assert error.value.code == 2
    assert re.fullmatch(r".*: error: there is nobody to ask: [^\n]* is closed\n", capsys.readouterr().err)


# ---- The model


def test_without_a_model_one_is_trained_once_for_each_size(tmp_path, run, trainings):
    trained = tmp_path / "seq2seq_sum_2x99" / "seq2seq_sum.keras"
    status, shown = run(b"q\n", "--largest", 99, "--outputs", tmp_path)
    assert status == 0 and f"seq2seq_sum.py trains {trained} first." in shown
    assert "--n-examples=10000" in trainings[0] and "--n-epoch=30" in trainings[0]
    status, shown = run(b"99+99\n100+1\n", "--largest", 99, "--outputs", tmp_path)
    assert status == 0 and len(trainings) == 1
    assert judgement(shown, 198) is False  # not trained
    assert "The model knows only sums of 2 whole numbers from 1 to 99." in shown
    run(b"", "--outputs", tmp_path)
    assert "--n-examples=1000" in trainings[1]
    assert sorted(os.listdir(tmp_path)) == ["seq2seq_sum_2x10", "seq2seq_sum_2x99"]


@pytest.mark.parametrize("argument", ["--largest=8", "--largest=49", "--n-numbers=3", "--seed=2", "--n-batch=20"])
def test_a_model_of_other_settings_is_left_alone(outputs, run, trainings, argument, monkeypatch):
    """Sums up to 8 are narrower; a model with another seed has the same widths."""
    monkeypatch.setattr(quiz, "model_answers", lambda model, X, *rest: [str(model.input_shape[1])] * len(X))
    before = {path: path.read_bytes() for path in outputs.glob("seq2seq_sum.*")}
    _, shown = run(b"1+1\n", *BRIEF, argument, "--outputs", outputs)
    assert f"{outputs / 'seq2seq_sum.keras'} was trained with n_examples=1000, n_numbers=2, largest=10, " in shown
    assert [argument in arguments for arguments in trainings] == [True]
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


@pytest.mark.parametrize("damage", ["empty", "cut", "text", "other zip", "a folder", "no figures", "no text", "a list"])
def test_what_is_no_model_is_one_line(outputs, tmp_path, capsys, damage):
    figures = (outputs / "seq2seq_sum.json").read_text(encoding="utf-8")
    settings = json.loads(figures)["settings"]
    path = tmp_path / "a.keras"
    whole = (outputs / "seq2seq_sum.keras").read_bytes()
    path.with_suffix(".json").write_text(figures, encoding="utf-8")
    path.write_bytes(whole)
    assert quiz.load(path, settings).count_params() > 0
    assert quiz.load(path, settings.replace("seed=1", "seed=11")) is None
    assert quiz.load(tmp_path / "none.keras", settings) is None
    assert capsys.readouterr().out == f"{path} was trained with {settings}\n"

    path.unlink()
    if damage == "other zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a", "b")
    elif damage == "a folder":
        path.mkdir()
    else:
        path.write_bytes({"empty": b"", "cut": whole[: len(whole) // 2], "text": b"a note\n"}.get(damage, whole))
    if damage == "no figures":
        path.with_suffix(".json").unlink()
    if damage in ("no text", "a list"):
        path.with_suffix(".json").write_bytes({"no text": b"\xff\xfe\n", "a list": b"[1]"}[damage])
    assert quiz.load(path, settings) is None
    assert re.fullmatch(rf"{re.escape(str(path))} cannot be loaded: \w+: [^\n]+\n", capsys.readouterr().out)


def test_a_model_that_seq2seq_sum_saves_is_taken(tmp_path, run, eager, monkeypatch):
    arguments = ["--n-examples", "20", "--n-epoch", "1", "--outputs", str(tmp_path)]
    assert seq2seq_sum.main(arguments) == 0
    monkeypatch.setattr(seq2seq_sum, "main", None)
    status, shown = run(b"q\n", *arguments)
    assert status == 0 and "The model: 0 of 0 right." in shown


@pytest.mark.slow
def test_the_model_for_99_gets_95_percent(tmp_path, run):
    status, shown = run(b"47+38\n", "--largest", "99", "--outputs", tmp_path)
    assert status == 0
    assert int(re.search(r"the model gets (\d+) right", shown)[1]) >= 950
