"""Does it matter how a sum is written? The article's model and one budget on three-digit sums, written in twelve ways.

Three changes to the text, in all eight combinations: each term padded to three characters, so that every digit has its
place; the input reversed; the answer reversed, so that the units come first, as one adds on paper.
    as the article pads        " 678+45" -> " 723"     padded on the left, read and written from the left
    terms padded               "678+ 45" -> " 723"
    input reversed             "54+876 " -> " 723"
    padded, input reversed     "54 +876" -> " 723"
    answer reversed            " 678+45" -> "327 "
    padded, answer reversed    "678+ 45" -> "327 "
    input and answer reversed  "54+876 " -> "327 "
    padded and all reversed    "54 +876" -> "327 "
One more way to write the sum:
    digits interleaved         "5847 6"  -> "327 "     units of both terms, tens of both, hundreds of both
A change to the training:
    padding weight 0           " 678+45" -> " 723"     sample weights of 0 for the spaces of the answer
Two changes to the model:
    padding masked             " 678+45" -> " 723"     a Masking layer skips the spaces
    answer as long as input    " 678+45" -> "    723"  the encoder returns sequences, there is no RepeatVector

A thousand sums are held out for validation, and another thousand for the test. We compared learning rates of 0.004,
0.008 and 0.016 for each framing on the validation sums of seed 101 (--search), and each framing uses its best rate.
Does the article's way only need more time? --only-article --n-epoch 200 gives it ten times the updates.
"""

import functools
import typing

import common
import seq2seq_sum
from extensions import experiments
from extensions.text import data
from seq2seq_sum import ALPHABET

import keras
import numpy as np
from keras import layers
from matplotlib.figure import Figure


class Framing(typing.NamedTuple):
    """How sums are written and read. Fields left out follow the article."""

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
    "padded, input reversed": Framing(0.016, terms_padded=True, input_reversed=True),
    "answer reversed": Framing(0.016, answer_reversed=True),
    "padded, answer reversed": Framing(0.008, terms_padded=True, answer_reversed=True),
    "input and answer reversed": Framing(0.016, input_reversed=True, answer_reversed=True),
    "padded and all reversed": Framing(0.008, terms_padded=True, input_reversed=True, answer_reversed=True),
    "digits interleaved": Framing(0.008, interleaved=True, input_reversed=True, answer_reversed=True),
    "padding weight 0": Framing(0.008, padding_weight_0=True),
    "padding masked": Framing(0.016, masked=True),
    "answer as long as input": Framing(0.016, as_long_as_input=True),
}

ARTICLE = "as the article pads"
COMBINATIONS = {  # terms padded, input reversed, answer reversed -> the framing with just these
    framing[1:4]: name for name, framing in FRAMINGS.items() if not any(framing[4:])
}


def write(framing, pairs, largest):
    """Write pairs of numbers up to `largest` in a framing: two lists of n strings, each list of one width."""
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
    """Return the article's encoder-decoder, changed as the framing says; not compiled."""
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
    parser.add_argument("--only-article", action="store_true", help="only the article's framing")
    args = parser.parse_args(argv)
    problems = data.pairs(args.largest)

    def split(_, rng):
        return data.split(problems, 1000, rng)

    def report(results, folder):
        exact = {name: [run.exact for run in runs] for name, runs in results.items()}
        return experiments.table(results, args), None if args.only_article else picture(exact)

    names = [ARTICLE] if args.only_article else FRAMINGS
    variants = {name: variant(FRAMINGS[name], args.largest) for name in names}
    return experiments.compare("framings", variants, split, report, args)


def example(name):
    """Return how a framing writes 678+45=723: its input and its answer, in quotation marks."""
    [text], [answer] = write(FRAMINGS[name], [(678, 45)], 999)
    return f'"{text}"', f'"{answer}"'


def picture(exact):
    """Return a Figure: a square for each of the eight combinations, and below it a row for each other framing.

    exact: a dict of name -> exact match with each seed, in %.
    """
    means = {name: np.mean(values) for name, values in exact.items()}
    figure = Figure(figsize=(9, 6.4), dpi=100, layout="constrained")
    title = "Written as in the article, {:.1f} % are right; in the best of these eight ways, {:.1f} %"
    figure.suptitle(title.format(means[ARTICLE], max(means.get(name, 0) for name in COMBINATIONS.values())))
    above, below = figure.subfigures(2, 1, height_ratios=(3, 2))
    for axes, answer_reversed in zip(above.subplots(1, 2), (0, 1), strict=True):
        grid = np.full((2, 2), np.nan)
        for row, column in np.ndindex(2, 2):
            name = COMBINATIONS[row, column, answer_reversed]
            if name in means:
                grid[row, column] = means[name]
                place = {"ha": "center", "va": "center"}
                axes.text(column, row - 0.2, f"{means[name]:.1f} %", size=19, **place)
                axes.text(column, row + 0.05, ", ".join(f"{value:.1f}" for value in exact[name]), size=9, **place)
                text = "{} → {}".format(*example(name))
                axes.text(column, row + 0.28, text, family="monospace", size=10, **place)
        axes.imshow(grid, cmap="gray", vmin=-120, vmax=110, aspect="auto")
        axes.set_title("answer reversed: units first" if answer_reversed else "answer as it is: hundreds first")
        axes.set_xticks((0, 1), ("input as it is", "input reversed"))
        axes.set_yticks((0, 1), ("terms\nas they are", "terms\npadded"))
    others = {name: values for name, values in exact.items() if name not in COMBINATIONS.values()}
    axes = below.subplots()
    experiments.draw_dots(axes, others)
    labels = ["{}  {:9} → {:9}".format(name, *example(name)) for name in others]
    axes.set_yticks(range(len(labels)), labels, family="monospace", size=9)
    axes.set_xlabel("held-out sums right (%), each seed; above: mean, then each seed")
    axes.set_xlim(-3, 103)
    return figure


if __name__ == "__main__":
    common.run(main)
