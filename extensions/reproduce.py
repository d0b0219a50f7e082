"""Do all figures come back? Every command behind the two READMEs, run again and compared with outputs/reference.

    python -m extensions.reproduce                  all of them, some hours on two cores
    python -m extensions.reproduce --only squares   one of them

Each writes to a folder of its own, outputs/reproduce/NAME. A command that has ended is not run again: after Ctrl-C,
start it again, and it continues. Delete the folder outputs/reproduce to run all of them once more.
"""

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import common


class Command(NamedTuple):
    """A command, about how many minutes it takes, and its transcript's name, where the reference has another one."""

    minutes: int
    arguments: str
    transcript: str | None = None


ROOT = Path(__file__).resolve().parent.parent
SEARCH = "--search --seed 101 --n-seeds 1"
COMMANDS = {  # by the name of the reference
    "lstm_sum_naive": Command(1, "lstm_sum_naive.py"),
    "mlp_sum": Command(1, "mlp_sum.py"),
    "seq2seq_sum": Command(1, "seq2seq_sum.py"),
    "subtraction": Command(2, "-m extensions.subtraction"),
    "subtraction_seed_2": Command(2, "-m extensions.subtraction --seed 2", "subtraction"),
    "subtraction_seed_3": Command(2, "-m extensions.subtraction --seed 3", "subtraction"),
    "held_out_pairs": Command(8, "-m extensions.text.held_out_pairs"),
    "framings": Command(8, "-m extensions.text.framings"),
    "framings_search": Command(9, f"-m extensions.text.framings {SEARCH}"),
    "integer_encoding": Command(5, "-m extensions.text.integer_encoding"),
    "integer_encoding_search": Command(5, f"-m extensions.text.integer_encoding {SEARCH}"),
    "feedback_decoder": Command(5, "-m extensions.text.feedback_decoder"),
    "feedback_decoder_search": Command(5, f"-m extensions.text.feedback_decoder {SEARCH}"),
    "variable_terms": Command(3, "-m extensions.text.variable_terms"),
    "variable_terms_search": Command(3, f"-m extensions.text.variable_terms {SEARCH}"),
    "scratchpad": Command(8, "-m extensions.text.scratchpad"),
    "scratchpad_search": Command(8, f"-m extensions.text.scratchpad {SEARCH} --n-epoch 10"),
    "scratchpad_brackets": Command(8, "-m extensions.text.scratchpad --brackets"),
    "layer_sizes": Command(20, "-m extensions.text.layer_sizes"),
    "layer_sizes_search": Command(10, "-m extensions.text.layer_sizes --search --seed 101"),
    "layer_sizes_25_and_50_units": Command(
        2, "-m extensions.text.layer_sizes --n-seeds 3 --units 25 50 --digits 2", "layer_sizes"
    ),
    "layer_sizes_200_and_400_units": Command(
        8, "-m extensions.text.layer_sizes --n-seeds 3 --units 200 400 --digits 3", "layer_sizes"
    ),
    "small_sums": Command(2, "-m extensions.text.small_sums"),
    "squares": Command(2, "-m extensions.numbers.squares"),
    "unlucky_starts": Command(5, "-m extensions.numbers.unlucky_starts"),
    "exact_lstm": Command(15, "-m extensions.numbers.exact_lstm"),
    "exact_lstm_search": Command(4, "-m extensions.numbers.exact_lstm --search --seed 101 --n-seeds 2"),
    "column_arithmetic": Command(12, "-m extensions.any_length.column_arithmetic --n-seeds 10"),
    "column_arithmetic_seeds_401_to_410": Command(
        12, "-m extensions.any_length.column_arithmetic --seed 401 --n-seeds 10", "column_arithmetic"
    ),
    "text_addition": Command(6, "-m extensions.any_length.text_addition --n-seeds 10"),
    "text_addition_seeds_401_to_410": Command(
        6, "-m extensions.any_length.text_addition --seed 401 --n-seeds 10", "text_addition"
    ),
    "text_addition_ablation": Command(20, "-m extensions.any_length.text_addition_ablation"),
    "smallest_adder": Command(1, "-m extensions.any_length.smallest_adder --n-seeds 10"),
    "smallest_adder_seeds_401_to_410": Command(
        1, "-m extensions.any_length.smallest_adder --seed 401 --n-seeds 10", "smallest_adder"
    ),
    "marks": Command(10, "-m extensions.any_length.marks --n-seeds 10"),
    "marks_seeds_411_to_420": Command(10, "-m extensions.any_length.marks --seed 411 --n-seeds 10", "marks"),
    "calculator": Command(5, "-m extensions.any_length.calculator --test"),
    "repeats_mlp_sum": Command(2, "-m extensions.repeats mlp_sum"),
    "repeats_mlp_sum_learning-rate_0.01": Command(2, "-m extensions.repeats mlp_sum --learning-rate 0.01"),
    "repeats_lstm_sum_naive": Command(2, "-m extensions.repeats lstm_sum_naive"),
    "repeats_seq2seq_sum": Command(3, "-m extensions.repeats seq2seq_sum"),
    "repeats_seq2seq_sum_learning-rate_0.003": Command(3, "-m extensions.repeats seq2seq_sum --learning-rate 0.003"),
    "repeats_seq2seq_sum_n-epoch_60": Command(4, "-m extensions.repeats seq2seq_sum --n-epoch 60"),
    "repeats_seq2seq_sum_n-epoch_100": Command(6, "-m extensions.repeats seq2seq_sum --n-epoch 100"),
    "repeats_seq2seq_sum_n-batch_1": Command(
        15, "-m extensions.repeats seq2seq_sum --n-batch 1"
    ),  # never quite the same
}


def read(path):
    """Return a transcript as a list of lines, without the seconds, which never come back.

    >>> re.sub(r"[0-9.]+ s\\b", "- s", "Seed 1, 6.3 s of training: all exact")
    'Seed 1, - s of training: all exact'
    """
    return re.sub(r"[0-9.]+ s\b", "- s", path.read_text(encoding="utf-8")).splitlines()


def run(name, folder):
    """Return in a line what differs after a command, which is run unless it has ended before; or None.

    Raises KeyboardInterrupt if Ctrl-C ends it.
    """
    command = COMMANDS[name]
    ended = folder / "ended.txt"
    if not ended.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / "log.txt", "w", encoding="utf-8") as log:
            arguments = [sys.executable, *command.arguments.split(), "--outputs", str(folder)]
            status = subprocess.run(arguments, cwd=ROOT, stdout=log, stderr=log).returncode
        if status:
            return f"ended with status {status}, see {folder / 'log.txt'}"
        ended.write_text("ended\n", encoding="utf-8")
    lines = read(folder / f"{command.transcript or name}.txt")
    reference = read(ROOT / "outputs" / "reference" / f"{name}.txt")
    for number, (line, expected) in enumerate(zip(lines, reference, strict=False), 1):
        if line != expected:
            return f"line {number}: {line!r}, in the reference {expected!r}"
    return None if len(lines) == len(reference) else "another number of lines"


def main(argv=None):
    """Run the commands, one after the other, and say what differs; return the exit status."""
    parser = common.ArgumentParser(description=__doc__, formatter_class=common.HelpFormatter)
    parser.add_argument("--outputs", type=common.folder, default=str(ROOT / "outputs"), metavar="FOLDER", help="where")
    parser.add_argument("--only", nargs="+", choices=COMMANDS, default=list(COMMANDS), metavar="NAME", help="which")
    args = parser.parse_args(argv)
    different = 0
    start, left = time.perf_counter(), sum(COMMANDS[name].minutes for name in args.only)
    print(f"{len(args.only)} commands, about {left} minutes", flush=True)
    try:
        for name in args.only:
            difference = run(name, args.outputs / "reproduce" / name)
            different += difference is not None
            left -= COMMANDS[name].minutes
            minutes = (time.perf_counter() - start) / 60
            print(f"{name}: {difference or 'the same'} ({minutes:.0f} min gone, about {left} left)", flush=True)
    except KeyboardInterrupt:
        print("\nInterrupted: start it again, and it continues with this command.")
        return 130
    return int(different > 0)


if __name__ == "__main__":
    common.run(main)
