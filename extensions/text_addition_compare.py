"""What makes text addition work at any length? One thing is left out at a time, and other networks get the same sums.

    two fingers              as in text_addition.py
    spread fingers           the same network, but in the tests, too, its fingers are spread over the characters
    no columns of nine       in training no more columns sum to 9 than by chance, so that carries seldom travel
    all lengths at once      no short sums first
    attention                the decoder of feedback_decoder.py looks where it likes at each step: no fingers
    article's layers         as in seq2seq_sum.py, in the framing that framings.py found best

All have the same number of updates on sums of the same kinds, of up to 6 digits. Each has the learning rate, of 0.004,
0.008 and 0.016, that did best with the seed 101 on 1,000 new sums each of 6 and of 20 digits (--search).
"""

import functools

import keras
import numpy as np
from matplotlib.figure import Figure

import common
import seq2seq_sum
from extensions.shared import column_problems, columns, decoder, fingers, lengths, training
from extensions.shared.fingers import ALPHABET

LEARNING_RATES = {
    "two fingers": 0.016,
    "spread fingers": 0.016,
    "no columns of nine": 0.016,
    "all lengths at once": 0.008,
    "attention": 0.008,
    "article's layers": 0.016,
}
KINDS = ("random", "carrying", "unequal")


def encode(name, X):
    """Write sums, columns (n, n_columns, 2), as text, and their answers: integers (n, n_in) and (n, n_out).

    The article's layers read it from the right, each term padded by itself; all write the answer from the right.

    >>> for name in ("two fingers", "article's layers"):
    ...     text, answers = encode(name, columns.from_text([("958", "67")], 3))
    ...     print(["".join(ALPHABET[i] for i in indices[0]) for indices in (text, answers)])
    ['  958+67=', '5201 ']
    ['=76  +859 ', '5201 ']
    """
    text, answers = fingers.encode(X)
    if name == "article's layers":
        terms = [[columns.to_text(number).rjust(X.shape[1]) for number in pair] for pair in X.transpose(0, 2, 1)]
        text, _ = common.integer_encode([f"{a}+{b}="[::-1] for a, b in terms], [""], ALPHABET)
    return text, answers


def build_model(name, n_in, n_out):
    """Build the network of this name for texts of n_in characters and answers of n_out; not compiled."""
    if name == "attention":
        return decoder.build_model(n_in, n_out, len(ALPHABET), attention=True)
    if name == "article's layers":
        return seq2seq_sum.build_model(n_in, n_out, len(ALPHABET))
    return fingers.build_model(n_in, n_out)


def inputs(name, text, answers, training=False):
    """Give the network what it reads: indices, or one-hot vectors, and for attention in training the answers, too."""
    one_hot = np.eye(len(ALPHABET), dtype=np.float32)
    if name == "attention":
        return [one_hot[text], one_hot[answers] * training]  # in a test it reads its own characters, see decoder.py
    return one_hot[text] if name == "article's layers" else text


def train(name, seed, learning_rate, args, n_steps):
    """Train the network of this name on sums of up to args.n_digits digits. Returns the model."""
    # Data
    keras.utils.set_random_seed(seed)
    most_nines, grow = float(name != "no columns of nine"), name != "all lengths at once"
    rng = np.random.default_rng(seed)
    X = fingers.draw(args.n_epoch * n_steps * args.n_batch, args.n_digits, rng, most_nines, grow)
    text, answers = encode(name, X)

    # Model
    model = build_model(name, text.shape[1], answers.shape[1])
    schedule = keras.optimizers.schedules.CosineDecay(learning_rate, args.n_epoch * n_steps)
    model.compile(
        keras.optimizers.Adam(schedule, clipnorm=1.0),
        loss="sparse_categorical_crossentropy",
        steps_per_execution=common.steps_per_execution(n_steps),
    )

    # Training
    model.fit(
        inputs(name, text, answers, training=True),
        answers,
        sample_weight=fingers.weigh(answers),
        batch_size=args.n_batch,
        epochs=args.n_epoch,
        steps_per_epoch=n_steps,
        shuffle=False,
        verbose=2,
    )
    return model


def predict(name, model, X):
    """Let the network answer sums of any length: integers (n, n_out), as `encode` writes the answers."""
    text, answers = encode(name, X)
    if name not in ("spread fingers", "attention", "article's layers"):
        return fingers.predict(model, text, answers.shape[1])
    longer = build_model(name, text.shape[1], answers.shape[1])
    longer.set_weights(model.get_weights())
    parts = [inputs(name, text[i : i + 1000], answers[i : i + 1000]) for i in range(0, len(X), 1000)]
    written = np.concatenate([longer.predict_on_batch(part) for part in parts]).argmax(axis=2)
    return fingers.end(written.T)


def picture(title, n_trained, runs):
    """Draw a field for each network, and in it for each seed the exact share of all sums against their digits."""
    figure = Figure(figsize=(9, 5), dpi=100, layout="constrained")
    figure.suptitle(title)
    fields = figure.subplots(2, 3, sharex=True, sharey=True)
    for field, (name, seeds) in zip(fields.flat, runs.items(), strict=False):
        for _, results, _ in seeds:
            field.semilogx(list(results), list(lengths.shares(results).values()), "o-", color="black", alpha=0.4)
        field.axvspan(0.8, n_trained + 0.5, color="lightgray")
        field.set(title=name, ylim=(-3, 103))
    figure.supxlabel("digits of the longer number (gray: in training)")
    figure.supylabel("sums exact (%)")
    return figure


def main(argv=None):
    """Train and test each network with each seed, and save; return the exit status."""
    parser = common.argument_parser(__doc__, n_examples=12_800, n_batch=128, n_epoch=40)
    training.add_arguments(parser)
    lengths.add_lengths(parser, 6, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 50, 100])
    args = parser.parse_args(argv)
    n_steps = args.n_examples // args.n_batch

    def validate(name, seed, learning_rate):
        model, shares = train(name, seed, learning_rate, args, n_steps), []
        for n_digits in (args.n_digits, 20):
            X = column_problems.draw_unequal(1000, n_digits, np.random.default_rng([seed, 2]))
            shares += [(predict(name, model, X) == fingers.encode(X)[1]).all(axis=1).mean()]
        return None, None, [np.mean(shares)]

    def widen(X):
        """Let no text be shorter than in training, where short sums are padded to the width of the longest."""
        return np.pad(X, ((0, 0), (0, max(0, args.n_digits + 1 - X.shape[1])), (0, 0)))

    def test(name, model, n_digits, rng):
        answer = functools.partial(predict, name, model)
        return lengths.evaluate(
            lambda X: answer(widen(X)), "+", n_digits, args.n_digits, rng, KINDS, lambda X: fingers.encode(widen(X))[1]
        )

    if args.search:
        return training.search("text_addition_compare", validate, LEARNING_RATES, args)
    runs, status = lengths.runs(
        lambda name, seed: train(name, seed, LEARNING_RATES[name], args, n_steps), test, LEARNING_RATES, args
    )
    if runs:
        lines = [lengths.settings(args), f"{'Exact, in %, of digits':>22}" + "".join(f"{n:>7}" for n in args.tested)]
        for name, seeds in runs.items():
            for _, results, _ in seeds:
                lines += [f"{name:>22}" + "".join(f"{share:7.2f}" for share in lengths.shares(results).values())]
        lines += [line for seeds in runs.values() for _, _, line in seeds]
        title = "Fingers, columns of nine and short sums first: what each is worth"
        training.finish("text_addition_compare", lines, runs, status, args, picture(title, args.n_digits, runs))
    return status


if __name__ == "__main__":
    common.run(main)
