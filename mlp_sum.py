"""Does adding need an LSTM? No: a sum is linear, and a small network of linear layers learns it exactly.

Two numbers from 1 to 100 are scaled by the largest possible sum, 200, and read together, in any order:

    [3, 10] -> [0.015, 0.05] -> Dense -> (4,) -> Dense -> (2,) -> Dense -> 0.065 -> 13

It is the article's second experiment. At the defaults it ends with an RMSE of 0, after about 7 seconds on two cores.
Not with every seed: its two linear units in the middle can start almost dead.
"""

import common


def build_model(n_numbers, learning_rate=0.001, steps_per_execution=1):
    """Build the article's network of linear layers for n_numbers terms; compiled."""
    import keras
    from keras import layers

    model = keras.Sequential(
        [
            keras.Input((n_numbers,)),  # (2,) all numbers at once
            layers.Dense(4),  # (4,)
            layers.Dense(2),  # (2,)
            layers.Dense(1),  # (1,) the sum
        ]
    )
    optimizer = keras.optimizers.Adam(learning_rate)
    model.compile(loss="mean_squared_error", optimizer=optimizer, steps_per_execution=steps_per_execution)
    return model


def parser():
    """Make the parser of the arguments; the defaults are the article's settings."""
    return common.argument_parser(
        __doc__, n_examples=100, n_numbers=2, largest=100, n_batch=2, n_epoch=50, learning_rate=0.001
    )


def main(argv=None):
    """Train and evaluate as the article does; return the exit status."""
    args = parser().parse_args(argv)
    rng = common.set_seed(args.seed)

    # Data: new examples for each epoch, all from one random stream.
    def draw(n):
        X, y = common.random_sum_pairs(n, args.n_numbers, args.largest, rng)
        X, y = common.normalize(X, y, args.n_numbers, args.largest)
        return X, y

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
    title = f"mlp_sum: numbers read together {interrupted}"
    figure = common.picture(title, history, "mean squared error (largest sum = 1)", expected, predicted)
    common.save(args.outputs, "mlp_sum", f"{summary}\n{result}", figure, model)
    return 130 if interrupted else 0


if __name__ == "__main__":
    raise SystemExit(main())
