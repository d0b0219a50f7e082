"""marks.py: the proof and what it refuses, the network and its table. The rule itself is tried in test_calculator."""

import random

from extensions.any_length import automaton, marks

import keras
import numpy as np
from hand_made import MARKER


def changed_markers():
    """Yield a right Marker with one entry changed, many times, and whether that must go wrong."""
    rng = random.Random(2)
    cells = [(i, j) for i, row in enumerate(MARKER.marks) for j in range(len(row)) if row[j] or rng.random() < 0.001]
    for i, j in rng.sample(cells, 40):
        changed = [list(row) for row in MARKER.marks]
        changed[i][j] = (changed[i][j] + 1) % 3
        yield MARKER._replace(marks=changed), bool(MARKER.marks[i][j])  # others may be of states that never meet
    for side in ("left", "right") * 10:
        table = [list(row) for row in getattr(MARKER, side)]
        table[rng.randrange(len(table))][rng.randrange(16)] = rng.randrange(len(table))
        yield MARKER._replace(**{side: table}), False


def test_a_right_marker_is_proved_and_a_changed_one_refused_if_it_goes_wrong():
    assert marks.prove(MARKER).holds and " 1,127 cases" in marks.prove(MARKER).sentence
    rng, n_refused = random.Random(3), 0
    for marker, must_be_wrong in changed_markers():
        holds, _, wrong, _ = marks.prove(marker)
        n_refused += not holds
        assert holds != bool(wrong)
        assert wrong or not must_be_wrong
        for text in wrong[:20] or [marks.draw(80, rng) for _ in range(20)]:
            assert (marks.read(marker, text).tolist() != marks.marks_of(text)) == bool(wrong)
    assert 30 < n_refused < 60


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
    assert (
        marks.predict(model, texts).shape == (2, 12)
        and (marks.read(MARKER, texts[0]) == marks.marks_of(texts[0])).all()
    )
