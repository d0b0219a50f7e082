"""Has Agda, a proof assistant, check that a trained network's table is exact for numbers of any length.

    python -m extensions.any_length.theorem outputs/text_arithmetic              every table of a run
    python -m extensions.any_length.theorem outputs/text_arithmetic/add.json     one table

The table is written as an Agda module, in a temporary folder with copies of the proofs; it is read back from there and
compared with the file; then Agda decides. What the theorem says stands in Statement.agda, and here in README.md.
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
from extensions.any_length.theorem import table

PROOFS = Path(__file__).parent
REFUSED = "false != true of type Bool"  # Agda's words: it has worked out the check, and the check says no


def find_agda():
    """Return the path of the Agda program, which stands beside Python's or is on the PATH, or None."""
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
    """Copy the proofs into a folder, and have Agda check them; what was checked before is not believed."""
    for path in PROOFS.glob("*.agda"):
        shutil.copy(path, folder)
    run_agda(agda, folder, "Theorem")


def check(agda, folder, data):
    """Return whether Agda accepts that a table does its operation. folder: as from `copy_proofs`."""
    path = Path(folder) / "Trained.agda"
    path.write_text(table.to_agda(data), encoding="utf-8")
    written = table.from_agda(path.read_text(encoding="utf-8"))
    if any(entries != data[name] for name, entries in written.items()):
        raise ValueError("the table in the Agda module is not the one in the file")
    return run_agda(agda, folder, "Trained")


def statement(operation):
    """Return what is said in Statement.agda, in a sentence, of a table that does an operation.

    >>> statement("add")
    'The answer to " a+b=" is a + b, the units first, and a blank.'
    """
    text = (PROOFS / "Statement.agda").read_text(encoding="utf-8")
    comment = re.search(rf"((?:-- .*\n)+){table.STATEMENTS[operation][0]} : ", text)[1]
    return " ".join(line.removeprefix("-- ") for line in comment.splitlines())


def tables_in(path):
    """Return the paths of the tables of a run's folder, or the path of one table."""
    if not path.is_dir():
        return [path]
    return [file for operation in table.SIGNS if (file := path / f"{operation}.json").exists()]


def main(argv=None):
    """Have Agda check each table; return the exit status."""
    parser = common.ArgumentParser(description=__doc__, formatter_class=common.HelpFormatter)
    parser.add_argument("file", type=Path, metavar="FILE", help="a table of text_arithmetic, or the folder of a run")
    path = parser.parse_args(argv).file
    agda, status, tables = find_agda(), 0, {}
    if not agda:
        parser.error("Agda is missing: pip install agda==2.6.4.3.post1 (for Python 3.10 to 3.12)")
    try:
        for file in tables_in(path):
            tables[file] = table.read(file)
    except OSError as error:
        parser.error(f"argument FILE: {str(file)!r} cannot be read: {error.strerror}")
    except ValueError as error:
        parser.error(f"argument FILE: {str(file)!r} cannot be checked: {error}")
    if not tables:
        parser.error(f"argument FILE: {str(path)!r} has no tables")
    with tempfile.TemporaryDirectory() as folder:
        try:
            start = time.perf_counter()
            copy_proofs(agda, folder)
            print(f"Agda accepts the proofs, {time.perf_counter() - start:.1f} s", flush=True)
            for data in tables.values():
                operation, start = data["operation"], time.perf_counter()
                accepted = check(agda, folder, data)
                told = f"{operation}: {len(data['output'])} states, {time.perf_counter() - start:.1f} s"
                if accepted:
                    print(f"{told}: Agda accepts the theorem, for numbers of any length.\n    {statement(operation)}")
                else:
                    print(f"{told}: Agda refuses the theorem. {what_goes_wrong(data)}")
                    status = 1
        except ValueError as error:
            parser.error(str(error))
    return status


def what_goes_wrong(data):
    """Return in a sentence a problem that a table gets wrong."""
    if (problem := table.search(data)) is None:
        return "No problem was found that goes wrong."
    text = table.SIGNS[data["operation"]].join(problem)
    written = table.work(data, f" {text}=")
    answer = "no end" if written is None else repr(written + " ")
    return f"{text}= goes wrong: it writes {answer}."


if __name__ == "__main__":
    common.run(main)
