"""Does framing matter? The article's model and one budget on sums of two three-digit numbers, written in nine ways.

Only the text changes:
    as the article pads      " 678+45" -> " 723"     padded on the left, read and written from the left
    terms padded             "678+ 45" -> " 723"     each term to three characters
    input reversed           "54+876 " -> " 723"     read from the right
    answer reversed          " 678+45" -> "327 "     written from the right, as one adds on paper
    padded and all reversed  "54 +876" -> "327 "     terms padded, then input and answer reversed
    digits interleaved       "5847 6"  -> "327 "     units of both terms, tens of both, hundreds of both
The training changes too:
    padding weight 0         " 678+45" -> " 723"     sample weights of 0 for the spaces of the answer
The model changes too:
    padding masked           " 678+45" -> " 723"     a Masking layer skips the spaces
    answer as long as input  " 678+45" -> "    723"  the encoder returns sequences, there is no RepeatVector

For validation and for the test, a thousand sums each are held out. Each framing has the learning rate, of 0.004, 0.008
and 0.016, with which it did best on validation sums of the seed 101 (--search).
"""

import functools
import typing

import common
import seq2seq_sum
from extensions import experiments
from extensions.text import data
from seq2seq_sum import ALPHABET

import keras
from keras import layers


class Framing(typing.NamedTuple):
    """How sums are written and read; where nothing is given, as in the article."""

    learning_rate: float
    terms_padded: bool = False
    input_reversed: bool = False
    answer_reversed: bool = False
    interleaved: bool = False
    padding_weight_0: bool = False
    masked: bool = False
    as_long_as_input: bool = False


FRAMINGS = {
    "as the article pads": Framing(0.016),
    "terms padded": Framing(0.016, terms_padded=True),
    "input reversed": Framing(0.008, input_reversed=True),
    "answer reversed": Framing(0.016, answer_reversed=True),
    "padded and all reversed": Framing(0.008, terms_padded=True, input_reversed=True, answer_reversed=True),
    "digits interleaved": Framing(0.008, interleaved=True, input_reversed=True, answer_reversed=True),
    "padding weight 0": Framing(0.008, padding_weight_0=True),
    "padding masked": Framing(0.016, masked=True),
    "answer as long as input": Framing(0.016, as_long_as_input=True),
}


def write(framing, pairs, largest):
    """Return pairs of numbers up to `largest` as text in a framing: two lists of n strings, each of one width."""
    inputs, answers = common.to_string(pairs, [sum(pair) for pair in pairs], 2, largest)
    padded = [[str(term).rjust(len(str(largest))) for term in pair] for pair in pairs]
    if framing.terms_padded:
        inputs = ["+".join(terms) for terms in padded]
    if framing.interleaved:
        inputs = ["".join(a + b for a, b in zip(*terms, strict=True)) for terms in padded]  # "678", " 45" -> "6 7485"
    if framing.input_reversed:
        inputs = [text[::-1] for text in inputs]
    if framing.answer_reversed:
        answers = [text[::-1] for text in answers]
    if framing.as_long_as_input:
        answers = [text.rjust(len(inputs[0])) for text in answers]
    return inputs, answers


def build_model(framing, n_in, n_out, n_chars):
    """Return the article's encoder-decoder with what the framing changes in it, not compiled."""
    model = seq2seq_sum.build_model(n_in, n_out, n_chars)
    inputs = keras.Input((n_in, n_chars))
    if framing.masked:
        return keras.Sequential([inputs, layers.Masking(), *model.layers])  # skips zeros: the spaces, see `variant`
    if framing.as_long_as_input:
        encoder = layers.LSTM(100, return_sequences=True, unroll=common.unroll(n_in))
        return keras.Sequential([inputs, encoder, *model.layers[2:]])  # without the encoder and the RepeatVector
    return model


def variant(framing, largest):
    """Return the experiments.Variant of a framing of numbers up to `largest`."""
    space = ALPHABET.index(" ")

    def encode(pairs):
        X, y = data.encode_texts(*write(framing, pairs, largest))
        if framing.masked:
            X[..., space] = 0
        return X, y

    def sample_weight(y):
        return 1 - y[..., space] if framing.padding_weight_0 else None  # 0 for each space

    build = functools.partial(build_model, framing)
    return experiments.Variant(framing.learning_rate, encode, build, sample_weight=sample_weight)


def main(argv=None):
    """Compare the framings on held-out sums, or search their learning rates; return the exit status."""
    settings = {"n_examples": 12_800, "largest": 999, "n_batch": 128, "n_epoch": 20}
    parser = common.argument_parser(__doc__, {"largest": (50, 2000)}, **settings)
    experiments.add_arguments(parser)
    args = parser.parse_args(argv)
    problems = data.pairs(args.largest)

    def split(_, rng):
        return data.split(problems, 1000, rng)

    def report(results, folder):
        title = f"Framings of held-out sums of two numbers up to {args.largest}"
        figure = experiments.comparison_picture(title, results, args)
        labels = []
        for name in results:
            [text], [answer] = write(FRAMINGS[name], [(678, 45)], 999)
            text, answer = f'"{text}"', f'"{answer}"'
            labels.append(f"{name}  {text:9} -> {answer:9}")
        figure.axes[0].set_yticks(range(len(labels)), labels, family="monospace", size=9)
        return experiments.table(results, args), figure

    variants = {name: variant(framing, args.largest) for name, framing in FRAMINGS.items()}
    return experiments.compare("framings", variants, split, report, args)


if __name__ == "__main__":
    common.run(main)
