"""Why does mlp_sum.py fail with some seeds? They start near minus the sum: turn the sign at the start, and none fails.

Linear layers multiplied out are one weight for each term, and the sum has the weights 1 and 1. Each seed is trained as
in mlp_sum.py, first as drawn, then with the first layer's sign turned before training and nothing else changed:

    seed 8, as drawn       starts as -1.19 * x1 - 0.64 * x2, ends with RMSE 0.41
    seed 8, sign turned    starts as  1.19 * x1 + 0.64 * x2, ends with RMSE 0
"""

import random

import keras
import numpy as np
from matplotlib.figure import Figure

import common
import mlp_sum
from extensions.shared import training

SIGNS = {"as drawn": 1, "sign turned": -1}


def multiply_out(model):
    """Return the weights (n_numbers,) on the terms of a network of linear layers."""
    return np.linalg.multi_dot([layer.get_weights()[0] for layer in model.layers])[:, 0]


def table(results, first_seed):
    """Write a line for each seed that was trained both ways, then who fails. results: name -> (weights, RMSE)s."""
    drawn, turned = ([rmse for _, rmse in results[name]] for name in SIGNS)
    lines = ["Weights at the start, as drawn; RMSE as drawn; RMSE with the sign turned"]
    for seed, ((weights, _), *rmse) in enumerate(zip(results["as drawn"], drawn, turned, strict=False), first_seed):
        lines.append(f"seed {seed}: {', '.join(f'{weight:.2f}' for weight in weights)}; {rmse[0]:.4f}; {rmse[1]:.4f}")
    pairs = list(zip(drawn, turned, strict=False))
    n_mended = sum(first > 0 == second for first, second in pairs)
    n_broken = sum(first == 0 < second for first, second in pairs)
    n_failed = sum(first > 0 for first, _ in pairs)
    lines.append(f"As drawn {n_failed} of {len(pairs)} seeds fail; with the sign turned {n_mended} of these are exact,")
    lines.append(f"and {n_broken} of the other {len(pairs) - n_failed} fail")
    starts = [(weights.mean(), rmse) for runs in results.values() for weights, rmse in runs]
    for side, sign in ("negative", -1), ("positive", 1):
        runs = [rmse for weight, rmse in starts if sign * weight > 0]
        lines.append(f"Runs that start with a {side} mean weight: {sum(rmse > 0 for rmse in runs)} of {len(runs)} fail")
    return lines


def picture(results):
    """Draw the RMSE over the mean of the weights at the start, a mark for each run. Returns a matplotlib Figure."""
    starts = {name: ([w.mean() for w, _ in runs], [rmse for _, rmse in runs]) for name, runs in results.items()}
    failed = [weight for weights, rmses in starts.values() for weight, rmse in zip(weights, rmses, strict=True) if rmse]
    figure = Figure(figsize=(9, 4), dpi=100, layout="constrained")
    axes = figure.subplots()
    for name, (weights, rmses) in starts.items():
        axes.plot(weights, rmses, "o", color="black", fillstyle="none" if SIGNS[name] < 0 else "full", label=name)
    axes.set_yscale("symlog", linthresh=1)
    axes.set_title(f"All {len(failed)} runs that fail start with weights below zero" if max(failed, default=0) < 0 else "")
    axes.set(xlabel="mean of the two weights at the start (the sum: 1)", ylabel="RMSE of 100 test sums")
    axes.grid(alpha=0.3)
    axes.legend()
    return figure


def main(argv=None):
    """Train each seed both ways, compare, and save; return the exit status."""
    parser = common.argument_parser(
        __doc__, n_examples=100, n_numbers=2, largest=100, n_batch=2, n_epoch=50, learning_rate=0.001
    )
    training.add_n_seeds(parser, default=80)
    args = parser.parse_args(argv)
    n_steps = args.n_examples // args.n_batch

    def run(name, seed):
        # Data and model of mlp_sum.py
        keras.utils.set_random_seed(seed)
        rng = random.Random(seed)
        X, y = common.random_sum_pairs(args.n_epoch * args.n_examples, args.n_numbers, args.largest, rng)
        X, y = common.normalize(X, y, args.n_numbers, args.largest)
        model = mlp_sum.build_model(args.n_numbers)

        # The one thing that differs
        kernel = model.layers[0].kernel
        kernel.assign(SIGNS[name] * kernel)
        weights = multiply_out(model)

        # Training
        optimizer = keras.optimizers.Adam(args.learning_rate)
        model.compile(optimizer, loss="mean_squared_error", steps_per_execution=common.steps_per_execution(n_steps))
        model.fit(X, y, args.n_batch, epochs=args.n_epoch, steps_per_epoch=n_steps, shuffle=False, verbose=0)

        # Evaluation
        X, expected = common.random_sum_pairs(args.n_examples, args.n_numbers, args.largest, rng)
        X, _ = common.normalize(X, expected, args.n_numbers, args.largest)
        predicted = model.predict(X, batch_size=1000, verbose=0)[:, 0]
        errors = common.invert_normalization(predicted, args.n_numbers, args.largest) - expected
        return weights, np.sqrt(np.mean(errors**2))

    results, status = training.runs(run, SIGNS, args)
    complete = len(results) == len(SIGNS)
    lines = [common.settings(args), *(table(results, args.seed) if complete else [])]
    training.finish("unlucky_starts", lines, results, status, args, picture(results) if results else None)
    return status


if __name__ == "__main__":
    common.run(main)
