"""repeats: its rows and their summary, what it does after a stop, bad input, and a Dask cluster that loses a worker."""

import csv
import doctest
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

import common
import mlp_sum
from extensions import repeats, sweep

ROOT = Path(__file__).resolve().parent.parent
TINY = ("mlp_sum", "--n-examples", "20", "--n-epoch", "2")
SETTINGS = "n_examples=20, n_numbers=2, largest=100, n_batch=2, n_epoch=2, learning_rate=0.001"


def start(*arguments, outputs):
    """Start a sweep in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "extensions.repeats", *arguments, "--outputs", str(outputs)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
        start_new_session=True,
    )


def seeds_of(text):
    """Read the seeds of the printed rows, in their order."""
    return [int(seed) for seed in re.findall(r"(?m)^seed (\d+): RMSE ", text)]


def table(outputs):
    """Read the CSV: a list of rows, each a dict."""
    with (outputs / "repeats_mlp_sum.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def four_runs(tmp_path_factory):
    """Four runs, by two workers: the folder, what was printed, and the table's bytes."""
    outputs = tmp_path_factory.mktemp("four_runs")
    process = start(*TINY, "--runs", "4", "--jobs", "2", outputs=outputs)
    stdout, stderr = process.communicate()
    assert process.returncode == 0, stderr
    return outputs, stdout, (outputs / "repeats_mlp_sum.csv").read_bytes()


@pytest.fixture
def copied(four_runs, tmp_path):
    """A folder with a copy of the table of the four runs."""
    (tmp_path / "repeats_mlp_sum.csv").write_bytes(four_runs[2])
    return tmp_path


@pytest.fixture
def done(monkeypatch):
    """The list of the seeds that are run in this process from here on."""
    seeds, run = [], sweep.run
    monkeypatch.setattr(sweep, "run", lambda *arguments: seeds.append(arguments[-1]) or run(*arguments))
    return seeds


@pytest.mark.parametrize(("module", "n_examples"), [(repeats, 2), (sweep, 0)])
def test_doctests(module, n_examples):
    result = doctest.testmod(module)
    assert (result.attempted, result.failed) == (n_examples, 0)


def test_each_run_is_a_row_of_the_table_and_of_what_is_printed(four_runs):
    outputs, stdout, _ = four_runs
    assert sorted(seeds_of(stdout)) == [1, 2, 3, 4]
    rows = table(outputs)
    assert [int(row["seed"]) for row in rows] == seeds_of(stdout)
    assert {row["settings"] for row in rows} == {SETTINGS}
    assert len({row["rmse"] for row in rows}) == 4
    assert sorted(os.listdir(outputs)) == [f"repeats_mlp_sum.{ending}" for ending in ("csv", "png", "txt")]
    # The transcript has the same lines, in the order of the seeds.
    transcript = (outputs / "repeats_mlp_sum.txt").read_text(encoding="utf-8")
    assert seeds_of(transcript) == [1, 2, 3, 4]
    assert sorted(transcript.splitlines()) == sorted(stdout.splitlines())
    assert (outputs / "repeats_mlp_sum.png").read_bytes().startswith(b"\x89PNG")


def test_the_summary_is_that_of_the_rows(four_runs):
    outputs, stdout, _ = four_runs
    rows = table(outputs)
    for name, values in (
        ("RMSE", [float(row["rmse"]) for row in rows]),
        ("exact (%)", [100 * int(row["exact"]) / int(row["examples"]) for row in rows]),
    ):
        line = re.search(
            rf"(?m)^{re.escape(name)}: mean (.*), standard deviation (.*), median (.*), .* (.*), .* (.*)$", stdout
        )
        expected = [f(values) for f in (statistics.mean, statistics.stdev, statistics.median, min, max)]
        assert [float(figure) for figure in line.groups()] == pytest.approx(expected, abs=1e-4)


def test_a_run_ends_as_the_script_does_alone(four_runs, tmp_path):
    """Seeds 3 and 4 are not the first ones of their workers, which have a core each."""
    for row in table(four_runs[0]):
        if int(row["seed"]) >= 3:
            assert mlp_sum.main([*TINY[1:], "--seed", row["seed"], "--outputs", str(tmp_path)]) == 0
            report = (tmp_path / "mlp_sum.txt").read_text(encoding="utf-8")
            assert f"RMSE: {row['rmse']}\nExact: {row['exact']} of {row['examples']} (" in report
            assert f"No number at all: {row['no_number']} of {row['examples']}\n" in report


def test_what_is_in_the_table_is_not_run_again(copied, done, capsys):
    """--n-batch 2 is the default, spelled out."""
    before = (copied / "repeats_mlp_sum.csv").read_bytes()
    assert repeats.main([*TINY, "--n-batch", "2", "--runs", "4", "--outputs", str(copied)]) == 0
    assert done == []
    assert (copied / "repeats_mlp_sum.csv").read_bytes() == before
    assert sorted(seeds_of(capsys.readouterr().out)) == [1, 2, 3, 4]


def test_runs_with_other_settings_or_seeds_are_left_out(copied, done, capsys):
    before = (copied / "repeats_mlp_sum.csv").read_bytes()
    arguments = ["--n-batch", "3", "--seed", "4", "--runs", "2", "--outputs", str(copied)]
    assert repeats.main([*TINY, *arguments]) == 0
    assert done == [4, 5]
    stdout = capsys.readouterr().out
    assert seeds_of(stdout) == [4, 5]
    assert "\n2 of 2 runs\n" in stdout
    assert (copied / "repeats_mlp_sum.csv").read_bytes().startswith(before)
    assert [row["seed"] for row in table(copied) if "n_batch=3" in row["settings"]] == ["4", "5"]


@pytest.mark.parametrize("n_cut", [1, 9])
def test_a_torn_last_row_is_cut_off_and_run_again(copied, done, n_cut):
    whole = table(copied)
    path = copied / "repeats_mlp_sum.csv"
    path.write_bytes(path.read_bytes()[:-n_cut])
    assert repeats.main([*TINY, "--runs", "4", "--outputs", str(copied)]) == 0
    assert done == [int(whole[-1]["seed"])]
    assert table(copied) == whole


def test_a_torn_first_line_is_begun_again(tmp_path):
    (tmp_path / "table.csv").write_text("settings,se")
    assert sweep.read_rows(tmp_path / "table.csv", SETTINGS, range(1, 5)) == {}
    assert (tmp_path / "table.csv").read_text() == ",".join(sweep.COLUMNS) + "\n"


@pytest.mark.parametrize("text", ["seed,rmse\n1,0.5\n", "a note", "settings,seed\n"])
def test_another_file_is_refused_and_left_alone(tmp_path, capsys, text):
    (tmp_path / "repeats_mlp_sum.csv").write_text(text)
    with pytest.raises(SystemExit, match="2"):
        repeats.main([*TINY, "--outputs", str(tmp_path)])
    assert re.search(r"error: .*repeats_mlp_sum\.csv cannot be used: its first line is not ", capsys.readouterr().err)
    assert (tmp_path / "repeats_mlp_sum.csv").read_text() == text


def test_after_a_kill_nothing_is_run_twice_and_nothing_lost(tmp_path, done):
    process = start(*TINY, "--runs", "6", "--jobs", "2", outputs=tmp_path)
    for line in process.stdout:
        if line.startswith("seed"):
            break
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    kept = (tmp_path / "repeats_mlp_sum.csv").read_bytes()
    seeds = [int(row["seed"]) for row in table(tmp_path)]
    assert 1 <= len(seeds) < 6
    assert repeats.main([*TINY, "--runs", "6", "--outputs", str(tmp_path)]) == 0
    assert sorted(seeds + done) == [1, 2, 3, 4, 5, 6]
    assert sorted(int(row["seed"]) for row in table(tmp_path)) == [1, 2, 3, 4, 5, 6]
    assert (tmp_path / "repeats_mlp_sum.csv").read_bytes().startswith(kept)


# ---- Interruption


def test_ctrl_c_keeps_the_rows_and_summarizes_them(tmp_path):
    process = start(*TINY, "--runs", "1000", "--jobs", "2", outputs=tmp_path)
    lines = []
    for line in process.stdout:
        lines.append(line)
        if len(seeds_of("".join(lines))) == 2 and line.startswith("seed"):
            os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers as well
    stdout, stderr = "".join(lines), process.stderr.read()
    assert process.wait() == 130
    n_runs = len(seeds_of(stdout))
    assert f"\ninterrupted after {n_runs} of 1000 runs\nRMSE: mean " in stdout
    assert [int(row["seed"]) for row in table(tmp_path)] == seeds_of(stdout)
    assert f"interrupted after {n_runs} of 1000 runs" in (tmp_path / "repeats_mlp_sum.txt").read_text(encoding="utf-8")
    assert "Traceback" not in stderr


def test_a_run_that_ctrl_c_ended_is_no_row(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sweep, "run", lambda *arguments: None)
    assert repeats.main([*TINY, "--runs", "3", "--outputs", str(tmp_path)]) == 130
    assert capsys.readouterr().out == f"{SETTINGS}\ninterrupted after 0 of 3 runs\n"
    assert os.listdir(tmp_path) == ["repeats_mlp_sum.csv"]
    assert table(tmp_path) == []


def test_run_gives_no_row_for_a_script_that_was_interrupted(monkeypatch):
    def train(*arguments, train=common.train):
        return train(*arguments)[0], "interrupted after epoch 2 of 2"

    monkeypatch.setattr(common, "train", train)
    assert sweep.run("mlp_sum", list(TINY[1:]), SETTINGS, 1) is None


# ---- Bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("multiply",), "argument script: invalid choice: 'multiply' .*mlp_sum.*"),
        ((), "the following arguments are required: script"),
        (("mlp_sum", "--runs", "0"), "argument --runs: '0' is not a whole number from 1 to 1000000"),
        (("mlp_sum", "--jobs", "two"), "argument --jobs: 'two' is not a whole number from 1 to 1000000"),
        (("mlp_sum", "--runs", "2", "--seed", "4294967295"), "argument --seed: '4294967296' is not a whole number .*"),
        (("mlp_sum", "--n-batch", "0"), "argument --n-batch: '0' is not a whole number from 1 to 1000000000"),
        (("mlp_sum", "--n-layers", "3"), "unrecognized arguments: --n-layers 3"),
    ],
)
def test_a_bad_argument_is_one_line(tmp_path, arguments, message):
    process = start(*arguments, outputs=tmp_path / "not_made")
    stdout, stderr = process.communicate()
    assert process.returncode == 2
    assert stdout == ""
    assert re.fullmatch(rf"repeats\.py: error: {message}\n", stderr)
    assert os.listdir(tmp_path) == []


def test_without_dask_a_scheduler_is_refused_in_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(SystemExit, match="2"):
        repeats.main([*TINY, "--scheduler", "tcp://127.0.0.1:8786", "--outputs", str(tmp_path)])
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith('error: argument --scheduler needs Dask: pip install "dask[distributed]"\n')
    assert captured.err.count("\n") == 1
    assert os.listdir(tmp_path) == []


# ---- A Dask cluster


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler and two workers, started as the README says; their processes, and the scheduler's address."""
    pytest.importorskip("distributed", reason='the cluster is tried where Dask is installed: "dask[distributed]"')
    folder = tmp_path_factory.mktemp("cluster")
    processes = []

    def dask(*arguments):
        log = (folder / f"{len(processes)}.log").open("w")
        command = [str(Path(sys.executable).with_name("dask")), *arguments]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "DASK_TEMPORARY_DIRECTORY": str(folder)}
        processes.append(
            subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True)
        )

    dask("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", "scheduler.json")
    for _ in range(2):
        dask("worker", "--scheduler-file", "scheduler.json", "--nthreads", "1", "--no-dashboard")
    try:
        while not (folder / "scheduler.json").exists():
            assert processes[0].poll() is None, (folder / "0.log").read_text()
            time.sleep(0.1)
        yield processes, json.loads((folder / "scheduler.json").read_text())["address"]
    finally:
        for process in processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_every_run_is_reported_once_when_a_worker_is_killed(cluster, four_runs, tmp_path):
    processes, address = cluster
    process = start(*TINY, "--runs", "8", "--scheduler", address, outputs=tmp_path)
    lines = []
    for line in process.stdout:
        lines.append(line)
        if len(seeds_of("".join(lines))) == 2 and processes[1].poll() is None:
            os.killpg(processes[1].pid, signal.SIGKILL)
            processes[1].wait()
    stdout, stderr = "".join(lines), process.stderr.read()
    assert process.wait() == 0, stderr
    assert processes[1].poll() == -signal.SIGKILL
    assert sorted(seeds_of(stdout)) == list(range(1, 9))
    assert [int(row["seed"]) for row in table(tmp_path)] == seeds_of(stdout)
    # The cluster's runs end as those of this machine's workers do.
    rows = sorted(table(tmp_path), key=lambda row: int(row["seed"]))
    assert rows[:4] == sorted(table(four_runs[0]), key=lambda row: int(row["seed"]))


def test_a_worker_of_several_threads_is_refused(tmp_path, capsys):
    """Its runs would share the random numbers of one process."""
    distributed = pytest.importorskip("distributed", reason='tried where Dask is installed: "dask[distributed]"')
    with (
        distributed.LocalCluster(1, processes=False, threads_per_worker=2, dashboard_address=None) as cluster,
        pytest.raises(SystemExit, match="2"),
    ):
        repeats.main([*TINY, "--scheduler", cluster.scheduler_address, "--outputs", str(tmp_path)])
    assert capsys.readouterr().err.endswith(" cannot be used: start its workers with --nthreads 1\n")
    assert os.listdir(tmp_path) == []


def test_a_scheduler_that_is_not_there_is_one_line(tmp_path):
    pytest.importorskip("distributed", reason='tried where Dask is installed: "dask[distributed]"')
    process = start(*TINY, "--scheduler", "tcp://127.0.0.1:1", outputs=tmp_path)
    stdout, stderr = process.communicate()
    assert process.returncode == 2
    assert stdout == ""
    assert re.fullmatch(
        r"repeats\.py: error: argument --scheduler: 'tcp://127\.0\.0\.1:1' cannot be used: .*\n", stderr
    )
    assert os.listdir(tmp_path) == []
