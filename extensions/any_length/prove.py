"""Proves a saved table again, for numbers of any length: every case is tried.

    python -m extensions.any_length.prove outputs/text_arithmetic/add.json

The exit status is 0 if the proof holds, 1 if something goes wrong, which is shown, and 2 if the file is no such table.
"""

from pathlib import Path

import common
from extensions.any_length import certify, marks, smallest_adder, text_arithmetic

TASKS = {task.name: task for task in (text_arithmetic.TASK, marks.TASK, smallest_adder.TASK)}


def main(argv=None):
    """Prove a file; return the exit status."""
    parser = common.ArgumentParser(description=__doc__, formatter_class=common.HelpFormatter)
    parser.add_argument("file", type=Path, metavar="FILE", help="a table that a script wrote, outputs/NAME/PART.json")
    path = parser.parse_args(argv).file
    try:
        data = certify.read(path)
        if data["kind"] not in TASKS:
            raise ValueError("it is of no known kind")
        task = TASKS[data["kind"]]
        proof = task.prove(task.load(data))
    except OSError as error:
        parser.error(f"argument FILE: {str(path)!r} cannot be read: {error.strerror}")
    except ValueError as error:
        parser.error(f"argument FILE: {str(path)!r} is not a saved table: {error}")
    print(f"{data['kind']}, {path.stem}: {proof.sentence}")
    return int(not proof.holds)


if __name__ == "__main__":
    common.run(main)
