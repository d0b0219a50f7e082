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
    """Return a line for each seed that was trained both ways, and how many fail. results: name -> (weights, RMSE)s."""
    lines, failed = ["Weights at the start, as drawn; RMSE as drawn; RMSE with the sign turned"], []
    for seed, ((weights, drawn), (_, turned)) in enumerate(zip(*results.values(), strict=False), first_seed):
        lines.append(f"seed {seed}: {', '.join(f'{weight:.2f}' for weight in weights)}; {drawn:.4f}; {turned:.4f}")
        failed.append((drawn > 0, turned > 0))
    lines.append(f"{sum(drawn for drawn, _ in failed)} of {len(failed)} seeds fail as drawn")
    lines.append(f"{failed.count((True, False))} of these do not with the sign turned")
    lines.append(f"{failed.count((False, True))} of the others do with the sign turned")
    return lines


def picture(results):
    """Draw the RMSE over the mean weight at the start, a mark for each run. Returns a matplotlib Figure."""
    figure = Figure(figsize=(9, 4), dpi=100, layout="constrained")
    axes = figure.subplots()
    for (name, runs), fill in zip(results.items(), ("full", "none"), strict=False):
        means, rmse = zip(*((weights.mean(), rmse) for weights, rmse in runs), strict=True)
        axes.plot(means, rmse, "o", color="black", fillstyle=fill, label=name)
    failed = [weights.mean() for runs in results.values() for weights, rmse in runs if rmse > 0]
    axes.set_title(f"{len(failed)} runs fail; {sum(mean < 0 for mean in failed)} of them start with weights below zero")
    axes.set(xlabel="mean of the weights at the start; the sum has 1", ylabel="RMSE of 100 sums")
    axes.set_yscale("symlog", linthresh=1)
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
        predicted = keras.ops.convert_to_numpy(model(X))[:, 0]
        errors = common.invert_normalization(predicted, args.n_numbers, args.largest) - expected
        return weights, np.sqrt(np.mean(errors**2))

    results, status = training.runs(run, SIGNS, args)
    lines = [common.settings(args), *(table(results, args.seed) if len(results) == 2 else [])]
    training.finish("unlucky_starts", lines, results, status, args, picture(results) if results else None)
    return status


if __name__ == "__main__":
    common.run(main)
