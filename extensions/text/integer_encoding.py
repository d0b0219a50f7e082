"""Why one-hot vectors? The article's extension: encode each character as a whole number, scaled or embedded.

The article's network learns sums of two numbers up to 99 as text. The integers that stand for the characters, (5,) for
each sum, become one of three things before the network reads them. Nothing else changes:

    one-hot vectors  -> (5, 12)      each character has a place of its own
    scaled integers  -> (5, 1)       "0" is 0, "1" is 0.09, ... " " is 1
    embedding        -> (5, 12)      each character has twelve learned numbers

A tenth of the pairs is held out for validation, and another tenth for the test, always in both orders. We compared
learning rates of 0.004, 0.008 and 0.016 on the validation pairs of seed 101 (--search); each encoding uses its best.
"""

import functools

import common
from extensions import experiments
from extensions.text import data

import keras
from keras import layers

LEARNING_RATES = {"one-hot vectors": 0.016, "scaled integers": 0.008, "embedding": 0.008}


def build_model(encoding, n_in, n_out, n_chars):
    """Return the article's encoder-decoder with a layer in front that encodes whole numbers; not compiled.

    The model reads n_in whole numbers from 0 to n_chars - 1, and writes n_out vectors of n_chars probabilities.
    """
    first = {
        "one-hot vectors": [layers.CategoryEncoding(n_chars, output_mode="one_hot")],  # (5, 12)
        "scaled integers": [layers.Rescaling(1 / (n_chars - 1)), layers.Reshape((n_in, 1))],  # (5, 1)
        "embedding": [layers.Embedding(n_chars, n_chars)],  # (5, 12)
    }
    article = [
        layers.LSTM(100, unroll=common.unroll(n_in)),  # as in seq2seq_sum.py
        layers.RepeatVector(n_out),
        layers.LSTM(50, return_sequences=True, unroll=common.unroll(n_out)),
        layers.Dense(n_chars, activation="softmax"),
    ]
    return keras.Sequential([keras.Input((n_in,), dtype="int32"), *first[encoding], *article])


def main(argv=None):
    """Compare the encodings on held-out sums, or search their learning rates; return the exit status."""
    parser = common.argument_parser(__doc__, {"largest": (5, 200)}, n_examples=4800, largest=99, n_batch=32, n_epoch=32)
    experiments.add_arguments(parser)
    args = parser.parse_args(argv)
    problems = data.pairs(args.largest)

    def split(_, rng):
        return data.split(problems, len(problems) // 10, rng)

    def encode(pairs):  # the network reads the whole numbers that the one-hot vectors stand for
        X, y = data.encode_sums(pairs, args.largest)
        return X.argmax(axis=2), y

    def report(results, folder):
        title = "Three encodings on held-out sums"
        return experiments.table(results, args), experiments.comparison_picture(title, results, args)

    variants = {
        encoding: experiments.Variant(rate, encode, functools.partial(build_model, encoding))
        for encoding, rate in LEARNING_RATES.items()
    }
    return experiments.compare("integer_encoding", variants, split, report, args)


if __name__ == "__main__":
    common.run(main)
