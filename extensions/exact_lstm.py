"""What would make the naive LSTM exact, at the article's 10,000 updates and with every seed? DRAFT

The model and the training are those of lstm_sum_naive.py but for what a row of the table names. [3, 10] is 13: all
10,000 pairs up to 100+100 are tried. `--search --seed 101 --n-seeds 3` compares learning rates on other seeds.
"""

import random
import time
from typing import NamedTuple

import keras
import numpy as np
from keras import layers, ops
from matplotlib.figure import Figure

import common
from extensions.shared import training

RATES = (0.001, 0.003, 0.01, 0.03)  # the learning rates that the search compares


class Variant(NamedTuple):
    """What differs from the article: the defaults are its own."""

    rate: float = 0.001
    decay: bool = False  # the rate falls to 0, as a cosine does
    times: int = 1  # so many times the updates
    sums: int = 1  # so many times the sums in each update
    units: int = 10
    activation: str = "tanh"
    loss: str | keras.losses.Loss = "mean_squared_error"
    clipnorm: float | None = None
    use_ema: bool = False  # ends with the moving average of the weights
    low: float = 0.0  # numbers and sums are scaled from (0, 1] to (low, high]
    high: float = 1.0
    n_seeds: int = 1000  # at most


SAME_RATE = {
    "as in the article": Variant(),
    "within 0.1 and 0.9": Variant(low=0.1, high=0.9),
    "ReLU cell": Variant(activation="relu"),
    "4 times the updates": Variant(times=4),
    "16 times the updates": Variant(times=16, n_seeds=5),
}
SEARCHED = {
    "larger rate": Variant(rate=0.003),
    "gradients clipped": Variant(rate=0.003, clipnorm=0.01),
    "Huber loss": Variant(rate=0.003, loss=keras.losses.Huber(0.01)),
    "30 units": Variant(rate=0.003, units=30),
    "averaged weights": Variant(rate=0.003, use_ema=True),
    "decaying rate": Variant(rate=0.01, decay=True),
    "32 sums an update": Variant(rate=0.003, sums=32),
    "32 sums, decaying rate": Variant(rate=0.03, sums=32, decay=True),
}
VARIANTS = SAME_RATE | SEARCHED


def tanh_slope(model, X):
    """Return the mean derivative of the tanh of the LSTM's cells after the last step, for each of X (n, steps, 1)."""
    lstm = layers.LSTM(model.layers[0].units, return_state=True)
    lstm(X)  # makes its weights
    lstm.set_weights(model.layers[0].get_weights())
    _, _, cells = lstm(X)
    return (1 - np.tanh(ops.convert_to_numpy(cells)) ** 2).mean(axis=1)


def picture(results, title):
    """Draw the errors of four variants over the sums, with the first seed, and below the RMSE of each seed."""
    figure = Figure(figsize=(9, 8), dpi=100, layout="constrained")
    figure.suptitle(title)
    above, below = figure.subfigures(2, 1, height_ratios=(2, 3))
    shown = ("as in the article", "4 times the updates", "16 times the updates", "32 sums, decaying rate")
    for name, axes in zip(shown, above.subplots(1, 4, sharey=True), strict=True):
        for sums, errors in results.get(name, [])[:1]:
            axes.plot(sums, errors, ".", markersize=1, color="black")
    return figure


def main(argv=None):
    """Train each variant with each seed, compare, and save; return the exit status."""
    parser = common.argument_parser(__doc__, n_examples=100, n_numbers=2, largest=100, n_batch=1, n_epoch=100)
    training.add_arguments(parser)
    parser.set_defaults(n_seeds=20)
    parser.add_argument("--only", nargs="+", choices=VARIANTS, default=list(VARIANTS), metavar="NAME", help="which")
    args = parser.parse_args(argv)

    def run(name, seed, rate=None):
        variant = VARIANTS[name]
        if seed >= args.seed + variant.n_seeds:
            return None

        # Data: the sums that lstm_sum_naive.py draws with this seed
        keras.utils.set_random_seed(seed)
        rng = random.Random(seed)
        n_batch, n_steps = args.n_batch * variant.sums, args.n_examples // args.n_batch * variant.times
        X, y = common.random_sum_pairs(args.n_epoch * n_steps * n_batch, args.n_numbers, args.largest, rng)
        X_test, y_test = common.random_sum_pairs(100, args.n_numbers, args.largest, rng)
        X_all, y_all = common.sums_to_draw(args.n_numbers, args.largest, rng)

        def scale(X, y):
            X, y = common.normalize(X, y, args.n_numbers, args.largest)
            return variant.low + (variant.high - variant.low) * X[..., None], variant.low + (variant.high - variant.low) * y

        # Model
        model = keras.Sequential(
            [
                keras.Input((args.n_numbers, 1)),  # (2, 1) one number at each step
                layers.LSTM(variant.units, activation=variant.activation, unroll=common.unroll(args.n_numbers)),  # (10,)
                layers.Dense(1),  # (1,) the sum
            ]
        )
        rate = rate or variant.rate
        rate = keras.optimizers.schedules.CosineDecay(rate, args.n_epoch * n_steps) if variant.decay else rate
        optimizer = keras.optimizers.Adam(rate, clipnorm=variant.clipnorm, use_ema=variant.use_ema, ema_momentum=0.999)
        model.compile(optimizer, variant.loss, steps_per_execution=common.steps_per_execution(n_steps))

        # Training
        start = time.perf_counter()
        X, y = scale(X, y)
        model.fit(X, y, n_batch, epochs=args.n_epoch, steps_per_epoch=n_steps, shuffle=False, verbose=0)
        seconds = time.perf_counter() - start

        # Evaluation: the article's 100 test sums, then all sums
        X, expected = scale(X_test + X_all, y_test + y_all)[0], np.array(y_test + y_all)
        predicted = (model.predict(X, batch_size=1000, verbose=0)[:, 0] - variant.low) / (variant.high - variant.low)
        wrong = common.invert_normalization(predicted, args.n_numbers, args.largest) - expected
        rmse, exact = np.sqrt(np.mean(wrong[:100] ** 2)), np.mean(wrong[100:] == 0)
        errors = (expected - predicted * args.n_numbers * args.largest)[100:]
        print(f"RMSE {rmse:.6f}, {exact:.2%} of all, {seconds:.1f} s", flush=True)
        slope = tanh_slope(model, X[[100, 100 + len(y_all)//2 - 50 -1 , -1]])
        return rmse, exact, seconds, errors, slope

    if args.search:
        arms = [(name, rate) for name in args.only if name in SEARCHED for rate in RATES]
        results, status = training.runs(lambda arm, seed: run(arm[0], seed, arm[1]), arms, args)
        for (name, rate), runs in results.items():
            print(name, rate, sum(r[0]==0 for r in runs), sum(r[1]==1 for r in runs), np.mean([r[1] for r in runs]), np.mean([r[0] for r in runs]))
        return status
    results, status = training.runs(run, args.only, args)
    print(results["as in the article"][0][-1])
    return status


if __name__ == "__main__":
    common.run(main)
