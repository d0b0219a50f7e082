"""layer_sizes and reproduce at a tiny size: what is held out, what is printed and saved, what differs."""

import doctest
import random
import re

import pytest

from extensions import layer_sizes, reproduce

TINY = ("--n-examples", "20", "--n-batch", "10", "--n-epoch", "1", "--n-seeds", "1")


def test_doctests():
    for module in (layer_sizes, reproduce):
        result = doctest.testmod(module)
        assert result.attempted and not result.failed


@pytest.mark.parametrize("largest", [9, 99, 99_999])
def test_no_pair_is_in_two_parts_in_any_order(largest):
    parts = [{tuple(sorted(pair)) for pair in part} for part in layer_sizes.draw(3000, largest, random.Random(1))]
    assert not parts[0] & parts[1] and not parts[0] & parts[2] and not parts[1] & parts[2]
    assert len(parts[1]) == len(parts[2]) == min(1000, largest * (largest + 1) // 20)


def test_a_tiny_run_of_layer_sizes(tmp_path, capsys, eager):
    assert layer_sizes.main([*TINY, "--units", "25", "--digits", "2", "3", "--outputs", str(tmp_path)]) == 0
    text = (tmp_path / "layer_sizes.txt").read_text(encoding="utf-8")
    assert capsys.readouterr().out.endswith(text)
    cells = re.findall(r"(?m)^(.*), up to (\d) digits, 25 units: \S+ \(n = (\d+)\)$", text)
    assert cells == [(framing, d, n) for d, n in (("2", "495"), ("3", "1000")) for framing in layer_sizes.FRAMINGS]
    assert (tmp_path / "layer_sizes.png").exists()


def test_the_picture_of_layer_sizes_has_a_mean_in_each_cell():
    reversed_ = layer_sizes.FRAMINGS[1]
    exact = {(layer_sizes.FRAMINGS[0], 2, 25): [40.0, 50.0], (reversed_, 2, 25): [99.6], (reversed_, 3, 50): [1.04]}
    left, right = layer_sizes.picture("title", exact, [2, 3], [25, 50]).axes
    cells = [[(*text.get_position(), text.get_text()) for text in axes.texts] for axes in (left, right)]
    assert cells == [[(0, 0, "45.0")], [(0, 0, "99.6"), (1, 1, "1.0")]]


def test_reproduce_says_what_differs_and_goes_on(tmp_path, capsys, monkeypatch):
    reference = reproduce.ROOT / "outputs" / "reference" / "squares.txt"
    folder = tmp_path / "reproduce" / "squares"
    folder.mkdir(parents=True)
    (folder / "ended.txt").write_text("ended\n", encoding="utf-8")
    monkeypatch.setattr(reproduce.subprocess, "run", None)  # what has ended is not run again
    lines = reference.read_text(encoding="utf-8")
    for text, status in ((lines, 0), (lines.replace("728.24", "728.25"), 1), (lines + "more\n", 1)):
        (folder / "squares.txt").write_text(text, encoding="utf-8")
        assert reproduce.main(["--only", "squares", "--outputs", str(tmp_path)]) == status
    stdout = capsys.readouterr().out
    assert "squares: the same" in stdout and "728.25" in stdout and "another number of lines" in stdout


def test_reproduce_knows_every_transcript():
    transcripts = {path.stem for path in (reproduce.ROOT / "outputs" / "reference").glob("*.txt")}
    assert transcripts <= set(reproduce.COMMANDS)
