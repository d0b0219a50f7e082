"""certify: rounds, files, questions and runs, with a task whose tables are numbers; and prove.py, with each kind."""

import argparse
import json
import typing

from extensions.any_length import certify, marks, prove, smallest_adder, text_arithmetic

import pytest
from hand_made import ADDERS, MARKER, TABLES


class Number(typing.NamedTuple):
    """A table that is proved if its value is at most that of the model."""

    part: str
    value: int


FITTED = []  # what went wrong, as it was given to each fit


def fit(model, wrong, rng, args):
    FITTED.append(wrong)
    return (model or args.seed) + args.n_batch


def round_off(model, part, rng):
    for n in (1, 2, 3, 4):
        yield Number(part, model + n if part == "a" else model - 100 + n)


def prove_number(table):
    holds = table.value >= 23
    return certify.Proof(holds, f"{table.value} is {'right' if holds else 'wrong'}", [] if holds else [table])


def load(data):
    if not isinstance(data.get("value"), int):
        raise ValueError("it has no value")
    return Number(data["part"], data["value"])


TASK = certify.Task("numbers", ("a",), {"n_batch": 1}, fit, round_off, prove_number, load)


def arguments(outputs, **others):
    return argparse.Namespace(**{"n_batch": 5, "seed": 10, "outputs": outputs, "n_seeds": 1} | others)


@pytest.fixture(autouse=True)
def forget():
    FITTED.clear()


def test_rounds_go_on_with_what_went_wrong_until_all_is_proved(tmp_path):
    result = certify.train(TASK, arguments(tmp_path))  # 15 + 4, then 20 + 3
    assert (result.n_rounds, result.proved) == (2, {"a": Number("a", 23)})
    assert FITTED == [[], [Number("a", 17), Number("a", 18), Number("a", 19)]]  # the last three
    never = certify.train(TASK._replace(parts=("a", "b")), arguments(tmp_path))
    assert never.n_rounds == 5 and list(never.proved) == ["a"]
    assert certify.train(TASK._replace(n_rounds=1), arguments(tmp_path)).proved == {}


def test_a_question_is_answered_by_tables_of_its_own_settings(tmp_path, capsys):
    args = arguments(tmp_path)
    assert certify.get(TASK, args, ("a",))[0] == {"a": Number("a", 23)} and len(FITTED) == 2
    asked = tmp_path / "numbers_asked"
    assert json.loads((asked / "a.json").read_text())["settings"] == {"n_batch": 5, "seed": 10}
    tables, proofs = certify.get(TASK, args, ("a",))
    assert tables["a"].value == 23 and proofs["a"].sentence == "23 is right" and len(FITTED) == 2  # it is there now
    assert certify.get(TASK, arguments(tmp_path, seed=19), ("a",))[0] == {"a": Number("a", 25)} and len(FITTED) == 3
    asked.rename(tmp_path / "numbers")  # as if of a run
    assert certify.get(TASK, arguments(tmp_path, seed=19), ("a",))[0] and len(FITTED) == 3 and not asked.exists()
    for damaged in (b"", b"[1]", b'{"kind": 3}', b"[" * 100_000, b"\xff\xfe\x00", b'{"kind": "numbers"}'):
        data = {"settings": {"n_batch": 5, "seed": 19}, "part": "a"}
        damaged = json.dumps(data | json.loads(damaged)).encode() if damaged.endswith(b"}") else damaged
        (tmp_path / "numbers" / "a.json").write_bytes(damaged)
        asked.exists() and (asked / "a.json").unlink()
        n = len(FITTED)
        assert certify.get(TASK, arguments(tmp_path, seed=19), ("a",))[0] and len(FITTED) == n + 1
        assert "a.json cannot be used" in capsys.readouterr().out
        assert (tmp_path / "numbers" / "a.json").read_bytes() == damaged  # a run's files stay
    assert certify.get(TASK._replace(n_rounds=1), arguments(tmp_path), ("a",)) == (None, None)
    assert "a: 19 is wrong" in capsys.readouterr().out


def test_what_is_read_is_proved_again(tmp_path):
    settings = {"n_batch": 5, "seed": 10}
    certify.save(tmp_path, TASK, {"a": Number("a", 23)}, settings)
    assert certify.find(TASK, tmp_path, settings, ("a",))[0] == {"a": Number("a", 23)}
    assert certify.find(TASK, tmp_path, settings | {"seed": 11}, ("a",)) is None
    assert certify.find(TASK._replace(name="other"), tmp_path, settings, ("a",)) is None
    assert certify.find(TASK, tmp_path, settings, ("a", "b")) is None
    certify.save(tmp_path, TASK, {"a": Number("a", 22)}, settings)
    assert certify.find(TASK, tmp_path, settings, ("a",)) is None


def test_a_run_leaves_one_folder(tmp_path, capsys, monkeypatch):
    task, checked, drawn = TASK._replace(parts=("a", "b"), n_rounds=1), [], []

    def check(result):
        checked.append(result.settings["seed"])
        return [f"    checked {result.settings['seed']}"]

    def draw(tables, folder):
        drawn.append(tables)
        (folder / "other.txt").write_text("")

    args = arguments(tmp_path, seed=14, n_seeds=3)  # all of a are right, and none of b
    one_of_two = arguments(tmp_path, seed=13, n_seeds=2)
    assert certify.run(task._replace(parts=("a",)), one_of_two, lambda _: []) == 1
    assert certify.run(task, args, check, draw) == 1
    text = (tmp_path / "numbers" / "transcript.txt").read_text()
    assert capsys.readouterr().out.endswith(text) and checked == [14, 15, 16] and len(drawn) == 1
    assert "a: proved with 3 of 3 seeds\nb: proved with 0 of 3 seeds" in text and "seed 15: 1 round, " in text
    data = json.loads((tmp_path / "numbers" / "a.json").read_text())
    assert data == {"kind": "numbers", "settings": {"n_batch": 5, "seed": 14}, "part": "a", "value": 23}
    assert sorted(path.name for path in (tmp_path / "numbers").iterdir()) == ["a.json", "other.txt", "transcript.txt"]
    assert certify.run(TASK, args, check) == 0
    monkeypatch.setattr(certify, "train", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    assert certify.run(TASK, args, check) == 130
    assert "a: proved with 3 of 3 seeds" in (tmp_path / "numbers" / "transcript.txt").read_text()


KINDS = [
    (text_arithmetic.TASK, TABLES["divide"], {"output": [[0] * 256] * len(TABLES["divide"].output)}),
    (marks.TASK, MARKER, {"marks": [[0] * len(MARKER.right)] * len(MARKER.left)}),
    (smallest_adder.TASK, smallest_adder.Adder(list(ADDERS[7])), {"weights": [0.0] * 7}),
]


@pytest.mark.parametrize(("task", "table", "wrong"), KINDS)
def test_every_kind_is_proved_from_its_file(tmp_path, capsys, task, table, wrong):
    path = tmp_path / "x.json"
    for changes, status in (({}, 0), (wrong, 1)):
        certify.save(tmp_path, task, {"x": table._replace(**changes)}, {})
        assert prove.main([str(path)]) == status
        shown = capsys.readouterr().out
        assert shown.startswith(f"{task.name}, x: ") and ("Exact at every length." in shown) == (status == 0)
    for content in ("", "[1]", '{"kind": 3}', "[" * 100_000, '{"kind": "power"}', f'{{"kind": "{task.name}"}}'):
        path.write_text(content)
        with pytest.raises(SystemExit) as error:
            prove.main([str(path)])
        err = capsys.readouterr().err
        assert error.value.code == 2 and err.count("\n") == 1 and str(path) in err
    for missing in ("none.json", "."):
        with pytest.raises(SystemExit):
            prove.main([str(tmp_path / missing)])


def test_what_is_not_proved_though_no_problem_goes_wrong_is_not_called_proved(tmp_path, monkeypatch):
    undecided = marks.TASK._replace(prove=lambda table: certify.Proof(False, "the intervals are too wide", []))
    monkeypatch.setitem(prove.TASKS, "marks", undecided)
    certify.save(tmp_path, marks.TASK, {"marks": MARKER}, {})
    assert prove.main([str(tmp_path / "marks.json")]) == 1
