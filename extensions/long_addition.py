"""Framed as at school, how far does addition reach? A small recurrent layer reads two numbers column by column.

    958+67  ->  columns 8,7  5,6  9,0  0,0  ->  Dense(64)  ->  SimpleRNN(32)  ->  digits 5  2  0  1  ->  1025

The columns hand the model the alignment of the digits. What it learns is to add two digits and a carry, and to keep
the carry. Trained for some 10 seconds on sums of up to 8 digits, it is exact on sums of up to 1,000,000 with each of
the seeds 1 to 10, but for one sum of ten digits. An LSTM is not (--cell LSTM): it counts the columns in its cell, and
goes astray where they are many.

    python -m extensions.long_addition 958+67     adds two numbers of your own, of any length; - reads standard input
"""

import keras
import numpy as np
from keras import layers
from matplotlib.figure import Figure

import common
from extensions.shared import column_problems, columns, lengths, training

CELLS = {"SimpleRNN": layers.SimpleRNN, "GRU": layers.GRU, "LSTM": layers.LSTM}


def build_model(n_columns, units, cell, n_sums=None):
    """Build a network that writes one digit of the sum at each column it reads; not compiled.

    n_sums: if given, the model reads parts of so many sums, and keeps its state from one part to the next.
    """
    # Dropout takes a fifth of the state from each training sum, so that many units learn to keep the carry.
    kwargs = {"unroll": common.unroll(n_columns)} if n_sums is None else {"stateful": True}
    return keras.Sequential(
        [
            keras.Input((n_columns, 20), batch_size=n_sums),  # (9, 20) a one-hot digit of either number
            layers.Dense(64, activation="relu"),  # (9, 64)
            CELLS[cell](units, recurrent_dropout=0.2, return_sequences=True, **kwargs),  # (9, 32)
            layers.Dense(10, activation="softmax"),  # (9, 10) probabilities of the digits of the sum
        ]
    )


def train(seed, args, n_steps):
    """Train on sums of up to args.n_digits digits, many of which carry far. Returns the model."""
    keras.utils.set_random_seed(seed)
    X = column_problems.draw(args.n_epoch * n_steps * args.n_batch, args.n_digits, np.random.default_rng(seed))
    if columns.count_digits(X).max() > args.n_digits:
        raise ValueError(f"a number of more than {args.n_digits} digits was drawn for training")
    model = build_model(args.n_digits + 1, args.units, args.cell)
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(args.learning_rate, args.n_epoch * n_steps)),
        loss="sparse_categorical_crossentropy",
        steps_per_execution=common.steps_per_execution(n_steps),
    )
    model.fit(
        columns.one_hot(X),
        columns.work("+", X)[0],
        batch_size=args.n_batch,
        epochs=args.n_epoch,
        steps_per_epoch=n_steps,
        shuffle=False,
        verbose=2,
    )
    return model


def make_predict(model, n_sums, args):
    """Make a function from columns (n, n_columns, 2) to digits (n, n_columns), for sums of any length."""
    return lengths.make_predict(build_model(None, args.units, args.cell, n_sums), model)


def picture(title, n_trained, runs):
    """Draw the exact share of sums that carry far, against their digits and, of 10 digits, against the longest carry.

    runs: for each seed its results, a dict of number of digits -> Result. Returns a matplotlib Figure.
    """
    figure = Figure(figsize=(9, 3.5), dpi=100, layout="constrained")
    figure.suptitle(title)
    left, right = figure.subplots(1, 2, sharey=True)
    for results in runs:
        shares = [100 * result.exact["carrying"].mean() for result in results.values()]
        left.semilogx(list(results), shares, "o-", color="black", alpha=0.4)
        n_digits, exact = lengths.by_carry(results)
        right.plot(list(exact), [100 * shares.mean() for shares in exact.values()], "o-", color="black", alpha=0.4)
    left.axvspan(0.8, n_trained + 0.5, color="lightgray")
    left.text(1, 3, "in training")
    left.set(xlabel="digits of the numbers", ylabel="sums exact (%)", ylim=(-3, 103))
    right.set(xlabel=f"columns that the longest carry passes ({n_digits} digits)")
    return figure


def add_two(a, b, args, n_steps):
    """Add two numbers, given as text, with the saved model, or one trained now. Returns the exit status."""
    model = lengths.load_or_train("long_addition", args, lambda: train(args.seed, args, n_steps))
    X = columns.from_text([(a, b)], max(len(a), len(b)))
    return lengths.check(f"{a}+{b}", columns.to_text(make_predict(model, 1, args)(X)[0]), lambda: int(a) + int(b))


def main(argv=None):
    """Train, test and save, or add two given numbers; return the exit status."""
    parser = common.argument_parser(__doc__, n_examples=12_800, n_batch=128, n_epoch=30, learning_rate=0.02)
    units = common.number(1, 10_000)
    parser.add_argument("--units", type=units, default=32, metavar="N", help="of the recurrent layer")
    parser.add_argument("--cell", choices=CELLS, default="SimpleRNN", help="recurrent layer")
    tested = [1, 2, 3, 4, 6, 8, 9, 10, 100, 1_000, 10_000, 1_000_000]
    lengths.add_lengths(parser, 8, tested)
    training.add_n_seeds(parser, default=1)
    lengths.add_problem(parser, "([0-9]+)[+]([0-9]+)", "958+67")
    args = parser.parse_args(argv)
    n_steps = args.n_examples // args.n_batch
    if args.problem:
        return add_two(*args.problem, args, n_steps)

    def test(cell, model, n_digits, rng):
        return lengths.evaluate(make_predict(model, 64, args), "+", n_digits, args.n_digits, rng)

    runs, status = lengths.runs(lambda cell, seed: train(seed, args, n_steps), test, [args.cell], args)
    if runs:
        lines, [seeds] = lengths.report(runs, args), runs.values()
        tested = f"tested on up to {max(args.tested):,} digits"
        title = f"{args.cell}, trained on up to {args.n_digits} digits, {tested}, {len(seeds)} seeds"
        figure = picture(title, args.n_digits, [results for _, results, _ in seeds])
        text = "\n".join(lines)
        print(text)
        common.save(args.outputs, "long_addition", text, figure, seeds[0][0])
    return status


if __name__ == "__main__":
    common.run(main)
