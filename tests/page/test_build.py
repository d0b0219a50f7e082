"""The page's builder: weights rounded and read again, what is recorded of a training, nothing half done."""

import common
import seq2seq_sum
from extensions.page import build
from extensions.text import data as text_data
from seq2seq_sum import ALPHABET

import numpy as np


def test_rounded_weights_are_nearly_the_same():
    rng = np.random.default_rng(1)
    weights = [rng.normal(size=(12, 400)).astype(np.float32), rng.normal(size=400).astype(np.float32)]
    kernel, bias = build.read_weights(build.round_weights(weights))
    assert np.array_equal(bias, weights[1])
    steps = abs(weights[0]).max(axis=0) / 127
    assert kernel.dtype == np.float32 and (abs(kernel - weights[0]) <= 0.501 * steps).all()


def test_a_training_is_recorded(tmp_path, monkeypatch, eager):
    monkeypatch.setitem(build.EPOCHS, 10, [0, 2])
    pairs, held_out = text_data.pairs(10), [(3, 10), (10, 3)]
    X, y = text_data.encode_sums(pairs, 10)
    model = seq2seq_sum.build_model(5, 2, 12)
    model.compile("adam", "categorical_crossentropy")

    def answers_now():
        return [common.invert_encoding(seq, ALPHABET) for seq in model.predict(X, verbose=0)]

    before = answers_now()
    model.fit(X, y, epochs=2, verbose=0, batch_size=50, callbacks=[build.Watch(10, held_out, tmp_path)])
    (tmp_path / "unused").touch()
    found = np.load(tmp_path / "held_out_pairs_10.npz")
    assert [pairs[i] for i in np.flatnonzero(found["held_out"])] == held_out
    answers = [["".join(ALPHABET[i] for i in row) for row in frame] for frame in found["answers"]]
    assert answers == [before, answers_now()]

    data = build.pairs_data(tmp_path, 10)
    assert data["answers"] == ["".join(frame) for frame in answers]
    right = np.unpackbits(build.from_text(data["right"][1], np.uint8, -1))[:100]
    assert right.tolist() == [int(int(answer or 0) == sum(pair)) if answer.strip().isdigit() else 0
                              for answer, pair in zip(answers[1], pairs, strict=True)]  # fmt: skip
    assert [n for _, n in data["shares"][1]] == [98, 2] and sum(n for n, _ in data["shares"][1]) == right.sum()


def test_an_interrupted_training_is_not_kept_and_makes_no_page(tmp_path, monkeypatch):
    watch = build.Watch(10, [(1, 1)], tmp_path)
    watch.on_train_end()
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(build, "TRAININGS", {"smallest_adder.json": lambda folder: None})
    assert build.main(["--outputs", str(tmp_path)]) == 1 and not (tmp_path / "page.html").exists()
