"""reproduce: what differs is one line and a row of the table, what has ended is not run again, Ctrl-C ends all."""

import os
import re
import signal
import subprocess
import sys
import time

from extensions import reproduce

import pytest

REFERENCE = reproduce.ROOT / "outputs" / "reference"


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """Give a function that puts two commands in place of all: a script of such code, which fails for the second."""

    def commands(code):
        (tmp_path / "script.py").write_text(f"import pathlib, sys, time\n{code}\n", encoding="utf-8")
        both = {
            "squares": reproduce.Command(1, f"{tmp_path / 'script.py'} squares"),
            "subtraction_seed_2": reproduce.Command(1, f"{tmp_path / 'script.py'} other", "subtraction"),
        }
        monkeypatch.setattr(reproduce, "COMMANDS", both)

    return commands


def test_every_transcript_has_a_command_and_every_command_its_transcript():
    assert {path.stem for path in REFERENCE.glob("*.txt")} == set(reproduce.COMMANDS)


def test_what_has_ended_is_compared_and_not_run_again(tmp_path, capsys, commands):
    commands(
        "assert 'squares' in sys.argv\n"
        f"text = pathlib.Path({str(REFERENCE)!r}, 'squares.txt').read_bytes()\n"
        "pathlib.Path(sys.argv[3], 'squares.txt').write_bytes(text)\n"
    )
    for _ in range(2):
        assert reproduce.main(["--outputs", str(tmp_path)]) == 1
    (tmp_path / "script.py").unlink()
    assert reproduce.main(["--outputs", str(tmp_path), "--only", "squares"]) == 0
    shown = capsys.readouterr().out
    assert len(re.findall(r"(?m)^squares: the same \(0 min gone, about \d left\)$", shown)) == 3
    assert len(re.findall(r"(?m)^squares +0\.\d min  the same$", shown)) == 3
    assert len(re.findall(r"(?m)^subtraction_seed_2 +0\.\d min  ended with status 1, see .*log\.txt$", shown)) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda old: old, "the same"),
        (lambda old: old.replace(b"728.24", b"728.25"), r"line \d+: '.*728\.25.*', in the reference '.*728\.24.*'"),
        (lambda old: re.sub(rb"[0-9.]+ s\b", b"9.9 s", old), "the same"),
        (lambda old: old + b"more\n", "another number of lines"),
        (lambda old: b"\x80\xff\x00" * 1000, r"line 1: .*"),
        (lambda old: None, "cannot be read: .*"),
    ],
)
def test_what_differs_is_one_short_line(tmp_path, change, said):
    transcript, content = tmp_path / "squares.txt", change((REFERENCE / "squares.txt").read_bytes())
    if content:
        transcript.write_bytes(content)
    line = reproduce.compare(transcript, REFERENCE / "squares.txt")
    assert re.fullmatch(said, line) and len(line) < 2000


def test_ctrl_c_ends_the_commands_that_run_and_starts_no_other(tmp_path):
    (tmp_path / "script.py").write_text("import os, pathlib, sys, time\npathlib.Path(sys.argv[2], 'pid').write_text("
                                        "str(os.getpid()))\ntime.sleep(60)\n")  # fmt: skip
    code = (
        "import sys\nfrom extensions import reproduce\n"
        f"reproduce.COMMANDS = {{name: reproduce.Command(1, {str(tmp_path / 'script.py')!r}) for name in 'abc'}}\n"
        f"sys.exit(reproduce.main(['--outputs', {str(tmp_path)!r}]))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=reproduce.ROOT, stdout=subprocess.PIPE, text=True)
    pids = [tmp_path / "reproduce" / name / "pid" for name in "ab"]
    while not all(path.exists() and path.read_text() for path in pids):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)  # to it alone
    assert "Interrupted" in process.communicate(timeout=30)[0]  # and does not wait for them
    assert process.returncode == 130
    for path in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(int(path.read_text()), 0)
    assert sorted(os.listdir(tmp_path / "reproduce")) == ["a", "b"]
