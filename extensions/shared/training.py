"""What the extensions train, compare and report with, where problems are held out of training."""

import collections
import itertools
import logging

import keras
import numpy as np
from keras import ops
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy.stats import binomtest

import common

RATES = (0.004, 0.008, 0.016)  # the learning rates that a search compares

# ---- Training ------------------------------------------------------------------------------------------------------


def exact(y_true, y_pred):
    """Return for each sequence whether every character is right, n zeros and ones: a Keras metric.

    y_true, y_pred: tensors (n, n_out, n_chars), one-hot vectors and probabilities.

    >>> y_true = [[[1, 0], [0, 1]], [[1, 0], [0, 1]]]
    >>> y_pred = [[[0.9, 0.1], [0.4, 0.6]], [[0.9, 0.1], [0.6, 0.4]]]
    >>> [float(value) for value in exact(y_true, y_pred)]
    [1.0, 0.0]
    """
    right = ops.equal(ops.argmax(y_true, axis=-1), ops.argmax(y_pred, axis=-1))
    return ops.cast(ops.all(right, axis=-1), "float32")


def adam(learning_rate, n_updates, weight_decay=0.0):
    """Return an Adam whose learning rate rises over the first 5 % of the updates, then falls to 0 as a cosine does."""
    n_rise = max(1, n_updates // 20)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, max(1, n_updates - n_rise), warmup_target=learning_rate, warmup_steps=n_rise
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=weight_decay, clipnorm=1.0)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer


# ---- Reports -------------------------------------------------------------------------------------------------------


def share(n_exact, n):
    """Return a count as text, with its percentage and the 95 % interval, Wilson's.

    >>> share(2, 66)
    '2 of 66, 3.03 % (95 % interval 0.83 to 10.39)'
    """
    interval = binomtest(n_exact, n).proportion_ci(method="wilson")
    low, high = 100 * interval.low, 100 * interval.high
    return f"{n_exact} of {n}, {100 * n_exact / n:.2f} % (95 % interval {low:.2f} to {high:.2f})"


def count_exact(expected, predicted):
    """Return how many answers are exact."""
    return sum(answer == prediction for answer, prediction in zip(expected, predicted, strict=True))


def commonest(expected):
    """Return the majority baseline as text: what "always the commonest answer" would get.

    >>> commonest([" 9", "10", " 9"])
    'Always the commonest answer, 9: 2 of 3, 66.67 % (95 % interval 20.77 to 93.85)'
    """
    [(answer, n_exact)] = collections.Counter(expected).most_common(1)
    return f"Always the commonest answer, {answer.strip()}: {share(n_exact, len(expected))}"


def report(expected, predicted):
    """Return common.report of held-out problems, with the 95 % interval of exact match and the majority baseline."""
    rmse, _, *rows = common.report(expected, predicted).splitlines()
    exact = f"Exact: {share(count_exact(expected, predicted), len(expected))}"
    return "\n".join([rmse, exact, commonest(expected), *rows])


def updates_until(goal, shares, n_steps):
    """Return after how many updates an accuracy of `goal` was first reached, or None.

    shares: the accuracy after each epoch of n_steps updates.

    >>> updates_until(0.5, [0.1, 0.5, 0.4], 100), updates_until(0.9, [0.1, 0.5, 0.4], 100)
    (200, None)
    """
    return next((i * n_steps for i, value in enumerate(shares, 1) if value >= goal), None)


def table(results, n_steps):
    """Return a list of lines, two for each variant of a comparison: its exact match on the held-out test problems.

    results: a dict of name -> for each seed `expected`, `predicted`, and the validation accuracy after each epoch of
    n_steps updates.
    """
    lines = ["Held-out test problems exact, of all seeds, then of each seed in %; updates until 99 % in validation"]
    for name, variant in results.items():
        counts = [(count_exact(expected, predicted), len(expected)) for expected, predicted, _ in variant]
        each = ", ".join(f"{100 * n_exact / n:.2f}" for n_exact, n in counts)
        reached = ", ".join(str(updates_until(0.99, shares, n_steps) or "never") for _, _, shares in variant)
        lines += [f"{name:>24}: {share(*map(sum, zip(*counts, strict=True)))}", f"{'':26}{each}; {reached}"]
    return [*lines, commonest([answer for runs in results.values() for expected, _, _ in runs for answer in expected])]


def count_by_kind(kinds, expected, predicted):
    """Return the exact answers of each kind: a dict of kind -> (n_exact, n), in order of appearance.

    >>> count_by_kind(["n+n", "n-n", "n+n"], ["3", "1", "5"], ["3", "1", "6"])
    {'n+n': (1, 2), 'n-n': (1, 1)}
    """
    counts = {}
    for kind, answer, prediction in zip(kinds, expected, predicted, strict=True):
        n_exact, n = counts.get(kind, (0, 0))
        counts[kind] = (n_exact + (answer == prediction), n + 1)
    return counts


def draw_dots(axes, rows):
    """Draw a row for each name and a dot for each seed. rows: a dict of name -> the values of its seeds."""
    for row, values in enumerate(rows.values()):
        axes.plot(values, [row] * len(values), "o", color="black", alpha=0.5)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(alpha=0.3)


def comparison_picture(title, results, n_steps, labels=None):
    """Return a matplotlib Figure: a row for each variant, and a dot for each seed: exact match, and updates until 99 %.

    results, n_steps: as for `table`. labels: a dict of name -> what to write at its row, in monospace.
    """
    figure = Figure(figsize=(9, 1.4 + 0.35 * len(results)), dpi=100, layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    accuracies, reached = {}, {}
    for name, runs in results.items():
        label = (labels or {}).get(name, name)
        accuracies[label] = [100 * count_exact(expected, predicted) / len(expected) for expected, predicted, _ in runs]
        updates = [updates_until(0.99, validation, n_steps) for _, _, validation in runs]
        reached[label] = [n for n in updates if n]
    n_updates = n_steps * max(len(validation) for runs in results.values() for _, _, validation in runs)
    draw_dots(left, accuracies)
    draw_dots(right, reached)
    for row, label in enumerate(accuracies):
        if n_never := len(accuracies[label]) - len(reached[label]):
            right.text(n_updates, row, f"never: {n_never} of {len(accuracies[label])}", ha="right", va="center")
    if labels:
        left.set_yticks(range(len(accuracies)), accuracies, family="monospace", size=9)
    n_good = sum(min(values) >= 99 for values in accuracies.values())
    figure.suptitle(f"{title}: {n_good} of {len(accuracies)} reach 99 % with every seed")
    left.set(xlabel="exact match at the end (%)", xlim=(-3, 103))
    right.set(xlabel="updates until 99 % in validation", xlim=(0, 1.03 * n_updates))
    right.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    return figure


# ---- Comparisons: each variant with each seed -----------------------------------------------------------------------


def add_n_seeds(parser, default=3):
    """Add the argument of the scripts that train several times: one run may be luck."""
    n = common.number(1, 1000)
    parser.add_argument("--n-seeds", type=n, default=default, metavar="N", help="runs, each with the next seed")


def add_arguments(parser):
    """Add the arguments of the scripts that compare: seeds, and the search for learning rates."""
    add_n_seeds(parser)
    parser.add_argument("--search", action="store_true", help="compare learning rates on the validation problems")


def runs(run, names, args):
    """Return a dict of name -> what `run` returned with each of args.n_seeds seeds, and the exit status.

    run: a function of a name and a seed. After Ctrl-C, status 130, the dict has the runs that were finished.
    """
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it would warn of several models in one process
    results = {}
    try:
        for seed, name in itertools.product([(args.seed + i) % 2**32 for i in range(args.n_seeds)], names):
            print(f"\n{name}, seed {seed}", flush=True)
            keras.utils.clear_session()
            result = run(name, seed)
            results.setdefault(name, []).append(result)
    except KeyboardInterrupt:
        print("\nInterrupted: the finished runs are reported.")
        return results, 130
    return results, 0


def search(script, run, names, args):
    """Try each of RATES for each name with each seed, and compare the accuracy on validation problems at the end.

    run: a function of a name, a seed and a learning rate; what it returns has third this accuracy after each epoch.
    Prints, and saves SCRIPT_search.txt. Returns the exit status.
    """
    pairs = list(itertools.product(names, RATES))
    results, status = runs(lambda pair, seed: run(pair[0], seed, pair[1])[2][-1], pairs, args)
    lines = [common.settings(args), "Validation problems exact, %: the mean of the seeds, and each seed"]
    for (name, rate), shares in sorted(results.items(), key=lambda item: pairs.index(item[0])):
        each = ", ".join(f"{100 * share:.2f}" for share in shares)
        lines.append(f"{name:>24}, learning rate {rate}: {100 * np.mean(shares):.2f} ({each})")
    finish(script + "_search", lines, results, status, args)
    return status


def compare(script, title, run, learning_rates, args, n_steps, labels=None):
    """Compare variants on the held-out test problems, or with args.search their learning rates on validation problems.

    run: a function of a name, a seed and a learning rate; it trains and returns `expected` and `predicted` of the test
    problems, and the accuracy on the validation problems after each epoch of n_steps updates.
    learning_rates: a dict of name -> the one chosen. labels: a dict of name -> what to write in the picture.
    Prints, and saves SCRIPT.txt and, if there is a title for the picture, SCRIPT.png. Returns the exit status.
    """
    if args.search:
        return search(script, run, learning_rates, args)
    results, status = runs(lambda name, seed: run(name, seed, learning_rates[name]), learning_rates, args)
    lines = [common.settings(args), *(table(results, n_steps) if results else [])]
    figure = comparison_picture(title, results, n_steps, labels) if results and title else None
    finish(script, lines, results, status, args, figure)
    return status


def finish(script, lines, results, status, args, figure=None):
    """Print the lines, with another if the runs were interrupted, and save them if there are results; and a figure."""
    if status:
        lines.append(f"interrupted after {sum(map(len, results.values()))} runs")
    text = "\n".join(lines)
    print(text)
    if results:
        common.save(args.outputs, script, text, figure)
