"""Both READMEs: the example prints what it says, the links lead somewhere, the figures are those of the references."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "outputs" / "reference"
READMES = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "extensions/README.md")}
README = READMES["README.md"]


def plain(text):
    """Remove the commas of 10,000 and the spaces that align columns."""
    return re.sub(" +", " ", re.sub("(?<=[0-9]),(?=[0-9])", "", text))


def references(prefix):
    """Read all transcripts whose name begins like that, as one text."""
    paths = sorted(REFERENCE.glob(f"{prefix}*.txt"))
    assert paths, prefix
    return plain("\n".join(path.read_text(encoding="utf-8") for path in paths))


def missing(text, transcripts):
    """List the figures of a text, as 12.34 and 5 of 6, that no transcript has."""
    figures = re.findall(r"\d+\.\d{2,}|\d+ of \d+", plain(text))
    return figures, [
        figure for figure in figures if not re.search(rf"(?<![\d.]){re.escape(figure)}(?!\d)", transcripts)
    ]


def example(n_examples, folder, capsys):
    """Run the README's example with so many examples; return what it prints."""
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    assert code.count("30000") == 1
    (folder / "example.py").write_text(code.replace("30000", str(n_examples)), encoding="utf-8")
    runpy.run_path(str(folder / "example.py"))
    return capsys.readouterr().out


def test_the_example_runs(tmp_path, capsys, eager):
    printed = example(100, tmp_path, capsys)
    assert re.search(r"\nRMSE: .*\nExact: \d+ of 1000 .*\n(Expected=.*\n){20}$", printed)


@pytest.mark.slow
def test_the_example_ends_as_the_script_does(tmp_path, capsys):
    printed = example(30000, tmp_path, capsys)
    reference = (REFERENCE / "seq2seq_sum.txt").read_text(encoding="utf-8")
    assert printed.endswith(reference.partition("\n")[2])


@pytest.mark.parametrize("name", ["lstm_sum_naive", "mlp_sum", "seq2seq_sum"])
def test_the_results_of_seed_1_are_the_references(name):
    result = re.search(rf"(?m)^\| `python {name}\.py` \|[^|]*\|[^|]*\| ([^|]*) \|", README)[1]
    assert re.sub(" exact$", "", result) in references(name).replace("RMSE:", "RMSE")


def test_the_output_shown_is_the_reference():
    shown = re.search(r"it ends with\n\n```text\n(.*?)```", README, re.DOTALL)[1]
    assert shown in (REFERENCE / "seq2seq_sum.txt").read_text(encoding="utf-8")


def test_the_figures_of_the_questions_are_the_references():
    rows = re.findall(r"(?m)^\| [^|]* \| `python -m extensions\.(?:any_length\.)?(\w+)[^|]*\| (.*?) \|", README)
    assert len(rows) >= 10
    for name, answer in rows:
        if name not in ("quiz", "repeats"):  # the quiz has no transcript
            figures, wrong = missing(answer, references(name))
            assert figures and wrong == [], name


def test_the_figures_of_many_times_are_the_references():
    rows = re.findall(r"(?m)^\| `python -m extensions\.repeats (\w+)([^|]*)` \| (.*?) \|$", README)
    assert len(rows) >= 2
    for script, options, cells in rows:
        given = [f"_{name}_{value}" for name, value in re.findall(r"--([\w-]+) (\S+)", options) if name != "runs"]
        text = plain((REFERENCE / f"repeats_{script}{''.join(given)}.txt").read_text(encoding="utf-8"))
        figures, wrong = missing(cells, text)
        assert figures and wrong == [], (script, options)


def test_the_figures_of_each_section_are_the_references():
    sections = re.split(r"(?m)^## ", READMES["extensions/README.md"])[1:]
    names = [re.search(r"extensions\.(?:any_length\.)?(\w+)", section) for section in sections]
    assert sum(name is not None for name in names) >= 10
    for section, name in zip(sections, names, strict=True):
        if name and name[1] not in ("quiz", "repeats"):
            figures, wrong = missing(section, references(name[1]))
            assert figures and wrong == [], name[1]


@pytest.mark.parametrize("name", READMES)
def test_what_is_linked_to_is_there(name):
    links = re.findall(r"\]\((?!https:)([^)#]+)\)", READMES[name])
    assert len(links) >= 5
    assert [link for link in links if not ((ROOT / name).parent / link).exists()] == []
