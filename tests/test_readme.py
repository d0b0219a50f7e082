"""Both READMEs: the example prints what it says, the links lead somewhere, each figure rounds one of its transcript."""

import re
import runpy
import shlex
from decimal import ROUND_HALF_UP, Decimal
from importlib import import_module
from pathlib import Path

from extensions import experiments

import pytest

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "outputs" / "reference"
READMES = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "extensions/README.md")}
README = READMES["README.md"]
COMMAND = r"`(?:python )?(?:-m )?(?:extensions\.)?([\w.]+?)(?:\.py)?(?: [^`]*)?`"  # its group is the script


def plain(text):
    """Remove the commas of 10,000 and the spaces that align columns."""
    return re.sub(" +", " ", re.sub("(?<=[0-9]),(?=[0-9])", "", text))


def transcripts(text):
    """Read the transcripts of all scripts whose commands stand in a text, as one text."""
    names = {match[1].rpartition(".")[2] for match in re.finditer(COMMAND, text)} - {""}
    texts = [path.read_text(encoding="utf-8") for name in sorted(names) for path in REFERENCE.glob(f"*{name}*.txt")]
    return plain("\n".join([*texts, "the article prints: RMSE 0.565685, RMSE 0.000000, 20 of 20"]))


def figures(text):
    """List the figures of a text: percentages, RMSEs, decimals and counts, as 99.5, 0.24, 5.564 and '3 of 60'."""
    text = " ".join(plain(text).split())
    text = re.sub(r"!?\[[^]]*\]\([^)]*\)|\*\*|(arXiv|Python) [\d.]+( to [\d.]+)?", "", text)
    text = text.replace("{}, {} and {}".format(*experiments.RATES), "")
    return re.findall(r"\d+ of \d+|(?<![\d.])(?:\d+\.\d+(?![\d.])|\d+(?=(?: to [\d.]+)? %))", text)


def is_in(figure, transcript):
    """Return whether a figure is a count that stands in a transcript, or a number of it, rounded."""
    if " of " in figure:
        return re.search(rf"(?<![\d.]){figure}(?!\d)", transcript) is not None
    unit = Decimal(1).scaleb(Decimal(figure).as_tuple().exponent)
    numbers = {Decimal(number) for number in re.findall(r"\d+(?:\.\d+)?", transcript)}
    return any(number.quantize(unit, ROUND_HALF_UP) == Decimal(figure) for number in numbers if number < 10**12)


def wrong_figures(text):
    """List the figures of a text that the transcripts of its commands do not have."""
    transcript = transcripts(text)
    return [figure for figure in figures(text) if not is_in(figure, transcript)]


BY_HAND = ("Time", "Backends", "Literature", "What was tried", "What we could not do")  # no transcripts
SECTIONS = [
    section for text in READMES.values() for section in re.split("(?m)^#+ ", re.sub("(?s)```.*?```", "", text))[1:]
]


@pytest.mark.parametrize("section", [text for text in SECTIONS if not text.startswith(BY_HAND)], ids=lambda s: s[:30])
def test_each_figure_rounds_one_of_the_transcripts_of_the_section(section):
    rows, prose = re.findall(r"(?m)^\|.*\|$", section), re.sub(r"(?m)^\|.*\|$|^<details>.*\n.*$", "", section)
    assert wrong_figures(prose + "\n".join(row for row in rows if not re.search(COMMAND, row))) == []
    for row in rows:
        if re.search(COMMAND, row):
            assert wrong_figures(row) == [], row


@pytest.mark.parametrize("n_examples", [100, pytest.param(30000, marks=pytest.mark.slow)])
def test_the_example_runs_and_ends_as_the_script_does(tmp_path, capsys, request, n_examples):
    if n_examples == 100:
        request.getfixturevalue("eager")
    [code] = [code for code in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "generate_data" in code]
    assert code.count("30000") == 1
    (tmp_path / "example.py").write_text(code.replace("30000", str(n_examples)), encoding="utf-8")
    runpy.run_path(str(tmp_path / "example.py"))
    printed = capsys.readouterr().out
    assert re.search(r"\nRMSE: .*\nExact: \d+ of 1000 .*\n(Expected=.*\n){20}$", printed)
    if n_examples == 30000:
        reference = (REFERENCE / "seq2seq_sum.txt").read_text(encoding="utf-8")
        assert printed.endswith(reference.partition("\n")[2])


@pytest.mark.slow
@pytest.mark.parametrize("exercise", re.findall("(?s)<details>.*?</details>", README))
def test_the_exercises_end_as_they_say(exercise, tmp_path, capsys):
    question, answer = exercise.split("</summary>")
    command = re.search("<code>python (.*?)</code>", question)[1]
    printed = ""
    for more in ("", *re.findall("<code>(--.*?)</code>", question)):
        script, *arguments = shlex.split(f"{command} {more}")
        import_module(script.removesuffix(".py")).main([*arguments, "--outputs", str(tmp_path)])
        printed += plain(capsys.readouterr().out.rpartition("RMSE: ")[2])
    found = [figure for figure in figures(answer) if is_in(figure, printed)]
    assert found and len(found) >= len(figures(answer)) - 1


def test_the_output_shown_is_the_reference():
    shown = re.search(r"later, with\n\n```text\n(.*?)```", README, re.DOTALL)[1]
    assert shown in (REFERENCE / "seq2seq_sum.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", READMES)
def test_what_is_linked_to_is_there(name):
    links = re.findall(r"\]\((?!https:)([^)#]+)\)", READMES[name])
    assert len(links) >= 5
    assert [link for link in links if not ((ROOT / name).parent / link).exists()] == []
