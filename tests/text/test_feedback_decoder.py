"""The decoder that reads its own answer: that it does, and that no answer leaks."""

from extensions.text import data, feedback_decoder

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


def write(model, X, read):
    return keras.ops.convert_to_numpy(model([X, read.astype("float32")]))


def write_alone(model, X):
    return write(model, X, np.zeros((len(X), N_OUT, N_CHARS)))


def test_without_an_answer_it_reads_at_each_step_the_likeliest_character_of_the_step_before(model, X):
    """By hand: what it has written is given to it as if it were the right answer."""
    read, steps = np.zeros((len(X), N_OUT, N_CHARS)), []
    for i in range(N_OUT):
        steps.append(write(model, X, read)[:, i])
        read[:, i] = np.eye(N_CHARS)[steps[-1].argmax(axis=-1)]
    np.testing.assert_allclose(np.stack(steps, axis=1), write_alone(model, X), rtol=1e-4, atol=1e-6)
    assert len(np.unique(read.argmax(axis=-1), axis=0)) > 10  # the sums are answered differently


def test_another_character_read_changes_what_follows_and_nothing_before(model, X):
    alone = write_alone(model, X)
    for i in range(N_OUT):
        own = alone[:, i].argmax(axis=-1)
        character = np.bincount(own).argmax()  # that some sums have by themselves, and others have not
        read = np.zeros((len(X), N_OUT, N_CHARS))
        read[:, i, character] = 1
        forced, other = write(model, X, read), own != character
        assert other.any() and not other.all()
        np.testing.assert_allclose(forced[:, : i + 1], alone[:, : i + 1], rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(forced[~other], alone[~other], rtol=1e-4, atol=1e-6)
        if i + 1 < N_OUT:
            assert np.abs(forced[other, i + 1] - alone[other, i + 1]).max(axis=-1).min() > 0


def test_both_decoders_are_taught():
    _, *taught = feedback_decoder.variants(12).values()
    assert [variant.reads_answer for variant in taught] == [True, True]
