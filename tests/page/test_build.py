"""The page's builder: what is recorded of a training, how tables are written, nothing half done."""

import common
import seq2seq_sum
from extensions.any_length import fingers
from extensions.page import build
from extensions.text import data as text_data
from seq2seq_sum import ALPHABET

import numpy as np
import pytest
from browser import DATA, array, bits, table


@pytest.mark.parametrize("largest", [10, 99])
def test_a_training_is_recorded(monkeypatch, eager, largest):
    monkeypatch.setitem(build.EPOCHS, largest, [0, 2])
    pairs, held_out = text_data.pairs(largest), [(3, 10), (10, 3)]
    X, y = text_data.encode_sums(pairs, largest)
    model = seq2seq_sum.build_model(X.shape[1], y.shape[1], len(ALPHABET), (8, 8))
    model.compile("adam", "categorical_crossentropy")

    def answers_now():
        return [common.invert_encoding(seq, ALPHABET) for seq in model.predict(X, verbose=0, batch_size=1000)]

    watch, expected = build.Watch(largest, held_out), [answers_now()]
    model.fit(X[:50], y[:50], epochs=2, verbose=0, batch_size=10, callbacks=[watch])
    expected.append(answers_now())
    seen = watch.seen()
    assert [pairs[i] for i in np.flatnonzero(bits(seen["held_out"], len(pairs)))] == held_out
    if largest == 10:
        assert seen["answers"] == ["".join(answers) for answers in expected]
    else:
        sums = [str(sum(pair)).rjust(3) for pair in pairs]
        right = [[answer == correct for answer, correct in zip(one, sums, strict=True)] for one in expected]
        assert [bits(text, len(pairs)).tolist() for text in seen["right"]] == right
    watch.answers.pop()
    with pytest.raises(ValueError, match="interrupted"):
        watch.seen()


def test_tables_are_written_as_they_are_read():
    for name, data in DATA["fingers"].items():
        assert build.compact(table(name)) == data and fingers.prove(table(name)).holds
    assert array(build.to_text([[1, 300], [2, 3]], "<u2"), "<u2", 2, 2).tolist() == [[1, 300], [2, 3]]


def test_a_page_without_data_is_one_line_and_makes_no_page(tmp_path, capsys):
    (tmp_path / "other.html").write_text("<p>")
    with pytest.raises(SystemExit) as stopped:
        build.main(["--outputs", str(tmp_path), "--data", str(tmp_path / "other.html")])
    assert stopped.value.code == 2 and capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "page").exists()
