"""The quiz: whatever people type, its score, which saved model it takes, and when it trains one."""

import io
import json
import re
import shutil
import sys
from argparse import Namespace
from pathlib import Path

import common
import seq2seq_sum
from extensions import quiz

import keras
import pytest

BRIEF = "--n-epoch 5 --n-batch 50 --learning-rate 0.01".split()  # so that the model knows some sums and not others


def judgement(shown, total):
    """Return whether the quiz calls the model's answer right; check that it says so of the right total only."""
    said, verdict = re.search(r"The model says (.*?): (.*?)\.\s", shown).groups()
    assert verdict == ("right" if said == str(total) else f"wrong, it is {total}")
    return verdict == "right"


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    outputs = tmp_path_factory.mktemp("outputs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(common, "unroll", lambda n_steps: False)  # which takes long
        assert seq2seq_sum.main([*BRIEF, "--outputs", str(outputs)]) == 0
        yield outputs


@pytest.fixture
def run(monkeypatch, capsys):
    """Give a function that runs the quiz with its input from a pipe, and returns its status and what it prints."""

    def run(typed, *arguments, stream=io.TextIOWrapper):
        monkeypatch.setattr(sys, "stdin", stream(io.BytesIO(typed), encoding="utf-8"))
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
        outputs = Path(settings.pop("outputs"))
        outputs.mkdir(parents=True, exist_ok=True)
        n_in, n_out = common.sequence_lengths(int(settings["n-numbers"]), int(settings["largest"]))
        line = ", ".join(f"{name.replace('-', '_')}={value}" for name, value in settings.items())
        figures = {"settings": line, "n_finished": int(settings["n-epoch"])}
        with common.run_folder(outputs, "seq2seq_sum") as folder:
            seq2seq_sum.build_model(n_in, n_out, 12).save(folder / "model.keras")
            (folder / "scores.json").write_text(json.dumps(figures), encoding="utf-8")
        return 0

    monkeypatch.setattr(seq2seq_sum, "main", main)
    return calls


# ---- What is typed


NO_SUMS = ["11+1", "0+5", "5", "1+2+3", "9" * 100_000 + "+1", "abc", "3++4", "3-4", "٣+٤", "３+４", "1e1+2", "+\x00"]


def test_whatever_is_typed_the_quiz_goes_on_and_keeps_score(outputs, run, monkeypatch):
    problems = iter([([[3, 4]], [7]), ([[5, 5]], [10]), ([[1, 2]], [3])])
    draw = common.random_sum_pairs
    monkeypatch.setattr(common, "random_sum_pairs", lambda n, *rest: next(problems) if n == 1 else draw(n, *rest))
    pairs = [(a, b) for a in range(1, 11) for b in (1, 10)]
    sums = ["004+0005", " 7 + 8 ", *(f"{a}+{b}" for a, b in pairs)]
    # Problems: a right answer, a wrong one, and what is no number, before a right one.
    problem_lines = ["", "7", "", "110", "", "", "x", "1.5", "٣", "+", " 003 "]
    typed = "\n".join([*sums, *NO_SUMS, *problem_lines]).encode() + b"\n\xff\xfe+\nQ\n1+1\n"
    status, shown = run(typed, *BRIEF, "--outputs", outputs)
    assert status == 0
    answers = re.findall(r"(?:You are [^\n]*\. )?The model says [^\n]*\n", shown)
    totals = [9, 15, *map(sum, pairs), 7, 10, 3]
    right = [judgement(shown, total) for shown, total in zip(answers, totals, strict=True)]
    assert [re.match(r"You are (\w+)", answer)[1] for answer in answers[-3:]] == ["right", "wrong", "right"]
    assert len(re.findall(r"(?m)^(?:The model knows only|That is not a sum) ", shown)) == len(NO_SUMS) + 1
    assert shown.count("3+4 = ") == shown.count("5+5 = ") == 1 and shown.count("1+2 = ") == 6
    assert 0 < sum(right) < len(right)  # the brief training; else the test says little
    assert shown.endswith(f"\nThe model: {sum(right)} of {len(right)} right. You: 2 of 3 right.\n")

    # The same answers, with the article's functions.
    model = keras.saving.load_model(outputs / "seq2seq_sum" / "model.keras")
    X, _ = common.to_string(pairs, [2] * len(pairs), 2, 10)
    X, _ = common.one_hot_encode(*common.integer_encode(X, ["2"], seq2seq_sum.ALPHABET), 12)
    expected = [common.invert_encoding(seq, seq2seq_sum.ALPHABET).strip() for seq in model.predict(X, verbose=0)]
    assert re.findall("The model says (.*?): ", shown)[2:-3] == expected


@pytest.mark.parametrize("text", ["1+2", "1+2+3+4", "1+2+100", "0+1+2", "1+2+"])
def test_a_sum_has_as_many_numbers_as_the_model_knows(text):
    assert quiz.read_sum("99 +0012+ 7 ", 3, 99) == [99, 12, 7]
    with pytest.raises(ValueError):
        quiz.read_sum(text, 3, 99)


def test_ctrl_c_at_a_prompt_shows_the_score(outputs, run):
    class Interrupted(io.TextIOWrapper):
        def readline(self, *args):
            if line := super().readline(*args):
                return line
            raise KeyboardInterrupt

    status, shown = run(b"\n0\n", *BRIEF, "--outputs", outputs, stream=Interrupted)
    assert status == 130 and re.search(r"The model: \d of 1 right. You: 0 of 1 right.\n$", shown)


def test_the_problems_are_others_each_time_whatever_the_seed(outputs, run):
    typed = b"\n1\n" * 6
    asked = [re.findall(r"(?m)^(\d+\+\d+) = ", run(typed, *BRIEF, "--outputs", outputs)[1]) for _ in range(2)]
    assert len(asked[0]) == 6 and asked[0] != asked[1]


def test_a_closed_input_is_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)  # as Python has it after `<&-`
    with pytest.raises(SystemExit) as error:
        quiz.main(["--outputs", str(tmp_path)])
    assert error.value.code == 2 and capsys.readouterr().err.count("\n") == 1


# ---- The model


def test_one_is_trained_once_for_each_size_and_those_of_others_are_left_alone(outputs, run, trainings, monkeypatch):
    before = {path: path.read_bytes() for path in outputs.glob("seq2seq_sum/*")}
    for typed in (b"q\n", b"8+8\n9+1\n"):
        status, shown = run(typed, "--largest", 8, "--outputs", outputs)
        assert status == 0 and len(trainings) == 1
    assert judgement(shown, 16) is False  # not trained
    monkeypatch.setattr(seq2seq_sum, "main", lambda argv, save=seq2seq_sum.main: save(argv) or 130)  # Ctrl-C
    status, shown = run(b"1+1\n", *BRIEF, "--seed", 2, "--outputs", outputs)  # with another seed, the same widths
    assert status == 130 and "The model says" not in shown
    assert "--n-examples=10000" in trainings[0] and "--n-examples=1000" in trainings[1]
    models = {str(path.relative_to(outputs)) for path in outputs.glob("quiz/*/*")}
    assert models == {"quiz/2x10/seq2seq_sum", "quiz/2x8/seq2seq_sum"}
    assert {path: path.read_bytes() for path in before} == before and len(before) == 4


def with_code():
    """Return a model of the right shapes that would run code of its file's."""
    return keras.Sequential([keras.Input((5, 12)), keras.layers.Lambda(lambda X: X[:, :2], output_shape=(2, 12))])


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("model.keras", b"a note\n", "cannot be loaded: "),
        ("model.keras", None, "cannot be loaded: "),  # a folder
        ("model.keras", with_code, "cannot be loaded: ValueError: .*Lambda"),
        ("model.keras", lambda: keras.Sequential([keras.Input((5,)), keras.layers.Dense(1)]), "has other layers: "),
        ("scores.json", b"[1]", "cannot be loaded: "),
        ("scores.json", {"n_finished": 2}, "is half trained"),
        ("scores.json", {"settings": "n_examples=1000, n_numbers=2"}, "was trained with n_examples=1000, n_numbers=2"),
        ("scores.json", "missing", "cannot be loaded: "),
    ],
)
def test_what_is_no_model_is_one_line(outputs, tmp_path, capsys, name, content, reason):
    args = Namespace(n_examples=1000, n_numbers=2, largest=10, n_batch=50, n_epoch=5, learning_rate=0.01, seed=1)
    folder = shutil.copytree(outputs / "seq2seq_sum", tmp_path / "copy")
    assert quiz.load(folder, args).count_params() > 0 and quiz.load(tmp_path / "missing", args) is None
    path = folder / name
    figures = path.read_bytes()
    path.unlink()
    if content is None:
        path.mkdir()
    elif callable(content):
        content().save(path)
    elif isinstance(content, dict):
        path.write_text(json.dumps(json.loads(figures) | content), encoding="utf-8")
    elif content != "missing":
        path.write_bytes(content)
    assert quiz.load(folder, args) is None
    shown = capsys.readouterr().out
    assert shown.count("\n") == 1 and str(folder) in shown and re.search(reason, shown)


@pytest.mark.slow
def test_the_model_for_99_gets_95_percent(tmp_path, run):
    _, shown = run(b"", "--largest", "99", "--outputs", tmp_path)
    assert int(re.search(r"the model gets (\d+) right", shown)[1]) >= 950
