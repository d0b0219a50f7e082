"""Why is the text network least sure of the smallest sums? Partly because they are drawn rarely.

In the picture of seq2seq_sum.py, the corner of the smallest sums is darkest. There are two possible causes. Answers
below 10 begin with a space. And the smallest sums are rare: only 1+1 makes 2, while ten pairs make 11. So we change one
thing at a time, and look at the corner again:

    as in the article       "  1+1" -> " 2"   every pair is drawn as often as any other
    no answer of one digit  "  1+1" -> "12"   10 is added to every answer, so that none begins with a space
    each sum as often       "  1+1" -> " 2"   2 is drawn as often as 11

Without the space, the corner stays dark. With every sum drawn equally often, it is among the lightest places. Rarity
does not explain everything, though: 20 is as rare as 2, and not dark. And a rare sum's pairs become more frequent, too.
"""

import random

import common
import seq2seq_sum
from extensions import experiments
from extensions.text import data
from seq2seq_sum import ALPHABET

import keras
import numpy as np

VARIANTS = ("as in the article", "no answer of one digit", "each sum as often")


def draw(variant, n, rng):
    """Draw n pairs of numbers from 1 to 10, a list of lists. Each pair, or each sum, is as likely as any other."""
    if variant != "each sum as often":
        return common.random_sum_pairs(n, 2, 10, rng)[0]
    totals = [rng.randint(2, 20) for _ in range(n)]
    firsts = [rng.randint(max(1, total - 10), min(10, total - 1)) for total in totals]
    return [[first, total - first] for first, total in zip(firsts, totals, strict=True)]


def encode(variant, pairs):
    """Return pairs and their answers one-hot, (n, 5, 12) and (n, 2, 12). One variant adds 10 to every answer."""
    extra = 10 if variant == "no answer of one digit" else 0
    texts = common.to_string(pairs, [sum(pair) + extra for pair in pairs], 2, 10)
    return data.encode_texts(*texts)


def main(argv=None):
    """Train each variant with each seed, and save; return the exit status."""
    parser = common.argument_parser(__doc__, n_examples=1000, n_batch=10, n_epoch=30, learning_rate=0.001)
    experiments.add_arguments(parser, search=False)
    args = parser.parse_args(argv)
    all_pairs, sums = common.sums_to_draw(2, 10, None)

    def run(variant, seed):
        keras.utils.set_random_seed(seed)
        X, y = encode(variant, draw(variant, args.n_epoch * args.n_examples, random.Random(seed)))
        model = seq2seq_sum.build_model(X.shape[1], y.shape[1], len(ALPHABET))
        experiments.fit(model, X, y, args, keras.optimizers.Adam(args.learning_rate))
        X, y = encode(variant, all_pairs)
        return (y * model.predict(X, batch_size=100, verbose=0)).sum(axis=2).prod(axis=1)  # of the right answer

    def report(results, folder):
        lines = ["Mean probability of the right answer, in %, by sum; the mean of the seeds"]
        lines.append(f"{'':>22}" + "".join(f"{total:>4}" for total in range(2, 21)))
        for variant, seeds in results.items():
            mean = 100 * np.mean(seeds, axis=0)  # of each pair
            means = [mean[np.equal(sums, total)].mean() for total in range(2, 21)]
            lines.append(f"{variant:>22}" + "".join(f"{value:4.0f}" for value in means))
        for variant, seeds in results.items():
            each = ", ".join(f"{100 * probabilities[np.less_equal(sums, 4)].mean():.1f}" for probabilities in seeds)
            lines.append(f"{variant:>22}, sums up to 4, of each seed: {each}")
        return lines, None

    _, status = experiments.run_each("small_sums", run, VARIANTS, report, args)
    return status


if __name__ == "__main__":
    common.run(main)
