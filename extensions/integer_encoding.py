"""Why one-hot vectors? The article's extension: whole numbers for the characters, scaled or embedded.

The task, the model and the updates are the same, sums of two numbers up to 99 as text; only what is done with the
whole numbers that stand for the characters, (5,) for each sum, before the article's model reads them differs:

    one-hot vectors  -> (5, 12)      a place of its own for each character
    scaled integers  -> (5, 1)       "0" is 0, "1" is 0.09, ... " " is 1
    embedding        -> (5, 12)      twelve learned numbers for each character

A tenth of all pairs, in both orders, is held out of training, another tenth for each seed.
"""

import math

import common
from extensions import expressions, training
from seq2seq_sum import ALPHABET

ENCODINGS = ("one-hot vectors", "scaled integers", "embedding")


def build_model(encoding, n_in, n_out, n_chars):
    """Build the article's encoder-decoder behind layers that encode whole numbers; not compiled.

    encoding: one of ENCODINGS. The model reads n_in whole numbers from 0 to n_chars - 1, and writes n_out vectors.
    """
    import keras
    from keras import layers

    first_layers = {
        "one-hot vectors": [layers.CategoryEncoding(n_chars, output_mode="one_hot")],  # (5, 12)
        "scaled integers": [layers.Rescaling(1 / (n_chars - 1)), layers.Reshape((n_in, 1))],  # (5, 1)
        "embedding": [layers.Embedding(n_chars, n_chars)],  # (5, 12)
    }
    article = training.article_layers(n_in, n_out, n_chars)
    return keras.Sequential([keras.Input((n_in,), dtype="int32"), *first_layers[encoding], *article])


def run(encoding, problems, args, seed):
    """Train on nine tenths of the problems, evaluate on the others.

    Returns expected and predicted answers of the held-out problems, Keras's history, and a text if interrupted.
    """
    rng = common.set_seed(seed)

    # Data: with one seed the same for each encoding. The model reads the whole numbers that the vectors stand for.
    trained, held_out = expressions.hold_out(problems, max(1, len(problems) // 10), rng)
    n_in, n_out = expressions.widths(problems)
    X, y = expressions.encode(trained, n_in, n_out, ALPHABET)
    X_held_out, y_held_out = expressions.encode(held_out, n_in, n_out, ALPHABET)
    X, X_held_out = X.argmax(axis=-1), X_held_out.argmax(axis=-1)

    def draw(n):
        chosen = rng.choices(range(len(trained)), k=n)
        return X[chosen], y[chosen]

    # Model
    model = build_model(encoding, n_in, n_out, len(ALPHABET))
    training.compile_with_schedule(model, 0.004, args)

    # Training: Keras evaluates the held-out sums after each epoch; nothing is chosen by them.
    print(f"\n{encoding}, seed {seed}. {expressions.count_held_out(trained, held_out)}")
    history, interrupted = common.train(
        model, draw, args.n_examples, args.n_batch, args.n_epoch, (X_held_out, y_held_out)
    )

    # Evaluation
    expected = [str(value).rjust(n_out) for _, value in held_out]
    return expected, expressions.answers(model, X_held_out, ALPHABET), history, interrupted


def main(argv=None):
    """Train each encoding with each seed, compare them on the held-out sums, and save; return the exit status."""
    limits = {"largest": (2, 200)}
    parser = common.argument_parser(__doc__, limits, n_examples=4800, largest=99, n_batch=32, n_epoch=32)
    training.add_n_seeds(parser)
    args = parser.parse_args(argv)
    problems = expressions.expressions(2, args.largest)
    histories, lines, interrupted = training.compare(
        lambda encoding, seed: run(encoding, problems, args, seed), ENCODINGS, args
    )
    shares = {encoding: [history["val_exact"] for history in histories[encoding]] for encoding in ENCODINGS}
    lines += ["", "Held-out answers exact, %: the mean of the seeds, and each seed"]
    lines += [
        f"{encoding:>15}: {training.mean_and_each(shares[encoding])}" for encoding in filter(shares.get, ENCODINGS)
    ]
    result = "\n".join(lines)
    print(result)
    n_updates = math.ceil(args.n_examples / args.n_batch)
    runs = {
        encoding: [(range(n_updates, n_updates * len(share) + 1, n_updates), share) for share in shares[encoding]]
        for encoding in ENCODINGS
    }
    title = f"integer_encoding: sums up to {args.largest}+{args.largest} that training never had {interrupted}"
    figure = training.picture(title, "updates of the weights", runs)
    common.save(args.outputs, "integer_encoding", result, figure)
    return 130 if interrupted else 0


if __name__ == "__main__":
    raise SystemExit(main())
