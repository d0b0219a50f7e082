"""Can a network learn to add from text alone? Two LSTMs, an encoder and a decoder, read and write characters.

Sums of two numbers from 1 to 10 become sequences of different lengths, " 3+10" -> "13", each character a vector:

    (5, 12) one-hot -> encoder LSTM -> (100,) -> repeated (2, 100) -> decoder LSTM -> (2, 12) probabilities -> "13"

It is the article's third experiment. At the defaults all of 1000 answers are exact, after some 10 seconds on two cores;
with the seeds 1 to 20, 89.3 to 100 %. These are not new sums: there are only 100 different pairs, and training draws
30,000. Does it learn, or memorise? See extensions/text/held_out_pairs.py.
"""

import contextlib
import random

import common

import keras
import numpy as np
from keras import layers
from matplotlib.figure import Figure

ALPHABET = "0123456789+ "


def build_model(n_in, n_out, n_chars, units=(100, 50)):
    """Return the article's encoder-decoder, which reads n_in characters and writes n_out, not compiled.

    Unrolled, an LSTM computes the same, in less time.
    """
    return keras.Sequential(
        [
            keras.Input((n_in, n_chars)),  # (5, 12) one-hot characters
            layers.LSTM(units[0], unroll=common.unroll(n_in)),  # (100,) the whole sum, read
            layers.RepeatVector(n_out),  # (2, 100) once for each character of the answer
            layers.LSTM(units[1], return_sequences=True, unroll=common.unroll(n_out)),  # (2, 50)
            # The article wraps the next layer in TimeDistributed; Dense alone does the same.
            layers.Dense(n_chars, activation="softmax"),  # (2, 12) the probability of each character, at each step
        ]
    )


def main(argv=None):
    """Train and evaluate as the article does; return the exit status."""
    parser = common.argument_parser(
        __doc__, n_examples=1000, n_numbers=2, largest=10, n_batch=10, n_epoch=30, learning_rate=0.001
    )
    args = parser.parse_args(argv)
    n_steps = args.n_examples // args.n_batch  # updates in each epoch
    keras.utils.set_random_seed(args.seed)
    rng = random.Random(args.seed)  # a stream of the data's own, because Keras draws from the global one

    # Data: new examples for each epoch
    X, y = common.generate_data(args.n_epoch * args.n_examples, args.n_numbers, args.largest, ALPHABET, rng)

    # Model
    model = build_model(X.shape[1], y.shape[1], len(ALPHABET))
    optimizer = keras.optimizers.Adam(args.learning_rate)
    n_at_once = common.steps_per_execution(n_steps)
    model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"], steps_per_execution=n_at_once)
    model.summary()

    # Training: one call for all epochs, where the article makes one for each; each epoch takes the next part of X
    with contextlib.suppress(KeyboardInterrupt):  # after Ctrl-C, what is trained by then is evaluated and saved
        model.fit(X, y, batch_size=args.n_batch, epochs=args.n_epoch, steps_per_epoch=n_steps, shuffle=False, verbose=2)
    common.save_model("seq2seq_sum", args, model)

    # Evaluation: new examples, of which each pair occurred in training
    X, y = common.generate_data(args.n_examples, args.n_numbers, args.largest, ALPHABET, rng)
    expected = [common.invert_encoding(seq, ALPHABET) for seq in y]
    predicted = [common.invert_encoding(seq, ALPHABET) for seq in model.predict(X, batch_size=1000, verbose=0)]
    result = common.report(expected, predicted)
    print(result)
    figure = picture(model, args, rng)
    return common.save_run("seq2seq_sum", args, model, result, figure, common.scores(expected, predicted))


def picture(model, args, rng):
    """Return a figure: a square for every sum there is, the lighter the surer its right answer; a cross if wrong."""
    X, sums = common.sums_to_draw(args.n_numbers, args.largest, rng)
    texts = common.to_string(X, sums, args.n_numbers, args.largest)
    indices = common.integer_encode(*texts, ALPHABET)
    encoded, y = common.one_hot_encode(*indices, len(ALPHABET))
    predicted = model.predict(encoded, batch_size=1000, verbose=0)
    probability = (y * predicted).sum(axis=2).prod(axis=1)  # of the right answer
    wrong = (predicted.argmax(axis=2) != y.argmax(axis=2)).any(axis=1)
    first, last = np.array(X)[:, 0], np.array(X)[:, -1]
    figure = Figure(figsize=(5.5, 4.5), dpi=100, layout="constrained")
    axes = figure.subplots()
    size = (200 / args.largest) ** 2
    squares = axes.scatter(last, first, s=size, c=probability, marker="s", cmap="gray", vmin=0, vmax=1)
    figure.colorbar(squares, label="probability of the right answer")
    axes.plot(last[wrong], first[wrong], "x", color="tab:red")
    axes.set(title=f"Seed {args.seed}: {(~wrong).sum():,} of {len(sums):,} sums right")
    axes.set(xlabel="last number", ylabel="first number")
    return figure


if __name__ == "__main__":
    common.run(main)
