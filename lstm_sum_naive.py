"""Can an LSTM add numbers? Nearly. But this is the beginner's use of one: a sum has no order to learn.

Two numbers from 1 to 100 are scaled by the largest possible sum, 200, and read one at a time:

    [3, 10] -> [[0.015], [0.05]] -> LSTM -> (10,) -> Dense -> 0.065 -> 13

It is the article's first experiment. At the defaults it ends with an RMSE of about 0.2, after about 10 seconds on two
cores; the smaller network of mlp_sum.py ends with 0.
"""

import common


def build_model(n_numbers, learning_rate=0.001, steps_per_execution=1):
    """Build the network of the article's complete listing, one LSTM(10), for n_numbers terms; compiled."""
    import keras
    from keras import layers

    model = keras.Sequential(
        [
            keras.Input((n_numbers, 1)),  # (2, 1) one number at each step
            layers.LSTM(10, unroll=True),  # (10,)
            layers.Dense(1),  # (1,) the sum
        ]
    )
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(loss="mean_squared_error", optimizer=optimizer, steps_per_execution=steps_per_execution)
    return model


def parser():
    """Make the parser of the arguments; the defaults are the article's settings."""
    return common.argument_parser(
        __doc__, n_examples=100, n_numbers=2, largest=100, n_batch=1, n_epoch=100, learning_rate=0.001
    )


def main(argv=None):
    """Train and evaluate as the article does; return the exit status."""
    args = parser().parse_args(argv)
    rng = common.set_seed(args.seed)

    # Data: new examples for each epoch, all from one random stream.
    def draw(n):
        X, y = common.random_sum_pairs(n, args.n_numbers, args.largest, rng)
        X, y = common.normalize(X, y, args.n_numbers, args.largest)
        return X.reshape(n, args.n_numbers, 1), y  # (n, 2, 1): samples, steps, features

    # Model
    steps_per_execution = common.steps_per_execution(args.n_examples, args.n_batch)
    model = build_model(args.n_numbers, args.learning_rate, steps_per_execution)
    summary = common.summary(model, args)
    print(summary)

    # Training
    history, interrupted = common.train(model, draw, args.n_examples, args.n_batch, args.n_epoch)

    # Evaluation: new examples, the next of the same stream.
    X, y = draw(args.n_examples)
    predicted = model.predict(X, len(X), verbose=0)[:, 0]
    expected = [f"{total:.0f}" for total in common.invert_normalization(y, args.n_numbers, args.largest)]
    predicted = [f"{total:.0f}" for total in common.invert_normalization(predicted, args.n_numbers, args.largest)]
    result = common.report(expected, predicted, interrupted)
    print(result)
    title = f"lstm_sum_naive: numbers read one at a time {interrupted}"
    figure = common.picture(title, history, "mean squared error (largest sum = 1)", expected, predicted)
    common.save(args.outputs, "lstm_sum_naive", f"{summary}\n{result}", figure, model)
    return 130 if interrupted else 0


if __name__ == "__main__":
    raise SystemExit(main())
