"""Can a network learn to add from text alone? Two LSTMs, an encoder and a decoder, read and write characters.

Sums of two numbers from 1 to 10 become text, five characters in and two out, " 3+10" -> "13", each character a vector:

    (5, 12) one-hot -> encoder LSTM -> (100,) -> repeated (2, 100) -> decoder LSTM -> (2, 12) probabilities -> "13"

This is the article's third experiment. With the defaults, all 1,000 answers are exact; seeds 1 to 20 get 84.5 to 100 %.
But there are only 100 different pairs, and training draws 30,000, so the network has seen them all. Is that learning?
Keep a fifth of the pairs out of training, and look again: --hold-out 20.
"""

import random

import common  # before keras, which then starts faster and prints no warnings

import keras
import numpy as np
from keras import layers
from matplotlib.figure import Figure

SETTINGS = {"n_examples": 1000, "n_numbers": 2, "largest": 10, "n_batch": 10, "n_epoch": 30, "learning_rate": 0.001}
ALPHABET = "0123456789+ "


def build_model(n_in, n_out, n_chars, units=(100, 50)):
    """Return the article's encoder-decoder, which reads n_in characters and writes n_out; not compiled."""
    return keras.Sequential(
        [
            keras.Input((n_in, n_chars)),  # (5, 12) one-hot characters
            layers.LSTM(units[0], unroll=common.unroll(n_in)),  # (100,) for the whole sum; unroll only saves time
            layers.RepeatVector(n_out),  # (2, 100) once for each character of the answer
            layers.LSTM(units[1], return_sequences=True, unroll=common.unroll(n_out)),  # (2, 50)
            # The article wraps the next layer in TimeDistributed; Dense alone does the same.
            layers.Dense(n_chars, activation="softmax"),  # (2, 12) the probability of each character, at each step
        ]
    )


def answer(model, X, y):
    """Return the right and the predicted answers to encoded sums, two lists of texts."""
    predicted = model.predict(X, batch_size=1000, verbose=0)
    return [[common.invert_encoding(seq, ALPHABET) for seq in answers] for answers in (y, predicted)]


def encode(X, y, n_numbers, largest):
    """Return lists of terms X and their totals y as one-hot sequences, (n, n_in, 12) and (n, n_out, 12)."""
    texts = common.to_string(X, y, n_numbers, largest)
    return common.one_hot_encode(*common.integer_encode(*texts, ALPHABET), len(ALPHABET))


def picture(model, args, is_held_out, rng):
    """Return a Figure: a square for each sum, lighter where the right answer is likelier; crossed if answered wrong."""
    terms, sums = common.sums_to_draw(args.n_numbers, args.largest, rng)
    X, y = encode(terms, sums, args.n_numbers, args.largest)
    predicted = model.predict(X, batch_size=1000, verbose=0)
    probability = (y * predicted).sum(axis=2).prod(axis=1)  # of the right answer
    wrong = (predicted.argmax(axis=2) != y.argmax(axis=2)).any(axis=1)
    first, last = np.array(terms)[:, 0], np.array(terms)[:, -1]
    figure = Figure(figsize=(5.5, 4.5), dpi=100, layout="constrained")
    axes = figure.subplots()
    frames = ["tab:orange" if is_held_out(each) else "none" for each in terms]
    shade = {"c": probability, "cmap": "gray", "vmin": 0, "vmax": 1}
    squares = axes.scatter(last, first, (200 / args.largest) ** 2, marker="s", edgecolors=frames, **shade)
    figure.colorbar(squares, label="probability of the right answer")
    axes.plot(last[wrong], first[wrong], "x", color="tab:red")
    framed = "; held-out sums are framed" if args.hold_out else ""
    axes.set(title=f"Seed {args.seed}: {(~wrong).sum():,} of {len(sums):,} sums right{framed}")
    axes.set(xlabel="last number", ylabel="first number")
    return figure


def main(argv=None):
    """Train and evaluate as the article does, or with sums held out; return the exit status."""
    parser = common.argument_parser(__doc__, **SETTINGS)
    meaning = "percent of the sums to hold out"
    parser.add_argument("--hold-out", type=common.number(0, 90), default=0, metavar="P", help=meaning)
    args = parser.parse_args(argv)
    percent, args.hold_out = args.hold_out, args.hold_out or None  # None, so that 0 is not among the settings
    size = args.n_numbers, args.largest
    n_steps = args.n_examples // args.n_batch  # updates in each epoch
    keras.utils.set_random_seed(args.seed)
    rng = random.Random(args.seed)  # a separate generator, because Keras also draws from the global `random`

    # Data: new examples for each epoch, none of them a held-out sum
    try:
        is_held_out = common.hold_out(*size, percent, args.seed)
    except ValueError as error:
        parser.error(f"argument --hold-out: {error}")
    X, y = common.generate_data(args.n_epoch * args.n_examples, *size, ALPHABET, rng, skip=is_held_out)
    texts = {common.invert_encoding(seq, ALPHABET) for seq in X}  # read back: what the network will be trained on
    trained = [[int(term) for term in text.split("+")] for text in sorted(texts)]
    if any(map(is_held_out, trained)):
        raise ValueError("a held-out sum is in training")

    # Model
    model = build_model(X.shape[1], y.shape[1], len(ALPHABET))
    model.compile(
        optimizer=keras.optimizers.Adam(args.learning_rate),
        loss="categorical_crossentropy",
        metrics=["accuracy"],  # of single characters
        steps_per_execution=common.steps_per_execution(n_steps),
    )
    model.summary()

    # Training: the article's loop over epochs is one call here; each epoch reads the next n_steps batches of X
    with common.interruptible(model):
        model.fit(X, y, batch_size=args.n_batch, epochs=args.n_epoch, steps_per_epoch=n_steps, shuffle=False, verbose=2)

    # Evaluation: new examples, mostly sums that training has seen; with --hold-out, only sums that it has not seen
    if percent:
        terms = trained if args.largest**args.n_numbers <= 10_000 else rng.sample(trained, min(1000, len(trained)))
        sums = [sum(each) for each in terms]
        _, n_exact, _, n = common.scores(*answer(model, *encode(terms, sums, *size)))
        heading = f"Trained sums, exact: {n_exact} of {n} ({100 * n_exact / n:.2f} %)\nHeld-out sums:\n"
        terms, sums = common.sums_to_draw(*size, rng, 1000, skip=lambda each: not is_held_out(each))
    else:
        heading, (terms, sums) = "", common.random_sum_pairs(args.n_examples, *size, rng)
    expected, predicted = answer(model, *encode(terms, sums, *size))
    result = heading + common.report(expected, predicted)
    print(result)
    if not percent and args.n_numbers == 2 and len(trained) == args.largest**2:
        print(f"All {len(trained):,} pairs were in training. To keep some out: --hold-out 20")
    figure = picture(model, args, is_held_out, rng)
    return common.save_run("seq2seq_sum", args, model, result, figure, common.scores(expected, predicted))


if __name__ == "__main__":
    common.run(main)
