"""A sum is linear, so why hidden layers? And what about squares? One layer, three linear layers, and ReLU layers.

Numbers from 1 to 100 are added in pairs or squared, and scaled to (0, 1] as in mlp_sum.py:

    [3, 10] -> [0.015, 0.05] -> Dense(1) -> 0.065 -> 13          [7] -> [0.07] -> ReLU layers -> 0.0049 -> 49

Layers without an activation multiply out to one Dense(1). That is exact on sums, even of numbers larger than any in
training. On squares it ends near the best straight line, which NumPy finds directly. ReLU layers follow the parabola
over the trained range. Above that range they fall short.

A fifth of the problems is held out: a random fifth, or all that have a number above 80. Models trained on all 10,000
sums are also tested on 10,000 sums of numbers from 101 to 1,000. All models have the same learning rate. Nothing was
tuned.
"""

import itertools
import random
from typing import NamedTuple

import common
from extensions import experiments

import keras
import numpy as np
from keras import layers
from matplotlib.figure import Figure

MODELS = {  # the units of the hidden layers, and their activation
    "Dense(1)": ((), None),
    "Dense 4, 2, 1 (article)": ((4, 2), None),
    "ReLU 32, 32, Dense(1)": ((32, 32), "relu"),
}
LINE = "best line (NumPy)"
VARIANTS = {
    f"{which} fifth of {task}, {name}": (task, which, name)
    for task, which, name in itertools.product(("sums", "squares"), ("random", "largest"), (*MODELS, LINE))
}
VARIANTS |= {f"sums beyond, {name}": ("sums", "beyond", name) for name in (*MODELS, LINE)}


class Answers(NamedTuple):
    """The answers of one model to all problems, trained or held out."""

    errors: np.ndarray  # (n,) predicted minus expected, rounded
    held_out: np.ndarray  # (n,) bool
    weights: list  # as from get_weights


def build_model(n_inputs, units, activation):
    """Return hidden Dense layers of the given units, followed by a Dense(1); not compiled."""
    hidden = [layers.Dense(n, activation=activation) for n in units]
    return keras.Sequential([keras.Input((n_inputs,)), *hidden, layers.Dense(1)])


def problems(task, largest):
    """Return all sums of two numbers from 1 to `largest`, or all squares: int arrays X (n, 2 or 1) and y (n,)."""
    if task == "sums":
        X = np.indices((largest, largest)).reshape(2, -1).T + 1
        return X, X.sum(axis=1)
    X = np.arange(1, largest + 1).reshape(-1, 1)
    return X, X[:, 0] ** 2


def hold_out(X, which, rng):
    """Choose the problems to hold out, a bool array (n,): a random fifth, or those with one of the largest numbers.

    X: as from `problems`. which: "random" or "largest", the largest fifth of the numbers. rng: as random.Random.
    A sum is held out in both orders of its terms.
    """
    if which == "largest":
        return X.max(axis=1) > X.max() * 4 // 5
    distinct, indices = np.unique(np.sort(X), axis=0, return_inverse=True)
    return np.isin(indices.ravel(), rng.sample(range(len(distinct)), len(distinct) // 5))


def main(argv=None):
    """Train each model with each seed on each task, compare it with the best line, save; return the exit status."""
    limits = {"largest": (5, 1000)}
    parser = common.argument_parser(__doc__, limits, n_examples=10_000, largest=100, n_batch=20, n_epoch=10)
    experiments.add_arguments(parser, search=False)
    args = parser.parse_args(argv)
    n_steps = args.n_examples // args.n_batch

    def run(variant, seed):
        # Data: with the same seed, every model has the same held-out problems
        task, which, name = VARIANTS[variant]
        keras.utils.set_random_seed(seed)
        rng = random.Random(seed)
        X, y = problems(task, args.largest)
        y_max = float(y.max())
        if which == "beyond":
            larger = np.random.default_rng(seed).integers(args.largest + 1, 10 * args.largest + 1, (10_000, 2))
            held_out = np.arange(len(X) + len(larger)) >= len(X)
            X, y = np.concatenate([X, larger]), np.concatenate([y, larger.sum(axis=1)])
        else:
            held_out = hold_out(X, which, rng)
        trained = np.flatnonzero(~held_out)
        if name == LINE:
            inputs = np.c_[X, np.ones(len(X))]  # the last for the bias
            weights = np.linalg.lstsq(inputs[trained], y[trained], rcond=None)[0]
            return Answers(np.rint(inputs @ weights) - y, held_out, weights)
        X_scaled, y_scaled = X / (X.shape[1] * args.largest), y / y_max
        chosen = rng.choices(trained, k=args.n_epoch * n_steps * args.n_batch)
        fed = [tuple(terms) for terms in X[chosen].tolist()]
        experiments.check_new(fed, X[held_out].tolist(), form=lambda terms: tuple(sorted(terms)))

        # Model
        model = build_model(X.shape[1], *MODELS[name])
        optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.01, args.n_epoch * n_steps))

        # Training
        experiments.fit(model, X_scaled[chosen], y_scaled[chosen], args, optimizer, loss="mean_squared_error")

        # Evaluation
        predicted = model.predict(X_scaled, batch_size=1000, verbose=0)[:, 0] * y_max
        return Answers(np.rint(predicted) - y, held_out, model.get_weights())

    def report(results, folder):
        lines = table(results)
        for variant, runs in results.items():
            if VARIANTS[variant][2] == "Dense(1)":
                weights, bias = runs[0].weights
                terms = " + ".join(f"{weight:.4f} * x{i}" for i, weight in enumerate(weights.ravel(), 1))
                lines.append(f"{variant}, seed {args.seed}: {terms} + {bias[0]:.4f} (scaled)")
        return lines, picture(results, args.largest)

    _, status = experiments.run_each("squares", run, VARIANTS, report, args)
    return status


def table(results):
    """Return a line for each variant: held-out problems of all seeds, then mean and range over the seeds.

    results: a dict of variant -> list of Answers.
    """
    lines = [f"{'held out':48}{'n':>6}{'RMSE, mean (range)':>31}{'exact in %, mean (range)':>28}"]
    for variant, runs in results.items():
        errors = [run.errors[run.held_out] for run in runs]
        rmse, exact = [np.sqrt(np.mean(e**2)) for e in errors], [100 * np.mean(e == 0) for e in errors]
        rmse = f"{np.mean(rmse):.2f} ({min(rmse):.2f} to {max(rmse):.2f})"
        exact = f"{np.mean(exact):.2f} ({min(exact):.2f} to {max(exact):.2f})"
        lines.append(f"{variant:48}{sum(len(e) for e in errors):6}{rmse:>31}{exact:>28}")
    return lines


def picture(results, largest):
    """Return a Figure: predicted squares, a line for each seed, beside y = x² (dashed).

    results: a dict of variant -> list of Answers. largest: the largest number.
    """
    figure = Figure(figsize=(9, 4.5), dpi=100, layout="constrained")
    figure.suptitle(
        "Squares: linear layers end on a straight line, ReLU layers follow the curve as far as they were trained"
    )
    left, right = figure.subplots(1, 2, sharey=True)
    numbers = np.arange(1, largest + 1)
    looks = {LINE: ("0.85", 7), "ReLU 32, 32, Dense(1)": ("tab:orange", 3)}  # colour and width
    for which, axes in ("random", left), ("largest", right):
        for name in (LINE, *MODELS):
            colour, width = looks.get(name, ("tab:blue", 1))
            for run in results.get(f"{which} fifth of squares, {name}", []):
                predicted = numbers**2 + run.errors
                axes.plot(numbers, predicted, color=colour, linewidth=width)
                if name != LINE and which == "random":
                    axes.plot(numbers[run.held_out], predicted[run.held_out], ".", color="black", markersize=4)
        axes.plot(numbers, numbers**2, "--", color="black", linewidth=1)
        axes.set_xlabel("number")
        axes.grid(alpha=0.3)
    left.set(title="a random fifth is held out (dots)", ylabel="predicted square")
    right.set_title("the largest fifth is held out (shaded)")
    right.axvspan(largest * 4 // 5 + 0.5, largest + 0.5, color="0.9", zorder=0)
    for axes in left, right:
        axes.text(0.02 * largest, 0.42 * largest**2, "linear layers (thin),\non the best line (wide)")
        axes.text(0.55 * largest, 0.1 * largest**2, "ReLU layers (wide),\ny = x² (dashed)")
    return figure


if __name__ == "__main__":
    common.run(main)
