"""Can a network subtract and multiply too, and use brackets? Yes, if it may write down and reread the first step.

The expressions have two or three numbers from 1 to 10, joined by + - or *. With --brackets, any two neighbours may be
in brackets. With a scratchpad, the network writes the expression with its first step done, and reads what it wrote.
Then it writes the answer. Without one, it writes the answer directly. The answer is written with the units first:

    with a scratchpad   3+7*8 -> 3+56 -> 95   (2-3)*10 -> -1*10 -> 01-      directly   3+7*8 -> 95   (2-3)*10 -> 01-

There are 9,300 expressions, or 27,300 with brackets. A tenth is held out for validation, and another tenth for the
test. An expression is held out together with all that equal it: terms or factors in another order, redundant brackets.
Some second steps, such as 72*9, are not expressions of the list. Both variants practise these as well.

The search compared learning rates of 0.004, 0.008 and 0.016, and two-number expressions as 25 or 70 % of the examples,
for both variants, on validation expressions of seed 101 with half the updates (--search --n-epoch 10). Everything else
was chosen with the scratchpad. Scratchpads are from Nye et al. 2021, reversed answers from Lee et al. 2023.
"""

import functools
import itertools
import re

import common
import seq2seq_sum
from extensions import experiments
from extensions.text import data

from matplotlib.figure import Figure

ALPHABET = "0123456789+-*() "
LEARNING_RATE = 0.016
SHARES = {"with a scratchpad": 0.7, "directly": 0.25}  # how many of the training examples have two numbers


def drills(largest):
    """Return the second steps that are not expressions of the list themselves: a list of (text, value).

    A second step joins the result of a first step to a number: 8*9 is 72, which leads to 72*9 and 9*72. No first step
    has the result 71. Results from 1 to `largest` are left out, because 6*9 is an expression of the list.
    """
    results = {value for _, value in data.expressions(2, largest)} - set(range(1, largest + 1))
    texts = []
    for result, number, operator in itertools.product(sorted(results), range(1, largest + 1), "+-*"):
        texts += [f"{result}{operator}{number}", f"{number}{operator}{result}"]
    return [(text, data.evaluate(data.parse(text))) for text in texts]


def draw(training, is_held_out, rng, n, largest, share):
    """Draw n problems to train on, a list of (text, value). share: how many have two numbers; drills are among them."""
    two = [problem for problem in training if data.first_step(problem[0]) == problem[0]]
    two += [problem for problem in drills(largest) if not is_held_out(problem)]
    three = [problem for problem in training if data.first_step(problem[0]) != problem[0]]
    weights = [share / len(two)] * len(two) + [(1 - share) / len(three)] * len(three)
    return rng.choices(two + three, weights, k=n)


def answer_text(problem):
    """Return the answer with its units first, such as "82-" for ("2-30", -28)."""
    return str(problem[1])[::-1]


def next_text(problem):
    """Return what to write: three numbers with the first step done; for two, the answer with its units first.

    >>> next_text(("3+7*8", 59)), next_text(("3+56", 59))
    ('3+56', '95')
    """
    text, _ = problem
    rest = data.first_step(text)
    return answer_text(problem) if rest == text else rest


def encode(texts, answers, n_in, n_out):
    """Pad texts on the left and answers on the right; return them one-hot, two arrays (n, steps, 16)."""
    texts, answers = [text.rjust(n_in) for text in texts], [answer.ljust(n_out) for answer in answers]
    return data.encode_texts(texts, answers, ALPHABET)


def read(model, texts):
    """Return what the network writes for each text. Texts that are too wide are cut."""
    n_in = model.input_shape[1]
    X, _ = encode([text[:n_in] for text in texts], [""] * len(texts), n_in, 1)
    written = model.predict(X, batch_size=1000, verbose=0)
    return [common.invert_encoding(seq, ALPHABET).strip() for seq in written]


def answer(model, problems):
    """Return the answers to problems. Where the network writes something other than a number, it reads that again."""
    written = read(model, [text for text, _ in problems])
    answers = []
    for first, second in zip(written, read(model, written), strict=True):
        last = first if re.fullmatch("[0-9]+-?", first) else second
        answers.append(last[::-1])
    return answers


def variant(name, share, problems, largest):
    """Return the experiments.Variant for a name in SHARES and expressions of numbers up to `largest`."""
    write = next_text if name == "with a scratchpad" else answer_text
    known = problems + drills(largest)
    n_in, n_out = max(len(text) for text, _ in known), max(len(next_text(problem)) for problem in known)

    def encode_problems(problems):
        return encode([text for text, _ in problems], [write(problem) for problem in problems], n_in, n_out)

    return experiments.Variant(
        LEARNING_RATE,
        encode_problems,
        build=functools.partial(seq2seq_sum.build_model, units=(128, 128)),
        draw=functools.partial(draw, largest=largest, share=share),
        answer=answer,
        weight_decay=0.1,
        label_smoothing=0.05,
    )


def main(argv=None):
    """Train with and without a scratchpad, compare on the test expressions, and save; return the exit status."""
    settings = {"n_examples": 16_000, "largest": 10, "n_batch": 32, "n_epoch": 20}
    parser = common.argument_parser(__doc__, {"largest": (2, 30)}, **settings)
    experiments.add_arguments(parser)
    parser.add_argument("--brackets", action="store_true", help="allow brackets around any two neighbours")
    args = parser.parse_args(argv)
    problems = data.expressions(2, args.largest) + data.expressions(3, args.largest, brackets=args.brackets)

    def split(_, rng):
        return data.split(problems, len(problems) // 10, rng)

    variants = {name: variant(name, share, problems, args.largest) for name, share in SHARES.items()}
    if args.search:
        variants = {}
        for name, share in itertools.product(SHARES, (0.25, 0.7)):
            variants[f"{name}, {share:.0%} two numbers"] = variant(name, share, problems, args.largest)
    script = "scratchpad_brackets" if args.brackets else "scratchpad"
    return experiments.compare(script, variants, split, report, args)


def report(results, folder):
    """Return lines that compare the variants overall and by kind, and a Figure. results: a dict of name -> Runs."""
    lines, by_kind = [], {}
    for name, runs in results.items():
        problems, expected, predicted = experiments.pool(runs)
        each = experiments.listed(run.exact for run in runs)
        lines += [f"{name}, test problems of all seeds; exact in % of each seed: {each}"]
        lines += [experiments.report(expected, predicted)]
        if name == "with a scratchpad":
            first = []
            for run in runs:
                first += read(run.model, [text for text, _ in run.problems])
            n_first = experiments.count_exact([next_text(problem) for problem in problems], first)
            lines += [f"First text right: {experiments.percentage(n_first, len(problems))}"]
        kinds = [re.sub("[0-9]+", "n", text) for text, _ in problems]  # "n+n*n"
        by_kind[name] = experiments.count_by_kind(kinds, expected, predicted)
    kinds = {kind for counts in by_kind.values() for kind in counts}
    kinds = sorted(kinds, key=lambda kind: (len(kind), kind))
    for kind in kinds:
        counts = {name: counts[kind] for name, counts in by_kind.items() if kind in counts}
        lines.append(f"{kind:>9}: " + ", ".join(f"{name} {n_exact} of {n}" for name, (n_exact, n) in counts.items()))
    return lines, picture(kinds, by_kind)


def picture(kinds, by_kind):
    """Return a Figure with a row for each kind of expression: a dot with a scratchpad, a ring without.

    by_kind: a dict of name -> kind -> (n_exact, n).
    """
    figure = Figure(figsize=(9, 1.5 + 0.2 * len(kinds)), dpi=100, layout="constrained")
    axes = figure.subplots()
    lowest = []
    for name, counts in by_kind.items():
        rows = [row for row, kind in enumerate(kinds) if kind in counts]
        exact = [100 * counts[kinds[row]][0] / counts[kinds[row]][1] for row in rows]
        lowest.append(min(exact))
        fill = "full" if name == "with a scratchpad" else "none"
        axes.plot(exact, rows, "o", color="black", fillstyle=fill, label=name)
    axes.set_yticks(range(len(kinds)), kinds)
    axes.invert_yaxis()
    axes.set_title(f"The lowest kind with a scratchpad: {lowest[0]:.0f} % exact; directly: {lowest[-1]:.0f} %")
    axes.set_xlabel("test expressions exact (%), all seeds together")
    axes.legend(loc="lower left")
    axes.grid(alpha=0.3)
    return figure


if __name__ == "__main__":
    common.run(main)
