"""A network that does an expression step by step, on a scratchpad: it reads again what it has written.

    "   3+7*8" -> encoder LSTM -> (128,) -> repeated (6, 128) -> decoder LSTM -> (6, 16) -> "3+56  ", read again -> "95"

From expressions of three numbers it learns to write them with the first step done, from two numbers to write the
answer, units first. Without a scratchpad the same model writes the answer directly. Both practise the same expressions
and drills. Where it comes from: scratchpads, Nye et al. 2021; reversed answers, Lee et al. 2023.
"""

import itertools
import random
import re

import keras
from matplotlib.figure import Figure

import common
import seq2seq_sum
from extensions.shared import expressions, training

ALPHABET = "0123456789+-*() "
VARIANTS = ("with a scratchpad", "directly")
SHARES = (0.25, 0.7)  # of the examples that have two numbers: what a search compares


def drills(largest, held_out=()):
    """List every second step that no expression of the list is: the result of a first step, joined to a number.

    Results from 1 to `largest` are left out: 6*9 is an expression itself, in training or held out. So is what has the
    form of a problem held out, as -7+3 if 3-7 is.

    >>> texts = [text for text, _ in drills(10)]
    >>> len(texts), [text for text in texts if text in ("72*9", "9*72", "3+56", "-7*9", "3--7", "6*9", "71*9")]
    (2760, ['3--7', '-7*9', '3+56', '72*9', '9*72'])
    """
    results = {value for _, value in expressions.expressions(2, largest)} - set(range(1, largest + 1))
    texts = []
    for result, number, operator in itertools.product(sorted(results), range(1, largest + 1), "+-*"):
        texts += [f"{result}{operator}{number}", f"{number}{operator}{result}"]
    forms = {expressions.form(problem) for problem in held_out}
    problems = [(text, expressions.evaluate(expressions.parse(text))) for text in texts]
    return [problem for problem in problems if expressions.form(problem) not in forms]


def next_text(problem):
    """Write what comes next: of three numbers the first step done, of two the answer, with its units first.

    >>> next_text(("3+7*8", 59)), next_text(("3+56", 59)), next_text(("2-30", -28))
    ('3+56', '95', '82-')
    """
    text, value = problem
    rest = expressions.first_step(text)
    return rest if rest != text else answer_text(problem)


def answer_text(problem):
    """Return the answer, with its units first.

    >>> answer_text(("3+7*8", 59)), answer_text(("2-30", -28))
    ('95', '82-')
    """
    return str(problem[1])[::-1]


def build_model(n_in, n_out, n_chars):
    """Build an encoder-decoder as in seq2seq_sum.py, with wider layers; not compiled."""
    return seq2seq_sum.build_model(n_in, n_out, n_chars, (128, 128))


def encode(texts, answers, n_in, n_out):
    """Encode texts, padded on the left, and answers, padded on the right: one-hot sequences, two (n, steps, 16)."""
    texts, answers = [text.rjust(n_in) for text in texts], [answer.ljust(n_out) for answer in answers]
    return common.one_hot_encode(*common.integer_encode(texts, answers, ALPHABET), len(ALPHABET))


def read(model, texts, n_in):
    """Let the model read texts, cut to its width, and write one text for each."""
    X, _ = encode([text[:n_in] for text in texts], [""] * len(texts), n_in, 1)
    return [text.strip() for text in expressions.answers(model, X, ALPHABET)]


def answer(model, texts, n_in):
    """Let the model read texts, and what is no number yet once more. Returns what it wrote first, and what last."""
    first = read(model, texts, n_in)
    again = iter(read(model, first, n_in))
    return first, [text if re.fullmatch("[0-9]+-?", text) else other for text, other in zip(first, again, strict=True)]


def train(variant, share, learning_rate, parts, largest, seed, args, n_steps):
    """Train in one of the VARIANTS on the first of three parts of all expressions of numbers up to `largest`.

    share: how many of the examples have two numbers. Returns the model and the number of characters it reads.
    """
    keras.utils.set_random_seed(seed)
    rng = random.Random(seed)

    # Data: expressions of three numbers, and of two together with the drills.
    practised = drills(largest, parts[1] + parts[2])
    expressions.check_apart(parts[0] + practised, *parts[1:])
    two = [problem for problem in parts[0] if expressions.first_step(problem[0]) == problem[0]] + practised
    three = [problem for problem in parts[0] if expressions.first_step(problem[0]) != problem[0]]
    weights = [share / len(two)] * len(two) + [(1 - share) / len(three)] * len(three)
    write = next_text if variant == "with a scratchpad" else answer_text
    texts, answers = [text for text, _ in two + three], [write(problem) for problem in two + three]
    n_in, n_out = (max(map(len, column)) for column in (texts, answers + [next_text(problem) for problem in three]))
    X, y = encode(texts, answers, n_in, n_out)
    chosen = rng.choices(range(len(X)), weights, k=args.n_epoch * n_steps * args.n_batch)

    # Model
    model = build_model(n_in, n_out, len(ALPHABET))
    model.compile(
        training.adam(learning_rate, args.n_epoch * n_steps, weight_decay=0.1),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.05),
        steps_per_execution=common.steps_per_execution(n_steps),
    )

    # Training
    model.fit(
        X[chosen],
        y[chosen],
        batch_size=args.n_batch,
        epochs=args.n_epoch,
        steps_per_epoch=n_steps,
        shuffle=False,
        verbose=2,
    )
    return model, n_in


def test(model, n_in, problems):
    """Let the model answer problems: expected and predicted answers, and how many first texts were right."""
    first, last = answer(model, [text for text, _ in problems], n_in)
    n_first = sum(text == next_text(problem) for text, problem in zip(first, problems, strict=True))
    return [str(value) for _, value in problems], [text[::-1] for text in last], n_first


def report(results):
    """Compare the variants on the test problems, in all and by kind.

    results: a dict of variant -> for each seed expected and predicted answers, how many first texts are right, kinds.
    Returns lines, and a dict of variant -> a dict of kind -> (n_exact, n), of all seeds.
    """
    lines, by_kind = [], {}
    for variant, seeds in results.items():
        expected, predicted, kinds = (sum((run[i] for run in seeds), []) for i in (0, 1, 3))
        each = ", ".join(f"{100 * training.count_exact(*run[:2]) / len(run[0]):.2f}" for run in seeds)
        lines += [f"{variant}, test problems of all seeds; exact in % of each seed: {each}"]
        lines += [training.report(expected, predicted)]
        if variant == VARIANTS[0]:
            lines += [f"First text right: {training.percentage(sum(run[2] for run in seeds), len(expected))}"]
        by_kind[variant] = training.count_by_kind(kinds, expected, predicted)
    for kind in sorted(by_kind[next(iter(results))], key=lambda kind: (len(kind), kind)):
        counts = [
            f"{variant} {n_exact} of {n}" for variant in by_kind for n_exact, n in [by_kind[variant].get(kind, (0, 0))]
        ]
        lines.append(f"{kind:>9}: {', '.join(counts)}")
    return lines, by_kind


def picture(title, by_kind):
    """Return a matplotlib Figure: a row for each kind of expression, a dot with a scratchpad, a ring directly."""
    kinds = sorted(by_kind[next(iter(by_kind))], key=lambda kind: (len(kind), kind))
    figure = Figure(figsize=(9, 1.5 + 0.2 * len(kinds)), dpi=100, layout="constrained")
    axes = figure.subplots()
    for (variant, counts), fill in zip(by_kind.items(), ("full", "none"), strict=False):
        shares = [100 * counts[kind][0] / counts[kind][1] if kind in counts else None for kind in kinds]
        axes.plot(shares, range(len(kinds)), "o", color="black", fillstyle=fill, label=variant)
    axes.set_yticks(range(len(kinds)), kinds)
    axes.invert_yaxis()
    axes.set(title=title, xlabel="test problems exact (%), all seeds together")
    axes.legend(loc="lower left")
    axes.grid(alpha=0.3)
    return figure


def compare(script, title, problems, largest, chosen, args, n_steps):
    """Compare the VARIANTS on test problems, or with args.search their settings on validation problems; save.

    problems: all expressions up to `largest`. chosen: a dict of variant -> how many examples have two numbers, and the
    learning rate. Returns the exit status.
    """
    variants = {f"{variant}, {share:.0%} two numbers": (variant, share) for variant in VARIANTS for share in SHARES}

    def run(variant, seed, share, learning_rate):
        parts = expressions.split(problems, len(problems) // 10, random.Random(seed))
        model, n_in = train(variant, share, learning_rate, parts, largest, seed, args, n_steps)
        if args.search:
            expected, predicted, _ = test(model, n_in, parts[1])
            return None, None, [training.count_exact(expected, predicted) / len(expected)]
        return *test(model, n_in, parts[2]), [expressions.kind(text) for text, _ in parts[2]]

    if args.search:
        return training.search(
            script, lambda name, seed, rate: run(variants[name][0], seed, variants[name][1], rate), variants, args
        )
    results, status = training.runs(lambda variant, seed: run(variant, seed, *chosen[variant]), VARIANTS, args)
    lines, figure = [common.settings(args)], None
    if results:
        more, by_kind = report(results)
        lines, figure = lines + more, picture(title, by_kind)
    training.finish(script, lines, results, status, args, figure)
    return status
