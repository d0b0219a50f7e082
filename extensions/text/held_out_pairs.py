"""Learning or memorising? Trained on few different pairs, the network memorises; on thousands, it learns to add.

The article tests on sums that training has seen: numbers up to 10 make 100 ordered pairs, and training draws 30,000.
Here a fifth of the pairs is held out, (10, 3) together with (3, 10). The network and its training are the article's,
for ten times its epochs. Only the largest number changes, and with it the number of different pairs:

    numbers up to 10:    80 different pairs in training,    20 held out
    numbers up to 99: 7,841 different pairs in training, 1,960 held out

At a constant learning rate, accuracy dips from time to time. So we decided beforehand what counts as the accuracy: the
mean of the last 30 epochs. The accuracy after the article's 30 epochs is reported as well. Nothing is chosen here, so
all held-out pairs are for the test.
"""

import random
import typing

import common
import seq2seq_sum
from extensions import experiments
from extensions.text import data
from seq2seq_sum import ALPHABET

import keras
import numpy as np
from matplotlib.figure import Figure

N_EPOCH = seq2seq_sum.SETTINGS["n_epoch"]  # the article's, and how many are averaged at the end


class Run(typing.NamedTuple):
    """A training run: how many pairs it had, the exact answers after each epoch in %, and the last answers."""

    n_trained: int  # different pairs
    trained: np.ndarray  # (n_epoch,) of the examples of the epoch
    held_out: np.ndarray  # (n_epoch,) of the held-out pairs
    expected: list  # texts
    predicted: list


def main(argv=None, watch=lambda largest, held_out: None):
    """Train on the pairs up to each largest number with each seed, and save; return the exit status.

    watch: a function of the largest number and the held-out pairs; it returns Keras callbacks, or None.
    """
    parser = common.argument_parser(__doc__, {"n_epoch": (N_EPOCH, 10**6)}, n_examples=1000, n_batch=10, n_epoch=300)
    sizes, numbers = [10, 15, 20, 30, 40, 60, 99], common.number(5, 999)
    parser.add_argument("--largest", nargs="+", type=numbers, default=sizes, metavar="N", help="largest terms to try")
    n_pairs = common.number(1, 10**6)
    parser.add_argument("--n-pairs", type=n_pairs, metavar="N", help="train on only N pairs, not all")
    experiments.add_arguments(parser, search=False)
    args = parser.parse_args(argv)

    def run(largest, seed):
        # Data
        keras.utils.set_random_seed(seed)
        rng = random.Random(seed)
        problems = data.pairs(largest)
        pairs, held_out = data.hold_out(problems, len(problems) // 5, rng)
        pairs = pairs[: args.n_pairs]
        print(f"Held out: {len(held_out)} of {len(problems)} pairs; {len(pairs)} are trained")
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
        trained, new = (100 * np.array(history[name]) for name in ("exact", "val_exact"))
        return Run(len(pairs), trained, new, experiments.read(y_held_out), predicted)

    def report(results, folder):
        results = {largest: results[largest] for largest in sorted(results)}
        ends = {largest: runs for largest, runs in results.items() if largest in (min(results), max(results))}
        epochs_picture(ends).savefig(folder / "epochs.png")
        return [line for largest, runs in results.items() for line in rows(largest, runs)], picture(results)

    _, status = experiments.run_each("held_out_pairs", run, dict.fromkeys(args.largest), report, args)
    return status


def at_the_end(accuracies):
    """Return the accuracy that counts: the mean of the last epochs, as many as the article trains."""
    return accuracies[-N_EPOCH:].mean()


def rows(largest, runs):
    """Return the lines of the transcript on the Runs with numbers up to `largest`."""
    expected = [answer for run in runs for answer in run.expected]
    predicted = [answer for run in runs for answer in run.predicted]
    lines = [f"Numbers up to {largest}: {runs[0].n_trained:,} pairs in training, {len(runs[0].expected):,} held out"]
    for when, measure in (
        (f"after {N_EPOCH} epochs", lambda accuracies: accuracies[N_EPOCH - 1]),
        (f"mean of the last {N_EPOCH} epochs", at_the_end),
    ):
        trained, held_out = ([measure(getattr(run, name)) for run in runs] for name in ("trained", "held_out"))
        lines.append(f"    in training, {when}, exact, % of each seed: {experiments.listed(trained)}")
        lines.append(
            f"    held out, {when}, exact, % of each seed: {experiments.listed(held_out)}; mean {np.mean(held_out):.2f}"
        )
    best = experiments.listed(run.held_out.max() for run in runs)
    lines.append(f"    held out, best epoch, exact, % of each seed: {best}")
    n_exact = experiments.count_exact(expected, predicted)
    lines.append(f"    held out, after the last epoch: {experiments.percentage(n_exact, len(expected))}")
    return [*lines, f"    {experiments.majority_baseline(expected)}"]


def picture(results):
    """Return a Figure: how many held-out pairs are exact at the end, against the number of trained pairs.

    results: a dict of the largest number -> a list of Runs, in rising order.
    """
    n_pairs = [runs[0].n_trained for runs in results.values()]
    trained = [np.mean([at_the_end(run.trained) for run in runs]) for runs in results.values()]
    each = [[at_the_end(run.held_out) for run in runs] for runs in results.values()]
    means = [np.mean(values) for values in each]
    figure = Figure(figsize=(9, 5), dpi=100, layout="constrained")
    axes = figure.subplots()
    axes.plot(n_pairs, trained, ":", color="0.45")
    axes.text(n_pairs[0], trained[0] + 2, "pairs in training (dotted)", color="0.45")
    axes.plot(n_pairs, means, color="navy", linewidth=2)
    for n, values in zip(n_pairs, each, strict=True):
        axes.plot([n] * len(values), values, "o", color="navy", alpha=0.6)
    label = "held-out pairs:\na dot for each network,\nthe line is their mean"
    axes.text(0.97, 0.08, label, color="navy", ha="right", transform=axes.transAxes)
    axes.set_xscale("log")
    axes.set_xticks(n_pairs, [f"{n:,}\nup to {largest}" for n, largest in zip(n_pairs, results, strict=True)])
    axes.minorticks_off()
    axes.set(ylabel="exact answers (%)", ylim=(-3, 109))
    axes.set_xlabel("distinct pairs in training, and how large their numbers are")
    axes.set_yticks(range(0, 101, 20))
    axes.set_title("The more distinct pairs in training, the more unseen pairs are right")
    axes.grid(alpha=0.3)
    return figure


def epochs_picture(results):
    """Return a Figure: how many trained and held-out pairs are exact after each epoch, a line for each run.

    results: a dict of the largest number -> a list of Runs.
    """
    figure = Figure(figsize=(9, 4.2), dpi=100, layout="constrained")
    figure.suptitle("Few different pairs are learned by heart; with many, trained and unseen pairs rise together")
    panels = figure.subplots(1, len(results), sharey=True, squeeze=False)[0]
    for axes, (largest, runs) in zip(panels, results.items(), strict=True):
        trained_at, held_out_at = (90, 19) if axes is panels[0] else (60, 50)
        for name, label, height, colour in (
            ("trained", "trained pairs", trained_at, "tab:orange"),
            ("held_out", "held-out pairs", held_out_at, "navy"),
        ):
            for run in runs:
                accuracies = getattr(run, name)
                axes.plot(range(1, len(accuracies) + 1), accuracies, color=colour, linewidth=1)
            axes.text(0.55, height, label, color=colour, weight="bold", transform=axes.get_yaxis_transform())
        axes.axvline(N_EPOCH, color="gray", linestyle=":")
        axes.text(N_EPOCH, 78, f" epoch {N_EPOCH}: \n the article's \n end ", color="0.3")
        title = f"numbers up to {largest}: {runs[0].n_trained:,} pairs in training"
        axes.set(title=title, xlabel="epoch", ylim=(-3, 103))
        axes.grid(alpha=0.3)
    panels[0].set_ylabel("exact match (%)")
    return figure


if __name__ == "__main__":
    common.run(main)
