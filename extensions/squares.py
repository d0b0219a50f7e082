"""Isn't a sum linear, so why hidden layers? And what of squares? Linear layers, none, and ReLU layers on both.

Numbers from 1 to 100 are added in pairs or squared, and scaled to (0, 1] as in mlp_sum.py:

    [3, 10] -> [0.015, 0.05] -> Dense(1) -> 0.065 -> 13          [7] -> [0.07] -> ReLU layers -> 0.0049 -> 49

A sum is linear: a single Dense(1) that weighs both terms with 1 is exact, even beyond the numbers it was trained on.
Layers without an activation can do no more than that one: on squares they end at the best straight line, which NumPy
finds directly. ReLU layers join straight pieces to a curve, but go on straight where training ended.
"""

import itertools
import math

import numpy as np

import common
from extensions import training

MODELS = {  # the units of the hidden layers, and their activation
    "Dense(1)": ((), None),
    "Dense 4, 2, 1 (article)": ((4, 2), None),
    "ReLU 32, 32, Dense(1)": ((32, 32), "relu"),
}
LINE = "best line (NumPy)"


def build_model(n_inputs, units, activation, n_updates, steps_per_execution=1):
    """Build hidden Dense layers of the given units and a Dense(1); compiled for a run of n_updates updates."""
    import keras
    from keras import layers

    hidden = [layers.Dense(n, activation=activation) for n in units]
    model = keras.Sequential([keras.Input((n_inputs,)), *hidden, layers.Dense(1)])
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.01, n_updates))
    model.compile(loss="mean_squared_error", optimizer=optimizer, steps_per_execution=steps_per_execution)
    return model


def problems(task, largest):
    """List all sums of two numbers from 1 to `largest`, or all squares: int arrays X (n, 2 or 1) and y (n,).

    >>> [array.tolist() for array in problems("squares", 3)]
    [[[1], [2], [3]], [1, 4, 9]]
    """
    if task == "sums":
        X = np.indices((largest, largest)).reshape(2, -1).T + 1
        return X, X.sum(axis=1)
    X = np.arange(1, largest + 1).reshape(-1, 1)
    return X, X[:, 0] ** 2


def hold_out(X, which, rng):
    """Choose the problems to hold out: a random fifth, or those with one of the largest fifth of the numbers.

    X: as from `problems`. which: "random" or "largest". rng: as random.Random. Returns a bool array (n,).
    A sum is held out in both orders of its terms.

    >>> hold_out(np.array([[1], [2], [3], [4], [5]]), "largest", None).tolist()
    [False, False, False, False, True]
    """
    if which == "largest":
        return X.max(axis=1) > X.max() * 4 // 5
    distinct, indices = np.unique(np.sort(X), axis=0, return_inverse=True)
    return np.isin(indices.ravel(), rng.sample(range(len(distinct)), len(distinct) // 5))


def fit_line(X, y):
    """Fit y = weights * X + bias by least squares; return a function from X, (n, n_inputs), to n predictions.

    >>> fit_line(np.array([[1], [2]]), np.array([3, 5]))(np.array([[3]])).round(6).tolist()
    [7.0]
    """
    weights = np.linalg.lstsq(np.c_[X, np.ones(len(X))], y, rcond=None)[0]
    return lambda X: np.c_[X, np.ones(len(X))] @ weights


def table(errors):
    """Write a row for each model: the RMSE and the share of exact answers, their mean and range over the seeds.

    errors: a dict of (task, which, model) -> a list of arrays, the errors of the held-out answers with each seed.
    """
    lines = [f"{'held out':26}{'model':26}{'RMSE, mean (range)':>28}{'exact in %, mean (range)':>28}"]
    for (task, which, name), runs in errors.items():
        cells = []
        for values in ([np.sqrt(np.mean(run**2)) for run in runs], [100 * np.mean(run == 0) for run in runs]):
            cells.append(f"{np.mean(values):.2f} ({min(values):.2f} to {max(values):.2f})")
        lines.append(f"{f'{which} fifth of {task}':26}{name:26}{cells[0]:>28}{cells[1]:>28}")
    return "\n".join(lines)


def picture(curves, largest, title):
    """Draw the predicted squares and their errors, a row of panels for each way of holding out; a matplotlib Figure.

    curves: for each way a dict of model -> the predictions for 1..largest, and a bool array of those held out.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 7), layout="constrained")
    figure.suptitle(title)
    X, y = problems("squares", largest)
    for row, which in zip(figure.subplots(2, 2, sharex=True), ("random", "largest"), strict=True):
        row[0].plot(X, y, color="lightgray", linewidth=6, label="the square")
        # The first is the widest: the linear ones lie on top of each other.
        for i, (name, (predicted, held_out)) in enumerate(curves.get(which, {}).items()):
            for axes, values in zip(row, (predicted, predicted - y), strict=True):
                [line] = axes.plot(X, values, linewidth=4 - i, label=name)
                axes.plot(X[held_out], values[held_out], ".", markersize=12 - 2 * i, color=line.get_color())
        row[0].set(title=f"held out (dots): {which} fifth of the numbers", ylabel="predicted square")
        row[1].set(title="error (logarithmic beyond 1)", ylabel="predicted - square")
        row[1].set_yscale("symlog", linthresh=1)
        for axes in row:
            axes.set_xlabel("number")
            axes.grid(alpha=0.3)
    figure.axes[0].legend()
    return figure


def train(name, X, y, trained, rng, args):
    """Train one of the MODELS on the problems `trained`, or fit the best line; return what it predicts for all.

    X, y: as from `problems`. trained: an int array of indices. rng: as random.Random. args: as parsed.
    Returns whole numbers as floats, (n,), the model or None, and what common.train says of an interruption.
    """
    if name == LINE:
        return np.rint(fit_line(X[trained], y[trained])(X)), None, ""
    X_scaled, y_scaled = X / (X.shape[1] * args.largest), y / y.max()

    def draw(n):
        chosen = rng.choices(trained, k=n)
        return X_scaled[chosen], y_scaled[chosen]

    n_updates = math.ceil(args.n_examples / args.n_batch) * args.n_epoch
    steps_per_execution = common.steps_per_execution(args.n_examples, args.n_batch)
    model = build_model(X.shape[1], *MODELS[name], n_updates, steps_per_execution)
    _, interrupted = common.train(model, draw, args.n_examples, args.n_batch, args.n_epoch)
    return np.rint(model.predict(X_scaled, 1000, verbose=0)[:, 0] * float(y.max())), model, interrupted


def main(argv=None):
    """Train every model with each seed on every task, compare it with the best line, save; return the status."""
    limits = {"largest": (5, 1000)}
    parser = common.argument_parser(__doc__, limits, n_examples=10_000, largest=100, n_batch=20, n_epoch=10)
    training.add_n_seeds(parser)
    args = parser.parse_args(argv)

    errors, curves, learned = {}, {}, []
    runs = itertools.product(("sums", "squares"), ("random", "largest"), [*MODELS, LINE], training.seeds(args))
    for task, which, name, seed in runs:
        print(f"{name}: {which} fifth of {task} held out, seed {seed}")
        rng = common.set_seed(seed)  # each model of a seed has the same problems held out
        X, y = problems(task, args.largest)
        held_out = hold_out(X, which, rng)
        predicted, model, interrupted = train(name, X, y, np.flatnonzero(~held_out), rng, args)
        errors.setdefault((task, which, name), []).append((predicted - y)[held_out])
        if task == "squares" and seed == args.seed:
            curves.setdefault(which, {})[name] = predicted, held_out
        if name == "Dense(1)" and seed == args.seed:
            weights, bias = model.get_weights()
            terms = " + ".join(f"{weight:.4f} * x{i}" for i, weight in enumerate(weights.ravel(), 1))
            learned.append(f"Dense(1), {which} fifth of {task} held out, seed {seed}: {terms} + {bias[0]:.4f} (scaled)")
        if interrupted:
            interrupted = f"{interrupted} of the last row's last seed"
            break

    result = "\n".join([common.settings(args), *([interrupted] if interrupted else []), table(errors), *learned])
    print(result)
    figure = picture(
        curves, args.largest, f"squares: linear layers end at the best line, ReLU layers bend {interrupted}"
    )
    common.save(args.outputs, "squares", result, figure)
    return 130 if interrupted else 0


if __name__ == "__main__":
    raise SystemExit(main())
