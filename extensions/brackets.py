"""And brackets? The last extension of the article: the expressions of variable_operators.py, and all with brackets.

    " (2-3)*10" -> encoder LSTM -> (128,) -> repeated (4, 128) -> decoder LSTM -> (4, 16) probabilities -> " -10"

There are 27,300 expressions; a tenth of them is held out of training. The picture shows which kinds are hard.
"""

import common
from extensions import expressions, training
from extensions.variable_operators import build_model

ALPHABET = "0123456789+-*() "


def shares(problems, right):
    """Count for each kind of expression how many are right: a dict of kind -> (n_right, n), in order of the kinds."""
    counts = {}
    for (text, _), is_right in zip(problems, right, strict=True):
        n_right, n = counts.get(expressions.kind(text), (0, 0))
        counts[expressions.kind(text)] = (n_right + is_right, n + 1)
    return dict(sorted(counts.items(), key=lambda item: (len(item[0]), item[0])))


def picture(counts, title):
    """Draw the exact share of each kind, a bar each, with the number of errors beside it; a matplotlib Figure."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5), layout="constrained")
    figure.suptitle(title)
    shapes = {"without brackets": [], "(n∘n)∘n": [], "n∘(n∘n)": []}
    for name in counts:
        shapes["(n∘n)∘n" if name[0] == "(" else "n∘(n∘n)" if name[-1] == ")" else "without brackets"].append(name)
    for axes, (shape, names) in zip(figure.subplots(1, 3, sharex=True), shapes.items(), strict=True):
        errors = [100 * (1 - counts[name][0] / counts[name][1]) for name in names]
        bars = axes.barh(names, errors, color="tab:red")
        axes.bar_label(bars, [f" {counts[name][1] - counts[name][0]} of {counts[name][1]}" for name in names])
        axes.set(title=shape, xlabel="held-out answers wrong (%)")
        axes.margins(x=0.4)
        axes.invert_yaxis()
    return figure


def main(argv=None):
    """Train, evaluate on the held-out expressions, and save; return the exit status."""
    limits = {"largest": (2, 20)}
    parser = common.argument_parser(__doc__, limits, n_examples=32_000, largest=10, n_batch=64, n_epoch=30)
    args = parser.parse_args(argv)
    rng = common.set_seed(args.seed)

    # Data: a tenth of all expressions is held out. The hard ones are drawn more often.
    problems = expressions.expressions(2, args.largest, "+-*")
    problems += expressions.expressions(3, args.largest, "+-*", brackets=True)
    trained, held_out = expressions.hold_out(problems, len(problems) // 10, rng)
    n_in, n_out = expressions.widths(problems)
    X, y = expressions.encode(trained, n_in, n_out, ALPHABET)
    X_held_out, y_held_out = expressions.encode(held_out, n_in, n_out, ALPHABET)
    weights = expressions.weights(trained)

    def draw(n):
        chosen = rng.choices(range(len(trained)), weights, k=n)
        return X[chosen], y[chosen]

    # Model
    model = build_model(n_in, n_out, len(ALPHABET))
    training.compile_with_schedule(model, 0.008, args, weight_decay=0.05, label_smoothing=0.05)
    summary = common.summary(model, args)
    print(summary)

    # Training: Keras evaluates the held-out expressions after each epoch; nothing is chosen by them.
    history, interrupted = common.train(
        model, draw, args.n_examples, args.n_batch, args.n_epoch, (X_held_out, y_held_out)
    )

    # Evaluation
    expected = [str(value).rjust(n_out) for _, value in held_out]
    predicted = expressions.answers(model, X_held_out, ALPHABET)
    counts = shares(held_out, [pair[0] == pair[1] for pair in zip(expected, predicted, strict=True)])
    lines = [expressions.count_held_out(trained, held_out), common.report(expected, predicted, interrupted)]
    lines += [f"{kind:>9}: {n_right} of {n} exact" for kind, (n_right, n) in counts.items()]
    result = "\n".join(lines)
    print(result)
    figure = picture(counts, f"brackets: where the held-out answers are wrong {interrupted}")
    common.save(args.outputs, "brackets", f"{summary}\n{result}", figure, model)
    return 130 if interrupted else 0


if __name__ == "__main__":
    raise SystemExit(main())
