"""Can one network add two, three or four terms? The article's extension: a variable number of terms.

Sums have two to four terms from 1 to 10. All are padded to the length that five terms need:

    "     3+10+1+7" -> encoder LSTM -> (100,) -> repeated (2, 100) -> decoder LSTM -> (2, 12) probabilities -> "21"

There are 11,100 sums. A tenth is held out for validation, and another tenth for the test, always in all orders of the
terms. At the end the network reads sums of five terms, which it has never seen. Of the learning rates 0.004, 0.008 and
0.016, we use the one that did best on validation sums of seed 101 (--search). Most sums have four terms, or a value
near 20. The rarer ones are drawn more often. We found the rule for that on other splits.
"""

import collections

import common
from extensions import experiments
from extensions.text import data

import numpy as np
from matplotlib.figure import Figure

LEARNING_RATE = 0.008
FIVE = "5 terms, sum "


def draw(training, is_held_out, rng, n):
    """Draw n sums to train on. Weights: 1 / sqrt(number of sums with this value * number with as many terms)."""
    values = collections.Counter(value for _, value in training)
    lengths = collections.Counter(text.count("+") for text, _ in training)
    weights = [(values[value] * lengths[text.count("+")]) ** -0.5 for text, value in training]
    return rng.choices(training, weights, k=n)


def main(argv=None):
    """Train, evaluate on the held-out sums and on sums of five terms, and save; return the exit status."""
    settings = {"n_examples": 10_000, "largest": 10, "n_batch": 50, "n_epoch": 50}
    parser = common.argument_parser(__doc__, {"largest": (2, 20)}, **settings)
    experiments.add_arguments(parser)
    args = parser.parse_args(argv)
    n_in, n_out = common.sequence_lengths(5, args.largest)
    largest_trained = 4 * args.largest
    problems = []
    for n_numbers in (2, 3, 4):
        problems += data.expressions(n_numbers, args.largest, "+")

    def split(_, rng):
        return data.split(problems, len(problems) // 10, rng)

    def encode(sums):
        return data.encode_texts([text.rjust(n_in) for text, _ in sums], [str(total).rjust(n_out) for _, total in sums])

    variant = experiments.Variant(LEARNING_RATE, encode, draw=draw)

    def report(results, folder):
        lines, counts = experiments.table(results, args), []
        for run in results["two to four terms"]:
            X, y = common.random_sum_pairs(1000, 5, args.largest, run.rng)
            five = [("+".join(map(str, terms)), total) for terms, total in zip(X, y, strict=True)]
            expected, predicted = experiments.answer(variant, run.model, five)
            kinds = [f"{text.count('+') + 1} terms" for text, _ in run.problems]
            kinds += [f"{FIVE}{'up to' if total <= largest_trained else 'above'} {largest_trained}" for total in y]
            counts.append(experiments.count_by_kind(kinds, run.expected + expected, run.predicted + predicted))
        exact = {}
        for kind in (
            "2 terms",
            "3 terms",
            "4 terms",
            f"{FIVE}up to {largest_trained}",
            f"{FIVE}above {largest_trained}",
        ):
            of_seeds = [count[kind] for count in counts if kind in count]
            if of_seeds:  # with few sums, a kind may be missing
                exact[kind] = [100 * n_exact / n for n_exact, n in of_seeds]
                n_exact, n = np.sum(of_seeds, axis=0)
                share = experiments.percentage(n_exact, n)
                lines.append(f"{kind:>24}: {share}; {experiments.listed(exact[kind])}")
        return lines, picture(exact)

    return experiments.compare("variable_terms", {"two to four terms": variant}, split, report, args)


def picture(exact):
    """Return a Figure: a row for each kind of sum, a dot for each seed.

    exact: a dict of kind -> exact match with each seed, in %.
    """
    figure = Figure(figsize=(9, 3), dpi=100, layout="constrained")
    axes = figure.subplots()
    experiments.draw_dots(axes, exact)
    five = [f"{np.mean(exact[kind]):.1f} % {kind[len(FIVE) :]}" for kind in exact if kind.startswith(FIVE)]
    axes.set(title=f"Sums of five terms, never trained on; exact: {', '.join(five)}", xlim=(-3, 103))
    axes.set_xlabel("exact match on sums that were not in training (%), a dot for each seed")
    return figure


if __name__ == "__main__":
    common.run(main)
