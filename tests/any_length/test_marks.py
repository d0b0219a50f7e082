"""marks.py: the rule, the proof and what it refuses, the network and its table."""

import random
import re

from extensions.any_length import automaton, expressions, marks

import keras
import numpy as np
from hand_made import exact_marker

MARKER = exact_marker()


def test_a_right_marker_is_proved_and_every_changed_mark_refused():
    assert marks.prove(MARKER) == (1127, [])
    rng, n_refused = random.Random(2), 0
    cells = [(i, j) for i, row in enumerate(MARKER.marks) for j in range(len(row)) if row[j] or rng.random() < 0.001]
    for i, j in cells[::2]:
        changed = [list(row) for row in MARKER.marks]
        changed[i][j] = (changed[i][j] + 1) % 3
        marker = MARKER._replace(marks=changed)
        _, wrong = marks.prove(marker)
        n_refused += bool(wrong)
        for text in wrong:  # it goes wrong indeed
            assert marks.read(marker, text).tolist() != marks.marks_of(text)
        assert wrong or not MARKER.marks[i][j]  # else it is a pair of states that never meet
    assert n_refused > 20


def test_changed_transitions_are_refused_or_make_no_difference():
    rng, n_refused = random.Random(3), 0
    for i in range(40):
        side = ("left", "right")[i % 2]
        table = [list(row) for row in getattr(MARKER, side)]
        table[rng.randrange(len(table))][rng.randrange(16)] = rng.randrange(len(table))
        marker = MARKER._replace(**{side: table})
        _, wrong = marks.prove(marker)
        n_refused += bool(wrong)
        for text in wrong[:20] or [marks.draw(80, rng) for _ in range(20)]:
            assert (marks.read(marker, text).tolist() != marks.marks_of(text)) == bool(wrong)
    assert 10 < n_refused < 40


def test_marks_are_the_steps_that_may_be_done():
    """Replacing any marked step by its value leaves the value as it is."""
    rng, n = random.Random(4), 0
    for _ in range(150):
        for text in marks.draw(40, rng).split():
            found = marks.marks_of(f" {text} ")[1:-1]
            assert any(found) == (not text.isdigit())
            for match in re.finditer("(?<![0-9])(?=([0-9]+([-+*])[0-9]+))", text):
                if found[match.start(2)] == marks.STEP:
                    n += 1
                    value = expressions.exact(expressions.tokens_of(match[1]))
                    done = text[: match.start(1)] + (f"({value})" if value[0] == "-" else value) + text[match.end(1) :]
                    before, after = (expressions.exact(expressions.tokens_of(one)) for one in (text, done))
                    assert before == after
            assert sum(mark == marks.BRACKET for mark in found) == 2 * len(re.findall(r"\([0-9]+\)", text))
    assert n > 120


def test_drawn_texts_are_expressions_between_blanks():
    rng = random.Random(5)
    for n in (8, 32, 200):
        for text in (marks.draw(n, rng) for _ in range(50)):
            assert len(text) == n and text[0] == text[-1] == " "
            for expression in text.split():
                assert expressions.tokens_of(expression)


def test_the_table_is_of_the_networks_own_steps(eager):
    keras.utils.set_random_seed(1)
    model = marks.build_model(12)
    texts = [" (1+2)*3-4 ".ljust(12), " 12345*(6)  "]
    X = np.array([[marks.ALPHABET.index(character) for character in text] for text in texts])
    from_left, from_right, score = marks.take_apart(model)
    left, _ = automaton.collect(from_left, np.zeros(32), X)
    right, _ = automaton.collect(from_right, np.zeros(32), X[:, ::-1])
    scores = [[score(left[i, [j]], right[i, [11 - j]])[0, 0] for j in range(12)] for i in range(2)]
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=2, keepdims=True)
    assert np.allclose(probabilities, keras.ops.convert_to_numpy(model(np.eye(16)[X])), atol=1e-5)
    right = np.argmax(probabilities, axis=2) == [marks.marks_of(text) for text in texts]
    assert marks.count_right(texts, model) == right.all(axis=1).sum() == 0
    assert marks.count_right(texts, marker=MARKER) == 2
