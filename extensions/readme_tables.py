"""Do the tables in the READMEs match the runs? They are made from the transcripts in outputs/reference.

    python -m extensions.readme_tables            writes them into the READMEs
    python -m extensions.readme_tables --check    only says which of them are stale

In a README, a table stands between two lines, `<!-- table: NAME -->` and `<!-- end -->`; NAME is one of TABLES.
"""

import re
from pathlib import Path

import common
from extensions.text import framings

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "extensions/README.md", "extensions/text/README.md", "extensions/numbers/README.md")
MARKED = re.compile(r"(<!-- table: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def find(name, pattern):
    """Return the groups of every match of a pattern in the transcript of a reference; raise ValueError for none."""
    text = (ROOT / "outputs" / "reference" / name / "transcript.txt").read_text(encoding="utf-8")
    found = re.findall(pattern, text, re.MULTILINE)
    if not found:
        raise ValueError(f"the transcript of {name} has no line like {pattern}")
    return found


def table(heading, rows):
    """Return a table in Markdown, with a line break at its end. heading: a list of texts; rows: lists of them."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


ARTICLE = {  # what the network of each script reads, and what the article printed
    "lstm_sum_naive": ("two scaled numbers, one after the other", "RMSE 0.57"),
    "mlp_sum": ("two scaled numbers together", "RMSE 0.00"),
    "seq2seq_sum": ("a sum as text", "20 of 20 exact"),
}


def scripts():
    """Return a row for each of the three scripts: the article's result, that of seed 1, and those of seeds 1 to 20."""
    rows = []
    for name, (reads, article) in ARTICLE.items():
        [(rmse, n_exact, n)] = find(name, r"^RMSE: (\S+)\nExact: (\d+) of (\d+) ")
        of_seeds = find(f"repeats_{name}", r"^seed \d+: RMSE (\S+), exact .* \((\S+) %\)$")
        errors, percents = zip(*((float(error), float(percent)) for error, percent in of_seeds), strict=True)
        here, spread = f"RMSE {float(rmse):.2f}", f"RMSE {min(errors):.2f} to {max(errors):.2f}"
        if name == "seq2seq_sum":
            here, spread = f"{n_exact} of {n} exact", f"{min(percents):.1f} to {max(percents):.1f} % exact"
        rows.append([f"`python {name}.py`", reads, article, here, spread])
    return table(["command", "the network reads", "in the article", "here, seed 1", "here, seeds 1 to 20"], rows)


def four_framings():
    """Return a row for four of the framings: how 678+45 is written in it, and its exact match in %."""
    chosen = "as the article pads", "answer reversed", "padded, answer reversed", "padded and all reversed"
    exact = dict(find("framings", r"^ *(\S.*): \d+ of \d+, (\S+) % "))
    return table(["written", "exact"], [[framing(name), f"{float(exact[name]):.1f} %"] for name in chosen])


def comparison(name, label=lambda variant: variant):
    """Return a row for each variant of a comparison: its exact match in %, and that of each seed."""
    pattern = r"^ *(\S.*): \d+ of \d+, (\S+) % \(.*\)\n +([\d., ]+);"
    rows = [[label(variant), exact, each] for variant, exact, each in find(name, pattern)]
    return table(["variant", "exact, %", "each seed"], rows)


def framing(name):
    """Return the name of a framing, with 678+45 written in it."""
    [text], [answer] = framings.write(framings.FRAMINGS[name], [(678, 45)], 999)
    return f'{name}: `"{text}"` → `"{answer}"`'


def held_out_pairs():
    """Return a row for each largest number: its pairs, and exact match in % of trained and of held-out pairs."""
    pattern = r"^Numbers up to (\d+): (\S+) pairs in training, (\S+) held out\n"
    pattern += r".* in training, after .* of each seed: (.*)\n.* held out, after .* of each seed: (.*); mean .*\n"
    pattern += r".* in training, mean .* of each seed: (.*)\n.* held out, mean .* of each seed: (.*); mean (\S+)\n"
    rows = []
    for largest, n_trained, n_held_out, *early, trained, held_out, mean in find("held_out_pairs", pattern):
        rows.append([f"up to {largest}", n_trained, n_held_out, early[1], trained, held_out, mean])
    heading = [
        "numbers",
        "pairs trained",
        "held out",
        "held out, epoch 30",
        "trained, at the end",
        "held out, at the end",
    ]
    return table([*heading, "mean"], rows)


def short_sums():
    """Return a row for each way to draw: exact match in % of one-digit sums, and of held-out sums of each length."""
    rows = []
    for variant, lengths, one_digit in find(
        "short_sums", r"^(\S.*)\n((?:    length \d: .*\n)+)    length 1, trained or held out: \d+ of \d+, (\S+) %"
    ):
        counts = re.findall(r"(\d+) drawn; held out \d+ of \d+, (\S+) %", lengths)
        rows.append([variant, one_digit, *(f"{exact} ({n} drawn)" for n, exact in counts)])
    lengths = (f"{n} digit{'s' if n > 1 else ''}, held out" for n in range(1, len(counts) + 1))
    return table(["training draws", "all of 1 digit", *lengths], rows)


def small_sums():
    """Return a row for each variant: the mean probability in % of the right answer, for some of the sums."""
    rows = find("small_sums", r"^ *(\S.*\S)" + r" +(\d+)" * 19 + "$")
    totals = (2, 3, 4, 11, 20)
    rows = [[name, *(probabilities[total - 2] for total in totals)] for name, *probabilities in rows]
    return table(["", *(f"sum {total}" for total in totals)], rows)


def variable_terms():
    """Return a row for each number of terms: the exact answers of all seeds, and exact match in % with each seed."""
    pattern = r"^ *(\d terms.*): (\d+ of \d+), (\S+) % \(.*\); (.*)$"
    return table(["sums", "exact", "%", "each seed"], map(list, find("variable_terms", pattern)))


def scratchpad():
    """Return a row for expressions without and with brackets: exact match in %, with a scratchpad and directly."""
    rows = []
    for name, kind in ("scratchpad", "`+ - *`"), ("scratchpad_brackets", "the same, `--brackets`"):
        each = find(name, r"^(?:with a scratchpad|directly), .* of each seed: (.*)$")
        means = find(name, r"^Exact: \d+ of \d+, (\S+) %")
        rows.append([kind, *(text for pair in zip(means, each, strict=True) for text in pair)])
    return table(["expressions", "with a scratchpad, %", "each seed", "directly, %", "each seed"], rows)


def squares():
    """Return a row for each part that is held out: the RMSE of each model, the mean of the seeds."""
    rows = {}
    for held_out, rmse in find("squares", r"^(\w+ fifth of \w+), .* +\d+ +(\d\S+) \(.*$"):
        rows.setdefault(held_out, []).append(rmse)
    heading = ["held out, RMSE", "`Dense(1)`", "linear layers (article)", "ReLU layers", "best line (NumPy)"]
    return table(
        heading, [[f"a {held_out}".replace("a largest", "the largest"), *each] for held_out, each in rows.items()]
    )


def unlucky_starts():
    """Return a row for all starts, and for those on each side of zero: how many fail as drawn."""
    rows = find("unlucky_starts", r"^(.*), fail as drawn: (\d+ of \d+), (\S+) % \(95 % interval (.*)\)$")
    return table(["starts", "fail as drawn", "%", "95 % interval"], map(list, rows))


def exact_lstm():
    """Return a row for each variant of the naive LSTM: how many seeds are exact, and how many sums."""
    pattern = r"^ *(\S.*): (\d+ of \d+); [^;]*; ([^;]*); [\d.]+ s$"
    return table(["variant", "RMSE 0", "all sums exact, mean % (range)"], map(list, find("exact_lstm", pattern)))


def layer_sizes():
    """Return a row for each number of digits and size: exact match in % in each framing."""
    cells = {}
    for _, digits, units, exact in find("layer_sizes", r"^(.*), up to (\d) digits, (\d+) units: (.*) \(n = \d+\)$"):
        cells.setdefault((int(digits), int(units)), []).append(exact)
    rows = [[str(digits), str(units), *exact] for (digits, units), exact in sorted(cells.items())]
    return table(["digits", "units", "as the article pads, %", "answer reversed, %"], rows)


def repeats():
    """Return a row for each sweep: how many of the runs end with an RMSE of 0, and the mean and range of the RMSE."""
    rows = []
    for path in sorted((ROOT / "outputs" / "reference").glob("repeats_*")):
        [(mean, lowest, highest)] = find(path.name, r"^RMSE: mean (\S+), .* minimum (\S+), maximum (\S+)$")
        [count] = find(path.name, r"^RMSE 0: (\d+ of \d+)")
        arguments = re.sub(r"_([a-z-]+)_([\d.]+)", r" --\1 \2", path.name.removeprefix("repeats_"))
        rows.append([f"`python -m extensions.repeats {arguments}`", count, f"{mean} ({lowest} to {highest})"])
    return table(["command", "RMSE 0", "RMSE, mean (lowest to highest)"], rows)


TABLES = {  # a function for each, that returns the Markdown
    "scripts": scripts,
    "four_framings": four_framings,
    "held_out_pairs": held_out_pairs,
    "framings": lambda: comparison("framings", framing),
    "short_sums": short_sums,
    "small_sums": small_sums,
    "integer_encoding": lambda: comparison("integer_encoding"),
    "feedback_decoder": lambda: comparison("feedback_decoder"),
    "variable_terms": variable_terms,
    "scratchpad": scratchpad,
    "layer_sizes": layer_sizes,
    "squares": squares,
    "unlucky_starts": unlucky_starts,
    "exact_lstm": exact_lstm,
    "repeats": repeats,
}


def renew(text):
    """Return a README's text with each marked table made anew; raise ValueError for a name that is not in TABLES."""

    def write(match):
        start, name, _, end = match.groups()
        if name not in TABLES:
            raise ValueError(f"there is no table {name}; there are {', '.join(TABLES)}")
        return start + TABLES[name]() + end

    return MARKED.sub(write, text)


def stale(text):
    """Return the names of the marked tables in a README's text that are not those of the references."""
    return [match[2] for match in MARKED.finditer(text) if renew(match[0]) != match[0]]


def main(argv=None):
    """Write the tables, or check them; return the exit status."""
    parser = common.ArgumentParser(description=__doc__, formatter_class=common.HelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; status 1 if a table is stale")
    args = parser.parse_args(argv)
    n_stale = 0
    for name in READMES:
        text = (ROOT / name).read_text(encoding="utf-8")
        names = stale(text)
        n_stale += len(names)
        print(f"{name}: {len(MARKED.findall(text))} tables, {', '.join(names) or 'none'} stale")
        if names and not args.check:
            (ROOT / name).write_text(renew(text), encoding="utf-8")
    return int(args.check and n_stale > 0)


if __name__ == "__main__":
    common.run(main)
