"""Should the decoder read what it has written? Two decoders that do, one of them with attention, against RepeatVector.

In the article, RepeatVector gives the decoder the encoder's output again at each step. Here the decoder starts from the
encoder's state instead. At each step it reads the previous character of its answer; at the first step it reads zeros.
In training it reads the right characters (teacher forcing), in prediction its own. For 47+38, " 85":

    training:    it reads (none) " " "8", whatever it writes
    prediction:  it reads (none) " " "7", if it has written " " and "7"

With teacher forcing or without, the same whole answers are right: the two differ only after an error.

Numbers go up to 99. A tenth of the pairs is held out for validation, and another tenth for the test. We compared
learning rates of 0.004, 0.008 and 0.016 on the validation pairs of seed 101 (--search); each decoder uses its best
rate.
"""

import functools

import common
from extensions import experiments
from extensions.text import data

import keras
from keras import layers, ops

LEARNING_RATE = 0.016  # the best for each of the three decoders


def build_model(n_in, n_out, n_chars, attention=False):
    """Return an encoder, and a decoder that reads its answer so far; not compiled.

    The model has two inputs, one-hot: sums (n, n_in, n_chars) and the answers to read (n, n_out, n_chars). Where an
    answer's vector is all zeros, the decoder reads what it has written there itself.
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
            context = attend([ops.expand_dims(output, 1), sequence])[:, 0]  # (100,) of the encoder's outputs
            output = ops.concatenate([output, context], axis=-1)  # (200,)
        written.append(to_probabilities(output))  # (12,)
        own = ops.one_hot(ops.argmax(written[-1], axis=-1), n_chars)
        read = ops.where(ops.any(answer[:, i] > 0, axis=-1, keepdims=True), answer[:, i], own)
    return keras.Model([X, answer], ops.stack(written, axis=1))  # (3, 12)


def main(argv=None):
    """Compare the decoders on held-out sums, or search their learning rates; return the exit status."""
    parser = common.argument_parser(__doc__, {"largest": (5, 999)}, n_examples=9600, largest=99, n_batch=32, n_epoch=15)
    experiments.add_arguments(parser)
    args = parser.parse_args(argv)
    problems = data.pairs(args.largest)

    def split(_, rng):
        return data.split(problems, len(problems) // 10, rng)

    def report(results, folder):
        return experiments.table(results, args), None

    return experiments.compare("feedback_decoder", variants(args.largest), split, report, args)


def variants(largest):
    """Return the three decoders for numbers up to `largest`: a dict of name -> experiments.Variant."""
    encode = functools.partial(data.encode_sums, largest=largest)
    attention = functools.partial(build_model, attention=True)
    return {
        "RepeatVector (article)": experiments.Variant(LEARNING_RATE, encode),
        "feedback": experiments.Variant(LEARNING_RATE, encode, build_model, reads_answer=True),
        "feedback and attention": experiments.Variant(LEARNING_RATE, encode, attention, reads_answer=True),
    }


if __name__ == "__main__":
    common.run(main)
