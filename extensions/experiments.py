"""How an experiment is run with each seed, searched, compared and reported; held-out problems never reach training.

A comparison is a dict of Variants, and a function that splits the problems. A Variant draws from the training problems,
and everything it draws is compared with the held-out problems before training. Only the search answers the validation
problems, and only the report answers the test problems.
"""

import collections
import functools
import itertools
import logging
import random
import typing

import common
import seq2seq_sum
from seq2seq_sum import ALPHABET

import keras
import numpy as np
from keras import ops
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy.stats import binomtest

RATES = (0.004, 0.008, 0.016)  # the learning rates that a search compares


class Split(typing.NamedTuple):
    """Problems for training, validation and test. form(problem) is the same for all problems that count as equal."""

    training: list
    validation: list
    test: list
    form: typing.Callable


class Variant(typing.NamedTuple):
    """What a comparison varies."""

    learning_rate: float
    encode: typing.Callable  # problems -> X, y
    build: typing.Callable = seq2seq_sum.build_model  # n_in, n_out, n_chars -> a model, not compiled
    # training problems, is_held_out(problem), rng, n -> the n problems to train on, in their order
    draw: typing.Callable = lambda training, is_held_out, rng, n: rng.choices(training, k=n)
    answer: typing.Callable | None = None  # model, problems (text, value) -> texts; if None, by one model.predict
    reads_answer: bool = False  # the model has a second input: the right answers while training, zeros otherwise
    sample_weight: typing.Callable = lambda y: None
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    problems: typing.Any = None  # which problems, where variants have different ones: an argument for the split


class Run(typing.NamedTuple):
    """A trained model, and its answers to problems that it was not trained on."""

    problems: list
    expected: list
    predicted: list
    validation: list  # the accuracy on the validation problems after each epoch, or only at the end
    model: keras.Model
    rng: random.Random  # the random stream, as the draw of the training problems left it

    @property
    def exact(self):
        """Return how many of the answers are exact, in percent."""
        return 100 * count_exact(self.expected, self.predicted) / len(self.expected)


# ---- Training --------------------------------------------------------------------------------------------------------


def exact(y_true, y_pred):
    """Return for each of n sequences, (n, n_out, n_chars), whether every character is right: a Keras metric."""
    right = ops.equal(ops.argmax(y_true, axis=-1), ops.argmax(y_pred, axis=-1))
    return ops.cast(ops.all(right, axis=-1), "float32")


def adam(learning_rate, n_updates, weight_decay=0.0):
    """Return an Adam with clipped gradients. Its rate rises for 5 % of the updates, then falls to 0 along a cosine."""
    n_rise = max(1, n_updates // 20)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, max(1, n_updates - n_rise), warmup_target=learning_rate, warmup_steps=n_rise
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=weight_decay, clipnorm=1.0)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer


def fit(model, X, y, args, optimizer, loss="categorical_crossentropy", **others):
    """Compile a model and train it for args.n_epoch epochs on the data in its order. Returns Keras's history, a dict.

    others: as for model.fit. With validation_data, exact match is measured: "exact" and "val_exact".
    """
    n_steps = args.n_examples // args.n_batch
    metrics = [exact] if others.get("validation_data") else None
    model.compile(optimizer, loss, metrics=metrics, steps_per_execution=common.steps_per_execution(n_steps))
    data = {"batch_size": args.n_batch, "steps_per_epoch": n_steps, "shuffle": False, "validation_batch_size": 1000}
    return model.fit(X, y, epochs=args.n_epoch, verbose=2, **data, **others).history


def check_new(problems, held_out, form):
    """Raise ValueError if one of the problems has the form of one that is held out.

    >>> check_new([(3, 10)], [(3, 11)], form=lambda pair: tuple(sorted(pair)))
    >>> check_new([(10, 3)], [(3, 10)], form=lambda pair: tuple(sorted(pair)))
    Traceback (most recent call last):
        ...
    ValueError: (10, 3) is not a new problem: its form is held out
    """
    forms = {form(problem) for problem in held_out}
    for problem in set(problems):
        if form(problem) in forms:
            raise ValueError(f"{problem} is not a new problem: its form is held out")


def train(variant, split, rng, seed, learning_rate, args):
    """Return a variant's model, trained on problems that are not held out, and its accuracies on validation problems.

    The accuracies are a list with one after each epoch, or only the last if the variant has its own way to answer.
    """
    check_new(split.validation, split.test, split.form)
    held_out = split.validation + split.test
    forms = {split.form(problem) for problem in held_out}
    n = args.n_epoch * args.n_examples
    fed = variant.draw(split.training, lambda problem: split.form(problem) in forms, rng, n)
    check_new(fed, held_out, split.form)

    keras.utils.set_random_seed(seed)
    X, y = variant.encode(fed)
    model = variant.build(X.shape[1], y.shape[1], y.shape[2])
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=variant.label_smoothing)
    optimizer = adam(learning_rate, n // args.n_batch, variant.weight_decay)
    others = {"sample_weight": variant.sample_weight(y)}
    if variant.answer is None:
        others["validation_data"] = encode_questions(variant, split.validation)
    history = fit(model, [X, y] if variant.reads_answer else X, y, args, optimizer, loss, **others)
    if variant.answer is None:
        return model, history["val_exact"]
    expected, predicted = answer(variant, model, split.validation)
    return model, [count_exact(expected, predicted) / len(expected)]


def encode_questions(variant, problems):
    """Return the inputs for problems that the model has to answer, and the right answers, one-hot."""
    X, y = variant.encode(problems)
    return ([X, np.zeros_like(y)] if variant.reads_answer else X), y


def answer(variant, model, problems):
    """Return the expected and the predicted answers of a trained variant to problems: two lists of texts."""
    if variant.answer:
        return [str(value) for _, value in problems], variant.answer(model, problems)
    X, y = encode_questions(variant, problems)
    written = model.predict(X, batch_size=1000, verbose=0)
    return read(y), read(written)


def read(sequences, alphabet=ALPHABET):
    """Return sequences of one-hot vectors, or of probabilities, as texts."""
    return [common.invert_encoding(seq, alphabet) for seq in sequences]


# ---- Each variant with each seed -------------------------------------------------------------------------------------


def add_arguments(parser, n_seeds=3, search=True):
    """Add options to a parser: how many seeds to run, as one may be lucky, and the search for rates."""
    n = common.number(1, 1000)
    parser.add_argument("--n-seeds", type=n, default=n_seeds, metavar="N", help="runs, each with the next seed")
    if search:
        parser.add_argument("--search", action="store_true", help="compare learning rates on the validation problems")


def all_seeds(args):
    """Return the seeds of the runs: args.n_seeds of them, from args.seed on."""
    return [(args.seed + i) % 2**32 for i in range(args.n_seeds)]


def run_each(script, run, names, report, args, seeds=None):
    """Run each name with each seed, print and save the report; return the results and the exit status.

    run(name, seed) returns a result. The results are a dict of name -> list; report(results, folder) returns lines and
    a Figure or None, and may write other files into the folder. seeds: a dict of name -> its seeds, for names that have
    fewer or others. After Ctrl-C, the finished runs are reported, if there are any, and the status is 130.
    """
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it would warn of several models in one process
    results, interrupted = {}, False
    try:
        for i, name in itertools.product(range(args.n_seeds), names):
            for seed in (seeds or {}).get(name, all_seeds(args))[i : i + 1]:
                print(f"\n{name}, seed {seed}", flush=True)
                keras.utils.clear_session()
                result = run(name, seed)  # run first, so that Ctrl-C leaves no empty list
                results.setdefault(name, []).append(result)
    except KeyboardInterrupt:
        print("\nInterrupted.")
        interrupted = True
    if results:
        with common.run_folder(args.outputs, script) as folder:
            lines, figure = report(results, folder)
            if interrupted:
                lines = [*lines, f"interrupted after {sum(len(runs) for runs in results.values())} runs"]
            text = "\n".join([common.settings_line(args), *lines])
            print(text)
            (folder / "transcript.txt").write_text(text + "\n", encoding="utf-8")
            if figure:
                figure.savefig(folder / "picture.png")
    return results, 130 if interrupted else 0


def compare(script, variants, split, report, args):
    """Compare variants on the test problems or, with args.search, learning rates on validation problems; save.

    variants: a dict of name -> Variant. split(problems, rng) returns a Split; it is called once for each seed and
    each `problems` of a variant. report: as for `run_each`, of name -> list of Runs. Returns the exit status.
    """

    @functools.cache
    def split_once(problems, seed):
        return split(problems, random.Random(seed))

    def run(name, seed):
        variant, rng = variants[name], random.Random(seed)
        parts = split_once(variant.problems, seed)
        model, validation = train(variant, parts, rng, seed, variant.learning_rate, args)
        return Run(parts.test, *answer(variant, model, parts.test), validation, model, rng)

    def try_rate(trial, seed):
        name, rate = trial
        parts = split_once(variants[name].problems, seed)
        _, validation = train(variants[name], parts, random.Random(seed), seed, rate, args)
        return 100 * validation[-1]

    if args.search:
        trials = list(itertools.product(variants, RATES))
        _, status = run_each(f"{script}_search", try_rate, trials, report_search, args)
    else:
        _, status = run_each(script, run, variants, report, args)
    return status


# ---- Reports ---------------------------------------------------------------------------------------------------------


def report_search(results, folder):
    """Return lines for `run_each` that compare learning rates. results: a dict of (name, rate) -> percentages."""
    lines = ["Validation problems exact, %: the mean of the seeds, and each seed"]
    for (name, rate), reached in results.items():
        lines.append(f"{name:>24}, learning rate {rate}: {np.mean(reached):.2f} ({listed(reached)})")
    return lines, None


def listed(values):
    """Return numbers as text, with two decimals each."""
    return ", ".join(f"{value:.2f}" for value in values)


def count_exact(expected, predicted):
    """Return how many answers are exact."""
    return sum(answer == prediction for answer, prediction in zip(expected, predicted, strict=True))


def pool(runs):
    """Return the problems, the expected and the predicted answers of several Runs, three lists."""
    problems = [problem for run in runs for problem in run.problems]
    expected = [answer for run in runs for answer in run.expected]
    return problems, expected, [answer for run in runs for answer in run.predicted]


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
    exact = f"Exact: {percentage(count_exact(expected, predicted), len(expected))}"
    return common.report(expected, predicted, f"{exact}\n{majority_baseline(expected)}")


def updates_until(goal, accuracies, n_steps):
    """Return after how many updates an accuracy of `goal` was first reached, or None.

    accuracies: those after each epoch of n_steps updates.

    >>> updates_until(0.5, [0.1, 0.5, 0.4], 100), updates_until(0.9, [0.1, 0.5, 0.4], 100)
    (200, None)
    """
    return next((i * n_steps for i, value in enumerate(accuracies, 1) if value >= goal), None)


def table(results, args):
    """Return a list of lines, two for each variant of a comparison: its exact match on the held-out test problems."""
    lines = ["Held-out test problems exact, of all seeds, then of each seed in %; updates until 99 % in validation"]
    for name, runs in results.items():
        _, expected, predicted = pool(runs)
        reached = [updates_until(0.99, run.validation, args.n_examples // args.n_batch) for run in runs]
        lines.append(f"{name:>24}: {percentage(count_exact(expected, predicted), len(expected))}")
        lines.append(f"{'':26}{listed(run.exact for run in runs)}; {', '.join(str(n or 'never') for n in reached)}")
    _, expected, _ = pool(next(iter(results.values())))  # each variant has the same test problems
    return [*lines, majority_baseline(expected)]


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
    axes.set_ylim(max(1, len(rows)) - 0.5, -0.5)
    axes.grid(alpha=0.3)


def comparison_picture(title, results, args):
    """Return a Figure: a row for each variant, and a dot for each seed: exact match, and updates until 99 %."""
    n_steps = args.n_examples // args.n_batch
    figure = Figure(figsize=(9, 1.4 + 0.35 * len(results)), dpi=100, layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    reached = {}
    for row, (name, runs) in enumerate(results.items()):
        updates = [updates_until(0.99, run.validation, n_steps) for run in runs]
        reached[name] = [n for n in updates if n]
        if None in updates:
            never = f"never: {updates.count(None)} of {len(runs)}"
            right.text(args.n_epoch * n_steps, row, never, ha="right", va="center")
    accuracies = {name: [run.exact for run in runs] for name, runs in results.items()}
    draw_dots(left, accuracies)
    draw_dots(right, reached)
    n_good = sum(min(values) >= 99 for values in accuracies.values())
    figure.suptitle(f"{title}: {n_good} of {len(accuracies)} reach 99 % with every seed")
    left.set(xlabel="exact match at the end (%)", xlim=(-3, 103))
    right.set(xlabel="updates until 99 % in validation", xlim=(0, 1.03 * args.n_epoch * n_steps))
    right.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    return figure
