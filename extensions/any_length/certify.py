"""How tables are trained and proved: train, round off, try every case, practise what went wrong; at most five rounds.

    train(task, args)       the rounds: task.fit, then for each part task.round_off until task.prove finds it exact
    save, read              tables with their settings, as JSON files
    get(task, args, parts)  the proved tables for these settings, from a run if there is one, else trained now
    run(task, args, ...)    trains and proves with each seed, writes the folder and the report, returns the status

A Task has parts, each with a table of its own. In text_arithmetic, one network does four operations; each is a part.
"""

import argparse
import json
import random
import time
import typing

import common
from extensions import experiments

import keras


class Proof(typing.NamedTuple):
    """Whether a table is exact at every length, a sentence saying so, what went wrong, and what was reached."""

    holds: bool
    sentence: str
    wrong: list  # for task.fit, the shortest first
    reached: typing.Any = None


class Task(typing.NamedTuple):
    """What is trained and proved. A table is a NamedTuple of numbers, texts and lists, so that JSON can hold it."""

    name: str  # of the script, and the kind of its tables
    parts: tuple
    defaults: dict  # the arguments that decide what is trained, without the seed
    fit: typing.Callable  # model, or None at first; what went wrong; rng, a random.Random; args -> a model
    round_off: typing.Callable  # model, part, rng -> yields tables, rounded to ever more centres
    prove: typing.Callable  # table -> Proof
    load: typing.Callable  # a dict, as read from JSON -> table; raises ValueError, a one-line message, for others
    n_rounds: int = 5  # at most


class Result(typing.NamedTuple):
    """How the rounds ended: the model, and for each part its last table and Proof; then rounds, time and settings."""

    model: typing.Any
    tables: dict
    proofs: dict
    n_rounds: int
    seconds: float  # of processor time
    settings: dict

    @property
    def proved(self):
        """Return the tables whose proof holds, as a dict of part -> table."""
        return {part: table for part, table in self.tables.items() if self.proofs[part].holds}


def train(task, args):
    """Return the Result of at most task.n_rounds rounds; they end as soon as all parts are proved in the same round."""
    keras.utils.set_random_seed(args.seed)
    rng, start, model, wrong = random.Random(args.seed), time.process_time(), None, []
    for n_rounds in range(1, task.n_rounds + 1):  # noqa: B007
        model = task.fit(model, wrong, rng, args)
        tables, proofs, wrong = {}, {}, []
        for part in task.parts:
            tables[part], tried = fewest(task, model, part, rng)
            proofs[part] = tried[-1]
            if not proofs[part].holds:
                wrong += [problem for proof in tried[-3:] for problem in proof.wrong]
        if all(proof.holds for proof in proofs.values()):
            break
    return Result(model, tables, proofs, n_rounds, time.process_time() - start, settings(task, args))


def fewest(task, model, part, rng):
    """Return the first table whose proof holds, or else the last one, and a list of all Proofs tried."""
    tried = []
    for table in task.round_off(model, part, rng):
        tried.append(task.prove(table))
        if tried[-1].holds:
            break
    return table, tried


def settings(task, args):
    """Return the arguments that decide what is trained, as a dict."""
    return {name: getattr(args, name) for name in (*task.defaults, "seed")}


# ---- Files -----------------------------------------------------------------------------------------------------------


def save(folder, task, tables, settings):
    """Write each table as PART.json into a folder, with the kind and the settings."""
    for part, table in tables.items():
        data = {"kind": task.name, "settings": settings, **table._asdict()}
        (folder / f"{part}.json").write_text(json.dumps(data), encoding="utf-8")


def read(path):
    """Return the dict in a file.

    Raises a one-line ValueError if the file holds anything else, and OSError if it cannot be read.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict) or not isinstance(data.get("kind"), str):
        raise ValueError("it is not JSON with a kind")
    return data


def find(task, folder, settings, parts):
    """Return the tables in a folder and their Proofs, two dicts by part, or None.

    All parts must be there, with these settings, and each is proved again. A damaged file is reported.
    """
    tables, proofs = {}, {}
    for part in parts:
        path = folder / f"{part}.json"
        try:
            data = read(path)
            if data["kind"] == task.name and data.get("settings") == settings:
                table = task.load(data)
                proof = task.prove(table)
                if proof.holds:
                    tables[part], proofs[part] = table, proof
        except FileNotFoundError:
            return None
        except ValueError as error:
            print(f"{path} cannot be used: {error}")
    return (tables, proofs) if len(tables) == len(parts) else None


def get(task, args, parts):
    """Return the proved tables of some parts and their Proofs, two dicts.

    If neither a run nor an earlier question has left them, they are trained now and saved in a folder of their own.
    Returns (None, None), and prints why, if they cannot be proved.
    """
    wanted = settings(task, args)
    for name in (task.name, f"{task.name}_asked"):
        if found := find(task, args.outputs / name, wanted, parts):
            return found
    result = train(task, args)
    if result.proved:
        with common.run_folder(args.outputs, f"{task.name}_asked") as folder:
            save(folder, task, result.proved, wanted)
    for part in parts:
        if part not in result.proved:
            print(f"{part}: {result.proofs[part].sentence} So there is no answer.")
            return None, None
    return {part: result.tables[part] for part in parts}, {part: result.proofs[part] for part in parts}


# ---- Runs ------------------------------------------------------------------------------------------------------------


def run(task, args, check, draw=None):
    """Train and prove with each seed, and write the folder; return the exit status, 1 if any part is not proved.

    check(result) returns lines about tests made beside the proof. draw(tables, folder) returns a Figure of the proved
    tables, or None, and may write more files. The folder gets the tables of the seed with the most parts proved, or of
    the first of several such seeds.
    """

    def run_seed(_, seed):
        result = train(task, argparse.Namespace(**{**vars(args), "seed": seed}))
        rounds = "1 round" if result.n_rounds == 1 else f"{result.n_rounds} rounds"
        lines = [f"seed {seed}: {rounds}, {result.seconds:.1f} s of processor time"]
        lines += [f"    {part}: {proof.sentence}" for part, proof in result.proofs.items()]
        return result, [*lines, *check(result)]

    def report(results, folder):
        [runs] = results.values()
        lines = [line for _, told in runs for line in told]
        for part in task.parts:
            lines.append(f"{part}: proved with {sum(part in result.proved for result, _ in runs)} of {len(runs)} seeds")
        best = max((result for result, _ in runs), key=lambda result: len(result.proved))
        save(folder, task, best.proved, best.settings)
        return lines, draw(best.proved, folder) if draw and best.proved else None

    results, status = experiments.run_each(task.name, run_seed, [task.name], report, args)
    all_proved = all(len(result.proved) == len(task.parts) for runs in results.values() for result, _ in runs)
    return status or int(not all_proved)
