"""The READMEs: tables and figures are those of the references, the example runs, the links lead somewhere."""

import re
import runpy
import shlex
from decimal import ROUND_HALF_UP, Decimal
from importlib import import_module
from pathlib import Path

from extensions import readme_tables

import pytest

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "outputs" / "reference"
READMES = {name: (ROOT / name).read_text(encoding="utf-8") for name in readme_tables.READMES}
README = READMES["README.md"]

# The figures in prose: as written, README, reference, the transcript's line; its group is the number, or the count.
FIGURES = [
    ("2 of 20", "README.md", "seq2seq_sum_hold-out_20_seed_2", r"^Exact: (\d+ of \d+)"),
    ("97.6 %", "README.md", "held_out_pairs", r"99: 7,841 .*\n(?:.*\n){3} +held out, mean of .*; mean (\S+)$"),
    ("1.3 %", "README.md", "held_out_pairs_80_pairs", r"held out, mean of .*; mean (\S+)$"),
    ("1.25 %", "extensions/text/README.md", "held_out_pairs_80_pairs", r"held out, mean of .*; mean (\S+)$"),
    ("99.9 %", "README.md", "framings", r"padded and all reversed: .*, (\S+) % "),
    ("4.144", "README.md", "smallest_adder", r"^seed 1: .*\n(?:.*\n){2} +3_parameters: .*u (\d\S+), v"),
    ("1.997", "README.md", "smallest_adder", r"^seed 1: .*\n(?:.*\n){2} +3_parameters: .*v (\d\S+), w"),
    ("20.660", "README.md", "smallest_adder", r"^seed 1: .*\n(?:.*\n){2} +3_parameters: .*w -(\d\S+), v/u"),
    ("5 of 137", "extensions/numbers/README.md", "unlucky_starts", r"^negative starts that fail .* flipped: (.*?),"),
    ("132 of 489", "extensions/numbers/README.md", "unlucky_starts", r"^positive starts exact .* flipped: (.*?),"),
    ("4.62", "extensions/numbers/README.md", "unlucky_starts", r"^seed 5: .*; (\S+); "),
    ("0.60", "extensions/numbers/README.md", "unlucky_starts", r"^seed 6: .*; (\S+); "),
    ("0.41", "extensions/numbers/README.md", "unlucky_starts", r"^seed 8: .*; (\S+); "),
    ("9.32", "extensions/numbers/README.md", "unlucky_starts", r"^seed 14: .*; (\S+); "),
    ("13.33 %", "extensions/numbers/README.md", "squares", r"^random fifth of squares, ReLU .* (\S+) \(10"),
    ("1.02 %", "extensions/numbers/README.md", "squares", r"^sums beyond, ReLU .* (\S+) \(0"),
    ("0.996", "extensions/numbers/README.md", "exact_lstm", r"^Mean slope .* seed 1: (\S+), "),
    ("0.918", "extensions/numbers/README.md", "exact_lstm", r"^Mean slope .*, (\S+)$"),
    ("99.8 %", "extensions/text/README.md", "short_sums", r"253767 drawn; held out \d+ of \d+, (\S+) %"),
    ("84.01 %", "extensions/text/README.md", "held_out_pairs_1280_pairs", r"held out, mean of .*; mean (\S+)$"),
    ("84.44 %", "extensions/text/README.md", "held_out_pairs", r"held out, mean of .* 87.97; mean (\S+)$"),
    ("97.61 %", "extensions/text/README.md", "held_out_pairs", r"held out, mean of .* 98.57; mean (\S+)$"),
]
NOT_OF_A_RUN = {"4.5", "2.4"}  # set by hand, and the size of the packages in GB
VERSION = r"(?:Python|TensorFlow|Keras|arXiv) [\d.]+(?: to [\d.]+)?(?: \([\d.]+ on Python [\d.]+\))?"


def prose(text):
    """Return Markdown without code, addresses, tables and versions, in one line."""
    text = re.sub(r"(?s:```.*?```|<details>.*?</details>)|(?m:^\|.*\|$)|`[^`]*`|\]\([^)]*\)", "", text)
    return re.sub(VERSION, "", " ".join(text.split()))


def captured(name, pattern):
    """Return what a pattern captures in a transcript, each time the same."""
    [found] = set(re.findall(pattern, (REFERENCE / name / "transcript.txt").read_text(encoding="utf-8"), re.MULTILINE))
    return found


def is_rounding(figure, number):
    """Return whether a figure as written, 99.5 % or 3 of 60, is a number of a transcript, rounded as it is."""
    if " of " in figure:
        return figure == number
    digits = Decimal(figure.removesuffix(" %"))
    return Decimal(number).quantize(Decimal(1).scaleb(digits.as_tuple().exponent), ROUND_HALF_UP) == digits


@pytest.mark.parametrize(("figure", "readme", "name", "pattern"), FIGURES)
def test_a_figure_in_prose_is_a_rounding_of_its_transcripts(figure, readme, name, pattern):
    assert re.search(rf"(?<![\d.]){re.escape(figure)}(?![\d.]\d)", prose(READMES[readme]))
    assert is_rounding(figure, captured(name, pattern))


def test_no_other_number_with_a_point_or_a_percent_sign_stands_in_the_prose_of_the_first_readme():
    """The parts of a range, 5 to 9 %, count as one; so the first of it stands in no row."""
    found = re.findall(r"(?<![\d.])(?:\d+\.\d+(?! ?%)(?!\.?\d)|\d+(?:\.\d+)? ?%)", prose(README))
    rows = {figure for figure, readme, *_ in FIGURES if readme == "README.md"}
    assert [figure for figure in found if figure not in rows | NOT_OF_A_RUN] == []


@pytest.mark.parametrize("change", [("99.5 %", "99.49"), ("3 %", "3.10"), ("0.1", "0.05"), ("3 of 60", "3 of 60")])
def test_a_changed_digit_is_no_rounding(change):
    figure, number = change
    assert is_rounding(figure, number)
    for i, digit in enumerate(figure):
        if digit.isdigit():
            other = figure[:i] + str((int(digit) + 1) % 10) + figure[i + 1 :]
            assert not is_rounding(other, number), other


# ---- Tables


@pytest.mark.parametrize("readme", READMES)
def test_no_table_is_stale(readme):
    assert readme_tables.stale(READMES[readme]) == []


def test_a_stale_table_is_found_and_written_anew(tmp_path, monkeypatch, capsys):
    marked = "".join(f"Text.\n<!-- table: {name} -->\n<!-- end -->\n" for name in readme_tables.TABLES)
    monkeypatch.setattr(readme_tables, "READMES", ["README.md"])
    fresh = readme_tables.renew(marked)
    assert fresh.count("Text.\n") == len(readme_tables.TABLES) and readme_tables.stale(fresh) == []
    row = "| `python mlp_sum.py` | two scaled numbers together | RMSE 0.00 | RMSE 0.00 | RMSE 0.00 to 9.32 |\n"
    assert row in fresh and '| answer reversed: `" 678+45"` → `"327 "` | ' in fresh
    stale = fresh.replace("9.3242", "9.3224")
    assert readme_tables.stale(stale) == ["repeats"] and readme_tables.renew(stale) == fresh
    with pytest.raises(ValueError):
        readme_tables.renew("<!-- table: other -->\n<!-- end -->")
    (tmp_path / "README.md").write_text(stale, encoding="utf-8")
    renewed = {name: table() for name, table in readme_tables.TABLES.items()}  # from the project's references
    monkeypatch.setattr(readme_tables, "TABLES", {name: lambda name=name: renewed[name] for name in renewed})
    monkeypatch.setattr(readme_tables, "ROOT", tmp_path)
    assert readme_tables.main(["--check"]) == 1 and (tmp_path / "README.md").read_text(encoding="utf-8") == stale
    assert readme_tables.main([]) == readme_tables.main(["--check"]) == 0
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == fresh


# ---- Code, exercises, links


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
        reference = (REFERENCE / "seq2seq_sum" / "transcript.txt").read_text(encoding="utf-8")
        assert printed.endswith(reference.partition("\n")[2])


@pytest.mark.slow
@pytest.mark.parametrize("exercise", re.findall("(?s)<details>.*?</details>", README))
def test_the_exercises_end_as_they_say(exercise, tmp_path, capsys):
    question, answer = exercise.split("</summary>")
    command = re.search("<code>python (.*?)</code>", question)[1]
    numbers = []
    for more in ("", *re.findall("<code>(--.*?)</code>", question)):
        script, *arguments = shlex.split(f"{command} {more}")
        import_module(script.removesuffix(".py")).main([*arguments, "--outputs", str(tmp_path)])
        scores = re.findall(r"(?m)^(?:RMSE|Exact|Trained sums, exact): .*", capsys.readouterr().out)
        numbers += re.findall(r"\d+(?:\.\d+)?", " ".join(scores))
    figures = re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d)", "", answer))
    assert figures and [figure for figure in figures if not any(is_rounding(figure, each) for each in numbers)] == []


def test_the_output_shown_is_the_reference():
    shown = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    for text, name in zip(shown, ("seq2seq_sum", "seq2seq_sum_hold-out_20"), strict=True):
        assert text in (REFERENCE / name / "transcript.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", READMES)
def test_what_is_linked_to_is_there(name):
    links = re.findall(r"\]\((?!https:)([^)#]+)\)", READMES[name])
    assert len(links) >= 5
    assert [link for link in links if not ((ROOT / name).parent / link).exists()] == []
