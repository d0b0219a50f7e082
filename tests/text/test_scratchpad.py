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
    assert set(drawn) - set(training) == {drill for drill in DRILLS if not is_held_out(drill)}
    assert 0.66 < sum(len(re.findall(r"\d+", text)) == 2 for text, _ in drawn) / 4000 < 0.74


class Oracle:
    """A model that writes, as probabilities, what a dict has for the text it reads, or nothing."""

    input_shape = (None, 7, 16)

    def __init__(self, texts):
        self.texts = texts

    def predict(self, X, batch_size, verbose):
        texts = [common.invert_encoding(seq, scratchpad.ALPHABET).strip() for seq in X]
        return scratchpad.encode([""] * len(X), [self.texts.get(text, "") for text in texts], 1, 6)[1] * 0.9


@pytest.mark.parametrize("name", scratchpad.SHARES)
def test_what_a_variant_learns_gives_each_answer(name):
    """What is no number is read again; of a number, which the model answers with nothing, it would be an error."""
    encoded = scratchpad.variant(name, 0.5, SOME, 3).encode(SOME + DRILLS)
    texts, written = ([text.strip() for text in experiments.read(part, scratchpad.ALPHABET)] for part in encoded)
    learned = dict(zip(texts, written, strict=True))
    assert learned["1+2*3"] == {"with a scratchpad": "1+6", "directly": "7"}[name] and learned["1-3"] == "2-"
    assert scratchpad.answer(Oracle(learned), SOME) == [str(value) for _, value in SOME]


@pytest.mark.parametrize(("first", "again", "answer"), [("1+7", "8", "8"), ("1+6", "01-", "-10")])
def test_an_error_on_the_scratchpad_is_an_error(first, again, answer):
    assert scratchpad.answer(Oracle({"1+2*3": first, first: again}), [("1+2*3", 7)]) == [answer]


def test_the_report_counts_variants_and_kinds():
    problems = [("1+2", 3), ("1+2*3", 7), ("2+3", 5)]
    model = Oracle({"1+2": "3", "1+2*3": "1+7", "2+3": "5"})
    one = experiments.Run(problems, ["3", "7", "5"], ["3", "7", "5"], [], model, None)
    other = one._replace(predicted=["3", "8", "5"])
    lines, figure = scratchpad.report({"with a scratchpad": [one, other], "directly": [other, other]}, None)
    assert lines[0].endswith(": 100.00, 66.67")
    assert lines[1] == experiments.report(["3", "7", "5"] * 2, ["3", "7", "5", "3", "8", "5"])
    assert lines[2].endswith(experiments.percentage(4, 6))
    counts = [(line.split(":")[0].strip(), re.findall(r"\d of \d", line)) for line in lines[-2:]]
    assert counts == [("n+n", ["4 of 4", "4 of 4"]), ("n+n*n", ["1 of 2", "0 of 2"])]
    assert [list(line.get_xdata()) for line in figure.axes[0].lines] == [[100, 50], [100, 0]]
