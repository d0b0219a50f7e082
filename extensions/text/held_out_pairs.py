"""Does it learn or memorise? The article's model, tested on pairs of numbers that training never had.

The article tests on sums that training has seen: numbers up to 10 make 100 ordered pairs, and training draws 30,000.
Here a fifth of the pairs is held out, (10, 3) together with (3, 10). The model and its training are the article's, for
ten times its epochs: once with numbers up to 10, once with numbers up to 99, which make 9,801 ordered pairs. Nothing
else differs, and nothing is chosen: the held-out pairs are all for the test.
"""

import random

import common
import seq2seq_sum
from extensions import experiments
from extensions.text import data
from seq2seq_sum import ALPHABET

import keras
from matplotlib.figure import Figure

N_EPOCH = 30  # the article's


def picture(results, title):
    """Return a matplotlib Figure: how many trained and held-out pairs are exact after each epoch, a line for each run.

    results: a dict of the largest number -> for each seed expected and predicted answers, and Keras's history.
    """
    figure = Figure(figsize=(9, 4.2), dpi=100, layout="constrained")
    figure.suptitle(title)
    panels = figure.subplots(1, len(results), sharey=True, squeeze=False)[0]
    for axes, (largest, runs) in zip(panels, results.items(), strict=True):
        for name, colour in (("exact", "tab:orange"), ("val_exact", "navy")):
            for _, _, history in runs:
                exact = [100 * value for value in history[name]]
                axes.plot(range(1, len(exact) + 1), exact, color=colour, linewidth=1)
        heights = (90, 19) if axes is panels[0] else (60, 50)
        for y, label, colour in zip(heights, ("trained pairs", "held-out pairs"), ("tab:orange", "navy"), strict=True):
            axes.text(0.55, y, label, color=colour, weight="bold", transform=axes.get_yaxis_transform())
        if n_zero := [history["val_exact"][-1] for _, _, history in runs].count(0):
            where = {"ha": "right", "va": "bottom", "transform": axes.get_yaxis_transform()}
            axes.text(0.95, 0, f"{n_zero} of {len(runs)} networks: 0 %", color="navy", **where)
        axes.axvline(N_EPOCH, color="gray", linestyle=":")
        side = "right" if len(exact) < 2 * N_EPOCH else "left"
        axes.text(N_EPOCH, 78, f" epoch {N_EPOCH}: \n the article's \n end ", color="0.3", ha=side)
        axes.set(title=f"numbers up to {largest}: {largest**2:,} ordered pairs", xlabel="epoch", ylim=(-3, 103))
        axes.grid(alpha=0.3)
    panels[0].set_ylabel("exact match (%)")
    return figure


def main(argv=None, watch=lambda largest, held_out: None):
    """Train on small and on large numbers with each seed, and save; return the exit status.

    watch: a function of the largest number and the held-out pairs; it returns Keras callbacks, or None.
    """
    limits = {"largest": (11, 999), "n_epoch": (N_EPOCH, 10**6)}
    parser = common.argument_parser(__doc__, limits, n_examples=1000, largest=99, n_batch=10, n_epoch=300)
    experiments.add_n_seeds(parser)
    args = parser.parse_args(argv)

    def run(largest, seed):
        # Data
        keras.utils.set_random_seed(seed)
        rng = random.Random(seed)
        problems = data.pairs(largest)
        pairs, held_out = data.hold_out(problems, len(problems) // 5, rng)
        print(f"Held out: {len(held_out)} of {len(problems)} pairs")
        fed = rng.choices(pairs, k=args.n_epoch * args.n_examples)
        experiments.check_new(fed, {data.form(pair) for pair in held_out}, data.form)
        X, y = data.encode_sums(fed, largest)
        X_held_out, y_held_out = data.encode_sums(held_out, largest)

        # Model and training: the article's, with a metric for whole answers
        model = seq2seq_sum.build_model(X.shape[1], y.shape[1], len(ALPHABET))
        validation, callbacks = (X_held_out, y_held_out), watch(largest, held_out)
        history = experiments.fit(model, X, y, args, "adam", validation, callbacks=callbacks)

        # Evaluation
        expected = [common.invert_encoding(seq, ALPHABET) for seq in y_held_out]
        written = model.predict(X_held_out, batch_size=1000, verbose=0)
        return expected, [common.invert_encoding(seq, ALPHABET) for seq in written], history

    results = experiments.for_each_seed(run, (10, args.largest), args)
    lines, rates = [common.settings(args)], []
    for largest, runs in results.runs.items():
        expected = [answer for answers, _, _ in runs for answer in answers]
        predicted = [answer for _, answers, _ in runs for answer in answers]
        exact = 100 * experiments.count_exact(expected, predicted) / len(expected)
        rates.append(f"{exact:.1f} % with numbers up to {largest}")
        lines += [f"Numbers up to {largest}, held-out pairs of all seeds, after {args.n_epoch} epochs"]
        lines += [experiments.report(expected, predicted)]
        for n_epoch in (N_EPOCH, args.n_epoch):
            for name, label in (("exact", "in training"), ("val_exact", "held out")):
                each = ", ".join(f"{100 * history[name][n_epoch - 1]:.2f}" for _, _, history in runs)
                lines.append(f"after {n_epoch} epochs, {label}, exact, % of each seed: {each}")
        for goal in (0.5, 0.99):
            reached = [experiments.updates_until(goal, history["val_exact"], 1) or "never" for _, _, history in runs]
            lines.append(
                f"held out, exact, first epoch at {100 * goal:.0f} % of each seed: {', '.join(map(str, reached))}"
            )
    title = f"Held-out pairs exact after {args.n_epoch} epochs: {', '.join(rates)}"
    figure = picture(results.runs, title) if results.runs else None
    return experiments.finish("held_out_pairs", lines, results, args, figure)


if __name__ == "__main__":
    common.run(main)
