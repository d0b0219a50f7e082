"""The scratchpad: what is practised, how a text is read twice, and the report."""

import random
import re

import common
from extensions import experiments
from extensions.text import data, scratchpad

import pytest

SOME = data.expressions(2, 3) + data.expressions(3, 3, brackets=True)
DRILLS = scratchpad.drills(3)


def test_drills_are_all_second_steps_that_are_no_text_of_the_list():
    texts, drills = {text for text, _ in SOME}, [text for text, _ in DRILLS]
    assert len(set(drills)) == len(drills) and not texts & set(drills)
    assert {data.first_step(text) for text in texts} - texts <= set(drills)


def test_what_is_drawn_is_trained_or_a_drill_and_of_no_form_that_is_held_out():
    training, held_out = data.hold_out(SOME, len(SOME) // 3, random.Random(1))
    forms = set(map(data.form, held_out))

    def is_held_out(problem):
        return data.form(problem) in forms

    assert any(map(is_held_out, DRILLS))  # -3+1 is 1-3
    drawn = scratchpad.draw(training, is_held_out, random.Random(1), 4000, largest=3, share=0.7)
    assert not any(map(is_held_out, drawn))
    practised = set(drawn) - set(training)
    assert practised <= set(DRILLS) and len(practised) > 20
    assert 0.66 < sum(len(re.findall(r"\d+", text)) == 2 for text, _ in drawn) / 4000 < 0.74


class Oracle:
    """A model that writes, as probabilities, what a dict has for the text it reads, or nothing."""

    input_shape = (None, 7, 16)

    def __init__(self, texts):
        self.texts = texts

    def predict(self, X, batch_size, verbose):
        texts = [common.invert_encoding(seq, scratchpad.ALPHABET).strip() for seq in X]
        return scratchpad.encode([""] * len(X), [self.texts.get(text, "") for text in texts], 1, 6)[1] * 0.9


@pytest.mark.parametrize("write", [scratchpad.next_text, scratchpad.answer_text])
def test_without_errors_each_answer_is_exact(write):
    """What is no number is read again; of a number, which the model answers with nothing, it would be an error."""
    model = Oracle({problem[0]: write(problem) for problem in SOME + DRILLS})
    assert scratchpad.answer(model, SOME) == [str(value) for _, value in SOME]


@pytest.mark.parametrize(("first", "again", "answer"), [("1+7", "8", "8"), ("1+6", "01-", "-10")])
def test_an_error_on_the_scratchpad_is_an_error(first, again, answer):
    assert scratchpad.answer(Oracle({"1+2*3": first, first: again}), [("1+2*3", 7)]) == [answer]


@pytest.mark.parametrize(("name", "answers"), [("with a scratchpad", ["3+6", "01-"]), ("directly", ["9", "01-"])])
def test_a_variant_learns_to_write_the_next_text_or_the_answer(name, answers):
    X, y = scratchpad.variant(name, 0.5, SOME, 3).encode([("3+2*3", 9), ("-9-1", -10)])
    texts, written = experiments.read(X, scratchpad.ALPHABET), experiments.read(y, scratchpad.ALPHABET)
    assert [text.lstrip() for text in texts] == ["3+2*3", "-9-1"]  # padded on opposite sides
    assert [text.rstrip() for text in written] == answers


def test_the_report_counts_variants_and_kinds():
    problems = [("1+2", 3), ("1+2*3", 7), ("2+3", 5)]
    model = Oracle({"1+2": "3", "1+2*3": "1+7", "2+3": "5"})
    one = experiments.Run(problems, ["3", "7", "5"], ["3", "7", "5"], {}, model, None)
    other = one._replace(predicted=["3", "8", "5"])
    lines, figure = scratchpad.report({"with a scratchpad": [one, other], "directly": [other, other]})
    assert lines[0].endswith(": 100.00, 66.67")
    assert lines[1] == experiments.report(["3", "7", "5"] * 2, ["3", "7", "5", "3", "8", "5"])
    assert lines[2].endswith(experiments.percentage(4, 6))
    counts = [(line.split(":")[0].strip(), re.findall(r"\d of \d", line)) for line in lines[-2:]]
    assert counts == [("n+n", ["4 of 4", "4 of 4"]), ("n+n*n", ["1 of 2", "0 of 2"])]
    assert [list(line.get_xdata()) for line in figure.axes[0].lines] == [[100, 50], [100, 0]]
