"""Proves a saved network for numbers of any length again: every case of its table is tried.

    python -m extensions.any_length.prove outputs/column_arithmetic_add.json

The exit status is 0 if the proof holds, 1 if a problem goes wrong, which is shown, and 2 if the file is no such table.
"""

from pathlib import Path

import common
from extensions.any_length import automaton, column_arithmetic, marks, text_addition
from extensions.any_length.columns import OPERATIONS

PROOFS = dict.fromkeys(OPERATIONS, column_arithmetic.prove_saved) | {
    "marks": marks.prove_saved,
    "text_addition": text_addition.prove_saved,
}


def main(argv=None):
    """Prove a file; return the exit status."""
    parser = common.ArgumentParser(description=__doc__, formatter_class=common.HelpFormatter)
    parser.add_argument("file", type=Path, metavar="FILE", help="as the scripts write them, outputs/NAME.json")
    path = parser.parse_args(argv).file
    try:
        data = automaton.read(path)
        if data["kind"] not in PROOFS:
            raise ValueError("it is of no known kind")
        holds, sentence = PROOFS[data["kind"]](data)
    except OSError as error:
        parser.error(f"argument FILE: {str(path)!r} cannot be read: {error.strerror}")
    except ValueError as error:
        parser.error(f"argument FILE: {str(path)!r} is not a saved network: {error}")
    print(f"{data['kind']}: {sentence}")
    return int(not holds)


if __name__ == "__main__":
    common.run(main)
