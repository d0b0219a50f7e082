"""The README: its example runs and prints what it says, and its figures are those of the committed transcripts."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_prints_what_the_readme_says():
    code, printed = re.search(r"```python\n(.*?)```\n\nprints\n\n```text\n(.*?)```", README, re.DOTALL).groups()
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout == printed


@pytest.mark.parametrize(
    ("name", "figure"), [("lstm_sum_naive", r"RMSE \S+"), ("mlp_sum", r"RMSE \S+"), ("seq2seq_sum", r"\d+ of \d+")]
)
def test_the_table_of_results_has_the_transcripts_figures(name, figure):
    results = re.search(rf"(?m)^\| `python {name}\.py` \|.*\| (.*?) \| \[txt\]", README)[1]
    transcript = (ROOT / "outputs" / f"{name}.txt").read_text(encoding="utf-8")
    assert re.match(figure, results)[0] in transcript.replace("RMSE:", "RMSE")


def plain(text):
    """Remove the commas of 10,000 and the spaces that align columns."""
    return re.sub(" +", " ", re.sub("(?<=[0-9]),(?=[0-9])", "", text))


def test_the_figures_of_the_extensions_are_the_transcripts():
    rows = re.findall(r"(?m)^\| [^|]* \| `python -m extensions\.(\w+)[^|]*\| (.*?) \| [^|]*\|$", README)
    assert len(rows) >= 2
    for name, answer in rows:
        if name == "quiz":
            continue  # it has no transcript
        transcript = ROOT / "outputs" / f"{name}.txt"
        figures = re.findall(r"\d+\.\d+|\d+ of \d+", plain(answer))
        text = plain(transcript.read_text(encoding="utf-8"))
        assert figures, name
        assert [figure for figure in figures if not re.search(rf"(?<!\d){figure}(?!\d)", text)] == [], name


def test_what_the_readme_links_to_is_there():
    links = re.findall(r"\]\((?!https:)([^)]+)\)", README)
    assert len(links) >= 10
    assert [link for link in links if not (ROOT / link).exists()] == []
