"""reproduce: what differs is one line and a row of the table, what has ended is not run again, Ctrl-C ends all."""

import importlib
import os
import re
import signal
import subprocess
import threading
import time

import common
from extensions import repeats, reproduce

import pytest

REFERENCE = reproduce.ROOT / "outputs" / "reference"


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """Give a function that puts others in place of all commands, each a script of such code."""

    def commands(code, *names):
        script = tmp_path / "script.py"
        script.write_text(f"import pathlib, sys, time\n{code}\n", encoding="utf-8")
        others = {name: reproduce.Command(1, f"{script} {name}") for name in names}
        monkeypatch.setattr(reproduce, "COMMANDS", others)
        monkeypatch.setattr(reproduce, "SHOWN", others)

    return commands


def test_every_transcript_has_a_command_and_every_command_its_transcript():
    assert {path.parent.name for path in REFERENCE.glob("*/transcript.txt")} == set(reproduce.COMMANDS)


COMMANDS = {name: command for name, command in reproduce.COMMANDS.items() if "any_length" not in command.arguments}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_the_settings_of_its_reference(name, tmp_path, monkeypatch, capsys):
    """Those in the first line of the transcript; repeats adds the versions, and has a line for each run."""
    script, *arguments = COMMANDS[name].arguments.removeprefix("-m ").split()
    lines, is_repeated = (REFERENCE / name / "transcript.txt").read_text().splitlines(), script == "extensions.repeats"
    parsed, parse = [], common.ArgumentParser.parse_args

    def stop(self, *args):
        parsed.append(parse(self, *args))
        if not is_repeated:
            raise KeyboardInterrupt
        return parsed[-1]

    monkeypatch.setattr(common.ArgumentParser, "parse_args", stop)
    monkeypatch.setattr(repeats, "run_here", lambda *_: [])
    with pytest.raises(SystemExit, match="130"):
        main = importlib.import_module(script.removesuffix(".py")).main
        common.run(lambda: main([*arguments, f"--outputs={tmp_path}"]))
    if is_repeated:
        shown = capsys.readouterr().out.splitlines()
        assert shown[0].partition("keras=")[0] == lines[0].partition("keras=")[0]
        assert name.startswith(f"repeats_{arguments[0]}") and f"{parsed[0].runs} of {parsed[0].runs} runs" in lines
    else:
        assert common.settings_line(parsed[0]).removesuffix(", hold_out=0") == lines[0]


def test_what_has_ended_is_compared_and_not_run_again(tmp_path, capsys, commands):
    commands(
        "assert 'squares' in sys.argv\n"
        f"text = pathlib.Path({str(REFERENCE / 'squares' / 'transcript.txt')!r}).read_bytes()\n"
        "folder = pathlib.Path(sys.argv[3], 'squares')\n"
        "folder.mkdir()\n"
        "(folder / 'transcript.txt').write_bytes(text)\n",
        "squares",
        "marks",
    )
    assert reproduce.main(["--outputs", str(tmp_path)]) == 1
    (tmp_path / "script.py").unlink()
    assert reproduce.main(["--outputs", str(tmp_path), "--only", "squares"]) == 0
    assert reproduce.main(["--outputs", str(tmp_path), "--only", "marks"]) == 1  # run again, with no script
    shown = capsys.readouterr().out
    assert len(re.findall(r"(?m)^squares +0\.\d min  the same$", shown)) == 2
    assert re.findall(r"(?m)^marks +0\.\d min  ended with status (\d), see .*log\.txt$", shown) == ["1", "2"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda old: old.replace(b"728.24", b"728.25"), r"line \d+: '.*728\.25.*', in the reference '.*728\.24.*'"),
        (lambda old: re.sub(rb"[0-9.]+ s\b", b"9.9 s", old), "the same"),
        (lambda old: old + b"more\n", "a different number of lines"),
        (lambda old: old[: old.rindex(b"\n", 0, -1) + 1], "a different number of lines"),
        (lambda old: b"\x80\xff\x00" * 1000, r"line 1: .*"),
    ],
)
def test_what_differs_is_one_short_line(tmp_path, change, said):
    transcript, reference = tmp_path / "transcript.txt", REFERENCE / "squares" / "transcript.txt"
    transcript.write_bytes(change(reference.read_bytes()))
    line = reproduce.compare(transcript, reference)
    assert re.fullmatch(said, line) and len(line) < 2000
    assert reproduce.compare(tmp_path / "missing", reference).startswith("cannot be read: ")


def wait_until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_ctrl_c_ends_the_commands_that_run_and_starts_no_other(tmp_path, monkeypatch, commands):
    commands("time.sleep(60)", *"abc")
    processes = []

    def popen(*args, start=subprocess.Popen, **kwargs):
        processes.append(start(*args, **kwargs))
        return processes[-1]

    def interrupt():
        wait_until(lambda: len(processes) == 2)
        time.sleep(0.2)  # by then, both are awaited
        os.kill(os.getpid(), signal.SIGINT)  # this process alone

    monkeypatch.setattr(reproduce.subprocess, "Popen", popen)
    threading.Thread(target=interrupt).start()
    assert reproduce.main(["--outputs", str(tmp_path)]) == 130
    wait_until(lambda: all(process.poll() is not None for process in processes))
    assert len(processes) == 2
