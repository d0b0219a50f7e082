"""What the extensions train with: a metric for whole answers, and Adam with a learning rate that rises and falls."""

import itertools
import logging
import math

import common
import seq2seq_sum


def exact(y_true, y_pred):
    """Say for each sequence whether every character is right: a Keras metric.

    y_true, y_pred: tensors (n, n_out, n_chars), one-hot vectors and probabilities. Returns n zeros and ones.

    >>> y_true = [[[1, 0], [0, 1]], [[1, 0], [0, 1]]]
    >>> y_pred = [[[0.9, 0.1], [0.4, 0.6]], [[0.9, 0.1], [0.6, 0.4]]]
    >>> [float(value) for value in exact(y_true, y_pred)]
    [1.0, 0.0]
    """
    from keras import ops

    right = ops.equal(ops.argmax(y_true, axis=-1), ops.argmax(y_pred, axis=-1))
    return ops.cast(ops.all(right, axis=-1), "float32")


def compile_with_schedule(model, learning_rate, args, weight_decay=0.0, label_smoothing=0.0):
    """Compile for all updates of a run: the learning rate rises over the first 5 %, then falls to 0 as a cosine does.

    args: what common.argument_parser gives, of which n_examples, n_batch and n_epoch tell the number of updates.
    weight_decay, label_smoothing: Keras's, two ways to keep a model from learning its training examples by heart.
    """
    import keras

    n_updates = math.ceil(args.n_examples / args.n_batch) * args.n_epoch
    n_rise = max(1, n_updates // 20)
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, n_updates - n_rise, warmup_target=learning_rate, warmup_steps=n_rise
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=weight_decay, clipnorm=1.0)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    steps_per_execution = common.steps_per_execution(args.n_examples, args.n_batch)
    model.compile(
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing),
        optimizer=optimizer,
        metrics=[exact],
        steps_per_execution=steps_per_execution,
    )


def add_n_seeds(parser, default=3):
    """Add the argument of the scripts that train several times, because one run may be luck."""
    meaning = f"runs, each with the next seed (default: {default})"
    parser.add_argument("--n-seeds", type=common.number(1, 1000), default=default, metavar="N", help=meaning)


def seeds(args):
    """List the seeds of all runs: args.n_seeds whole numbers from args.seed on.

    Keeps TensorFlow, where it is used, from warning that several models are trained in one process.
    """
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    return [(args.seed + i) % 2**32 for i in range(args.n_seeds)]


def compare(run, names, args, title="{}, the held-out sums"):
    """Do the runs of a comparison, each name with each seed, up to one that is interrupted, and write their reports.

    run: a function of a name and a seed; it returns expected and predicted answers of the held-out problems, a history
    as common.train does, and a text if interrupted. title: what a report is about, with {} for the name.
    Returns a dict of name -> the histories of its runs, the lines written, and the text if interrupted.
    """
    expected, predicted, histories = ({name: [] for name in names} for _ in range(3))
    for seed, name in itertools.product(seeds(args), names):
        answers, predictions, history, interrupted = run(name, seed)
        expected[name] += answers
        predicted[name] += predictions
        histories[name].append(history)
        if interrupted:
            break

    lines = [common.settings(args)]
    for name in filter(histories.get, names):
        lines += ["", f"{title.format(name)} of all seeds, none of them in training"]
        lines += [common.report(expected[name], predicted[name], interrupted)]
    return histories, lines, interrupted


def mean_and_each(shares):
    """Write the last share of each run in percent: their mean, then all of them.

    shares: for each run a list of the share after each epoch.

    >>> mean_and_each([[0.1, 0.5], [0.2, 0.75]])
    '62.50 (50.00, 75.00)'
    """
    last = [100 * share[-1] for share in shares]
    return f"{sum(last) / len(last):.2f} ({', '.join(f'{share:.2f}' for share in last)})"


def picture(title, xlabel, runs):
    """Draw the exact share of the held-out answers in the course of training, a line for each run.

    xlabel: what the runs are drawn against, with its unit. runs: a dict of name -> for each run a list of x and a list
    of shares, from 0 to 1. Returns a matplotlib Figure.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5.5), layout="constrained")
    axes = figure.subplots()
    for number, (name, lines) in enumerate(runs.items()):
        for i, (x, shares) in enumerate(lines):
            label = None if i else name
            axes.plot(x, [100 * share for share in shares], color=f"C{number}", alpha=0.7, label=label)
    axes.set(title=title, xlabel=xlabel, ylabel="held-out answers exact (%)", ylim=(-2, 102))
    axes.legend(title="a line for each seed")
    axes.grid(alpha=0.3)
    return figure


def article_layers(n_in, n_out, n_chars):
    """Make the layers of seq2seq_sum.py anew, not built yet, to be put behind other layers."""
    return [layer.from_config(layer.get_config()) for layer in seq2seq_sum.build_model(n_in, n_out, n_chars).layers]
