"""Integer encodings: what the article's network reads in each."""

from extensions.text import integer_encoding

import keras
import numpy as np
import pytest


def test_the_encodings_are_what_they_say():
    def first_layers(encoding):
        return keras.Sequential(integer_encoding.build_model(encoding, 3, 2, 12).layers[:-4])

    X = keras.ops.array([[0, 11, 5]])
    vectors = keras.ops.convert_to_numpy(first_layers("one-hot vectors")(X))
    assert vectors.tolist() == np.eye(12)[[[0, 11, 5]]].tolist()
    assert np.ravel(first_layers("scaled integers")(X)) == pytest.approx([0, 1, 5 / 11])
    assert first_layers("embedding")(X).shape == (1, 3, 12)
