"""repeats: its runs and their summary, what it does after a stop, bad input, and a Dask cluster that changes."""

import csv
import json
import os
import re
import signal
import statistics
import sys
from pathlib import Path

import common
import mlp_sum
from extensions import repeats

import keras
import pytest
from joblib.externals.loky.process_executor import TerminatedWorkerError

TINY = ("mlp_sum", "--n-examples", "20", "--n-epoch", "2", "--n-batch", "20")
NAME = "repeats_mlp_sum_n-examples_20_n-batch_20_n-epoch_2"


def figures(seed, rmse=2.5, n_exact=5):
    return {"seed": seed, "rmse": rmse, "n_exact": n_exact, "n_numbers": n_exact, "n": 20}


def seeds_of(text):
    """Read the seeds of the printed runs, in their order."""
    return [int(seed) for seed in re.findall(r"(?m)^seed (\d+): RMSE ", text)]


def kept(outputs):
    """Read the runs that are kept, a dict of seed -> figures."""
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in outputs.glob("repeats/*/*/scores.json")]
    return {run["seed"]: run for run in runs}


@pytest.fixture
def done(monkeypatch, tmp_path):
    """Let runs take no time: their figures are made up. Gives a list: of each run its seed, and how many were kept."""
    runs = []

    def run_script(script, arguments, seed):
        runs.append((seed, len(kept(tmp_path))))
        return figures(seed)

    monkeypatch.setattr(repeats, "run_script", run_script)
    return runs


def transcript(outputs):
    return (outputs / NAME / "transcript.txt").read_text(encoding="utf-8")


def repeat(outputs, *arguments):
    return repeats.main([*TINY, *map(str, arguments), "--outputs", str(outputs)])


def refused(capsys, outputs, *arguments):
    """Repeat what must be refused; return the line that says why."""
    with pytest.raises(SystemExit) as error:
        repeat(outputs, *arguments)
    assert error.value.code == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    return line.partition(": error: ")[2][:-1]


# ---- Runs and their summary


def test_each_run_ends_as_the_script_does_alone_and_is_kept_and_a_row_of_the_table(tmp_path, capsys, eager):
    assert repeat(tmp_path, "--runs", 2) == 0
    printed = capsys.readouterr().out
    assert seeds_of(printed) == [1, 2]
    assert sorted(os.listdir(tmp_path)) == ["repeats", NAME] and transcript(tmp_path) == printed
    with (tmp_path / NAME / "table.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    runs = kept(tmp_path)
    assert table == [{name: str(value) for name, value in runs[seed].items()} for seed in (1, 2)]
    assert mlp_sum.main([*TINY[1:], "--seed", "2", "--outputs", str(tmp_path)]) == 0
    alone = json.loads((tmp_path / "mlp_sum" / "scores.json").read_text(encoding="utf-8"))
    assert runs[2].items() - {("seed", 2)} <= alone.items()


def test_each_run_starts_with_an_empty_session_and_ctrl_c_keeps_no_half_one(tmp_path, capsys, monkeypatch):
    """Otherwise the models of all runs stay in memory, and their names count on."""
    names = []

    def main(arguments):
        names.append(keras.Sequential().name)
        with common.run_folder(Path(arguments[-1].partition("=")[2]), "mlp_sum") as folder:
            (folder / "scores.json").write_text(json.dumps(figures(1)), encoding="utf-8")
        return 130 if len(names) == 2 else 0  # Ctrl-C in the second run

    monkeypatch.setattr(mlp_sum, "main", main)
    assert repeat(tmp_path, "--runs", 3) == 130
    assert names == ["sequential", "sequential"]
    assert "\ninterrupted after 1 of 3 runs\n" in transcript(tmp_path)
    assert seeds_of(capsys.readouterr().out) == list(kept(tmp_path)) == [1]


def test_the_summary_is_that_of_the_runs():
    rmse, n_exact = [4.25, 4.5, 4.75, 5.0], [17, 18, 19, 20]
    *lines, last = repeats.summary(list(map(figures, (1, 2, 3, 4), rmse, n_exact)))
    for line, values in zip(lines, (rmse, [5 * n for n in n_exact]), strict=True):
        expected = [f(values) for f in (statistics.mean, statistics.stdev, statistics.median, min, max)]
        assert [float(figure) for figure in re.findall(r"\d+\.\d+", line)] == pytest.approx(expected, abs=1e-4)
    assert last.startswith("RMSE 0: 0 of 4, all answers exact: 1 of 4, 25.00 %")


def test_only_what_is_missing_is_run_and_each_run_is_kept_before_the_next(tmp_path, capsys, done, monkeypatch):
    assert repeat(tmp_path, "--runs", 3, "--jobs", 1) == 0
    before = transcript(tmp_path)
    assert repeat(tmp_path, "--runs", 3, "--n-epoch", "02") == 0
    assert done == [(1, 0), (2, 1), (3, 2)] and transcript(tmp_path) == before
    assert repeat(tmp_path, "--runs", 2, "--seed", 3) == 0
    # Another setting, script, version of Keras or backend: runs of their own.
    assert repeat(tmp_path, "--runs", 1, "--largest", 7) == 0
    assert repeats.main(["lstm_sum_naive", *TINY[1:], "--runs", "1", "--outputs", str(tmp_path)]) == 0
    monkeypatch.setattr(keras, "__version__", "2.0")
    assert repeat(tmp_path, "--runs", 1) == 0
    monkeypatch.setattr(keras.backend, "backend", lambda: "numpy")
    assert repeat(tmp_path, "--runs", 1) == 0
    assert [seed for seed, _ in done[3:]] == [4, 1, 1, 1, 1]


# ---- What is refused


@pytest.mark.parametrize(
    "content", ["{", "[1]", '{"seed": 1}', None, json.dumps(figures(2)), json.dumps(figures(1) | {"n": 0})]
)
def test_a_file_that_is_no_run_is_refused_and_left_alone(tmp_path, capsys, done, content):
    assert repeat(tmp_path, "--runs", 1) == 0
    [path] = tmp_path.glob("repeats/*/1/scores.json")
    path.unlink()
    if content is None:
        path.mkdir()
    else:
        path.write_text(content)
    assert str(path) in refused(capsys, tmp_path, "--runs", "2")
    assert path.exists() and len(done) == 1


def test_what_cannot_be_run_is_one_line_and_what_ended_is_kept(tmp_path, monkeypatch, capsys):
    def run_here(*args):
        yield figures(1)
        raise TerminatedWorkerError  # as joblib does

    monkeypatch.setattr(repeats, "run_here", run_here)
    assert "was killed" in refused(capsys, tmp_path, "--runs", 3) and sorted(kept(tmp_path)) == [1]
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "pip install" in refused(capsys, tmp_path, "--scheduler", "tcp://127.0.0.1:8786")
    assert "argument --seed" in refused(capsys, tmp_path, "--runs", "2", "--seed", "4294967295")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "repeats").write_text("a note")
    assert "repeats" in refused(capsys, tmp_path / "new")


# ---- A Dask cluster


@pytest.mark.slow
def test_a_cluster_whose_workers_come_and_go_and_then_the_scheduler(tmp_path, capsys):
    """One worker does the first runs, a second joins, the first is killed: each run is reported once."""
    distributed = pytest.importorskip("distributed", reason='tried where Dask is installed: "dask[distributed]"')
    with distributed.LocalCluster(1, threads_per_worker=1, dashboard_address=None) as cluster:
        runs = repeats.run_on_cluster("mlp_sum", TINY[1:], range(1, 41), cluster.scheduler_address)
        found = [next(runs)]
        cluster.scale(2)
        cluster.wait_for_workers(2)
        found += [next(runs), next(runs)]
        os.kill(cluster.workers[0].pid, signal.SIGKILL)
        found += runs
    assert sorted(run["seed"] for run in found) == list(range(1, 41))
    assert repeats.run_script("mlp_sum", TINY[1:], 1) in found  # the cluster's runs end as they do here
    message = refused(capsys, tmp_path, "--scheduler", cluster.scheduler_address)
    assert message.startswith(f"--scheduler {cluster.scheduler_address} cannot be used: ")
