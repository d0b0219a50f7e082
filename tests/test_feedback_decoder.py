"""The decoder that reads its own answer: proofs that it does, that no answer leaks, and the script at a small size."""

import os
import random
import re

import keras
import numpy as np
import pytest

import common
from extensions import feedback_decoder
from extensions.shared import expressions, training

N_IN, N_OUT, N_CHARS = 5, 3, 12
DECODERS = ["RepeatVector (article)", "feedback", "feedback and attention"]


@pytest.fixture(scope="module", params=[False, True], ids=["feedback", "feedback and attention"])
def model(request):
    """Build a model with weights so large that what the decoder reads decides what it writes."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)
    model = feedback_decoder.build_model(N_IN, N_OUT, N_CHARS, attention=request.param)
    model.set_weights([4 * weights for weights in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def X():
    pairs = [(a, b) for a in range(1, 31) for b in range(1, 11)]
    X, _ = expressions.encode_sums(pairs, 30, feedback_decoder.ALPHABET)
    assert X.shape == (300, N_IN, N_CHARS)
    return X


def characters(*indices):
    """Make an answer of one-hot vectors, one for each index, and of zeros for None."""
    vectors = np.eye(N_CHARS, dtype="float32")
    return np.array([np.zeros(N_CHARS, "float32") if index is None else vectors[index] for index in indices])


def write(model, X, read):
    return keras.ops.convert_to_numpy(model([X, read.astype("float32")]))


def answer(model, X, *indices):
    """Let the model write, reading the same answer for each sum."""
    return write(model, X, np.tile(characters(*indices), (len(X), 1, 1)))


def by_hand(model, X, n_out):
    """Let the model write step by step: what it has written is given to it as if it were the right answer."""
    read = np.zeros((len(X), n_out, N_CHARS), "float32")
    steps = []
    for i in range(n_out):
        steps.append(write(model, X, read)[:, i])
        read[:, i] = np.eye(N_CHARS)[steps[-1].argmax(axis=-1)]
    return np.stack(steps, axis=1), read


def test_without_an_answer_it_reads_at_each_step_the_likeliest_character_of_the_step_before(model, X):
    steps, read = by_hand(model, X, N_OUT)
    np.testing.assert_allclose(steps, answer(model, X, None, None, None), rtol=1e-4, atol=1e-6)
    assert len(np.unique(read.argmax(axis=-1), axis=0)) > 10  # the sums are answered differently


def test_another_character_read_changes_what_follows_and_nothing_before(model, X):
    alone = answer(model, X, None, None, None)
    for i in range(N_OUT - 1):
        own = alone[:, i].argmax(axis=-1)
        index = np.bincount(own).argmax()  # a character that some sums have by themselves, and others have not
        indices = [None] * N_OUT
        indices[i] = index
        other = own != index
        assert other.any() and not other.all()
        forced = answer(model, X, *indices)
        np.testing.assert_allclose(forced[:, : i + 1], alone[:, : i + 1], rtol=1e-4, atol=1e-6)
        assert (forced[other, i + 1].argmax(axis=-1) != alone[other, i + 1].argmax(axis=-1)).any()
        np.testing.assert_allclose(forced[~other], alone[~other], rtol=1e-4, atol=1e-6)
        assert np.abs(forced[other, i + 1] - alone[other, i + 1]).max(axis=-1).min() > 0


def test_the_last_character_of_the_answer_is_never_read(model, X):
    np.testing.assert_array_equal(answer(model, X, 1, 2, 3), answer(model, X, 1, 2, 9))


def test_only_attention_sees_the_whole_sequence_again():
    layers = [
        [layer.__class__.__name__ for layer in feedback_decoder.build_model(5, 3, 12, attention).layers]
        for attention in (False, True)
    ]
    assert "AdditiveAttention" not in layers[0] and "AdditiveAttention" in layers[1]


# ---- The script


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Run the script with one decoder, long enough to be right at times; its model, its result, its arguments."""
    models, results = [], []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(expressions, "answers", lambda *args, f=expressions.answers: models.append(args[0]) or f(*args))
        patch.setattr(training, "table", lambda arms, n, f=training.table: results.append(arms) or f(arms, n))
        patch.setattr(feedback_decoder, "LEARNING_RATES", {"feedback": 0.02})
        outputs = tmp_path_factory.mktemp("outputs")
        arguments = ["--n-examples", "800", "--largest", "12", "--n-epoch", "6", "--n-seeds", "1"]
        keras.utils.clear_session()
        assert feedback_decoder.main([*arguments, "--outputs", str(outputs)]) == 0
    [model], [arms] = models, results
    return model, *arms["feedback"][0]


def test_what_is_tested_are_answers_from_its_own_characters(trained):
    model, expected, predicted, shares = trained
    assert len(shares) == 6
    _, validation, test = expressions.split(expressions.pairs(12), 14, random.Random(1))
    n_in, n_out = common.sequence_lengths(2, 12)
    X, y = expressions.encode_sums(test, 12, feedback_decoder.ALPHABET)
    _, written = by_hand(model, X, n_out)
    assert predicted == [common.invert_encoding(seq, feedback_decoder.ALPHABET) for seq in written]
    assert expected == [str(a + b).rjust(n_out) for a, b in test]
    X, y = expressions.encode_sums(validation, 12, feedback_decoder.ALPHABET)
    _, written = by_hand(model, X, n_out)
    assert shares[-1] == pytest.approx(np.mean(np.all(written == y, axis=(1, 2))), abs=1e-6)


def test_right_characters_to_read_make_no_whole_answer_right(trained):
    model, *_ = trained
    X, y = expressions.encode_sums(expressions.pairs(12), 12, feedback_decoder.ALPHABET)
    right = y.argmax(axis=-1)
    own, taught = (write(model, X, read).argmax(axis=-1) == right for read in (np.zeros_like(y), y))
    assert (own.all(axis=1) == taught.all(axis=1)).all()
    assert 0 < own.all(axis=1).sum() < len(y)


def test_a_decoder_that_reads_nothing_would_not_learn_so_much(trained):
    """The answers it reads in training are the right ones: with other ones, it writes something else."""
    model, *_ = trained
    X, y = expressions.encode_sums(expressions.pairs(12), 12, feedback_decoder.ALPHABET)
    shuffled = y[np.random.default_rng(1).permutation(len(y))]
    differs = (shuffled != y).any(axis=(1, 2))
    taught, misled = (write(model, X, read).argmax(axis=-1) == y.argmax(axis=-1) for read in (y, shuffled))
    assert taught[differs].all(axis=1).mean() > misled[differs].all(axis=1).mean()


def test_a_small_run_prints_and_saves_what_a_full_one_does(tmp_path, capsys, eager):
    arguments = ["--n-examples", "40", "--n-batch", "20", "--n-epoch", "1", "--largest", "12", "--n-seeds", "1"]
    assert feedback_decoder.main([*arguments, "--outputs", str(tmp_path)]) == 0
    stdout = capsys.readouterr().out
    for decoder in DECODERS:
        held_out = r"Held out of 144 problems: (\d\d) for validation, (\d\d) for the test\."
        n_validation, n_test = re.search(rf"\n{re.escape(decoder)}, seed 1\n{held_out}\n", stdout).groups()
        assert {n_validation, n_test} <= {"14", "15"}
    text = (tmp_path / "feedback_decoder.txt").read_text(encoding="utf-8")
    assert stdout.endswith(text)
    assert re.findall(r"(?m)^ +(\S.*): \d+ of \d\d, .* %", text) == DECODERS
    assert sorted(os.listdir(tmp_path)) == ["feedback_decoder.txt"]


@pytest.mark.parametrize(
    "arguments", [("--largest", "3"), ("--largest", "1000"), ("--n-seeds", "0"), ("--n-examples", "x")]
)
def test_a_bad_value_is_one_line(tmp_path, capsys, arguments):
    with pytest.raises(SystemExit) as error:
        feedback_decoder.main([*arguments, "--outputs", str(tmp_path / "not_made")])
    assert error.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert re.fullmatch(rf".*: error: argument {arguments[0]}: '{arguments[1]}' is not a whole number .*\n", shown.err)
    assert os.listdir(tmp_path) == []
