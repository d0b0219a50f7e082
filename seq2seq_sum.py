"""Can a network learn to add from text alone? Two LSTMs, an encoder and a decoder, read and write characters.

Sums of two numbers from 1 to 10 become sequences of different lengths, " 3+10" -> "13", each character a vector:

    (5, 12) one-hot -> encoder LSTM -> (100,) -> repeated (2, 100) -> decoder LSTM -> (2, 12) probabilities -> "13"

It is the article's third experiment, and the one that needs a sequence model. At the defaults it ends with 100 % of
1000 answers exact, after about 10 seconds on two cores. These are not new sums: there are only 100 different pairs,
and training draws 30,000.
"""

import common

ALPHABET = "0123456789+ "


def build_model(n_in, n_out, n_chars, learning_rate=0.001, steps_per_execution=1):
    """Build the article's encoder-decoder for n_in characters in, n_out characters out; compiled."""
    import keras
    from keras import layers

    model = keras.Sequential(
        [
            keras.Input((n_in, n_chars)),  # (5, 12)
            layers.LSTM(100, unroll=True),  # (100,) the whole sum, read
            layers.RepeatVector(n_out),  # (2, 100) once for each character of the answer
            layers.LSTM(50, return_sequences=True, unroll=True),  # (2, 50)
            layers.Dense(n_chars, activation="softmax"),  # (2, 12) probabilities at each step
        ]
    )
    model.compile(
        loss="categorical_crossentropy",
        optimizer=keras.optimizers.Adam(learning_rate),
        metrics=["accuracy"],
        steps_per_execution=steps_per_execution,
    )
    return model


def parser():
    """Make the parser of the arguments; the defaults are the article's settings."""
    return common.argument_parser(
        __doc__, n_examples=1000, n_numbers=2, largest=10, n_batch=10, n_epoch=30, learning_rate=0.001
    )


def main(argv=None):
    """Train and evaluate as the article does; return the exit status."""
    args = parser().parse_args(argv)
    rng = common.set_seed(args.seed)

    # Data: new examples for each epoch, all from one random stream.
    def draw(n):
        return common.generate_data(n, args.n_numbers, args.largest, ALPHABET, rng)

    # Model
    n_in, n_out = common.sequence_lengths(args.n_numbers, args.largest)
    steps_per_execution = common.steps_per_execution(args.n_examples, args.n_batch)
    model = build_model(n_in, n_out, len(ALPHABET), args.learning_rate, steps_per_execution)
    summary = common.summary(model, args)
    print(summary)

    # Training
    history, interrupted = common.train(model, draw, args.n_examples, args.n_batch, args.n_epoch)

    # Evaluation: new examples, the next of the same stream.
    X, y = draw(args.n_examples)
    expected = [common.invert_encoding(seq, ALPHABET) for seq in y]
    predicted = [common.invert_encoding(seq, ALPHABET) for seq in model.predict(X, len(X), verbose=0)]
    result = common.report(expected, predicted, interrupted)
    print(result)
    title = f"seq2seq_sum: characters in, characters out {interrupted}"
    figure = common.picture(title, history, "cross-entropy (nats per character)", expected, predicted)
    common.save(args.outputs, "seq2seq_sum", f"{summary}\n{result}", figure, model)
    return 130 if interrupted else 0


if __name__ == "__main__":
    raise SystemExit(main())
