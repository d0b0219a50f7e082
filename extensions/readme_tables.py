"""Are the tables of the READMEs those of the runs? They are made from the transcripts in outputs/reference.

    python -m extensions.readme_tables            writes them into the READMEs
    python -m extensions.readme_tables --check    only says which of them are stale

In a README, a table stands between two lines, `<!-- table: NAME -->` and `<!-- end -->`; NAME is one of TABLES.
"""

import re
from pathlib import Path

import common
from extensions.text import framings

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "extensions/README.md")
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


def scripts():
    """Return a row for each of the three scripts: with the seed 1, and with the seeds 1 to 20."""
    rows = []
    for name in ("lstm_sum_naive", "mlp_sum", "seq2seq_sum"):
        [(rmse, n_exact, n)] = find(name, r"^RMSE: (\S+)\nExact: (\d+) of (\d+) ")
        [(lowest, highest)] = find(f"repeats_{name}", r"^RMSE: .* minimum (\S+), maximum (\S+)$")
        [(n_all_exact, n_runs)] = find(f"repeats_{name}", r"^RMSE 0: (\d+) of (\d+)")
        spread = f"{float(lowest):.2f} to {float(highest):.2f}, 0 with {n_all_exact} of {n_runs}"
        rows.append([f"`python {name}.py`", f"{float(rmse):.2f}", f"{n_exact} of {n}", spread])
    return table(["command", "RMSE, seed 1", "exact, seed 1", "RMSE, seeds 1 to 20"], rows)


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
    """Return a row for each largest number: how many trained and held-out pairs are exact, with each seed."""
    numbers = find("held_out_pairs", r"^Numbers up to (\d+), .* after (\d+) epochs$")
    each = find("held_out_pairs", r"^after (\d+) epochs, (in training|held out), exact, % of each seed: (.*)$")
    heading = ["numbers", *(f"{which}, after {n_epoch} epochs" for n_epoch, which, _ in each[:4])]
    rows = [
        [f"up to {largest}", *(row[2] for row in each[4 * i : 4 * i + 4])] for i, (largest, _) in enumerate(numbers)
    ]
    return table(heading, rows)


def exact_lstm():
    """Return a row for each variant of the naive LSTM: how many seeds are exact, and how many sums."""
    pattern = r"^ *(\S.*): (\d+ of \d+); [^;]*; ([^;]*); [\d.]+ s$"
    return table(["variant", "RMSE 0", "all sums exact, mean % (range)"], map(list, find("exact_lstm", pattern)))


def layer_sizes():
    """Return a row for each number of digits and size: exact match in % in each framing."""
    cells = {}
    for _, digits, units, exact in find("layer_sizes", r"^(.*), up to (\d) digits, (\d+) units: (.*) \(n = \d+\)$"):
        cells.setdefault((digits, units), []).append(exact)
    rows = [[digits, units, *exact] for (digits, units), exact in sorted(cells.items())]
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
    "held_out_pairs": held_out_pairs,
    "framings": lambda: comparison("framings", framing),
    "integer_encoding": lambda: comparison("integer_encoding"),
    "feedback_decoder": lambda: comparison("feedback_decoder"),
    "layer_sizes": layer_sizes,
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
