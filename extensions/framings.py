"""Does framing matter? The article's model and one budget on sums of two three-digit numbers; only the text changes.

    as the article pads     " 678+45" -> " 723"     padded on the left, read and written from the left
    terms padded            "678+ 45" -> " 723"     each term to three characters
    input reversed          "54+876 " -> " 723"     read from the right
    answer reversed         " 678+45" -> "327 "     written from the right, as one adds on paper
    all of these            "54 +876" -> "327 "
    digits interleaved      "5847 6"  -> "327 "     units of both terms, tens of both, hundreds of both
    padding masked          " 678+45" -> " 723"     as the article pads, but a Masking layer leaves out the spaces
    answer as long as input " 678+45" -> "    723"  the encoder returns sequences, nothing is repeated

A thousand pairs, in both orders, are held out of training. The picture shows the share of their answers that is exact,
against the seconds of training.
"""

import common
from extensions import expressions, training
from seq2seq_sum import ALPHABET

FRAMINGS = (
    "as the article pads",
    "terms padded",
    "input reversed",
    "answer reversed",
    "all of these",
    "digits interleaved",
    "padding masked",
    "answer as long as input",
)
REVERSED = ("answer reversed", "all of these", "digits interleaved")  # the answers of these


def write(framing, X, y, largest):
    """Write sums of two terms from 1 to `largest` as text in a framing.

    X: n pairs of whole numbers. y: their n sums. Returns two lists of n strings, each list of one width.

    >>> for framing in FRAMINGS:
    ...     print(framing, *write(framing, [[678, 45]], [723], 999))
    as the article pads [' 678+45'] [' 723']
    terms padded ['678+ 45'] [' 723']
    input reversed ['54+876 '] [' 723']
    answer reversed [' 678+45'] ['327 ']
    all of these ['54 +876'] ['327 ']
    digits interleaved ['5847 6'] ['327 ']
    padding masked [' 678+45'] [' 723']
    answer as long as input [' 678+45'] ['    723']
    """
    inputs, answers = common.to_string(X, y, 2, largest)
    padded = [[str(term).rjust(len(str(largest))) for term in terms] for terms in X]
    if framing in ("terms padded", "all of these"):
        inputs = ["+".join(terms) for terms in padded]
    if framing == "digits interleaved":
        inputs = ["".join(a + b for a, b in zip(*terms, strict=True))[::-1] for terms in padded]
    if framing in ("input reversed", "all of these"):
        inputs = [text[::-1] for text in inputs]
    if framing in REVERSED:
        answers = [text[::-1] for text in answers]
    if framing == "answer as long as input":
        answers = [text.rjust(len(inputs[0])) for text in answers]
    return inputs, answers


def build_model(framing, n_in, n_out, n_chars):
    """Build the article's encoder-decoder with what the framing changes in it; not compiled."""
    import keras
    from keras import layers

    article = training.article_layers(n_in, n_out, n_chars)
    if framing == "padding masked":
        article.insert(0, layers.Masking())  # leaves out each step that is all zeros
    if framing == "answer as long as input":
        article[:2] = [layers.LSTM(100, return_sequences=True, unroll=True)]  # in place of LSTM and RepeatVector
    return keras.Sequential([keras.Input((n_in, n_chars)), *article])


def encode(framing, pairs, largest):
    """Encode pairs of whole numbers and their sums as one-hot sequences in a framing."""
    texts = write(framing, pairs, [sum(pair) for pair in pairs], largest)
    X, y = common.one_hot_encode(*common.integer_encode(*texts, ALPHABET), len(ALPHABET))
    if framing == "padding masked":
        X[..., ALPHABET.index(" ")] = 0
    return X, y


def run(framing, args, seed):
    """Train the model on sums in a framing; evaluate it on pairs held out.

    Returns expected and predicted answers, a history, and a text if interrupted.
    """
    rng = common.set_seed(seed)

    # Data: with one seed the same sums for each framing. A thousand pairs, in both orders, are held out.
    trained, held_out = expressions.hold_out_pairs(args.largest, 1000, rng)
    held_out_sums = held_out + [pair[::-1] for pair in held_out]
    X, y = encode(framing, held_out_sums, args.largest)

    def draw(n):
        return encode(framing, expressions.draw_pairs(trained, n, rng), args.largest)

    # Model
    model = build_model(framing, X.shape[1], y.shape[1], len(ALPHABET))
    training.compile_with_schedule(model, 0.01, args)

    # Training: Keras evaluates the held-out sums after each epoch; nothing is chosen by them.
    counted = expressions.count_held_out(trained, held_out, name=lambda pair: tuple(sorted(pair)))
    print(f"\n{framing}, seed {seed}. {counted}")
    history, interrupted = common.train(model, draw, args.n_examples, args.n_batch, args.n_epoch, (X, y))

    # Evaluation
    expected = [common.invert_encoding(seq, ALPHABET) for seq in y]
    predicted = expressions.answers(model, X, ALPHABET)
    if framing in REVERSED:
        expected, predicted = ([text[::-1] for text in texts] for texts in (expected, predicted))
    return expected, predicted, history, interrupted


def seconds_until(share, history):
    """Tell when the held-out share was first reached: the seconds as text, or "never".

    >>> seconds_until(0.5, {"seconds": [3.0, 4.2, 5.0], "val_exact": [0.1, 0.5, 0.4]})
    '4.2'
    """
    reached = [s for s, value in zip(history["seconds"], history["val_exact"], strict=True) if value >= share]
    return f"{reached[0]:.1f}" if reached else "never"


def main(argv=None):
    """Train in each framing with each seed, compare on the held-out sums, and save; return the exit status."""
    limits = {"largest": (50, 2000)}
    parser = common.argument_parser(__doc__, limits, largest=999, n_examples=25_600, n_batch=256, n_epoch=20)
    training.add_n_seeds(parser)
    args = parser.parse_args(argv)
    histories, lines, interrupted = training.compare(lambda framing, seed: run(framing, args, seed), FRAMINGS, args)
    lines += ["", "Held-out answers exact, %: the mean of the seeds, and each seed; seconds of training until 99.9 %"]
    for framing in filter(histories.get, FRAMINGS):
        shares = [history["val_exact"] for history in histories[framing]]
        seconds = ", ".join(seconds_until(0.999, history) for history in histories[framing])
        lines.append(f"{framing:>23}: {training.mean_and_each(shares)}; {seconds}")
    result = "\n".join(lines)
    print(result)
    runs = {
        framing: [(history["seconds"], history["val_exact"]) for history in histories[framing]] for framing in FRAMINGS
    }
    title = f"framings: sums up to {args.largest}+{args.largest} that training never had {interrupted}"
    figure = training.picture(title, "seconds of training", runs)
    common.save(args.outputs, "framings", result, figure)
    return 130 if interrupted else 0


if __name__ == "__main__":
    raise SystemExit(main())
