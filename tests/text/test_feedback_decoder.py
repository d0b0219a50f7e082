"""The decoder that reads its own answer: proofs that it does, that no answer leaks, and what is trained."""

import argparse
import random

import common
from extensions import experiments
from extensions.text import data, feedback_decoder
from seq2seq_sum import ALPHABET

import keras
import numpy as np
import pytest

N_IN, N_OUT, N_CHARS = 5, 3, 12


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
    X, _ = data.encode_sums(pairs, 30)
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


# ---- The variants, trained


@pytest.fixture(scope="module", params=["feedback", "feedback and attention"])
def trained(request):
    """Give a variant, its split, its model, trained long enough to be right at times, and its accuracy by epoch."""
    keras.utils.clear_session()
    variant = feedback_decoder.variants(12)[request.param]
    rng = random.Random(1)
    split = data.split(data.pairs(12), 14, rng)
    args = argparse.Namespace(n_examples=800, n_batch=32, n_epoch=6)
    return variant, split, *experiments.train(variant, split, rng, 1, 0.02, args)


def test_the_right_answers_are_read_in_training_only(trained):
    variant, split, *_ = trained
    (_, read), y, _ = variant.encode(split.training, True)
    assert (read == y).all()
    (_, read), y, _ = variant.encode(split.test, False)
    assert (read == 0).all() and y.any()


def test_what_is_tested_are_answers_from_its_own_characters(trained):
    variant, split, model, accuracies = trained
    assert len(accuracies) == 6
    for part in (split.validation, split.test):
        X, y = data.encode_sums(part, 12)
        _, written = by_hand(model, X, y.shape[1])
        expected, predicted = experiments.answer(variant, model, part)
        assert predicted == [common.invert_encoding(seq, ALPHABET) for seq in written]
        assert expected == [str(a + b).rjust(y.shape[1]) for a, b in part]
        if part is split.validation:
            assert accuracies[-1] == pytest.approx(experiments.accuracy(expected, predicted), abs=1e-6)


def test_right_characters_to_read_make_no_whole_answer_right(trained):
    _, _, model, _ = trained
    X, y = data.encode_sums(data.pairs(12), 12)
    right = y.argmax(axis=-1)
    own, taught = (write(model, X, read).argmax(axis=-1) == right for read in (np.zeros_like(y), y))
    assert (own.all(axis=1) == taught.all(axis=1)).all()
    assert 0 < own.all(axis=1).sum() < len(y)


def test_a_decoder_that_reads_wrong_characters_is_misled(trained):
    """So those that it reads in training are the right ones."""
    _, _, model, _ = trained
    X, y = data.encode_sums(data.pairs(12), 12)
    shuffled = y[np.random.default_rng(1).permutation(len(y))]
    differs = (shuffled != y).any(axis=(1, 2))
    taught, misled = (write(model, X, read).argmax(axis=-1) == y.argmax(axis=-1) for read in (y, shuffled))
    assert taught[differs].all(axis=1).mean() > misled[differs].all(axis=1).mean()
