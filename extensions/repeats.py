"""How well does a script do on average? It runs many times, each time with another seed, as the article advises.

    python -m extensions.repeats mlp_sum --runs 20 --jobs 2 --n-epoch 100

runs mlp_sum.py with the seeds 1 to 20, two at a time, and with 100 epochs. What is not given is the script's default.
Each run that ends is a row of outputs/repeats_mlp_sum.csv. Start the same command again, and it does the missing runs.
"""

import argparse
import contextlib
import math

import numpy as np

import common
from extensions.shared import sweep, training

SETTINGS = ("n_examples", "n_numbers", "largest", "n_batch", "n_epoch", "learning_rate")  # go to the script


def exact_match(row):
    """Return how many answers of a row are exact, in %: a float."""
    return 100 * int(row["exact"]) / int(row["examples"])


def describe(row):
    """Return a row as a line to print.

    >>> describe({"seed": 3, "rmse": "0.500000", "exact": "98", "examples": "100"})
    'seed 3: RMSE 0.500000, exact 98 of 100 (98.00 %)'
    """
    return (
        f"seed {row['seed']}: RMSE {row['rmse']}, exact {row['exact']} of {row['examples']} ({exact_match(row):.2f} %)"
    )


def summarize(name, values):
    """Return a line of mean, standard deviation (of a sample), median, minimum and maximum of a list of floats.

    >>> summarize("RMSE", [0.0, 4.0, 0.5])
    'RMSE: mean 1.5000, standard deviation 2.1794, median 0.5000, minimum 0.0000, maximum 4.0000'
    """
    deviation = np.std(values, ddof=1) if len(values) > 1 else math.nan
    spread = f"median {np.median(values):.4f}, minimum {np.min(values):.4f}, maximum {np.max(values):.4f}"
    return f"{name}: mean {np.mean(values):.4f}, standard deviation {deviation:.4f}, {spread}"


def repeat(args, path, settings, arguments):
    """Do the runs that the table lacks, up to Ctrl-C, and summarize all; return the exit status.

    path: of the table. settings: a text to keep the rows by. arguments: a list for the script.
    """
    # Runs: the workers return rows, and this process alone writes them.
    seeds = range(args.seed, args.seed + args.runs)
    rows = sweep.read_rows(path, settings, seeds)
    print(settings, *map(describe, rows.values()), sep="\n", flush=True)
    missing = [seed for seed in seeds if seed not in rows]
    where, run = (args.scheduler, sweep.run_on_cluster) if args.scheduler else (args.jobs, sweep.run_here)
    with contextlib.suppress(KeyboardInterrupt):
        for row in run(where, args.script, arguments, settings, seeds=missing):
            if row is None:
                break
            sweep.append_row(path, row)
            rows[row["seed"]] = row
            print(describe(row), flush=True)

    # Summary
    n_runs = f"{len(rows)} of {args.runs} runs"
    if len(rows) < args.runs:
        n_runs = f"interrupted after {n_runs}"
    print(n_runs)
    if rows:
        rows = [rows[seed] for seed in sorted(rows)]
        rmse, exact = [float(row["rmse"]) for row in rows], [exact_match(row) for row in rows]
        all_exact = f"all answers exact: {training.share(exact.count(100), len(rows))}"
        result = [summarize("RMSE", rmse), summarize("exact (%)", exact)]
        result += [f"RMSE 0: {rmse.count(0)} of {len(rows)}, {all_exact}"]
        print(*result, sep="\n")
        text = "\n".join([settings, *map(describe, rows), n_runs, *result])
        name = "_".join(["repeats", args.script, *(argument.strip("-").replace("=", "_") for argument in arguments)])
        common.save(args.outputs, name, text)
    return 130 if len(rows) < args.runs else 0


def main(argv=None):
    """Repeat a script as the arguments say; return the exit status."""
    parser = common.argument_parser(__doc__, **dict.fromkeys(SETTINGS, argparse.SUPPRESS))
    parser.add_argument("script", choices=("lstm_sum_naive", "mlp_sum", "seq2seq_sum"))
    number = common.number(1, 10**6)
    parser.add_argument("--runs", type=number, default=20, metavar="N", help="how many seeds, from --seed on")
    parser.add_argument("--jobs", type=number, default=1, metavar="N", help="runs at a time, at most one for each core")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="run on a Dask cluster: tcp://HOST:PORT")
    args = parser.parse_args(argv)
    if args.seed + args.runs > 2**32:
        parser.error(
            f"argument --seed: the last of {args.runs} would be {args.seed + args.runs - 1}, above {2**32 - 1}"
        )
    given = {name: vars(args)[name] for name in SETTINGS if name in args}
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]
    settings = ", ".join([*(f"{name}={value}" for name, value in given.items()), sweep.versions()])
    path = args.outputs / f"repeats_{args.script}.csv"
    try:
        with sweep.locked(path):
            return repeat(args, path, settings, arguments)
    except ImportError:
        parser.error('argument --scheduler needs Dask: pip install "dask[distributed]"')
    except (OSError, ValueError) as error:  # the rows up to here are kept
        parser.error(str(error))


if __name__ == "__main__":
    common.run(main)
