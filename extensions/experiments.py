"""How an experiment is run with each seed, searched, compared and reported; and that held out means new.

A comparison is a dict of Variants and a function that splits the problems with a seed. Here it is trained and tested:
a Variant's code is given the training problems and, to answer, the questions of the others; only what stands here
reaches their answers. Before the training, all that is fed to it is checked against what is held out.
"""

import collections
import itertools
import logging
import typing

import common
from seq2seq_sum import ALPHABET

import keras
import numpy as np
from keras import ops
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy.stats import binomtest

RATES = (0.004, 0.008, 0.016)  # the learning rates that a search compares


class Split(typing.NamedTuple):
    """Problems for training, validation and the test, three lists; and the function that names a problem's form."""

    training: list
    validation: list
    test: list
    form: typing.Callable


class Variant(typing.NamedTuple):
    """What a comparison varies."""

    build: typing.Callable  # how many steps to read, and to write -> a model, not compiled
    encode: typing.Callable  # problems, and whether they are for training -> X, y, and sample weights or None
    learning_rate: float
    # training problems, is_held_out(problem), rng, n -> the n problems to train on, in their order
    draw: typing.Callable = lambda training, is_held_out, rng, n: rng.choices(training, k=n)
    answer: typing.Callable | None = None  # model, problems -> the predicted answers, if not by one prediction
    weight_decay: float = 0.0
    label_smoothing: float = 0.0


class Run(typing.NamedTuple):
    """A variant with one seed: the test problems, their expected and predicted answers, and the validation accuracy."""

    problems: list
    expected: list
    predicted: list
    validation_accuracy: list  # after each epoch, or only at the end
    model: keras.Model


class Results(typing.NamedTuple):
    """What a function returned with each seed, a dict of name -> list; and whether Ctrl-C ended it early."""

    runs: dict
    interrupted: bool


# ---- Training --------------------------------------------------------------------------------------------------------


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


def fit(
    model, X, y, args, optimizer, validation=None, sample_weight=None, loss="categorical_crossentropy", callbacks=None
):
    """Compile a model and train it for args.n_epoch epochs on the data in its order. Returns Keras's history, a dict.

    With validation, X and y, the history has exact match after each epoch, "val_exact", beside that in training.
    """
    n_steps = args.n_examples // args.n_batch
    n_at_once = common.steps_per_execution(n_steps)
    model.compile(optimizer, loss, metrics=[exact] if validation else None, steps_per_execution=n_at_once)
    return model.fit(
        X,
        y,
        sample_weight=sample_weight,
        batch_size=args.n_batch,
        epochs=args.n_epoch,
        steps_per_epoch=n_steps,
        shuffle=False,
        validation_data=validation,
        validation_batch_size=1000 if validation else None,
        callbacks=callbacks,
        verbose=2,
    ).history


# ---- A variant: training, and the answers ----------------------------------------------------------------------------


def check_new(fed, held_out, form):
    """Raise ValueError if a problem that is fed to the training has a form that is held out, a set of forms.

    >>> check_new([(3, 10)], {(3, 11)}, form=lambda pair: tuple(sorted(pair)))
    >>> check_new([(10, 3)], {(3, 10)}, form=lambda pair: tuple(sorted(pair)))
    Traceback (most recent call last):
        ...
    ValueError: (10, 3) would be trained on, and its form is held out
    """
    for problem in dict.fromkeys(fed):
        if form(problem) in held_out:
            raise ValueError(f"{problem} would be trained on, and its form is held out")


def train(variant, split, rng, seed, learning_rate, args):
    """Train a variant on problems that are not held out. Returns the model, and the validation accuracy by epoch."""
    held_out = {split.form(problem) for problem in split.validation + split.test}
    n = args.n_epoch * args.n_examples
    fed = variant.draw(split.training, lambda problem: split.form(problem) in held_out, rng, n)
    check_new(fed, held_out, split.form)
    keras.utils.set_random_seed(seed)
    X, y, weights = variant.encode(fed, True)
    model = variant.build((X[0] if isinstance(X, list) else X).shape[1], y.shape[1])
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=variant.label_smoothing)
    optimizer = adam(learning_rate, n // args.n_batch, variant.weight_decay)
    if variant.answer:  # the accuracy is not that of one prediction, and known at the end only
        fit(model, X, y, args, optimizer, sample_weight=weights, loss=loss)
        return model, [accuracy(*answer(variant, model, split.validation))]
    validation = variant.encode(split.validation, False)[:2]
    return model, fit(model, X, y, args, optimizer, validation, weights, loss)["val_exact"]


def answer(variant, model, problems):
    """Return the expected and the predicted answers of a trained variant to problems: two lists of texts."""
    if variant.answer:
        return [str(value) for _, value in problems], variant.answer(model, problems)
    X, y, _ = variant.encode(problems, False)
    written = model.predict(X, batch_size=1000, verbose=0)
    return tuple([common.invert_encoding(seq, ALPHABET) for seq in sequences] for sequences in (y, written))


# ---- Each variant with each seed -------------------------------------------------------------------------------------


def add_n_seeds(parser, default=3):
    """Add the argument of the scripts that train several times: one run may be luck."""
    n = common.number(1, 1000)
    parser.add_argument("--n-seeds", type=n, default=default, metavar="N", help="runs, each with the next seed")


def add_arguments(parser):
    """Add the arguments of the scripts that compare: seeds, and the search for learning rates."""
    add_n_seeds(parser)
    parser.add_argument("--search", action="store_true", help="compare learning rates on the validation problems")


def for_each_seed(run, names, args):
    """Return the Results of `run`, a function of a name and a seed, with each of args.n_seeds seeds."""
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it would warn of several models in one process
    runs = {}
    try:
        for seed, name in itertools.product([(args.seed + i) % 2**32 for i in range(args.n_seeds)], names):
            print(f"\n{name}, seed {seed}", flush=True)
            keras.utils.clear_session()
            result = run(name, seed)
            runs.setdefault(name, []).append(result)
    except KeyboardInterrupt:
        print("\nInterrupted: the finished runs are reported.")
        return Results(runs, interrupted=True)
    return Results(runs, interrupted=False)


def search(script, variants, split, args):
    """Try each of RATES for each variant with each seed, on the validation problems; return the exit status.

    variants, split: as for `compare`. Prints, and saves SCRIPT_search.txt.
    """

    def run(trial, seed):
        name, rate = trial
        _, validation_accuracy = train(variants[name], *split(name, seed), seed, rate, args)
        return validation_accuracy[-1]

    trials = list(itertools.product(variants, RATES))
    results = for_each_seed(run, trials, args)
    lines = [common.settings(args), "Validation problems exact, %: the mean of the seeds, and each seed"]
    for name, rate in [trial for trial in trials if trial in results.runs]:
        reached = [100 * accuracy for accuracy in results.runs[name, rate]]
        each = ", ".join(f"{accuracy:.2f}" for accuracy in reached)
        lines.append(f"{name:>24}, learning rate {rate}: {np.mean(reached):.2f} ({each})")
    return finish(script + "_search", lines, results, args)


def compare(variants, split, args):
    """Return the Results of a comparison: for each variant a list of Runs, on the test problems of each seed.

    variants: a dict of name -> Variant. split: a function of a name and a
    seed that returns a Split, and the random.Random that draws from it.
    """

    def run(name, seed):
        parts, rng = split(name, seed)
        model, validation_accuracy = train(variants[name], parts, rng, seed, variants[name].learning_rate, args)
        return Run(parts.test, *answer(variants[name], model, parts.test), validation_accuracy, model)

    return for_each_seed(run, variants, args)


def run_comparison(script, variants, split, args, title=None, labels=None):
    """Compare variants, or with args.search their learning rates; print, save, and return the exit status.

    variants, split: as for `compare`. With a title, there is a picture. labels: as for `comparison_picture`.
    """
    if args.search:
        return search(script, variants, split, args)
    results = compare(variants, split, args)
    figure = comparison_picture(title, results, args, labels) if title and results.runs else None
    return finish(script, [common.settings(args), *table(results, args)], results, args, figure)


# ---- Reports ---------------------------------------------------------------------------------------------------------


def accuracy(expected, predicted):
    """Return how many of the answers are exact, from 0 to 1.

    >>> accuracy(["13", " 9"], ["13", "10"])
    0.5
    """
    return count_exact(expected, predicted) / len(expected)


def count_exact(expected, predicted):
    """Return how many answers are exact."""
    return sum(answer == prediction for answer, prediction in zip(expected, predicted, strict=True))


def percentage(n_exact, n):
    """Return a count as text, with its percentage and the 95 % interval, Wilson's.

    >>> percentage(2, 66)
    '2 of 66, 3.03 % (95 % interval 0.83 to 10.39)'
    """
    interval = binomtest(n_exact, n).proportion_ci(method="wilson")
    low, high = 100 * interval.low, 100 * interval.high
    return f"{n_exact} of {n}, {100 * n_exact / n:.2f} % (95 % interval {low:.2f} to {high:.2f})"


def majority_baseline(expected):
    """Return the majority baseline as text: what "always the commonest answer" would get.

    >>> majority_baseline([" 9", "10", " 9"])
    'Always the commonest answer, 9: 2 of 3, 66.67 % (95 % interval 20.77 to 93.85)'
    """
    [(answer, n_exact)] = collections.Counter(expected).most_common(1)
    return f"Always the commonest answer, {answer.strip()}: {percentage(n_exact, len(expected))}"


def report(expected, predicted):
    """Return common.report of held-out problems, with the 95 % interval of exact match and the majority baseline."""
    rmse, _, *rows = common.report(expected, predicted).splitlines()
    exact = f"Exact: {percentage(count_exact(expected, predicted), len(expected))}"
    return "\n".join([rmse, exact, majority_baseline(expected), *rows])


def updates_until(goal, shares, n_steps):
    """Return after how many updates an accuracy of `goal` was first reached, or None.

    shares: the accuracy after each epoch of n_steps updates.

    >>> updates_until(0.5, [0.1, 0.5, 0.4], 100), updates_until(0.9, [0.1, 0.5, 0.4], 100)
    (200, None)
    """
    return next((i * n_steps for i, value in enumerate(shares, 1) if value >= goal), None)


def table(results, args):
    """Return a list of lines, two for each variant of a comparison: its exact match on the held-out test problems."""
    lines = ["Held-out test problems exact, of all seeds, then of each seed in %; updates until 99 % in validation"]
    for name, runs in results.runs.items():
        n_exact = sum(count_exact(run.expected, run.predicted) for run in runs)
        each = ", ".join(f"{100 * accuracy(run.expected, run.predicted):.2f}" for run in runs)
        n_steps = args.n_examples // args.n_batch
        reached = [updates_until(0.99, run.validation_accuracy, n_steps) or "never" for run in runs]
        lines.append(f"{name:>24}: {percentage(n_exact, sum(len(run.expected) for run in runs))}")
        lines.append(f"{'':26}{each}; {', '.join(map(str, reached))}")
    every = [answer for runs in results.runs.values() for run in runs for answer in run.expected]
    return lines + [majority_baseline(every)] if every else lines


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


def comparison_picture(title, results, args, labels=None):
    """Return a matplotlib Figure: a row for each variant, and a dot for each seed: exact match, and updates until 99 %.

    labels: a dict of name -> what to write at its row, in monospace.
    """
    n_steps = args.n_examples // args.n_batch
    figure = Figure(figsize=(9, 1.4 + 0.35 * len(results.runs)), dpi=100, layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    accuracies, reached = {}, {}
    for name, runs in results.runs.items():
        label = (labels or {}).get(name, name)
        accuracies[label] = [100 * accuracy(run.expected, run.predicted) for run in runs]
        updates = [updates_until(0.99, run.validation_accuracy, n_steps) for run in runs]
        reached[label] = [n for n in updates if n]
    n_updates = args.n_epoch * n_steps
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


def finish(script, lines, results, args, figure=None):
    """Print and save what was found, if anything was, with a line if Ctrl-C ended it early; return the exit status."""
    if results.interrupted:
        lines = [*lines, f"interrupted after {sum(map(len, results.runs.values()))} runs"]
    text = "\n".join(lines)
    print(text)
    if results.runs:
        common.save(args.outputs, script, text, figure)
    return 130 if results.interrupted else 0
