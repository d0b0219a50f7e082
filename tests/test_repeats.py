"""repeats: its runs and their summary, what it does after a stop, bad input, and a Dask cluster that changes."""

import csv
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import mlp_sum
from extensions import repeats

import joblib
import keras
import pytest

ROOT = Path(__file__).resolve().parent.parent
TINY = ("mlp_sum", "--n-examples", "20", "--n-epoch", "1", "--n-batch", "20")
NAME = "repeats_mlp_sum_n-examples_20_n-batch_20_n-epoch_1"


def figures(seed, rmse=2.5, n_exact=5):
    return {"seed": seed, "rmse": rmse, "n_exact": n_exact, "n_numbers": 20, "n": 20}


def seeds_of(text):
    """Read the seeds of the printed runs, in their order."""
    return [int(seed) for seed in re.findall(r"(?m)^seed (\d+): RMSE ", text)]


def kept(outputs):
    """Read the runs that are kept, a dict of seed -> figures."""
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in outputs.glob("repeats/*/*.json")]
    return {run["seed"]: run for run in runs}


@pytest.fixture
def done(monkeypatch):
    """Let runs take no time: their figures are made up. Gives the list of the seeds that are run."""
    seeds = []

    def run_script(script, arguments, seed):
        seeds.append(seed)
        return figures(seed, rmse=seed / 4, n_exact=seed)

    monkeypatch.setattr(repeats, "run_script", run_script)
    return seeds


def repeat(outputs, *arguments):
    return repeats.main([*TINY, *map(str, arguments), "--outputs", str(outputs)])


def refused(capsys, outputs, *arguments):
    """Repeat what must be refused; return the line that says why."""
    with pytest.raises(SystemExit) as error:
        repeats.main([*arguments, "--outputs", str(outputs)])
    assert error.value.code == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    return line.partition(": error: ")[2][:-1]


# ---- Runs and their summary


def test_each_run_ends_as_the_script_does_alone_and_is_kept_and_a_row_of_the_table(tmp_path, capsys):
    """Here the script's name stands behind its arguments."""
    assert repeats.main([*TINY[1:], TINY[0], "--runs", "2", "--outputs", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert seeds_of(printed) == [1, 2]
    assert sorted(os.listdir(tmp_path)) == ["repeats", f"{NAME}.csv", f"{NAME}.txt"]
    assert (tmp_path / f"{NAME}.txt").read_text(encoding="utf-8") == printed
    with (tmp_path / f"{NAME}.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    runs = kept(tmp_path)
    assert table == [{name: str(value) for name, value in runs[seed].items()} for seed in (1, 2)]
    assert_as_alone(runs[2], tmp_path)


def assert_as_alone(run, outputs):
    """Run the script as its figures say, and compare."""
    assert mlp_sum.main([*TINY[1:], "--seed", str(run["seed"]), "--outputs", str(outputs)]) == 0
    alone = json.loads((outputs / "mlp_sum.json").read_text(encoding="utf-8"))
    assert run == {"seed": run["seed"], **{name: alone[name] for name in ("rmse", "n_exact", "n_numbers", "n")}}


def test_the_summary_is_that_of_the_runs():
    rmse, exact = [4.25, 4.5, 4.75, 5.0], [85, 90, 95, 100]
    runs = [figures(seed, *of_run) for seed, *of_run in zip((17, 18, 19, 20), rmse, (17, 18, 19, 20), strict=True)]
    *lines, last = repeats.summary(runs)
    for line, values in zip(lines, (rmse, exact), strict=True):
        expected = [f(values) for f in (statistics.mean, statistics.stdev, statistics.median, min, max)]
        assert [float(figure) for figure in re.findall(r"\d+\.\d+", line)] == pytest.approx(expected, abs=1e-4)
    assert last.startswith("RMSE 0: 0 of 4, all answers exact: 1 of 4, 25.00 %")


def test_only_what_is_missing_is_run(tmp_path, capsys, done, monkeypatch):
    assert repeat(tmp_path, "--runs", 4, "--jobs", 1) == 0
    before = (tmp_path / f"{NAME}.txt").read_bytes()
    assert repeat(tmp_path, "--runs", 4, "--n-epoch", "01") == 0
    assert done == [1, 2, 3, 4] and (tmp_path / f"{NAME}.txt").read_bytes() == before
    # Another seed, another setting, Keras or backend, another script: a run of its own.
    assert repeat(tmp_path, "--runs", 2, "--seed", 4) == 0
    assert done[4:] == [5]
    assert repeat(tmp_path, "--runs", 1, "--largest", 7) == 0
    assert repeats.main(["lstm_sum_naive", *TINY[1:], "--runs", "1", "--outputs", str(tmp_path)]) == 0
    monkeypatch.setattr(keras, "__version__", "2.0")
    assert repeat(tmp_path, "--runs", 1) == 0
    monkeypatch.setattr(keras.backend, "backend", lambda: "numpy")
    capsys.readouterr()
    assert repeat(tmp_path, "--runs", 1) == 0
    assert done[5:] == [1, 1, 1, 1]
    assert seeds_of(capsys.readouterr().out) == [1]


# ---- Interruption


def start(outputs, *arguments):
    """Start repeats in a process group of its own."""
    command = [sys.executable, "-m", "extensions.repeats", *TINY, *map(str, arguments), "--outputs", str(outputs)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, **pipes)


def test_ctrl_c_summarizes_the_runs(tmp_path):
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
    assert seeds_of(transcript) == sorted(seeds_of(printed)) == sorted(kept(tmp_path))
    assert_as_alone(kept(tmp_path)[max(kept(tmp_path))], tmp_path)  # not the first run of its worker


def test_a_run_is_kept_before_the_next_one(tmp_path, monkeypatch):
    """So a kill loses no more than the runs that are at work."""
    seen = []
    monkeypatch.setattr(repeats, "run_script", lambda *args: seen.append(len(kept(tmp_path))) or figures(args[-1]))
    assert repeat(tmp_path, "--runs", 4) == 0
    assert seen == [0, 1, 2, 3]


@pytest.mark.parametrize(("jobs", "runs", "cores", "n"), [(25, 3, 8, 3), (25, 30, 8, 8), (2, 30, 8, 2), (1, 1, 8, 1)])
def test_no_more_jobs_than_runs_and_cores(monkeypatch, jobs, runs, cores, n):
    started = []
    monkeypatch.setattr(joblib, "cpu_count", lambda: cores)
    monkeypatch.setattr(joblib, "Parallel", lambda n_jobs, **options: started.append(n_jobs) or list)
    repeats.run_here("mlp_sum", [], range(runs), jobs)
    assert started == [n]


def test_a_run_that_ctrl_c_ended_is_not_kept(tmp_path, monkeypatch):
    def interrupt(self, logs=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(keras.callbacks.History, "on_train_begin", interrupt)
    assert repeat(tmp_path, "--runs", 3) == 130
    assert kept(tmp_path) == {} and os.listdir(tmp_path) == ["repeats"]


# ---- Bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("multiply",), "argument script: invalid choice: 'multiply' .*"),
        ((), "the following arguments are required: script"),
        (("mlp_sum", "--runs", "0"), "argument --runs: '0' is not a whole number from 1 to 1000000"),
        (("mlp_sum", "--jobs", "two"), "argument --jobs: 'two' is not a whole number from 1 to 1000000"),
        (
            ("mlp_sum", "--runs", "2", "--seed", "4294967295"),
            "argument --seed: 4294967295 leaves no room .* for 2 seeds",
        ),
        (("mlp_sum", "--n-batch", "0"), "argument --n-batch: '0' is not a whole number from 1 to 1000000000"),
        (("mlp_sum", "--n-layers", "3"), "unrecognized arguments: --n-layers 3"),
    ],
)
def test_a_bad_argument_is_one_line(tmp_path, capsys, arguments, message):
    assert re.fullmatch(message, refused(capsys, tmp_path, *arguments))
    assert kept(tmp_path) == {}


def test_what_only_the_script_refuses_is_one_line_too(tmp_path, capsys):
    message = refused(capsys, tmp_path, "mlp_sum", "--n-examples", "1000000000")
    assert re.fullmatch(r"argument --n-examples, .* allowed are 8", message)


@pytest.mark.parametrize("content", [b"", b"{", b"[1, 2]", b'{"seed": 1}', b"\xff\xfe"])
def test_a_file_that_is_no_run_is_refused_and_left_alone(tmp_path, capsys, done, content):
    assert repeat(tmp_path, "--runs", 2) == 0
    [path] = tmp_path.glob("repeats/*/1.json")
    path.write_bytes(content)
    assert str(path) in refused(capsys, tmp_path, *TINY, "--runs", "2")
    assert path.read_bytes() == content and done == [1, 2]


def test_a_folder_that_cannot_be_made_is_refused_before_any_run(tmp_path, capsys, done):
    (tmp_path / "repeats").write_text("a note")
    assert "repeats" in refused(capsys, tmp_path, *TINY)
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
    assert kept(tmp_path) == {}


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
    seeds = seeds_of(printed)
    assert len(seeds) == len(set(seeds)) and sorted(seeds) == sorted(kept(outputs))
    # The cluster's runs end as they do here.
    assert repeats.run_script("mlp_sum", list(TINY[1:]), seeds[0]) == kept(outputs)[seeds[0]]
