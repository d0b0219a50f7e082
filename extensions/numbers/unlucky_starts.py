"""Why does mlp_sum.py fail with some seeds? Most start with the wrong sign. Flip the sign, and nearly all succeed.

Linear layers multiplied out are one weight for each term, and a sum has the weights 1 and 1. Each seed is trained twice
as in mlp_sum.py: as drawn, and with the sign of the first layer flipped before training. Nothing else changes:

    seed 8, as drawn        starts as -1.19 * x1 - 0.64 * x2, ends with an RMSE of 0.41
    seed 8, sign flipped    starts as  1.19 * x1 + 0.64 * x2, ends with an RMSE of 0

A thousand seeds are trained together: every weight array gets one more axis, with a place for each start. The loss is
the sum of the losses of all starts, so no start's gradient depends on another start. Adam treats every weight by
itself. Each start has the weights and the examples that mlp_sum.py draws with its seed, so it ends as mlp_sum.py does.
"""

import random

import common
import mlp_sum
from extensions import experiments

import keras
import numpy as np
from keras import layers, ops
from matplotlib.figure import Figure


def build_model(n_starts, n_numbers):
    """Return the layers of mlp_sum.build_model, n_starts times side by side; not compiled."""
    return keras.Sequential(
        [
            keras.Input((n_starts, n_numbers)),  # (1000, 2)
            layers.EinsumDense("bsi,sio->bso", (n_starts, 4), bias_axes="so"),  # (1000, 4)
            layers.EinsumDense("bsi,sio->bso", (n_starts, 2), bias_axes="so"),  # (1000, 2)
            layers.EinsumDense("bsi,sio->bso", (n_starts, 1), bias_axes="so"),  # (1000, 1) a sum from each
        ]
    )


def draw(seed, args):
    """Return what mlp_sum.py draws with a seed: the weights at the start, a list, and X, y to train on and to test."""
    keras.utils.set_random_seed(seed)
    rng = random.Random(seed)
    X, y = common.random_sum_pairs(args.n_epoch * args.n_examples, args.n_numbers, args.largest, rng)
    X_test, y_test = common.random_sum_pairs(args.n_examples, args.n_numbers, args.largest, rng)
    X, y = common.normalize(X + X_test, y + y_test, args.n_numbers, args.largest)
    return mlp_sum.build_model(args.n_numbers).get_weights(), X.astype("float32"), y.astype("float32")


def multiply_out(weights):
    """Return the weights (n_starts, n_numbers) that linear layers side by side put on their terms."""
    return (weights[0] @ weights[2] @ weights[4])[..., 0]


def squared_error(expected, predicted):
    """Return the squared errors (n, n_starts, 1), summed over the starts: (n,)."""
    return ops.sum((expected - predicted) ** 2, axis=(1, 2))


def train(weights, X, y, args):
    """Return the RMSE of the test sums with each start, (n_starts,).

    weights: arrays with the starts as their first axis. X, y: (n, n_starts, n_numbers) and (n, n_starts, 1), scaled;
    the last n_examples are for the test.
    """
    model = build_model(*X.shape[1:])
    model.set_weights(weights)
    n = args.n_epoch * args.n_examples
    experiments.fit(model, X[:n], y[:n], args, keras.optimizers.Adam(args.learning_rate), loss=squared_error)
    expected, predicted = (
        common.invert_normalization(scaled, args.n_numbers, args.largest)
        for scaled in (y[n:], model.predict(X[n:], verbose=0))
    )
    return np.sqrt(np.mean((predicted - expected) ** 2, axis=(0, 2)))


def main(argv=None):
    """Train all seeds both ways, compare, and save; return the exit status."""
    parser = common.argument_parser(__doc__, **mlp_sum.SETTINGS)
    n_starts = common.number(1, 5000)
    parser.add_argument("--n-starts", type=n_starts, default=1000, metavar="N", help="starts, each with the next seed")
    args = parser.parse_args(argv)
    if args.n_starts * args.n_epoch * args.n_examples * args.n_numbers > 5 * 10**7:
        parser.error("argument --n-starts: too many numbers; at most 50 million are allowed in all")

    # Data and starts of mlp_sum.py
    seeds = [(args.seed + i) % 2**32 for i in range(args.n_starts)]
    drawn, X, y = zip(*(draw(seed, args) for seed in seeds), strict=True)
    weights = [np.stack(arrays) for arrays in zip(*drawn, strict=True)]
    X, y = np.stack(X, axis=1), np.stack(y, axis=1)[..., None]

    # Training and evaluation. The sign of the first layer is the one thing that differs.
    rmse = train(weights, X, y, args)
    flipped = train([-weights[0], *weights[1:]], X, y, args)

    starts = multiply_out(weights)
    lines = [common.settings_line(args), *table(starts, rmse, flipped, args.seed)]
    print(*lines, sep="\n")
    with common.run_folder(args.outputs, "unlucky_starts") as folder:
        (folder / "transcript.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        picture(starts.mean(axis=1), rmse, flipped).savefig(folder / "picture.png")
    return 0


def table(starts, rmse, flipped, first_seed):
    """Return lines on the first twenty seeds, and on how many fail.

    starts: (n, n_numbers) weights. rmse, flipped: (n,) RMSE of the same starts as drawn, and with the sign flipped.
    """
    lines = ["Weights at the start, as drawn; RMSE as drawn; RMSE with the sign flipped"]
    for seed, (start, one, other) in enumerate(zip(starts[:20], rmse, flipped, strict=False), first_seed):
        lines.append(f"seed {seed}: {experiments.listed(start)}; {one:.4f}; {other:.4f}")
    failed, mean = rmse > 0, starts.mean(axis=1)
    for which, some in (
        ("All starts, fail as drawn", np.full(len(mean), True)),
        ("with a negative mean weight, fail as drawn", mean < 0),
        ("with a positive mean weight, fail as drawn", mean > 0),
    ):
        lines.append(f"{which}: {rate(failed[some])}")
    for which, some in (
        ("negative starts that fail as drawn, fail with the sign flipped", failed & (mean < 0)),
        ("positive starts that fail as drawn, fail with the sign flipped", failed & (mean > 0)),
        ("negative starts exact as drawn, fail with the sign flipped", ~failed & (mean < 0)),
        ("positive starts exact as drawn, fail with the sign flipped", ~failed & (mean > 0)),
    ):
        lines.append(f"{which}: {rate(flipped[some] > 0)}")
    return lines


def rate(failed):
    """Return how many of some starts fail, as text. failed: a bool array."""
    return experiments.percentage(int(failed.sum()), len(failed)) if len(failed) else "there are none"


def picture(means, rmse, flipped):
    """Return a Figure: the RMSE over the mean weight at the start; then the starts that failed, with the sign flipped.

    means, rmse, flipped: (n,) of the same starts.
    """
    figure = Figure(figsize=(9, 4.2), dpi=100, layout="constrained")
    failed = rmse > 0
    n_mended = np.count_nonzero(flipped[failed] == 0)
    figure.suptitle(
        f"{np.count_nonzero(means[failed] < 0)} of the {failed.sum()} starts that fail are negative; "
        f"with the sign flipped, {n_mended} of the {failed.sum()} succeed"
    )
    left, right = figure.subplots(1, 2, sharex=True, sharey=True)
    for axes, x, values in (left, means, rmse), (right, -means[failed], flipped[failed]):
        axes.axvline(0, color="gray", linewidth=1)
        axes.plot(x, values, "o", color="black", alpha=0.3, markeredgewidth=0, markersize=5)
        axes.set(xlabel="mean of the two weights at the start (a sum has 1)")
        axes.set_yscale("symlog", linthresh=1)
        axes.set_yticks([0, 1, 10], ["0", "1", "10"])
        axes.grid(alpha=0.3)
    left.set(title=f"{len(means):,} starts, as drawn", ylabel="RMSE of the test sums")
    right.set_title(f"the {failed.sum()} that failed, with the sign flipped")
    return figure


if __name__ == "__main__":
    common.run(main)
