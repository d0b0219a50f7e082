"""Does it learn or memorise? The article's model, tested on pairs of numbers that training never had.

The article tests on sums that training has seen: numbers up to 10 make 100 ordered pairs, and training draws 30,000.
Here a fifth of the pairs is held out, (10, 3) together with (3, 10). The model and its training are the article's, for
ten times its epochs: once with numbers up to 10, once with numbers up to 99, which make 9,801 ordered pairs. Nothing
else differs, and nothing is chosen: the held-out pairs are all for the test.
"""

import random
import typing

import common
import seq2seq_sum
from extensions import experiments
from extensions.text import data
from seq2seq_sum import ALPHABET

import keras
from matplotlib.figure import Figure

N_EPOCH = 30  # the article's


class Run(typing.NamedTuple):
    """The answers of a trained network to the pairs that were held out, and how it came to them."""

    problems: list
    expected: list
    predicted: list
    history: dict  # "exact" and "val_exact": how many trained and held-out pairs are exact, after each epoch


def main(argv=None, watch=lambda largest, held_out: None):
    """Train on small and on large numbers with each seed, and save; return the exit status.

    watch: a function of the largest number and the held-out pairs; it returns Keras callbacks, or None.
    """
    limits = {"largest": (11, 999), "n_epoch": (N_EPOCH, 10**6)}
    parser = common.argument_parser(__doc__, limits, n_examples=1000, largest=99, n_batch=10, n_epoch=300)
    experiments.add_arguments(parser, search=False)
    args = parser.parse_args(argv)

    def run(largest, seed):
        # Data
        keras.utils.set_random_seed(seed)
        rng = random.Random(seed)
        problems = data.pairs(largest)
        pairs, held_out = data.hold_out(problems, len(problems) // 5, rng)
        print(f"Held out: {len(held_out)} of {len(problems)} pairs")
        fed = rng.choices(pairs, k=args.n_epoch * args.n_examples)
        experiments.check_new(fed, held_out, data.form)
        X, y = data.encode_sums(fed, largest)
        X_held_out, y_held_out = data.encode_sums(held_out, largest)

        # Model and training: the article's, with a metric for whole answers
        model = seq2seq_sum.build_model(X.shape[1], y.shape[1], len(ALPHABET))
        others = {"validation_data": (X_held_out, y_held_out), "callbacks": watch(largest, held_out)}
        history = experiments.fit(model, X, y, args, "adam", **others)

        # Evaluation
        predicted = experiments.read(model.predict(X_held_out, batch_size=1000, verbose=0))
        return Run(held_out, experiments.read(y_held_out), predicted, history)

    def report(results, folder):
        lines, rates = [], []
        for largest, runs in results.items():
            _, expected, predicted = experiments.pool(runs)
            rate = 100 * experiments.count_exact(expected, predicted) / len(expected)
            rates.append(f"{rate:.1f} % with numbers up to {largest}")
            lines.append(f"Numbers up to {largest}, held-out pairs of all seeds, after {args.n_epoch} epochs")
            lines.append(experiments.report(expected, predicted))
            for n_epoch in (N_EPOCH, args.n_epoch):
                for name, label in (("exact", "in training"), ("val_exact", "held out")):
                    each = experiments.listed(100 * run.history[name][n_epoch - 1] for run in runs)
                    lines.append(f"after {n_epoch} epochs, {label}, exact, % of each seed: {each}")
            for goal in (0.5, 0.99):
                epochs = [experiments.updates_until(goal, run.history["val_exact"], 1) or "never" for run in runs]
                each = ", ".join(map(str, epochs))
                lines.append(f"held out, exact, first epoch at {100 * goal:.0f} % of each seed: {each}")
        return lines, picture(results, f"Held-out pairs exact after {args.n_epoch} epochs: {', '.join(rates)}")

    _, status = experiments.run_each("held_out_pairs", run, (10, args.largest), report, args)
    return status


def picture(results, title):
    """Return a Figure: how many trained and held-out pairs are exact after each epoch, a line for each run.

    results: a dict of the largest number -> a list of Runs.
    """
    figure = Figure(figsize=(9, 4.2), dpi=100, layout="constrained")
    figure.suptitle(title)
    panels = figure.subplots(1, len(results), sharey=True, squeeze=False)[0]
    for axes, (largest, runs) in zip(panels, results.items(), strict=True):
        trained_at, held_out_at = (90, 19) if axes is panels[0] else (60, 50)
        for name, label, height, colour in (
            ("exact", "trained pairs", trained_at, "tab:orange"),
            ("val_exact", "held-out pairs", held_out_at, "navy"),
        ):
            for run in runs:
                epochs = range(1, len(run.history[name]) + 1)
                axes.plot(epochs, [100 * value for value in run.history[name]], color=colour, linewidth=1)
            axes.text(0.55, height, label, color=colour, weight="bold", transform=axes.get_yaxis_transform())
        if n_zero := [run.history["val_exact"][-1] for run in runs].count(0):
            where = {"ha": "right", "va": "bottom", "transform": axes.get_yaxis_transform()}
            axes.text(0.95, 0, f"{n_zero} of {len(runs)} networks: 0 %", color="navy", **where)
        axes.axvline(N_EPOCH, color="gray", linestyle=":")
        side = "right" if len(epochs) < 2 * N_EPOCH else "left"
        axes.text(N_EPOCH, 78, f" epoch {N_EPOCH}: \n the article's \n end ", color="0.3", ha=side)
        axes.set(title=f"numbers up to {largest}: {largest**2:,} ordered pairs", xlabel="epoch", ylim=(-3, 103))
        axes.grid(alpha=0.3)
    panels[0].set_ylabel("exact match (%)")
    return figure


if __name__ == "__main__":
    common.run(main)
