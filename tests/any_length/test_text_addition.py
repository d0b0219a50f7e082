"""text_addition and its ablation: a network with known weights, the proof and what it refuses, what is trained on."""

from extensions.any_length import automaton, text_addition, text_addition_ablation
from extensions.any_length.text_addition import ALPHABET, BLANK, EQUALS, PLUS

import keras
import numpy as np
import pytest
from hand_made import ADDER, FINGERS, fingers


def is_wrong(adder, a, b):
    """Return by Python's integers whether the answer to two numbers without leading zeros is wrong."""
    assert str(int(a)) == a and str(int(b)) == b
    return text_addition.add(adder, a, b) != str(int(a) + int(b))


# ---- The table and the proof


def test_the_known_network_is_proved_and_adds():
    proved, line, wrong = text_addition.prove(ADDER)
    n_cases = automaton.prove(ADDER.table, text_addition.rule([[0] * 10] * 10), text_addition.START).n_cases
    assert proved and wrong is None and f" {n_cases} cases" in line
    assert "start: 142 pairs of neighbours; moves: 121; " in line and n_cases > 300
    tests = text_addition.draw_tests(np.random.default_rng(1))
    assert [(len(pairs), max(map(len, pairs[0]))) for pairs in tests.values()] == [
        (10_000, 10), (100, 1_000), (1, 1_000_000), (12, 1_000),
    ]  # fmt: skip
    for a, b in tests["random, 10 digits"][:100] + tests["hard, 1,000 digits"]:
        assert not is_wrong(ADDER, a, b) and text_addition.is_right(ADDER, a, b)
    assert not any(is_wrong(ADDER, str(a), str(b)) for a in range(40) for b in range(40))
    places, _ = text_addition.read(ADDER, text_addition.to_indices(" 958+67="), 5)
    assert places == [(3, 6), (2, 5), (1, 4), (0, 4), (0, 4)]


def test_fingers_may_change_places():
    adder, *_ = text_addition.round_off(fingers(swapped=0.1), np.random.default_rng(1), (64,))
    _, order = text_addition.check_start(adder.start)
    assert (np.array(order) == [[b > a for b in range(10)] for a in range(10)]).all()
    proved, line, _ = text_addition.prove(adder)
    assert proved and "moves: 242;" in line
    assert not any(is_wrong(adder, str(a), str(b)) for a in range(40) for b in range(40))


def test_a_start_that_is_drawn_elsewhere_is_refused():
    for text, finger in (("37", 0), ("37", 1), ("+4", 1), (" 5", 0), ("=", 1)):
        start = np.array(ADDER.start)
        start[finger][tuple([*text_addition.to_indices(text), text_addition.EDGE][:2])] = 181
        adder = ADDER._replace(start=start.tolist())
        proved, _, wrong = text_addition.prove(adder)
        assert not proved and is_wrong(adder, *wrong)
    start = np.array(ADDER.start)
    start[1][3, 7] = start[1][5, EQUALS]  # only as good as another
    assert not text_addition.prove(ADDER._replace(start=start.tolist()))[0]


def test_changed_moves_are_refused_or_make_no_difference():
    for a, b in [(0, 7), (5, 0), (2, PLUS), (BLANK, 3), (BLANK, PLUS)]:
        for finger in (0, 1):
            moves = [list(row) for row in ADDER.moves]
            moves[finger][13 * a + b] ^= 1
            adder = ADDER._replace(moves=moves)
            proved, _, wrong = text_addition.prove(adder)
            assert proved == (finger == 0 and a == BLANK)
            assert proved or is_wrong(adder, *wrong)


def test_changed_tables_are_refused_if_they_go_wrong():
    rng, n_refused = np.random.default_rng(1), 0
    for i in range(30):
        table = automaton.Table(*([list(row) for row in rows] for rows in ADDER.table))
        rows, n = (table.next_state, len(table.output)) if i % 2 else (table.output, 12)
        state, symbol = rng.integers(len(rows)), 13 * rng.integers(10) + rng.integers(10)
        rows[state][symbol] = (rows[state][symbol] + int(rng.integers(1, n))) % n
        adder = ADDER._replace(table=table)
        proved, _, wrong = text_addition.prove(adder)
        n_refused += not proved
        if proved:
            assert not any(is_wrong(adder, str(x), str(y)) for x in range(30) for y in range(30))
        else:
            assert is_wrong(adder, *wrong) and not text_addition.is_right(adder, *wrong)
    assert n_refused > 12


def test_the_table_is_the_network_rounded():
    pairs = text_addition.draw(300, 3, np.random.default_rng(1))
    text, answers = text_addition.encode(pairs, 3)
    step, adder, _ = text_addition.take_apart(FINGERS)
    scores = keras.ops.convert_to_numpy(FINGERS.layers[0].start(keras.ops.one_hot(text, 13)))
    behind = np.pad(text[:, 1:], ((0, 0), (0, 1)), constant_values=text_addition.EDGE)
    ranks = np.moveaxis(np.array(adder.start)[:, text, behind], 0, 2)
    assert (ranks.argmax(axis=1) == scores.argmax(axis=1)).all()
    symbols = text_addition.to_symbols(adder, [*pairs, (100, 100)])[:-1]
    _, written = automaton.collect(step, np.zeros(32), symbols)
    assert (written == answers).all()
    assert (keras.ops.convert_to_numpy(FINGERS(text)).argmax(axis=2) == answers).all()


def test_what_is_not_rounded_is_counted_by_itself():
    step, *_ = text_addition.take_apart(FINGERS)
    problems = [("958", "67"), ("5", "5"), ("0", "0")]
    assert text_addition.count_unrounded(problems, ADDER, step) == 3
    forgets = text_addition.count_unrounded(problems, ADDER, lambda states, symbols: step(0 * states, symbols))
    assert forgets == 1  # 0+0 has no carry


# ---- The training, and its variants


@pytest.mark.parametrize(("n_digits", "grow"), [(1, True), (6, True), (17, False)])
def test_what_is_trained_on_is_never_longer_and_grows(n_digits, grow):
    pairs = np.array(text_addition.draw(8000, n_digits, np.random.default_rng(1), grow=grow))
    longest = np.array([len(str(number)) for number in pairs.max(axis=1)])
    assert longest.max() == n_digits and pairs.min() == 0
    for start in range(0, 8000, 400):
        allowed = min(n_digits, 1 + 2 * (n_digits - 1) * (start + 399) // 8000) if grow else n_digits
        assert longest[start : start + 400].max() == allowed
    assert (longest[4000:] == n_digits).mean() > 0.3


def test_the_article_reads_from_the_right_each_term_padded():
    text, answers = text_addition_ablation.encode([(958, 67)], 3, from_the_right=True)
    assert "".join(ALPHABET[i] for i in text[0]).strip() == "=76 +859"
    assert "".join(ALPHABET[i] for i in answers[0]) == "5201 "


def test_the_tests_have_as_many_digits_as_they_say():
    for n_digits in (1, 100):
        pairs = text_addition_ablation.draw_tests(n_digits, np.random.default_rng(1))
        assert len(pairs) == 500 and {len(str(max(pair))) for pair in pairs} == {n_digits}
        assert len({len(str(min(pair))) for pair in pairs}) >= min(n_digits, 50)
        assert 100 < sum(a >= b for a, b in pairs) < 400


def test_only_spread_fingers_are_spread_in_the_tests():
    variants = [text_addition_ablation.VARIANTS[name] for name in ("two fingers", "spread fingers")]
    pairs, model = text_addition_ablation.draw_tests(5, np.random.default_rng(1))[:50], fingers()
    start, *others = model.get_weights()
    model.set_weights([0.05 * start, *others])  # the fingers are hardly on one character
    exact = [text_addition_ablation.percentage_exact(variant, model, pairs, 5) for variant in variants]
    assert exact[0] == 100 and exact[1] < 50
