"""Framed as at school, how far does addition reach? An LSTM reads two numbers column by column and writes their sum.

    958+67  ->  columns 8,7  5,6  9,0  0,0  ->  LSTM(32)  ->  digits 5  2  0  1  ->  1025

Trained for seconds on sums of up to 8 digits, it is right on all that are tried here, of up to 1,000,000 digits.
Beside it, the article's encoder-decoder reads the same digits as text. To add two numbers of your own, of any length:

    python -m extensions.long_addition 958 67
"""

import argparse
import sys
import time

import numpy as np

import common
from extensions import column_text, columns, training


def build_model(n_digits, units, cell):
    """Build a network that writes one digit of the sum at each of the n_digits + 1 columns it reads; not compiled."""
    import keras
    from keras import layers

    # Dropout takes a fifth of the state from each training sum, so that many units learn to keep the carry.
    return keras.Sequential(
        [
            keras.Input((n_digits + 1, 20)),  # (9, 20)
            getattr(layers, cell)(units, recurrent_dropout=0.2, return_sequences=True, unroll=True),  # (9, 32)
            layers.Dense(10, activation="softmax"),  # (9, 10) probabilities of the digits at each column
        ]
    )


def fit(model, framing, n_digits, most_nines, learning_rate, rng, args):
    """Train on sums of up to n_digits digits, with a learning rate that falls to 0 as a cosine does.

    framing: the module whose `one_hot` encodes columns for the model. most_nines: as for `columns.draw`.
    Returns a text that says after which epoch Ctrl-C ended it, or "", and the seconds it took.
    Raises ValueError if a longer number is drawn.
    """
    import keras

    def draw(n):
        X = columns.draw(n, n_digits, rng, most_nines)
        if columns.count_digits(X).max() > n_digits:
            raise ValueError(f"a number of more than {n_digits} digits was drawn for training")
        return framing.one_hot(X), columns.add(X)

    start = time.perf_counter()
    n_updates = -(-args.n_examples // args.n_batch) * args.n_epoch
    model.compile(
        loss="sparse_categorical_crossentropy",
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(learning_rate, n_updates)),
        steps_per_execution=common.steps_per_execution(args.n_examples, args.n_batch),
    )
    _, interrupted = common.train(model, draw, args.n_examples, args.n_batch, args.n_epoch)
    return interrupted, time.perf_counter() - start


def build_and_fit(seed, args):
    """Build the model and train it, all with one seed; on many sums that carry far.

    Returns the model, its summary, NumPy's random stream behind the data, and what `fit` returns.
    """
    common.set_seed(seed)
    rng = np.random.default_rng(seed)
    model = build_model(args.n_digits, args.units, args.cell)
    summary = common.summary(model, args)
    return model, summary, rng, *fit(model, columns, args.n_digits, 1, args.learning_rate, rng, args)


def test(model, framing, lengths, n_digits, rng):
    """Test on new sums of each of the lengths: a dict from length to what `columns.evaluate` returns."""

    def predict(X):
        return framing.predict(model, X)

    return {length: columns.evaluate(predict, length, n_digits, rng) for length in lengths}


def picture(title, model, panels, rng):
    """Draw the state of the recurrent layer over one long sum, and the exact shares by number of digits.

    panels: for each model its name, the most digits in training, and a dict of results of `columns.evaluate`.
    Returns a matplotlib Figure.
    """
    from keras import ops
    from matplotlib.figure import Figure

    X = columns.draw(1, 40, rng)
    states = ops.convert_to_numpy(columns.stateful_copy(model, 1).layers[0](columns.one_hot(X)))[0].T
    carries = columns.carries(X)[0]
    # From the units that rise with the carry most to those that fall with it most.
    deviations = states - states.mean(axis=1, keepdims=True)
    order = np.argsort(-(deviations @ (carries - carries.mean())) / (np.linalg.norm(deviations, axis=1) + 1e-9))

    figure = Figure(figsize=(12, 9), layout="constrained")
    figure.suptitle(title)
    top, bottom = figure.subfigures(2, 1, height_ratios=(3, 2))
    strip, heat = top.subplots(2, 1, sharex=True, height_ratios=(1, 16))
    strip.set_title("The hidden units while one sum of 40 digits is read, the units column first")
    strip.imshow(carries[None], cmap="gray_r", vmin=0, vmax=1, aspect="auto")
    strip.set(yticks=[0], yticklabels=["carry"])
    image = heat.imshow(states[order], cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto", interpolation="nearest")
    heat.set(xlabel="both numbers and their sum, digit by digit", ylabel="units, by correlation with the carry")
    digits = [f"{a}\n{b}\n{total}" for (a, b), total in zip(X[0], columns.add(X)[0], strict=True)]
    heat.set_xticks(range(len(digits)), digits)
    top.colorbar(image, ax=[strip, heat], label="state of the unit", fraction=0.03)

    all_axes = bottom.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    for axes, (name, n_trained, results) in zip(all_axes, panels, strict=True):
        random_shares = [100 * n_exact / n for n_exact, n, _, _ in results.values()]
        hard_shares = [100 * (1 - len(wrong) / n_hard) for _, _, wrong, n_hard in results.values()]
        axes.semilogx(list(results), random_shares, "o-", label="random sums")
        axes.semilogx(list(results), hard_shares, "x--", label="hard sums")
        axes.axvspan(0.8, n_trained + 0.5, color="tab:green", alpha=0.2, label="lengths in training")
        axes.set(title=name, xlabel="digits of the numbers", ylabel="exact (%)", ylim=(-5, 105))
        axes.grid(alpha=0.3)
        axes.legend(loc="center right")
    return figure


def add_two(a, b, args):
    """Add two numbers, given as text, with the saved model; train it first if there is none.

    Returns the exit status: 0 if the answer is right, 1 if not, 130 after Ctrl-C in the training.
    """
    import keras

    path = args.outputs / "long_addition.keras"
    interrupted = ""
    if path.exists():
        model = keras.saving.load_model(path)
    else:
        model, _, _, interrupted, _ = build_and_fit(args.seed, args)
        if not interrupted:
            with common.written_whole(path) as unfinished:
                model.save(unfinished)
    answer = columns.to_text(columns.predict(model, columns.from_text([(a, b)], max(len(a), len(b))))[0])
    sys.set_int_max_str_digits(0)  # lifts Python's limit of 4,300 digits
    total = str(int(a) + int(b))
    print(f"{a}+{b}={answer} {interrupted}".rstrip())
    print("Python's integers say the same." if answer == total else f"Wrong: Python's integers say {total}")
    return 130 if interrupted else int(answer != total)


def digits_only(text):
    """Check a number of the user's own, an argument of any length: ASCII digits, at least one."""
    for character in text:
        if character not in "0123456789":
            raise argparse.ArgumentTypeError(f"{character!r} is not one of the digits 0 to 9")
    if not text:
        raise argparse.ArgumentTypeError("a number without digits")
    return text


def main(argv=None):
    """Train, test and save, or add two given numbers; return the exit status."""
    parser = common.argument_parser(__doc__, n_examples=16_000, n_batch=64, n_epoch=10, learning_rate=0.03)
    parser.add_argument("numbers", nargs="*", type=digits_only, metavar="A B", help="two numbers to add")
    for name, lowest, highest, default, meaning in (
        ("--n-digits", 1, 100, 8, "most digits of a number trained on"),
        ("--text-digits", 0, 100, 3, "the same for the text model; 0: none"),
        ("--units", 1, 10_000, 32, "units of the recurrent layer"),
    ):
        convert = common.number(lowest, highest)
        parser.add_argument(name, type=convert, default=default, metavar="N", help=f"{meaning} (default: {default})")
    training.add_n_seeds(parser, default=1)
    cells = ("LSTM", "GRU", "SimpleRNN")
    parser.add_argument("--cell", choices=cells, default="LSTM", help="recurrent layer (default: LSTM)")
    lengths = [1, 2, 3, 4, 6, 8, 9, 10, 100, 1_000, 10_000, 1_000_000]
    convert = common.number(1, 10**8)
    meaning = "digits to test (default: 12 lengths from 1 to 1000000)"
    parser.add_argument("--tested", nargs="+", type=convert, default=lengths, metavar="N", help=meaning)
    args = parser.parse_args(argv)
    if len(args.numbers) == 2:
        return add_two(*args.numbers, args)
    if args.numbers:
        parser.error(f"argument A B: two numbers are needed, not {len(args.numbers)}")

    # Columns: one line for each seed, and all about the first.
    lines, runs = [], []
    for seed in training.seeds(args):
        model, summary, rng, interrupted, seconds = build_and_fit(seed, args)
        results = test(model, columns, args.tested, args.n_digits, rng)
        runs.append((model, rng, results))
        line = f"Seed {seed}, {seconds:.1f} s of training {interrupted}".rstrip() + f": {columns.failures(results)}"
        lines += [line] if len(runs) > 1 else [summary, columns.table(results), line]
        print("\n".join(lines if len(runs) == 1 else [line]))
        if interrupted:
            break
    model, rng, results = runs[0]
    n_exact = sum(columns.failures(results) == "all exact" for _, _, results in runs)
    panels = [(f"columns of digits, {args.cell}({args.units})", args.n_digits, results)]

    # The same digits as text, random ones: with more carries it learns less.
    if args.text_digits and not interrupted:
        text_model = column_text.build_model(args.text_digits)
        interrupted, seconds = fit(text_model, column_text, args.text_digits, 0, 0.004, rng, args)
        lengths = [length for length in args.tested if length <= 100]
        results = test(text_model, column_text, lengths, args.text_digits, rng)
        lines.append(f"The same digits as text, {seconds:.1f} s of training {interrupted}\n{columns.table(results)}")
        panels.append((f"text, {args.text_digits} digits in training", args.text_digits, results))
        print(lines[-1])

    lines.append(f"{n_exact} of {len(runs)} seeds: all exact")
    print(lines[-1])
    title = f"long_addition: trained on {args.n_digits} digits, tested on up to {max(args.tested):,} {interrupted}"
    figure = picture(title, model, panels, rng)
    common.save(args.outputs, "long_addition", "\n".join(lines), figure, model)
    return 130 if interrupted else 0


if __name__ == "__main__":
    raise SystemExit(main())
