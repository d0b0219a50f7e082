"""What repeats.py needs: one run of a script with its seed, the table of the runs, and the workers that do them."""

import contextlib
import csv
import importlib
import io
import os
import re
import tempfile
from pathlib import Path

import common

COLUMNS = ["settings", "seed", "rmse", "exact", "no_number", "examples"]


def run(script, arguments, settings, seed):
    """Run a script with one seed, silently; the result is the one it has alone, whatever this process ran before.

    script: its name. arguments: a list for its main. Returns a row, a dict of COLUMNS, or None if Ctrl-C ended it.
    """
    if share := os.environ.get("OMP_NUM_THREADS"):  # a worker's share of the cores, as joblib and Dask set it;
        os.environ |= {"TF_NUM_INTRAOP_THREADS": share, "TF_NUM_INTEROP_THREADS": share}  # TensorFlow asks for these
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        outputs = stack.enter_context(tempfile.TemporaryDirectory())
        import keras

        keras.utils.clear_session()
        status = importlib.import_module(script).main([*arguments, f"--seed={seed}", f"--outputs={outputs}"])
        text = Path(outputs, f"{script}.txt").read_text(encoding="utf-8")
    report = r"(?m)^RMSE: (\S+).*\nExact: (\d+) of (\d+) .*\nNo number at all: (\d+) "
    rmse, exact, examples, no_number = re.search(report, text).groups()
    row = dict(zip(COLUMNS, [settings, seed, rmse, exact, no_number, examples], strict=True))
    return row if status == 0 else None


def read_rows(path, settings, seeds):
    """Read the table's rows with these settings and seeds: a dict of seed -> row. A missing table is begun.

    A last line that was not written to its end is cut off. Raises ValueError for a file that is no such table.
    """
    header = ",".join(COLUMNS) + "\n"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if not text.startswith(header) and not header.startswith(text):
        raise ValueError(f"its first line is not {header.strip()}")
    whole = text[: text.rfind("\n") + 1] or header
    if whole != text:
        with common.written_whole(path) as unfinished:
            unfinished.write_text(whole, encoding="utf-8")
    table = csv.DictReader(whole.splitlines())
    return {int(row["seed"]): row for row in table if row["settings"] == settings and int(row["seed"]) in seeds}


def append_row(path, row):
    """Write a row to the end of the table, in one piece."""
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, COLUMNS, lineterminator="\n").writerow(row)


def workers(n_jobs, scheduler):
    """Make a joblib.Parallel of n_jobs processes here or, where a scheduler is given, of its Dask workers.

    Raises ImportError without Dask, OSError or ValueError for a scheduler that cannot be used.
    """
    import joblib

    options = {"return_as": "generator_unordered", "batch_size": 1}
    if scheduler is None:
        # Should this process be killed, its workers end by themselves, less than a minute after their runs.
        return joblib.Parallel(n_jobs, pre_dispatch="n_jobs", idle_worker_timeout=10, **options)
    from distributed import Client

    client = Client(scheduler, timeout=5)
    client.wait_for_workers(1, timeout=10)
    if max(client.nthreads().values()) > 1:  # runs in one process at the same time would share its random numbers
        raise ValueError("start its workers with --nthreads 1")
    with joblib.parallel_config("dask"):
        return joblib.Parallel(pre_dispatch="all", **options)  # all at once: workers may join later
