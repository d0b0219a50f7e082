"""The scratchpad: what is practised, how a text is read twice, and the report."""

import random
import re

import common
from extensions import experiments
from extensions.text import data, scratchpad

import pytest
from independent import independent_form, pythons


@pytest.mark.parametrize("largest", [2, 5])
def test_drills_are_second_steps_of_no_text_of_the_list(largest):
    problems = data.expressions(2, largest) + data.expressions(3, largest, brackets=True)
    drills = scratchpad.drills(largest)
    texts = {text for text, _ in drills}
    assert len(texts) == len(drills)
    assert all(pythons(text) == number for text, number in drills)
    assert not texts & {text for text, _ in problems}
    # and no second step is missing
    steps = {data.first_step(text) for text, _ in problems}
    assert steps - {text for text, _ in problems} <= texts


def test_what_is_drawn_is_trained_or_a_drill_and_of_no_form_that_is_held_out():
    training, held_out = data.hold_out(data.expressions(2, 4) + data.expressions(3, 4), 150, random.Random(1))
    forms = {independent_form(text) for text, _ in held_out}
    assert any(independent_form(text) in forms for text, _ in scratchpad.drills(4))  # -3+1 is 1-3

    def is_held_out(problem):
        return independent_form(problem[0]) in forms

    drawn = scratchpad.draw(training, is_held_out, random.Random(1), 4000, largest=4, share=0.7)
    assert not set(drawn) & set(held_out) and not any(map(is_held_out, set(drawn)))
    assert set(drawn) - set(training) <= set(scratchpad.drills(4)) and len(set(drawn) - set(training)) > 100
    assert 0.66 < sum(len(re.findall(r"\d+", text)) == 2 for text, _ in drawn) / 4000 < 0.74


class Oracle:
    """A model that writes, as probabilities, what a function makes of the text it reads."""

    input_shape = (None, 7, 16)

    def __init__(self, write):
        self.write = write

    def predict(self, X, batch_size, verbose):
        texts = [common.invert_encoding(seq, scratchpad.ALPHABET).strip() for seq in X]
        return scratchpad.encode([""] * len(X), [self.write(text) for text in texts], 1, 6)[1] * 0.9


SOME = data.expressions(3, 3, brackets=True) + data.expressions(2, 3)
EXPRESSION = r"[-+*()\d]*\d[-+*]-?[-+*()\d]*[\d)]"


@pytest.mark.parametrize("write", [scratchpad.next_text, scratchpad.answer_text])
def test_without_errors_each_answer_is_exact(write):
    """What is no number is read again; of a number, which the model answers with nothing, it would be an error."""
    model = Oracle(lambda text: write((text, pythons(text))) if re.fullmatch(EXPRESSION, text) else "")
    assert scratchpad.answer(model, SOME) == [str(pythons(text)) for text, _ in SOME]


@pytest.mark.parametrize(("first", "again", "answer"), [("1+7", "8", "8"), ("1+6", "+", "+"), ("1+6", "01-", "-10")])
def test_an_error_on_the_scratchpad_is_an_error(first, again, answer):
    assert scratchpad.answer(Oracle({"1+2*3": first, first: again}.get), [("1+2*3", 7)]) == [answer]


@pytest.mark.parametrize(("name", "answers"), [("with a scratchpad", ["3+6", "01-"]), ("directly", ["9", "01-"])])
def test_a_variant_learns_to_write_the_next_text_or_the_answer(name, answers):
    X, y = scratchpad.variant(name, 0.5, SOME, 3).encode([("3+2*3", 9), ("-9-1", -10)])
    texts = [[common.invert_encoding(seq, scratchpad.ALPHABET) for seq in part] for part in (X, y)]
    assert [text.lstrip() for text in texts[0]] == ["3+2*3", "-9-1"]  # padded on opposite sides
    assert [text.rstrip() for text in texts[1]] == answers


def test_the_report_counts_variants_and_kinds():
    problems = [("1+2", 3), ("1+2*3", 7), ("2+3", 5)]
    model = Oracle({"1+2": "3", "1+2*3": "1+7", "2+3": "5"}.get)
    one = experiments.Run(problems, ["3", "7", "5"], ["3", "7", "5"], {}, model, None)
    other = one._replace(predicted=["3", "8", "5"])
    lines, figure = scratchpad.report({"with a scratchpad": [one, other], "directly": [other, other]})
    assert lines[0].endswith(": 100.00, 66.67")
    assert lines[1] == experiments.report(["3", "7", "5"] * 2, ["3", "7", "5", "3", "8", "5"])
    assert lines[2].endswith(experiments.percentage(4, 6))
    counts = [(line.split(":")[0].strip(), re.findall(r"\d of \d", line)) for line in lines[-2:]]
    assert counts == [("n+n", ["4 of 4", "4 of 4"]), ("n+n*n", ["1 of 2", "0 of 2"])]
    [axes] = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["n+n", "n+n*n"]
    assert [list(line.get_xdata()) for line in axes.lines] == [[100, 50], [100, 0]]
    assert [line.get_fillstyle() for line in axes.lines] == ["full", "none"]
