"""repeats: its rows and their summary, what it does after a stop, bad input, and a Dask cluster that changes."""

import csv
import doctest
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import joblib
import keras
import pytest

import mlp_sum
from extensions import repeats
from extensions.shared import sweep

ROOT = Path(__file__).resolve().parent.parent
TINY = ("mlp_sum", "--n-examples", "20", "--n-epoch", "1", "--n-batch", "20")
SETTINGS = f"n_examples=20, n_batch=20, n_epoch=1, keras={keras.__version__}, backend={keras.backend.backend()}"
TABLE = "repeats_mlp_sum.csv"
NAME = "repeats_mlp_sum_n-examples_20_n-batch_20_n-epoch_1"


def row(seed, settings=SETTINGS, rmse=2.5, exact=5):
    return {"settings": settings, "seed": seed, "rmse": str(rmse), "exact": str(exact), "examples": "20"}


def seeds_of(text):
    """Read the seeds of the printed rows, in their order."""
    return [int(seed) for seed in re.findall(r"(?m)^seed (\d+): RMSE ", text)]


def table(outputs):
    """Read the CSV: a list of rows, each a dict."""
    with (outputs / TABLE).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def done(monkeypatch):
    """Let runs take no time: their rows are made up. Gives the list of the seeds that are run."""
    seeds = []

    def run(script, arguments, settings, seed):
        seeds.append(seed)
        return row(seed, settings, rmse=seed / 4, exact=seed)

    monkeypatch.setattr(sweep, "run", run)
    return seeds


def repeat(outputs, *arguments):
    return repeats.main([*TINY, *map(str, arguments), "--outputs", str(outputs)])


def refused(capsys, outputs, *arguments):
    """Run a sweep that must be refused; return the line that says why."""
    with pytest.raises(SystemExit) as error:
        repeats.main([*arguments, "--outputs", str(outputs)])
    assert error.value.code == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    return line.partition(": error: ")[2][:-1]


@pytest.mark.parametrize(("module", "n_examples"), [(repeats, 2), (sweep, 0)])
def test_doctests(module, n_examples):
    assert doctest.testmod(module) == (0, n_examples)


# ---- Rows and their summary


def test_each_run_is_a_row_and_ends_as_the_script_does_alone(tmp_path, capsys):
    """Here the script's name stands behind its arguments."""
    assert repeats.main([*TINY[1:], TINY[0], "--runs", "2", "--outputs", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert seeds_of(printed) == [1, 2]
    assert [int(row["seed"]) for row in table(tmp_path)] == [1, 2]
    assert {row["settings"] for row in table(tmp_path)} == {SETTINGS}
    assert sorted(os.listdir(tmp_path)) == [TABLE, f"{NAME}.txt"]
    assert (tmp_path / f"{NAME}.txt").read_text(encoding="utf-8") == printed
    assert_as_alone(table(tmp_path)[1], tmp_path)


def assert_as_alone(row, outputs):
    """Run the script as a row says, and compare."""
    assert mlp_sum.main([*TINY[1:], "--seed", row["seed"], "--outputs", str(outputs)]) == 0
    report = (outputs / "mlp_sum.txt").read_text(encoding="utf-8")
    assert f"RMSE: {row['rmse']}\nExact: {row['exact']} of {row['examples']} (" in report


def test_the_summary_is_that_of_the_rows(tmp_path, capsys, done):
    assert repeat(tmp_path, "--seed", 17, "--runs", 4) == 0
    printed = capsys.readouterr().out
    rmse, exact = [4.25, 4.5, 4.75, 5.0], [85, 90, 95, 100]
    for name, values in (("RMSE", rmse), ("exact (%)", exact)):
        figures = r"mean (.*), standard deviation (.*), median (.*), .* (.*), .* (.*)"
        line = re.search(rf"(?m)^{re.escape(name)}: {figures}$", printed)
        expected = [f(values) for f in (statistics.mean, statistics.stdev, statistics.median, min, max)]
        assert [float(figure) for figure in line.groups()] == pytest.approx(expected, abs=1e-4)
    assert "\n4 of 4 runs\n" in printed
    assert "\nRMSE 0: 0 of 4, all answers exact: 1 of 4, 25.00 % (95 % interval " in printed


def test_only_what_is_missing_is_run(tmp_path, capsys, done, monkeypatch):
    assert repeat(tmp_path, "--runs", 4) == 0
    before = (tmp_path / TABLE).read_bytes()
    assert repeat(tmp_path, "--runs", 4, "--n-epoch", "01") == 0
    assert done == [1, 2, 3, 4] and (tmp_path / TABLE).read_bytes() == before
    # Another seed, another setting, Keras or backend: a row of its own.
    assert repeat(tmp_path, "--runs", 2, "--seed", 4) == 0
    assert done[4:] == [5]
    assert repeat(tmp_path, "--runs", 1, "--largest", 7) == 0
    monkeypatch.setattr(keras, "__version__", "2.0")
    assert repeat(tmp_path, "--runs", 1) == 0
    monkeypatch.setattr(keras.backend, "backend", lambda: "numpy")
    capsys.readouterr()
    assert repeat(tmp_path, "--runs", 1) == 0
    assert done[5:] == [1, 1, 1]
    assert seeds_of(capsys.readouterr().out) == [1]
    assert (tmp_path / TABLE).read_bytes().startswith(before)


@pytest.mark.parametrize("n_cut", [1, 9])
def test_a_torn_last_row_is_cut_off_and_run_again(tmp_path, done, n_cut):
    assert repeat(tmp_path, "--runs", 3) == 0
    whole = (tmp_path / TABLE).read_bytes()
    (tmp_path / TABLE).write_bytes(whole[:-n_cut])
    assert repeat(tmp_path, "--runs", 3) == 0
    assert done == [1, 2, 3, 3]
    assert (tmp_path / TABLE).read_bytes() == whole


def test_a_torn_first_line_is_begun_again(tmp_path, done):
    (tmp_path / TABLE).write_text("settings,se")
    assert repeat(tmp_path, "--runs", 1) == 0
    assert [row["seed"] for row in table(tmp_path)] == ["1"]


# ---- Interruption


def start(outputs, *arguments):
    """Start a sweep in a process group of its own."""
    command = [sys.executable, "-m", "extensions.repeats", *TINY, *map(str, arguments), "--outputs", str(outputs)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, **pipes)


def test_ctrl_c_summarizes_the_rows(tmp_path):
    process = start(tmp_path, "--runs", "1000")
    printed = "".join(process.stdout.readline() for _ in range(4))
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers as well
    rest, errors = process.communicate()
    printed += rest
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    interrupted = f"interrupted after {len(seeds_of(printed))} of 1000 runs"
    assert f"\n{interrupted}\nRMSE: mean " in printed
    transcript = (tmp_path / f"{NAME}.txt").read_text(encoding="utf-8")
    assert interrupted in transcript
    assert sorted(seeds_of(transcript)) == sorted(seeds_of(printed))
    assert [int(row["seed"]) for row in table(tmp_path)] == seeds_of(printed)
    assert_as_alone(table(tmp_path)[-1], tmp_path)  # not the first run of its worker


def test_a_row_is_in_the_table_before_the_next_run(tmp_path, monkeypatch):
    """So a kill loses no more than the runs that are at work."""
    seen = []
    monkeypatch.setattr(sweep, "run", lambda *arguments: seen.append(len(table(tmp_path))) or row(arguments[-1]))
    assert repeat(tmp_path, "--runs", 4) == 0
    assert seen == [0, 1, 2, 3]


def test_two_sweeps_at_once_are_refused_but_not_after_a_kill(tmp_path, capsys, done):
    """SQLite's lock is held by another process, as a sweep does."""
    lock = f"import sqlite3; c = sqlite3.connect({str(tmp_path / 'repeats_mlp_sum.lock')!r}, isolation_level=None); "
    command = [sys.executable, "-c", lock + "c.execute('BEGIN EXCLUSIVE'); print('locked', flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "locked\n"
        message = refused(capsys, tmp_path, *TINY)
        assert message == f"{tmp_path / TABLE} is in use by another sweep (database is locked)"
        assert done == [] and not (tmp_path / TABLE).exists()
        other.kill()
    assert repeat(tmp_path, "--runs", 2) == 0
    assert sorted(os.listdir(tmp_path)) == [TABLE, f"{NAME}.txt"]


def test_a_sweep_holds_that_lock_while_it_runs(tmp_path, capsys, monkeypatch):
    def run(*arguments):
        assert refused(capsys, tmp_path, *TINY).endswith(" is in use by another sweep (database is locked)")
        return row(arguments[-1])

    monkeypatch.setattr(sweep, "run", run)
    assert repeat(tmp_path, "--runs", 1) == 0
    assert len(table(tmp_path)) == 1


@pytest.mark.parametrize(("jobs", "runs", "cores", "n"), [(25, 3, 8, 3), (25, 30, 8, 8), (2, 30, 8, 2), (1, 1, 8, 1)])
def test_no_more_jobs_than_runs_and_cores(monkeypatch, jobs, runs, cores, n):
    started = []
    monkeypatch.setattr(joblib, "cpu_count", lambda: cores)
    monkeypatch.setattr(joblib, "Parallel", lambda n_jobs, **options: started.append(n_jobs) or list)
    sweep.run_here(jobs, "mlp_sum", [], SETTINGS, seeds=range(runs))
    assert started == [n]


def test_a_run_that_ctrl_c_ended_is_no_row(tmp_path, monkeypatch, capsys):
    def interrupt(self, logs=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(keras.callbacks.History, "on_train_begin", interrupt)
    assert repeat(tmp_path, "--runs", 3) == 130
    assert capsys.readouterr().out == f"{SETTINGS}\ninterrupted after 0 of 3 runs\n"
    assert os.listdir(tmp_path) == [TABLE]
    assert table(tmp_path) == []


# ---- Bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("multiply",), "argument script: invalid choice: 'multiply' .*mlp_sum.*"),
        ((), "the following arguments are required: script"),
        (("mlp_sum", "--runs", "0"), "argument --runs: '0' is not a whole number from 1 to 1000000"),
        (("mlp_sum", "--jobs", "two"), "argument --jobs: 'two' is not a whole number from 1 to 1000000"),
        (("mlp_sum", "--runs", "2", "--seed", "4294967295"), "argument --seed: the last .* 4294967296, above .*"),
        (("mlp_sum", "--n-batch", "0"), "argument --n-batch: '0' is not a whole number from 1 to 1000000000"),
        (("mlp_sum", "--n-layers", "3"), "unrecognized arguments: --n-layers 3"),
    ],
)
def test_a_bad_argument_is_one_line(tmp_path, capsys, arguments, message):
    assert re.fullmatch(message, refused(capsys, tmp_path, *arguments))
    assert os.listdir(tmp_path) == []


def test_what_only_the_script_refuses_is_one_line_too(tmp_path, capsys):
    message = refused(capsys, tmp_path, "mlp_sum", "--n-examples", "1000000000")
    assert re.fullmatch(r"argument --n-examples, .* allowed are 8", message)


@pytest.mark.parametrize("content", [b"seed,rmse\n1,0.5\n", b"a note", b"settings,seed\n", b"\xff\xfe\n"])
def test_another_file_is_refused_and_left_alone(tmp_path, capsys, content, done):
    (tmp_path / TABLE).write_bytes(content)
    assert re.search(r"\.csv is not the table of a sweep: its first line is not ", refused(capsys, tmp_path, *TINY))
    assert (tmp_path / TABLE).read_bytes() == content
    assert done == []


@pytest.mark.parametrize(
    "line", ["a,1,zero,5,20", "a,1,0.5,5", "a,1,0.5,5,20,7", "a,1,0.5,30,20", "a,1,0.5,0,0", "", '"']
)
def test_a_row_that_is_none_is_named(tmp_path, capsys, line, done):
    content = f"{','.join(sweep.COLUMNS)}\na,1,0.5,5,20\n{line}\n"
    (tmp_path / TABLE).write_text(content)
    message = refused(capsys, tmp_path, *TINY)
    assert message == f"{tmp_path / TABLE}, line 3 is no row: {line!r}; mend it or take it out"
    assert (tmp_path / TABLE).read_text() == content
    assert done == []


def test_a_table_that_cannot_be_written_is_refused_before_any_run(tmp_path, capsys, done):
    (tmp_path / TABLE).mkdir()
    assert re.search(r"repeats_mlp_sum\.csv'$", refused(capsys, tmp_path, *TINY))
    assert done == []


# ---- A Dask cluster


def test_without_dask_a_scheduler_is_refused_in_one_line(tmp_path, monkeypatch, capsys, done):
    monkeypatch.setitem(sys.modules, "distributed", None)
    message = refused(capsys, tmp_path, *TINY, "--scheduler", "tcp://127.0.0.1:8786")
    assert message == 'argument --scheduler needs Dask: pip install "dask[distributed]"'


def test_a_scheduler_that_is_not_there_is_one_line(tmp_path, capsys):
    pytest.importorskip("distributed", reason='tried where Dask is installed: "dask[distributed]"')
    message = refused(capsys, tmp_path, *TINY, "--scheduler", "tcp://127.0.0.1:1")
    assert message.startswith("--scheduler tcp://127.0.0.1:1 cannot be used: ")


@pytest.mark.slow
def test_a_worker_of_several_threads_is_refused(tmp_path, capsys):
    """Its runs would share the random numbers of one process."""
    distributed = pytest.importorskip("distributed", reason='tried where Dask is installed: "dask[distributed]"')
    options = {"processes": False, "threads_per_worker": 2, "dashboard_address": None}
    with distributed.LocalCluster(1, **options) as cluster:
        message = refused(capsys, tmp_path, *TINY, "--scheduler", cluster.scheduler_address)
    assert message == "start the workers with --nthreads 1"
    assert table(tmp_path) == []


@pytest.fixture
def dask(tmp_path):
    """Give a function that starts a part of a cluster as the README says."""
    pytest.importorskip("distributed", reason='the cluster is tried where Dask is installed: "dask[distributed]"')
    folder = tmp_path / "cluster"
    folder.mkdir()
    processes = []

    def dask(*arguments, **variables):
        log = (folder / f"{len(processes)}.log").open("w")
        command = [str(Path(sys.executable).with_name("dask")), *arguments]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        environment |= {"DASK_TEMPORARY_DIRECTORY": str(folder), **variables}
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
        processes.append(process)
        return process

    yield dask
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.slow
def test_a_cluster_whose_workers_come_and_go_and_then_the_scheduler(tmp_path, dask):
    """One worker does the runs, a second joins late and gets some, the first is killed, and at last the scheduler."""
    import distributed

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    scheduler = dask("scheduler", "--port", port, "--host", "127.0.0.1", "--no-dashboard")
    address = f"tcp://127.0.0.1:{port}"
    worker = ("worker", address, "--nthreads", "1", "--nworkers", "1", "--no-dashboard")
    first = dask(*worker, PYTHONPATH=".")
    while True:  # until the scheduler listens
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", int(port))) == 0:
                break
        assert scheduler.poll() is None
        time.sleep(0.1)
    outputs = tmp_path / "outputs"
    process = start(outputs, "--runs", "1000", "--scheduler", address)
    printed = ""

    def read(n_rows):
        nonlocal printed
        n_rows += len(seeds_of(printed))
        while len(seeds_of(printed)) < n_rows:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            printed += line

    read(1)
    dask(*worker, PYTHONPATH=".")
    with distributed.Client(address) as client:
        while len([runs for runs in client.processing().values() if runs]) < 2:  # until the second one has runs, too
            read(1)
    os.killpg(first.pid, signal.SIGKILL)
    read(2)
    scheduler.kill()
    rest, errors = process.communicate()
    printed += rest
    assert process.returncode == 2
    errors = [line for line in errors.splitlines() if "error: " in line or "Traceback" in line]
    assert len(errors) == 1
    assert re.fullmatch(rf"repeats\.py: error: --scheduler {address} cannot be used: .* connection to .*", errors[0])
    seeds = [int(row["seed"]) for row in table(outputs)]
    assert seeds == seeds_of(printed) and len(seeds) == len(set(seeds))
    # The cluster's runs end as they do here.
    assert sweep.run("mlp_sum", list(TINY[1:]), SETTINGS, seeds[0]) == table(outputs)[0] | {"seed": seeds[0]}
