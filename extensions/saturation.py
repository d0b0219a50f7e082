"""What would make the naive LSTM exact? Its tanh flattens where sums are small or large, but that is not the cause.

The model and the training are those of lstm_sum_naive.py, 10,000 updates on one sum each, but for one thing each:

    as in the article       numbers scaled to (0, 1]
    within 0.1 and 0.9      numbers and sums scaled to lie between 0.1 and 0.9
    ReLU cell               LSTM(10, activation="relu"), which has no upper bound
    16 times the examples   160,000 updates

A run is exact if all 100 test sums are, with an RMSE of 0: with 15 of 20 seeds where there are 16 times the examples, 4
with the ReLU cell, none otherwise. So the range of the numbers is not what matters. Nothing was searched for.
"""

import random
import time

import keras
import numpy as np
from keras import layers
from matplotlib.figure import Figure

import common
from extensions.shared import training

WAYS = ("as in the article", "within 0.1 and 0.9", "ReLU cell", "16 times the examples")


def build_model(way, n_numbers):
    """Build the LSTM of lstm_sum_naive.py, with a ReLU in it for one of the WAYS; not compiled."""
    activation = "relu" if way == "ReLU cell" else "tanh"
    return keras.Sequential(
        [
            keras.Input((n_numbers, 1)),  # (2, 1) one number at each step
            layers.LSTM(10, activation=activation, unroll=common.unroll(n_numbers)),  # (10,)
            layers.Dense(1),  # (1,) the sum
        ]
    )


def picture(title, results):
    """Draw a row for each way and a dot for the RMSE of each seed. Returns a matplotlib Figure."""
    figure = Figure(figsize=(9, 2.5), dpi=100, layout="constrained")
    axes = figure.subplots()
    training.draw_dots(axes, {way: [rmse for rmse, _ in runs] for way, runs in results.items()})
    axes.set(title=title, xlabel="RMSE of 100 sums; a dot for each seed", xlim=(-0.05, None))
    axes.set_xscale("symlog", linthresh=1)
    return figure


def main(argv=None):
    """Train in each way with each seed, compare, and save; return the exit status."""
    parser = common.argument_parser(__doc__, n_examples=100, n_numbers=2, largest=100, n_batch=1, n_epoch=100)
    training.add_n_seeds(parser, default=20)
    args = parser.parse_args(argv)
    n_steps = args.n_examples // args.n_batch

    def run(way, seed):
        # Data: the sums that lstm_sum_naive.py draws with this seed
        keras.utils.set_random_seed(seed)
        rng = random.Random(seed)
        n_updates = n_steps * (16 if way == "16 times the examples" else 1)  # of an epoch
        X, y = common.random_sum_pairs(args.n_epoch * n_updates * args.n_batch, args.n_numbers, args.largest, rng)
        X_test, expected = common.random_sum_pairs(100, args.n_numbers, args.largest, rng)
        low, high = (0.1, 0.9) if way == "within 0.1 and 0.9" else (0, 1)

        def scale(X, y):
            X, y = common.normalize(X, y, args.n_numbers, args.largest)
            return (low + (high - low) * X)[..., None], low + (high - low) * y

        # Model
        model = build_model(way, args.n_numbers)
        n_at_once = common.steps_per_execution(n_updates)
        model.compile("adam", loss="mean_squared_error", steps_per_execution=n_at_once)

        # Training
        start = time.perf_counter()
        X, y = scale(X, y)
        model.fit(X, y, args.n_batch, epochs=args.n_epoch, steps_per_epoch=n_updates, shuffle=False, verbose=0)
        seconds = time.perf_counter() - start

        # Evaluation
        predicted = (model.predict(scale(X_test, expected)[0], verbose=0)[:, 0] - low) / (high - low)
        errors = common.invert_normalization(predicted, args.n_numbers, args.largest) - expected
        rmse = np.sqrt(np.mean(errors**2))
        print(f"RMSE {rmse:.6f}, {seconds:.1f} s", flush=True)
        return rmse, seconds

    results, status = training.runs(run, WAYS, args)
    lines = [common.settings(args), "RMSE 0 with so many of the seeds; mean RMSE, lowest to highest; seconds, median"]
    for way, runs in results.items():
        rmse, seconds = zip(*runs, strict=True)
        spread = f"{np.mean(rmse):.4f} ({min(rmse):.4f} to {max(rmse):.4f})"
        lines.append(f"{way:>22}: {rmse.count(0)} of {len(rmse)}; {spread}; {np.median(seconds):.1f} s")
    title = "What makes the naive LSTM exact is more examples, not another range of numbers"
    training.finish("saturation", lines, results, status, args, picture(title, results) if results else None)
    return status


if __name__ == "__main__":
    common.run(main)
