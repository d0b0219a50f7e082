"""Has Agda, a proof assistant, check that a trained network's table is exact for numbers of any length.

    python -m extensions.any_length.theorem outputs/text_arithmetic              every table of a run
    python -m extensions.any_length.theorem outputs/text_arithmetic/add.json     one table

The table is written as an Agda module, in a temporary folder with copies of the proofs; it is read back from there and
compared with the file; then Agda decides. The theorem is stated in Statement.agda and in README.md here.
Agda is a package: pip install agda==2.6.4.3.post1 (for Python 3.10 to 3.12)

The exit status is 0 if Agda accepts every table, 1 if it refuses one, and 2 if Agda is missing, or a file is no table.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import common
from extensions.any_length import certify, fingers
from extensions.any_length.problems import OPERATIONS
from extensions.any_length.theorem import table as tables

PROOFS = Path(__file__).parent
REFUSED = "false != true of type Bool"  # Agda's words: it has worked out the check, and the check says no


def find_agda():
    """Return the path of the Agda program, which is beside Python or on the PATH, or None."""
    return shutil.which("agda", path=Path(sys.executable).parent) or shutil.which("agda")


def run_agda(agda, folder, module):
    """Return whether Agda accepts a module in a folder, and what it says. --safe: no axiom, no unchecked recursion."""
    command = [agda, "--safe", "--no-libraries", f"{module}.agda"]
    process = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)
    said = process.stdout + process.stderr
    if process.returncode and REFUSED not in said:
        raise ValueError(f"Agda cannot check {module}.agda: {' '.join(said.split())[:1000]}")
    return process.returncode == 0


def copy_proofs(agda, folder):
    """Copy the proofs into a folder, and have Agda check them; earlier checks are not trusted.

    Raises ValueError if Agda refuses one of them.
    """
    for path in PROOFS.glob("*.agda"):
        shutil.copy(path, folder)
    for module in ("Theorem", "Marks"):
        if not run_agda(agda, folder, module):
            raise ValueError(f"Agda refuses {module}.agda")


def check(agda, folder, table):
    """Return whether Agda accepts that a Table does its operation. folder: as from `copy_proofs`."""
    path = Path(folder) / "Trained.agda"
    path.write_text(tables.to_agda(table), encoding="utf-8")
    if tables.from_agda(path.read_text(encoding="utf-8")) != table:
        raise ValueError("the table in the Agda module is not the one in the file")
    return run_agda(agda, folder, "Trained")


def statement(operation):
    """Return the sentence in Statement.agda about a table that does an operation.

    >>> statement("add")
    'The answer to " a+b=" is a + b, the units first, and a blank.'
    """
    text = (PROOFS / "Statement.agda").read_text(encoding="utf-8")
    comment = re.search(rf"((?:-- .*\n)+){tables.STATEMENTS[operation][0]} : ", text)[1]
    return " ".join(line.removeprefix("-- ") for line in comment.splitlines())


def read(path):
    """Return the Table in a file. Raises a one-line ValueError for a wrong file, OSError if missing."""
    data = certify.read(path)
    if data["kind"] != "text_arithmetic":
        raise ValueError("it is not a table of text_arithmetic")
    return fingers.load(data)


def read_all(folder):
    """Return the Tables of a run, one for each operation. Raises ValueError if one is missing, or in another's file."""
    given = [read(folder / f"{operation}.json") for operation in OPERATIONS]
    if [table.operation for table in given] != list(OPERATIONS):
        raise ValueError("an operation's file has the table of another one")
    return given


def main(argv=None):
    """Have Agda check each table; return the exit status."""
    parser = common.ArgumentParser(description=__doc__, formatter_class=common.HelpFormatter)
    parser.add_argument("file", type=Path, metavar="FILE", help="a table of text_arithmetic, or the folder of a run")
    path = parser.parse_args(argv).file
    agda, status = find_agda(), 0
    if not agda:
        parser.error("Agda is missing: pip install agda==2.6.4.3.post1 (for Python 3.10 to 3.12)")
    try:
        given = read_all(path) if path.is_dir() else [read(path)]
    except OSError as error:
        parser.error(f"argument FILE: {error.filename!r} cannot be read: {error.strerror}")
    except ValueError as error:
        parser.error(f"argument FILE: {str(path)!r} cannot be used: {error}")
    try:
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            copy_proofs(agda, folder)
            print(f"Agda accepts the proofs, {time.perf_counter() - start:.1f} s", flush=True)
            for table in given:
                start = time.perf_counter()
                accepted = check(agda, folder, table)
                told = f"{table.operation}: {len(table.output)} states, {time.perf_counter() - start:.1f} s"
                if accepted:
                    print(f"{told}: Agda accepts the theorem, for numbers of any length.", flush=True)
                    print(f"    {statement(table.operation)}", flush=True)
                else:
                    print(f"{told}: Agda refuses the theorem. {fingers.prove(table).sentence.capitalize()}", flush=True)
                    status = 1
    except ValueError as error:
        parser.error(str(error))
    return status


if __name__ == "__main__":
    common.run(main)
