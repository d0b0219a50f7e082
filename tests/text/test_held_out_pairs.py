"""Held-out pairs: the picture, and the rows of a small run."""

import io
import re

from extensions.text import held_out_pairs


def test_the_picture_of_held_out_pairs_has_a_line_for_each_run():
    history = {"exact": [0.1, 0.5], "val_exact": [0.0, 0.25]}
    results = {10: [([], [], history), ([], [], history | {"val_exact": [0.0, 0.0]})]}
    results |= {99: [([], [], history)]}
    figure = held_out_pairs.picture(results, "title")
    figure.savefig(file := io.BytesIO(), format="png")
    assert file.getvalue().startswith(b"\x89PNG")
    lines = [[list(line.get_ydata()) for line in axes.lines if line.get_linestyle() == "-"] for axes in figure.axes]
    assert lines == [[[10, 50], [10, 50], [0, 25], [0, 0]], [[10, 50], [0, 25]]]
    zeros = [[text.get_text() for text in axes.texts if "0 %" in text.get_text()] for axes in figure.axes]
    assert zeros == [["1 of 2 networks: 0 %"], []]
    marks = [[line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == ":"] for axes in figure.axes]
    assert marks == [[held_out_pairs.N_EPOCH]] * 2


def test_the_rows_are_those_of_both_ends_and_of_the_rise(tmp_path, monkeypatch, eager):
    monkeypatch.setattr(held_out_pairs, "N_EPOCH", 1)
    arguments = ["--n-examples", "20", "--n-batch", "10", "--n-epoch", "2", "--largest", "11", "--n-seeds", "1"]
    assert held_out_pairs.main([*arguments, "--outputs", str(tmp_path)]) == 0
    text = (tmp_path / "held_out_pairs.txt").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^after (\d) epochs, (in training|held out), exact, % of each seed: [\d.]+$", text)
    assert rows == [("1", "in training"), ("1", "held out"), ("2", "in training"), ("2", "held out")] * 2
    rises = re.findall(r"(?m)^held out, exact, first epoch at (\d\d) % of each seed: \w+$", text)
    assert rises == ["50", "99"] * 2
