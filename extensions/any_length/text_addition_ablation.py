"""What makes text addition work at any length? One thing is left out at a time, and other networks get the same sums.

    two fingers            as in text_addition.py, each on one character in the tests, the state not rounded
    spread fingers         the same network, but in the tests, too, its fingers are spread over the characters
    no short sums first    all lengths at once
    attention              the decoder looks where it likes at each step, and reads what it has written: no fingers
    article's layers       as in seq2seq_sum.py; it reads each term padded by itself, and all of it from the right

All write the units first, and have as many updates on sums of the same kinds, of up to 6 digits. A network that has
fingers is also put to the proof: its table, whose state is rounded.
"""

import typing

import common
import seq2seq_sum
from extensions import experiments
from extensions.any_length import automaton, columns, text_addition

import keras
import numpy as np
from keras import layers, ops
from matplotlib.figure import Figure

N_CHARS = len(text_addition.ALPHABET)
ADD = columns.OPERATIONS["add"]


def build_attention(n_in, n_out):
    """Return an encoder and a decoder with attention. It reads the answer (n, n_out), or its own where that is -1."""
    text, answer = keras.Input((n_in,), dtype="int32"), keras.Input((n_out,), dtype="int32")
    encode = layers.LSTM(100, return_sequences=True, return_state=True, unroll=common.unroll(n_in))
    decode, attend = layers.LSTMCell(100), layers.AdditiveAttention()
    to_probabilities = layers.Dense(N_CHARS, activation="softmax")
    sequence, *states = encode(ops.one_hot(text, N_CHARS))  # (15, 100), 2 (100,)
    read = ops.zeros_like(sequence[:, 0, :N_CHARS])
    written = []
    for i in range(n_out):
        output, states = decode(read, states)  # (100,)
        context = attend([ops.expand_dims(output, 1), sequence])[:, 0]  # (100,) what the encoder saw, weighed
        written.append(to_probabilities(ops.concatenate([output, context], axis=-1)))  # (13,)
        own = ops.cast(ops.argmax(written[-1], axis=-1), "int32")
        read = ops.one_hot(ops.where(answer[:, i] < 0, own, answer[:, i]), N_CHARS)
    return keras.Model([text, answer], ops.stack(written, axis=1))  # (8, 13)


def build_article(n_in, n_out):
    """Return the article's layers behind one-hot characters."""
    one_hot = layers.Embedding(N_CHARS, N_CHARS, embeddings_initializer="identity", trainable=False)
    article = seq2seq_sum.build_model(n_in, n_out, N_CHARS)
    return keras.Sequential([keras.Input((n_in,), dtype="int32"), one_hot, *article.layers])


class Variant(typing.NamedTuple):
    """What the ablation varies."""

    learning_rate: float
    build: typing.Callable = text_addition.build_model
    spread: bool = False  # the fingers are spread in the tests, too
    grow: bool = True  # short sums first
    from_the_right: bool = False


# The learning rates were chosen once, with the seed 101 and 1,000 new sums each of 6 and of 20 digits. What was exact,
# in %, with 0.004, 0.008 and 0.016 stands behind each.
VARIANTS = {
    "two fingers": Variant(0.016),  # 100.00, 100.00, 100.00
    "spread fingers": Variant(0.016, spread=True),  # 83.85, 99.15, 99.95
    "no short sums first": Variant(0.008, grow=False),  # 0.00, 0.10, 0.05
    "attention": Variant(0.008, build_attention),  # 17.55, 18.60, 14.60
    "article's layers": Variant(0.016, build_article, from_the_right=True),  # 7.05, 7.90, 12.20
}


def encode(pairs, n_digits, from_the_right=False):
    """Return sums and answers as text_addition encodes them, or the text from the right, each term padded by itself."""
    text, answers = text_addition.encode(pairs, n_digits)
    if from_the_right:
        texts = [f"{a:>{n_digits + 1}}+{b:>{n_digits}}="[::-1] for a, b in pairs]
        text, _ = common.integer_encode(texts, [""], text_addition.ALPHABET)
    return text, answers


def train(variant, seed, args):
    """Return the model of a variant, trained on sums of up to args.n_digits digits."""
    keras.utils.set_random_seed(seed)
    n_sums = args.n_epoch * args.n_examples
    pairs = text_addition.draw(n_sums, args.n_digits, np.random.default_rng(seed), variant.grow)
    text, answers = encode(pairs, args.n_digits, variant.from_the_right)
    model = variant.build(text.shape[1], answers.shape[1])
    schedule = keras.optimizers.schedules.CosineDecay(variant.learning_rate, n_sums // args.n_batch)
    optimizer = keras.optimizers.Adam(schedule, clipnorm=1.0)
    X = [text, answers] if len(model.inputs) > 1 else text
    counts = np.cumsum(answers == text_addition.BLANK, axis=1) <= 1  # nothing counts behind the first blank
    loss = "sparse_categorical_crossentropy"
    experiments.fit(model, X, answers, args, optimizer, sample_weight=counts, loss=loss)
    return model


def draw_tests(n_digits, rng):
    """Return 500 sums of a number of n_digits digits and one not longer, many of which carry far: pairs of ints."""
    X = columns.draw(ADD, 500, n_digits, rng)[:, :n_digits]
    X[:, -1, 0] = rng.integers(1, 10, 500)
    X[np.arange(n_digits) >= rng.integers(1, 2 * n_digits, (500, 1)), 1] = 0
    pairs = []
    for symbols in columns.to_symbols(X).tolist():
        a, b = columns.to_problem(ADD, symbols)
        pairs.append((int(a), int(b)) if rng.choice((-1, 1)) == 1 else (int(b), int(a)))
    return pairs


def percentage_exact(variant, model, pairs, n_digits):
    """Return how many sums are exact, in %. n_digits: of the longest number in the tests or in training."""
    if variant.build is text_addition.build_model and not variant.spread:
        step, adder, _ = text_addition.take_apart(model)
        _, written = automaton.collect(step, np.zeros(32), text_addition.to_symbols(adder, pairs))
    else:
        text, answers = encode(pairs, n_digits, variant.from_the_right)
        longer = variant.build(text.shape[1], answers.shape[1])
        longer.set_weights(model.get_weights())
        X = [text, np.full_like(answers, -1)]
        written = ops.convert_to_numpy(longer(X if len(model.inputs) > 1 else text)).argmax(axis=2)
    answers = [text_addition.to_answer(row) for row in written]
    return 100 * experiments.count_exact([str(a + b) for a, b in pairs], answers) / len(pairs)


def picture(results, tested, n_trained):
    """Return a matplotlib Figure: a field for each variant, in it for each seed what is exact against the digits."""
    figure = Figure(figsize=(9, 3), dpi=100, layout="constrained")
    figure.suptitle("In this budget, only the fingers learn six digits; set on one character each, they go on to 100")
    fields = figure.subplots(1, len(results), sharey=True, squeeze=False)[0]
    for field, (name, seeds) in zip(fields, results.items(), strict=True):
        for shares in seeds:
            field.semilogx(tested, shares, "o-", color="black", alpha=0.4, markersize=4)
        field.axvspan(0.8, n_trained + 0.5, color="gainsboro")
        field.set_title(name, size=10)
        field.set(ylim=(-3, 103), xlim=(0.8, 1.2 * max(tested)), xticks=(1, 10, 100), xticklabels=(1, 10, 100))
    figure.supxlabel("digits of the longer number (grey: in training)")
    figure.supylabel("sums exact (%)")
    return figure


def main(argv=None):
    """Train and test each variant with each seed, and save; return the exit status."""
    parser = common.argument_parser(__doc__, n_examples=12_800, n_batch=128, n_epoch=40)
    parser.add_argument("--n-digits", type=common.number(1, 17), default=6, metavar="N", help="most in training")
    experiments.add_arguments(parser, n_seeds=2, search=False)
    tested = [1, 2, 3, 4, 5, 6, 7, 8, 10, 20, 50, 100]
    parser.add_argument("--tested", nargs="+", type=common.number(1, 1000), default=tested, metavar="N", help="digits")
    args = parser.parse_args(argv)
    lines = [f"{'Exact, in %, of digits':>25}" + "".join(f"{n:>6}" for n in args.tested)]

    def run(name, seed):
        variant, rng, exact = VARIANTS[name], np.random.default_rng([seed, 1]), []
        model = train(variant, seed, args)
        for n_digits in args.tested:
            pairs = draw_tests(n_digits, rng)
            exact.append(percentage_exact(variant, model, pairs, max(n_digits, args.n_digits)))
        told = [f"{f'{name}, seed {seed}':>25}" + "".join(f"{value:6.1f}" for value in exact)]
        if variant.build is text_addition.build_model:
            adder, *_ = text_addition.round_off(model, rng)
            _, line, _ = text_addition.prove(adder)
            told.append(f"{'':25}  {line}")
        lines.extend(told)
        return exact

    def report(results):
        return lines, picture(results, args.tested, args.n_digits)

    return experiments.run_each("text_addition_ablation", run, VARIANTS, report, args)


if __name__ == "__main__":
    common.run(main)
