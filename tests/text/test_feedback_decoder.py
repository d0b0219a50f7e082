"""The decoder that reads its own answer: that it does, and that it reads the right one where it is given."""

from extensions.text import data, feedback_decoder

import keras
import numpy as np
import pytest

N_IN, N_OUT, N_CHARS = 5, 3, 12
X, _ = data.encode_sums([(a, b) for a in range(1, 31) for b in range(1, 11)], 30)


@pytest.fixture(scope="module", params=[False, True], ids=["feedback", "feedback and attention"])
def write(request):
    """Return the answers of a model, as a function of what it is to read instead of its own.

    Its weights are so large that what the decoder reads decides what it writes.
    """
    keras.utils.set_random_seed(1)
    model = feedback_decoder.build_model(N_IN, N_OUT, N_CHARS, attention=request.param)
    model.set_weights([4 * weights for weights in model.get_weights()])
    return lambda read: keras.ops.convert_to_numpy(model([X, read.astype("float32")]))


def test_without_an_answer_it_reads_at_each_step_the_likeliest_character_of_the_step_before(write):
    """By hand: what it has written is given to it as if it were the right answer."""
    read, steps = np.zeros((len(X), N_OUT, N_CHARS)), []
    alone = write(read)
    for i in range(N_OUT):
        steps.append(write(read)[:, i])
        read[:, i] = np.eye(N_CHARS)[steps[-1].argmax(axis=-1)]
    np.testing.assert_allclose(np.stack(steps, axis=1), alone, rtol=1e-4, atol=1e-6)
    assert len(np.unique(read.argmax(axis=-1), axis=0)) > 10  # the sums are answered differently


def test_another_character_read_changes_what_follows_and_nothing_else(write):
    read = np.zeros((len(X), N_OUT, N_CHARS))
    alone = write(read)
    own = alone[:, 0].argmax(axis=-1)
    character = np.bincount(own).argmax()  # that some sums have by themselves, and others have not
    read[:, 0, character] = 1
    forced, other = write(read), own != character
    assert other.any() and not other.all()
    np.testing.assert_allclose(forced[:, 0], alone[:, 0], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(forced[~other], alone[~other], rtol=1e-4, atol=1e-6)
    assert np.abs(forced[other, 1] - alone[other, 1]).max(axis=-1).min() > 0


def test_one_of_the_three_has_attention(eager):
    models = [variant.build(N_IN, N_OUT, N_CHARS) for variant in feedback_decoder.variants(30).values()]
    kinds = [{type(layer) for layer in model.layers} for model in models]
    assert [keras.layers.AdditiveAttention in each for each in kinds] == [False, False, True]
    assert [keras.layers.RepeatVector in each for each in kinds] == [True, False, False]
