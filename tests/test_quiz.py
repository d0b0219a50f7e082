"""The quiz, used as a person does: at a terminal, with whatever people type. Then from a pipe, and without a model."""

import doctest
import io
import os
import pty
import re
import select
import sys
from pathlib import Path

import pytest

import seq2seq_sum
from extensions import quiz

ROOT = Path(__file__).resolve().parent.parent
PROMPT = "Your sum, or Enter: "
TOO_LARGE = "The model knows only sums of 2 whole numbers from 1 to 10."
NO_SUM = "That is no sum, such as 3+3."
CTRL_C, CTRL_D = "\x03", "\x04"


class Terminal:
    """A quiz at a pseudo-terminal."""

    def __init__(self, *arguments):
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(ROOT)
            os.execv(sys.executable, [sys.executable, "-m", "extensions.quiz", *map(str, arguments)])

    def read(self, until):
        """Return what the quiz shows up to a text; if that is None, up to the end of the quiz."""
        shown = b""
        while until is None or until.encode() not in shown:
            assert select.select([self.terminal], [], [], 120)[0], f"nothing more after {shown}"
            try:
                shown += os.read(self.terminal, 10_000)
            except OSError:  # closed by the quiz
                assert until is None, f"the end, and no {until}: {shown}"
                break
        return shown.decode(errors="replace")

    def type(self, text, until=PROMPT):
        """Type a text, and return what the quiz shows then."""
        os.write(self.terminal, text.encode(errors="surrogateescape"))
        return self.read(until)

    def interrupt(self, until):
        """Press Ctrl-C until the quiz shows a text; return all that it shows, to its end.

        Python's `input` keeps a Ctrl-C that comes between its prompt and its reading until the next key. No person is
        that fast, but a test is: so the key is pressed again where nothing follows for five seconds.
        """
        shown = b""
        for _ in range(10):
            os.write(self.terminal, CTRL_C.encode())
            while until.encode() not in shown and select.select([self.terminal], [], [], 5)[0]:
                shown += os.read(self.terminal, 10_000)
            if until.encode() in shown:
                return shown.decode(errors="replace") + self.read(None)
        raise AssertionError(f"after ten times Ctrl-C no {until}: {shown}")

    def status(self):
        """Wait for the end; return the exit status."""
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


def judgement(shown, total):
    """Return whether the quiz calls the model's answer right; check that it says so of the right total only."""
    said, verdict = re.search(r"The model says (.*?): (.*?)\.\s", shown).groups()
    assert verdict == ("right" if said == str(total) else f"wrong, it is {total}")
    return verdict == "right"


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """Train a model so little that it knows some sums and not others."""
    outputs = tmp_path_factory.mktemp("outputs")
    assert seq2seq_sum.main(["--n-epoch", "5", "--outputs", str(outputs)]) == 0
    return outputs


def test_the_doctest():
    assert doctest.testmod(quiz) == (0, 1)


# ---- At a terminal


def test_whatever_is_typed_the_quiz_goes_on_and_keeps_score(outputs):
    terminal = Terminal("--outputs", outputs)
    terminal.read(PROMPT)
    sums = {"3+10": 13, " 7 + 8 ": 15, "10+10": 20, "1+1": 2, "004+0005": 9}
    right = [judgement(terminal.type(text + "\n"), total) for text, total in sums.items()]
    for text in ("11+1", "0+5", "5", "1+2+3", "7" * 3000 + "+1", "1+" * 1000 + "1"):
        assert TOO_LARGE in terminal.type(text + "\n")
    for text in (
        "abc",
        "3++4",
        "+",
        "3-4",
        "-3+4",
        "3+4=7",
        "٣+٤",
        "３+４",
        "1e1+2",
        "exit()",
        "%s",
        "\udcff",
        "\x1b[A",
    ):
        assert NO_SUM in terminal.type(text + "\n")

    # Problems: a right answer, a wrong one, and what is no number, before a right one.
    for answers, verdict in ((["{}"], "right"), (["1{}"], "wrong"), (["", "x", "1.5", "٣", "+", " 00{} "], "right")):
        problem = terminal.type("\n", until=" = ").splitlines()[-1]
        total = sum(map(int, re.findall(r"\d+", problem)))
        for answer in answers[:-1]:
            assert terminal.type(answer + "\n", until=" = ").splitlines()[-1] == problem
        shown = terminal.type(answers[-1].format(total) + "\n")
        assert f"You are {verdict}" in shown
        right.append(judgement(shown, total))

    shown = terminal.type(CTRL_D, until=None)
    assert f"The model: {sum(right)} of {len(right)} right. You: 2 of 3 right." in shown
    assert "Traceback" not in shown
    assert terminal.status() == 0


def test_ctrl_c_ends_the_quiz_with_the_score(outputs):
    terminal = Terminal("--outputs", outputs)
    terminal.read(PROMPT)
    terminal.type("\n", until=" = ")
    terminal.type("0\n")
    terminal.type("\n", until=" = ")
    shown = terminal.interrupt("You: 0 of 1 right")
    assert re.search(r"The model: [01] of 1 right\. You: 0 of 1 right\.\s*\Z", shown)
    assert "Traceback" not in shown
    assert terminal.status() == 130


def test_without_a_model_one_is_trained_and_ctrl_c_there_keeps_what_was_learned(tmp_path):
    terminal = Terminal("--outputs", tmp_path)
    terminal.read("Epoch 2/30")
    shown = terminal.type(CTRL_C, until=None)
    assert re.search(r"interrupted after epoch \d+ of 30", shown)
    assert f"{tmp_path / 'seq2seq_sum.keras'} is half trained" in shown
    assert "Traceback" not in shown
    assert terminal.status() == 130
    assert sorted(os.listdir(tmp_path)) == ["seq2seq_sum.keras", "seq2seq_sum.png", "seq2seq_sum.txt"]


# ---- From a pipe


@pytest.fixture
def run(monkeypatch, capsys):
    """Give a function that runs the quiz with its input from a pipe, and returns its status and what it prints."""

    def run(typed, *arguments):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed), encoding="utf-8"))
        status = quiz.main([*map(str, arguments)])
        return status, capsys.readouterr().out

    return run


def test_the_models_answers_are_the_saved_models(outputs, run):
    pairs = [(a, b) for a in range(1, 11) for b in (1, 5, 10)]
    status, shown = run("".join(f"{a}+{b}\n" for a, b in pairs).encode(), "--outputs", outputs)
    lines = shown[shown.index(PROMPT) :].splitlines()
    right = [judgement(line + "\n", sum(pair)) for pair, line in zip(pairs, lines[1::2], strict=False)]
    assert lines[0] == PROMPT + "1+1"  # a pipe shows what was typed
    assert status == 0 and len(right) == len(pairs)
    assert 0 < sum(right) < len(pairs)  # the brief training; else the test says nothing
    assert lines[-1] == f"The model: {sum(right)} of {len(pairs)} right. You: 0 of 0 right."

    # The same answers, with the article's functions.
    import keras

    import common

    model = keras.saving.load_model(outputs / "seq2seq_sum.keras")
    X, _ = common.to_string(pairs, [2], 2, 10)
    X, _ = common.one_hot_encode(*common.integer_encode(X, ["2"], seq2seq_sum.ALPHABET), 12)
    expected = [common.invert_encoding(seq, seq2seq_sum.ALPHABET).strip() for seq in model.predict(X, verbose=0)]
    assert re.findall("The model says (.*?): ", shown) == expected


def test_q_ends_the_quiz_at_both_prompts_and_a_line_may_be_endless_or_no_text(outputs, run):
    for typed in (b"q\n3+4\n", b"\n Q \n3+4\n", b"9" * 100_000 + b"+1\n\xff\xfe+\x00\n"):
        status, shown = run(typed, "--outputs", outputs)
        assert status == 0
        assert shown.endswith("The model: 0 of 0 right. You: 0 of 0 right.\n")


# ---- Models of other sizes


def test_another_size_has_a_model_of_its_own(tmp_path, run, monkeypatch):
    monkeypatch.setattr(quiz, "LONGER", ("--n-examples", "20", "--n-epoch", "1"))
    before = {"seq2seq_sum.keras": b"default", "seq2seq_sum.txt": b"default", "seq2seq_sum.png": b"default"}
    for name, content in before.items():
        (tmp_path / name).write_bytes(content)
    status, shown = run(b"q\n", "--largest", 99, "--outputs", tmp_path)
    trained = tmp_path / "seq2seq_sum_2x99" / "seq2seq_sum.keras"
    assert status == 0 and f"seq2seq_sum.py trains {trained} first." in shown
    modified = trained.stat().st_mtime_ns
    status, shown = run(b"99+99\n100+1\n", "--largest", 99, "--outputs", tmp_path)
    assert status == 0 and "trains" not in shown and trained.stat().st_mtime_ns == modified
    assert judgement(shown, 198) is False  # hardly trained
    assert "The model knows only sums of 2 whole numbers from 1 to 99." in shown
    assert {name: (tmp_path / name).read_bytes() for name in before} == before


def test_a_model_that_does_not_fit_or_load_is_left_alone(tmp_path, run, monkeypatch):
    train = seq2seq_sum.main
    monkeypatch.setattr(seq2seq_sum, "main", lambda argv: train([*argv, "--n-examples", "20", "--n-epoch", "1"]))
    path = tmp_path / "seq2seq_sum.keras"
    own = tmp_path / "seq2seq_sum_2x10" / "seq2seq_sum.keras"
    for complaint in ("is a model for other sums.", "cannot be loaded: "):
        if complaint.startswith("is"):
            seq2seq_sum.build_model(5, 3, 12).save(path)  # two numbers to 99
        else:
            path.write_bytes(b"damaged")
        before = path.read_bytes()
        _, shown = run(b"1+1\n", "--outputs", tmp_path)
        assert f"{path} {complaint}" in shown
        assert path.read_bytes() == before and own.exists()
        assert shown.count("The model says ") == 1


@pytest.mark.parametrize(
    ("text", "terms"), [("1+2+3", [1, 2, 3]), ("99 +0012+ 7 ", [99, 12, 7]), ("1+2", None), ("1+2+100", None),
                        ("1+2+3+4", None), ("0+1+2", None), ("1+2+", None), ("", None), ("1+2+" + "9" * 5000, None)]
)  # fmt: skip
def test_a_sum_has_as_many_numbers_as_the_model_knows(text, terms):
    if terms:
        assert quiz.read_sum(text, 3, 99) == terms
    else:
        with pytest.raises(ValueError, match=r"no sum, such as 3\+3\+3|sums of 3 whole numbers from 1 to 99"):
            quiz.read_sum(text, 3, 99)


def test_a_bad_value_is_one_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as error:
        quiz.main(["--largest", "0", "--outputs", str(tmp_path / "not_made")])
    assert error.value.code == 2
    assert re.fullmatch(r".*: error: argument --largest: '0' is not a whole number .*\n", capsys.readouterr().err)
    assert os.listdir(tmp_path) == []


@pytest.mark.slow
def test_the_model_for_99_gets_95_percent(tmp_path, run):
    status, shown = run(b"47+38\n", "--largest", "99", "--outputs", tmp_path)
    assert status == 0
    assert int(re.search(r"the model gets (\d+) right", shown)[1]) >= 950
