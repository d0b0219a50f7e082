"""Can it subtract and multiply too? The article's extension: other operators, with the usual precedence.

Two or three terms from 1 to 10, joined by + - or *, become text, and so do the answers, from -99 to 1000:

    "  2-3*10" -> encoder LSTM -> (128,) -> repeated (4, 128) -> decoder LSTM -> (4, 14) probabilities -> " -28"

There are 9,300 expressions; a tenth of them is held out of training.
"""

import common
from extensions import expressions, training

ALPHABET = "0123456789+-* "


def build_model(n_in, n_out, n_chars, unroll=True):
    """Build an encoder-decoder as in seq2seq_sum.py, with wider layers; not compiled."""
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((n_in, n_chars)),  # (8, 14)
            layers.LSTM(128, unroll=unroll),  # (128,)
            layers.RepeatVector(n_out),  # (4, 128)
            layers.LSTM(128, return_sequences=True, unroll=unroll),  # (4, 128)
            layers.Dense(n_chars, activation="softmax"),  # (4, 14)
        ]
    )


def main(argv=None):
    """Train, evaluate on the held-out expressions, and save; return the exit status."""
    limits = {"largest": (2, 30)}
    parser = common.argument_parser(__doc__, limits, n_examples=32_000, largest=10, n_batch=64, n_epoch=30)
    args = parser.parse_args(argv)
    rng = common.set_seed(args.seed)

    # Data: a tenth of all expressions is held out. The hard ones are drawn more often.
    problems = [problem for n_numbers in (2, 3) for problem in expressions.expressions(n_numbers, args.largest, "+-*")]
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
    training.compile_with_schedule(model, 0.008, args, weight_decay=0.2, label_smoothing=0.05)
    summary = common.summary(model, args)
    print(summary)

    # Training: Keras evaluates the held-out expressions after each epoch; nothing is chosen by them.
    history, interrupted = common.train(
        model, draw, args.n_examples, args.n_batch, args.n_epoch, (X_held_out, y_held_out)
    )

    # Evaluation
    expected = [str(value).rjust(n_out) for _, value in held_out]
    predicted = expressions.answers(model, X_held_out, ALPHABET)
    result = f"{expressions.count_held_out(trained, held_out)}\n{common.report(expected, predicted, interrupted)}"
    print(result)
    title = f"variable_operators: held-out expressions such as 2-3*10 {interrupted}"
    figure = common.picture(title, history, "cross-entropy (nats per character)", expected, predicted)
    common.save(args.outputs, "variable_operators", f"{summary}\n{result}", figure, model)
    return 130 if interrupted else 0


if __name__ == "__main__":
    raise SystemExit(main())
