"""How well does a script do on average? It is run many times, each time with another seed, as the article advises.

    python -m extensions.repeats mlp_sum --runs 20 --jobs 2 --n-epoch 100

runs mlp_sum.py with the seeds 1 to 20, two at a time; what is not listed below, as --n-epoch, goes to the script.
Each run that ends is a row of outputs/repeats_mlp_sum.csv; started again, the same command does only those missing.
"""

import contextlib
import importlib
import math

import numpy as np

import common
from extensions import sweep


def exact_share(row):
    """Compute the share of exact answers in per cent."""
    return 100 * int(row["exact"]) / int(row["examples"])


def describe(row):
    """Write a row as a line to print.

    >>> describe({"seed": 3, "rmse": "0.500000", "exact": "98", "no_number": "0", "examples": "100"})
    'seed 3: RMSE 0.500000, exact 98 of 100 (98.00 %), no number at all 0'
    """
    exact = f"exact {row['exact']} of {row['examples']} ({exact_share(row):.2f} %)"
    return f"seed {row['seed']}: RMSE {row['rmse']}, {exact}, no number at all {row['no_number']}"


def summarize(name, values):
    """Write mean, standard deviation (of a sample), median, minimum and maximum of a list of floats in a line.

    >>> summarize("RMSE", [0.0, 4.0, 0.5])
    'RMSE: mean 1.5000, standard deviation 2.1794, median 0.5000, minimum 0.0000, maximum 4.0000'
    """
    deviation = np.std(values, ddof=1) if len(values) > 1 else math.nan
    spread = f"median {np.median(values):.4f}, minimum {np.min(values):.4f}, maximum {np.max(values):.4f}"
    return f"{name}: mean {np.mean(values):.4f}, standard deviation {deviation:.4f}, {spread}"


def picture(title, seeds, panels):
    """Draw a dot for each run over its seed. panels: two pairs (label, values). Returns a matplotlib Figure."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(9, 4), layout="constrained")
    figure.suptitle(title)
    for axes, (label, values) in zip(figure.subplots(1, 2), panels, strict=True):
        axes.plot(seeds, values, "o", alpha=0.7)
        axes.set(xlabel="seed", ylabel=label)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
    return figure


def main(argv=None):
    """Do the runs that the table lacks, and summarize all; return the exit status."""
    parser = common.argument_parser(__doc__)
    number = {"type": common.number(1, 10**6), "metavar": "N"}
    parser.add_argument("script", choices=("lstm_sum_naive", "mlp_sum", "seq2seq_sum"))
    parser.add_argument("--runs", default=20, help="how many seeds, from --seed on (default: 20)", **number)
    parser.add_argument("--jobs", default=1, help="runs at the same time (default: 1)", **number)
    parser.add_argument("--scheduler", metavar="ADDRESS", help="run on a Dask cluster: tcp://HOST:PORT")
    args, arguments = parser.parse_known_args(argv)
    seeds = range(args.seed, args.seed + args.runs)
    script_parser = importlib.import_module(args.script).parser()
    given = vars(script_parser.parse_args([*arguments, f"--seed={seeds[-1]}", f"--outputs={args.outputs}"]))
    settings = ", ".join(f"{name}={value}" for name, value in given.items() if name not in ("seed", "outputs"))
    try:
        parallel = sweep.workers(args.jobs, args.scheduler)
    except ImportError:
        parser.error('argument --scheduler needs Dask: pip install "dask[distributed]"')
    except (OSError, ValueError) as error:
        parser.error(f"argument --scheduler: {args.scheduler!r} cannot be used: {error}")
    path = args.outputs / f"repeats_{args.script}.csv"
    try:
        rows = sweep.read_rows(path, settings, seeds)
    except (OSError, ValueError) as error:
        parser.error(f"{path} cannot be used: {error}")

    # Runs: the workers return rows, and this process alone writes them.
    from joblib import delayed

    print(settings, *map(describe, rows.values()), sep="\n", flush=True)
    missing = [delayed(sweep.run)(args.script, arguments, settings, seed) for seed in seeds if seed not in rows]
    with contextlib.suppress(KeyboardInterrupt):
        for row in parallel(missing):
            if row is None:
                break
            sweep.append_row(path, row)
            rows[row["seed"]] = row
            print(describe(row), flush=True)

    # Summary
    n_runs = f"{len(rows)} of {args.runs} runs"
    interrupted = f"interrupted after {n_runs}" if len(rows) < args.runs else ""
    print(interrupted or n_runs)
    if rows:
        rows = [rows[seed] for seed in sorted(rows)]
        rmse, shares = [float(row["rmse"]) for row in rows], [exact_share(row) for row in rows]
        result = [summarize("RMSE", rmse), summarize("exact (%)", shares)]
        result += [f"RMSE 0: {rmse.count(0)} of {len(rows)}, all answers exact: {shares.count(100)} of {len(rows)}"]
        print(*result, sep="\n")
        text = "\n".join([settings, *map(describe, rows), interrupted or n_runs, *result])
        title = f"{args.script}: {interrupted or n_runs}\n{settings}"
        figure = picture(title, [int(row["seed"]) for row in rows], [("RMSE", rmse), ("exact answers (%)", shares)])
        common.save(args.outputs, f"repeats_{args.script}", text, figure)
    return 130 if interrupted else 0


if __name__ == "__main__":
    raise SystemExit(main())
