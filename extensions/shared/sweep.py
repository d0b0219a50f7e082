"""What repeats.py needs: one run of a script with its seed, the table of the runs, and the workers that do them."""

import contextlib
import csv
import importlib
import io
import logging
import os
import sqlite3
import tempfile
from pathlib import Path

import joblib
import keras

COLUMNS = ["settings", "seed", "rmse", "exact", "examples"]


def versions():
    """Write what a result depends on besides the settings: Keras's version and backend."""
    return f"keras={keras.__version__}, backend={keras.backend.backend()}"


def run(script, arguments, settings, seed):
    """Run a script with one seed, silently; the result is the one it has alone, whatever this process ran before.

    script: its name. arguments: a list for its main. settings: a text to keep the row by, with `versions` at its end.
    Returns a row, a dict of COLUMNS, or None if Ctrl-C ended it. Raises ValueError if it cannot be run like that.
    """
    if not settings.endswith(versions()):
        raise ValueError(f"a worker has {versions()}, which is not what the rows are for: {settings}")
    if share := os.environ.get("OMP_NUM_THREADS"):  # a worker's share of the cores, as joblib and Dask set it;
        os.environ |= {"TF_NUM_INTRAOP_THREADS": share, "TF_NUM_INTEROP_THREADS": share}  # TensorFlow asks for these
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it would warn of several models in one process
    errors = io.StringIO()
    with (
        tempfile.TemporaryDirectory() as outputs,
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(errors),
    ):
        keras.utils.clear_session()
        try:
            status = importlib.import_module(script).main([*arguments, f"--seed={seed}", f"--outputs={outputs}"])
        except SystemExit:
            raise ValueError(errors.getvalue().rpartition("error: ")[2].strip()) from None
        _, rmse, exact, *_ = Path(outputs, f"{script}.txt").read_text(encoding="utf-8").splitlines()
    if status != 0:
        return None
    _, rmse, *_ = rmse.split()  # RMSE: 0.707107
    _, n_exact, _, n_examples, *_ = exact.split()  # Exact: 1 of 2 (50.00 %)
    return dict(zip(COLUMNS, [settings, seed, rmse, n_exact, n_examples], strict=True))


# ---- The table ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def locked(path):
    """Keep other sweeps off the table, or raise ValueError if one is at work.

    SQLite locks a file on every system, and the lock ends with this process, even if it is killed.
    """
    lock = path.with_suffix(".lock")
    with contextlib.closing(sqlite3.connect(lock, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise ValueError(f"{path} is in use by another sweep ({error})") from None
        yield
        with contextlib.suppress(OSError):  # Windows removes no open file
            lock.unlink()


def read_rows(path, settings, seeds):
    """Read the table's rows with these settings and seeds: a dict of seed -> row. A missing table is begun.

    A last line that was not written to its end is cut off. Raises OSError for a file that cannot be written, and
    ValueError for one that is no such table.
    """
    header = ",".join(COLUMNS) + "\n"
    rows = {}
    with path.open("a+", encoding="utf-8", newline="") as file:
        file.seek(0)
        try:
            text = file.read()
        except UnicodeDecodeError:
            text = "no text"
        whole = text[: text.rfind("\n") + 1]
        if not text.startswith(header) and not header.startswith(text):
            raise ValueError(f"{path} is not the table of a sweep: its first line is not {header.strip()}")
        file.truncate(len(whole.encode()))
        if not whole:
            file.write(header)
    for number, line in enumerate(whole.splitlines()[1:], 2):
        try:
            [values] = csv.reader([line], strict=True)
            row = dict(zip(COLUMNS, values, strict=True))
            seed, _, right = int(row["seed"]), float(row["rmse"]), 0 <= int(row["exact"]) <= int(row["examples"]) > 0
        except (ValueError, csv.Error):
            right = False
        if not right:
            raise ValueError(f"{path}, line {number} is no row: {line[:100]!r}; mend it or take it out")
        if row["settings"] == settings and seed in seeds:
            rows[seed] = row | {"seed": seed}
    return rows


def append_row(path, row):
    """Write a row to the end of the table, in one piece."""
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, COLUMNS, lineterminator="\n").writerow(row)


# ---- The workers ----------------------------------------------------------------------------------------------------


def run_here(n_jobs, *arguments, seeds):
    """Do a run with each seed, n_jobs at a time, in as many processes; yield the rows as they come.

    arguments: as for `run`. Should this process be killed, its workers end by themselves soon after their runs.
    """
    options = {"pre_dispatch": "n_jobs", "batch_size": 1, "idle_worker_timeout": 10}
    n_jobs = max(1, min(n_jobs, len(seeds), joblib.cpu_count()))
    parallel = joblib.Parallel(n_jobs, return_as="generator_unordered", **options)
    return parallel(joblib.delayed(run)(*arguments, seed) for seed in seeds)


def run_on_cluster(address, *arguments, seeds):
    """Do a run with each seed on the workers of a Dask scheduler, also on those that join late; yield the rows.

    arguments: as for `run`. Raises ImportError without Dask, OSError or ValueError for what cannot be used.
    """
    import distributed

    def run_on_worker(seed):  # a function within a function is sent whole: the scheduler needs no module of ours
        import distributed

        from extensions.shared import sweep

        if distributed.get_worker().state.nthreads > 1:  # runs in one process at a time would share random numbers
            raise ValueError("start the workers with --nthreads 1")
        return sweep.run(*arguments, seed)

    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # it would print tracebacks of a lost scheduler
    try:
        with distributed.Client(address, timeout=5) as client:
            client.wait_for_workers(1, timeout=10)
            # No list of all futures is kept: Dask would do the reported runs of a worker that dies once more.
            for future in distributed.as_completed(client.map(run_on_worker, list(seeds), pure=False)):
                yield future.result()
    except (OSError, distributed.CancelledError, distributed.KilledWorker) as error:
        raise OSError(f"--scheduler {address} cannot be used: {' '.join(str(error).split())}") from None
