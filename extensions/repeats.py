"""How well does a script do on average? It is run many times, each time with another seed, as the article advises.

    python -m extensions.repeats mlp_sum --runs 20 --jobs 2 --n-epoch 100

runs mlp_sum.py with the seeds 1 to 20, two at a time, and with 100 epochs. Settings left out follow the script. Each
finished run is kept in outputs/repeats/; started again, the same command does only the runs that are missing.
"""

import argparse
import contextlib
import csv
import io
import json
import logging
import math
import re
import tempfile
from concurrent.futures import BrokenExecutor
from pathlib import Path

import common
import lstm_sum_naive
import mlp_sum
import seq2seq_sum
from extensions import experiments

import joblib
import keras
import numpy as np

SCRIPTS = {"lstm_sum_naive": lstm_sum_naive, "mlp_sum": mlp_sum, "seq2seq_sum": seq2seq_sum}


def run_script(script, arguments, seed):
    """Run a script silently with one seed; return its figures and the seed, a dict, as from a run of its own.

    script: its name. arguments: a list for its main. Raises KeyboardInterrupt if Ctrl-C ended the training.
    """
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it would warn of several models in one process
    keras.utils.clear_session()
    with tempfile.TemporaryDirectory() as outputs, contextlib.redirect_stdout(io.StringIO()):
        if SCRIPTS[script].main([*arguments, f"--seed={seed}", f"--outputs={outputs}"]) != 0:
            raise KeyboardInterrupt
        figures = json.loads(Path(outputs, script, "scores.json").read_text(encoding="utf-8"))
    return {"seed": seed, **{name: figures[name] for name in common.Scores._fields}}


def run_here(script, arguments, seeds, n_jobs):
    """Do a run with each seed, n_jobs at a time, in as many processes; return a generator of the figures."""
    from extensions import repeats  # by name, so that each process imports common.py first, which keeps it quiet

    options = {"pre_dispatch": "n_jobs", "batch_size": 1, "idle_worker_timeout": 10}
    n_jobs = max(1, min(n_jobs, len(seeds), joblib.cpu_count()))
    parallel = joblib.Parallel(n_jobs, return_as="generator_unordered", **options)
    return parallel(joblib.delayed(repeats.run_script)(script, arguments, seed) for seed in seeds)


def run_on_cluster(script, arguments, seeds, address):
    """Do a run with each seed on the workers of a Dask scheduler, also on those that join late; yield the figures.

    Raises ImportError without Dask, OSError or ValueError for a bad cluster. We use Dask's own map. joblib on
    Dask failed a test in which one worker joined late and one was killed.
    """
    import distributed

    here = versions()

    def run_on_worker(seed):  # a function within a function is sent whole: the scheduler needs no module of ours
        from extensions import repeats

        import distributed

        if distributed.get_worker().state.nthreads > 1:  # concurrent runs in a process would share random numbers
            raise ValueError("start the workers with --nthreads 1")
        if repeats.versions() != here:
            raise ValueError(f"a worker has {repeats.versions()}, and this machine {here}")
        return repeats.run_script(script, arguments, seed)

    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # it would print tracebacks of a lost scheduler
    try:
        with distributed.Client(address, timeout=5) as client:
            client.wait_for_workers(1, timeout=10)
            # If we kept a list of all futures, Dask would repeat the reported runs of a dead worker.
            for future in distributed.as_completed(client.map(run_on_worker, list(seeds), pure=False)):
                yield future.result()
    except (OSError, distributed.CancelledError, distributed.KilledWorker) as error:
        raise OSError(f"--scheduler {address} cannot be used: {' '.join(str(error).split())}") from None


def versions():
    """Return what a result depends on besides the settings, as text: Keras's version and backend."""
    return f"keras={keras.__version__}, backend={keras.backend.backend()}"


def describe(run):
    """Return the figures of a run as a line to print.

    >>> describe({"seed": 3, "rmse": 0.5, "n_exact": 97, "n_numbers": 99, "n": 100})
    'seed 3: RMSE 0.500000 (of the 99 predictions that are numbers), exact 97 of 100 (97.00 %)'
    """
    only_numbers = "" if run["n_numbers"] == run["n"] else f" (of the {run['n_numbers']} predictions that are numbers)"
    exact = f"exact {run['n_exact']} of {run['n']} ({100 * run['n_exact'] / run['n']:.2f} %)"
    return f"seed {run['seed']}: RMSE {run['rmse']:f}{only_numbers}, {exact}"


def read(path):
    """Return the figures of a run from its file, a dict; raise ValueError with the file's name if it is no run."""
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
        if describe(run).startswith(f"seed {path.parent.name}: "):
            return run
    except (OSError, ValueError, LookupError, TypeError, ArithmeticError):
        pass
    raise ValueError(f"{path} is not the file of a run; delete its folder, and the run is done again")


def summary(runs):
    """Return the lines that sum up runs, a list of dicts as from `run_script`; the deviation is that of a sample."""
    rmse, exact = [run["rmse"] for run in runs], [100 * run["n_exact"] / run["n"] for run in runs]
    lines = []
    for name, values in (("RMSE", rmse), ("exact (%)", exact)):
        deviation = np.std(values, ddof=1) if len(values) > 1 else math.nan
        spread = f"median {np.median(values):.4f}, minimum {np.min(values):.4f}, maximum {np.max(values):.4f}"
        lines.append(f"{name}: mean {np.mean(values):.4f}, standard deviation {deviation:.4f}, {spread}")
    all_exact = experiments.percentage(exact.count(100), len(runs))
    return [*lines, f"RMSE 0: {rmse.count(0)} of {len(runs)}, all answers exact: {all_exact}"]


def address(text):
    """Return the address of a Dask scheduler as it is, if it can be one: an argparse `type`."""
    if not re.fullmatch(r"tcp://\S+:[0-9]+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not an address like tcp://HOST:PORT")
    return text


def main(argv=None):
    """Repeat a script as the arguments say; return the exit status."""
    parser = common.argument_parser(__doc__, **dict.fromkeys(mlp_sum.SETTINGS, argparse.SUPPRESS))
    parser.add_argument("script", choices=SCRIPTS)
    number = common.number(1, 10**6)
    parser.add_argument("--runs", type=number, default=20, metavar="N", help="how many seeds, from --seed on")
    parser.add_argument("--jobs", type=number, default=1, metavar="N", help="runs at a time, at most one for each core")
    parser.add_argument("--scheduler", type=address, metavar="ADDRESS", help="run on a Dask cluster: tcp://HOST:PORT")
    args = parser.parse_args(argv)
    if args.seed + args.runs > 2**32:
        parser.error(f"argument --seed: {args.seed} leaves no room below {2**32} for {args.runs} seeds")
    given = {name.replace("_", "-"): vars(args)[name] for name in mlp_sum.SETTINGS if name in args}
    arguments = [f"--{name}={value}" for name, value in given.items()]
    common.argument_parser(None, **SCRIPTS[args.script].SETTINGS).parse_args(arguments)  # ends here if one is bad
    settings = ", ".join([*(f"{name.replace('-', '_')}={value}" for name, value in given.items()), versions()])
    name = "_".join(["repeats", args.script, *(f"{name}_{value}" for name, value in given.items())])
    folder = args.outputs / "repeats" / f"{name}_{versions().replace(', ', '_')}"
    print(settings)

    # Runs: finished ones are read, the others are done now, and each is saved as soon as it ends.
    runs, missing = [], []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for seed in range(args.seed, args.seed + args.runs):
            if not (folder / str(seed)).exists():
                missing.append(seed)
                continue
            runs.append(read(folder / str(seed) / "scores.json"))
            print(describe(runs[-1]), flush=True)
        if args.scheduler:
            new = run_on_cluster(args.script, arguments, missing, args.scheduler)
        else:
            new = run_here(args.script, arguments, missing, args.jobs)
        for run in new:
            with common.run_folder(folder, str(run["seed"])) as unfinished:
                (unfinished / "scores.json").write_text(json.dumps(run), encoding="utf-8")
            runs.append(run)
            print(describe(run), flush=True)
    except KeyboardInterrupt:
        pass  # what has ended is summarized
    except ImportError:
        parser.error('argument --scheduler needs Dask: pip install "dask[distributed]"')
    except BrokenExecutor:
        parser.error("a run's process was killed; repeat the command to do the rest")
    except (OSError, ValueError) as error:
        parser.error(str(error))

    # Summary
    interrupted = len(runs) < args.runs
    lines = [f"{'interrupted after ' if interrupted else ''}{len(runs)} of {args.runs} runs"]
    if runs:
        runs.sort(key=lambda run: run["seed"])
        lines += summary(runs)
        with common.run_folder(args.outputs, name) as unfinished:
            text = "\n".join([settings, *map(describe, runs), *lines])
            (unfinished / "transcript.txt").write_text(text + "\n", encoding="utf-8")
            with (unfinished / "table.csv").open("w", newline="", encoding="utf-8") as file:
                table = csv.DictWriter(file, runs[0])
                table.writeheader()
                table.writerows(runs)
    print(*lines, sep="\n")
    return 130 if interrupted else 0


if __name__ == "__main__":
    common.run(main)
