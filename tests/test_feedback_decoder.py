"""The decoder that reads its own answer: proofs that it does, that no answer leaks, and the script at a small size."""

import argparse
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import common
from extensions import expressions, feedback_decoder

ROOT = Path(__file__).resolve().parent.parent
N_IN, N_OUT, N_CHARS = 5, 3, 12
SMALL = ("--n-examples", "64", "--n-epoch", "1", "--largest", "12")


@pytest.fixture(scope="module", params=[False, True], ids=["feedback", "feedback and attention"])
def model(request):
    """Build a model with weights so large that what the decoder reads decides what it writes."""
    import keras

    keras.utils.set_random_seed(1)
    model = feedback_decoder.build_model(N_IN, N_OUT, N_CHARS, attention=request.param)
    model.set_weights([4 * weights for weights in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def X():
    return expressions.encode([(f"{a}+{b}", a + b) for a in range(1, 31) for b in range(1, 11)], N_IN, N_OUT,
                              feedback_decoder.ALPHABET)[0]  # fmt: skip


def characters(*indices):
    """Make an answer of one-hot vectors, one for each index, and of zeros for None."""
    vectors = np.eye(N_CHARS, dtype="float32")
    return np.array([np.zeros(N_CHARS, "float32") if index is None else vectors[index] for index in indices])


def answer(model, X, *indices):
    """Let the model write, reading the same answer for each sum."""
    return model.predict([X, np.tile(characters(*indices), (len(X), 1, 1))], 1000, verbose=0)


def test_without_an_answer_it_reads_at_each_step_the_likeliest_character_of_the_step_before(model, X):
    """By hand, step by step: what it has written is given to it as if it were the right answer."""
    alone = answer(model, X, None, None, None)
    read = np.zeros((len(X), N_OUT, N_CHARS), "float32")
    for i in range(N_OUT):
        step = model.predict([X, read], 1000, verbose=0)[:, i]
        np.testing.assert_allclose(step, alone[:, i], rtol=1e-4, atol=1e-6)
        read[:, i] = np.eye(N_CHARS)[step.argmax(axis=-1)]
    assert len(np.unique(read.argmax(axis=-1), axis=0)) > 10  # the sums are answered differently


def test_another_character_read_changes_what_follows_and_nothing_before(model, X):
    alone = answer(model, X, None, None, None)
    for i in range(N_OUT - 1):
        own = alone[:, i].argmax(axis=-1)
        indices = [None] * N_OUT
        indices[i] = 7
        other = own != 7
        assert other.any()
        forced = answer(model, X, *indices)
        np.testing.assert_array_equal(forced[:, : i + 1], alone[:, : i + 1])
        assert (forced[other, i + 1].argmax(axis=-1) != alone[other, i + 1].argmax(axis=-1)).any()
        np.testing.assert_allclose(forced[~other], alone[~other], rtol=1e-4, atol=1e-6)
        assert np.abs(forced[other, i + 1] - alone[other, i + 1]).max(axis=-1).min() > 0


def test_the_last_character_of_the_answer_is_never_read(model, X):
    np.testing.assert_array_equal(answer(model, X, 1, 2, 3), answer(model, X, 1, 2, 9))


def test_only_attention_sees_the_whole_sequence_again():
    layers = [[layer.__class__.__name__ for layer in feedback_decoder.build_model(5, 3, 12, attention).layers]
              for attention in (False, True)]  # fmt: skip
    assert "AdditiveAttention" not in layers[0] and "AdditiveAttention" in layers[1]


def test_the_share_of_each_epoch_is_of_answers_from_its_own_characters():
    args = argparse.Namespace(n_examples=3200, largest=30, n_batch=32, n_epoch=6, learning_rate=0.008)
    problems = expressions.expressions(2, args.largest)
    model, expected, predicted, history, interrupted = feedback_decoder.train("feedback", problems, 1, args)
    assert len(history["val_exact"]) == 6 and interrupted == ""

    # By hand: what is written at a step is given to the next.
    _, held_out = expressions.hold_out(problems, len(problems) // 10, common.set_seed(1))
    widths = common.sequence_lengths(2, args.largest)
    X, y = expressions.encode(held_out, *widths, feedback_decoder.ALPHABET)
    written = np.zeros_like(y)
    for i in range(y.shape[1]):
        written[:, i] = np.eye(N_CHARS)[model.predict([X, written], 1000, verbose=0)[:, i].argmax(axis=-1)]
    share = np.mean(np.all(written == y, axis=(1, 2)))
    assert history["val_exact"][-1] == pytest.approx(share, abs=1e-6)
    assert predicted == [common.invert_encoding(seq, feedback_decoder.ALPHABET) for seq in written]
    assert expected == [common.invert_encoding(seq, feedback_decoder.ALPHABET) for seq in y]

    # Right characters to read make some characters better, but no whole answer: its first error is the same.
    X, y = expressions.encode(problems, *widths, feedback_decoder.ALPHABET)
    right = y.argmax(axis=-1)
    own, taught = (model.predict([X, read], 1000, verbose=0).argmax(axis=-1) == right for read in (np.zeros_like(y), y))
    assert (own != taught).any()
    assert (own.all(axis=1) == taught.all(axis=1)).all()
    assert 0 < own.all(axis=1).sum() < len(y)


def test_a_small_run_prints_and_saves_what_a_full_one_does(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(feedback_decoder, "DECODERS", ("feedback and attention",))  # three would take a while
    assert feedback_decoder.main([*SMALL, "--outputs", str(tmp_path)]) == 0
    stdout = capsys.readouterr().out
    assert len(re.findall(r"seed [123]\. Held out: \d+ of 144 problems, none of them in training\n", stdout)) == 3
    transcript = (tmp_path / "feedback_decoder.txt").read_text(encoding="utf-8")
    assert stdout.endswith(transcript)
    assert len(re.findall(r"(?m)^RMSE: .*\nExact: \d+ of \d+ .*\nNo number.*\n(?:Expected=.*\n){20}", transcript)) == 1
    three = r"[\d.]+ \([\d.]+, [\d.]+, [\d.]+\)"
    assert len(re.findall(rf"(?m)^feedback and attention: {three}$", transcript)) == 2
    assert sorted(os.listdir(tmp_path)) == ["feedback_decoder.png", "feedback_decoder.txt"]


def test_ctrl_c_keeps_and_labels_what_was_trained(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "extensions.feedback_decoder", *SMALL, "--n-epoch", "9999", "--outputs", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    for line in process.stdout:
        if line.startswith("Epoch 2/"):
            process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    transcript = (tmp_path / "feedback_decoder.txt").read_text(encoding="utf-8")
    assert re.search(r"(?m)^interrupted after epoch \d+ of 9999$", transcript)
    assert sorted(os.listdir(tmp_path)) == ["feedback_decoder.png", "feedback_decoder.txt"]


@pytest.mark.parametrize("arguments", [("--largest", "3"), ("--largest", "1000"), ("--learning-rate", "0")])
def test_a_bad_value_is_one_line(tmp_path, capsys, arguments):
    with pytest.raises(SystemExit) as error:
        feedback_decoder.main([*arguments, "--outputs", str(tmp_path)])
    assert error.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert re.fullmatch(rf".*: error: argument {arguments[0]}: .*{re.escape(arguments[1])}.*\n", shown.err)
    assert os.listdir(tmp_path) == []
