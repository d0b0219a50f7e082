"""An encoder, and a decoder that reads the answer it has written so far, without or with attention."""

import keras
from keras import layers, ops

import common


def build_model(n_in, n_out, n_chars, attention=False):
    """Build an encoder, and a decoder that reads the characters of its answer one by one; not compiled.

    Its two inputs are sums (n, n_in, n_chars) and the answers to read (n, n_out, n_chars), one-hot. Where an answer's
    vector is all zeros, the decoder reads what it has itself written in that place.
    """
    X = keras.Input((n_in, n_chars))  # (5, 12)
    answer = keras.Input((n_out, n_chars))  # (3, 12)
    encode = layers.LSTM(100, return_sequences=True, return_state=True, unroll=common.unroll(n_in))
    decode = layers.LSTMCell(100)
    attend = layers.AdditiveAttention()
    to_probabilities = layers.Dense(n_chars, activation="softmax")

    sequence, *states = encode(X)  # (5, 100), 2 (100,)
    read = ops.zeros_like(answer[:, 0])
    written = []
    for i in range(n_out):
        output, states = decode(read, states)  # (100,)
        if attention:
            context = attend([ops.expand_dims(output, 1), sequence])[:, 0]  # (100,) what the encoder saw, weighed
            output = ops.concatenate([output, context], axis=-1)  # (200,)
        written.append(to_probabilities(output))  # (12,)
        own = ops.one_hot(ops.argmax(written[-1], axis=-1), n_chars)
        read = ops.where(ops.any(answer[:, i] > 0, axis=-1, keepdims=True), answer[:, i], own)
    return keras.Model([X, answer], ops.stack(written, axis=1))  # (3, 12)
