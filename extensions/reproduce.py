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

import common

ROOT = Path(__file__).resolve().parent.parent
SEARCH = "--search --seed 101 --n-seeds 1"
COMMANDS = {  # the transcript in outputs/reference: about how many minutes it takes, and the command
    "lstm_sum_naive": (1, "lstm_sum_naive.py"),
    "mlp_sum": (1, "mlp_sum.py"),
    "seq2seq_sum": (1, "seq2seq_sum.py"),
    "subtraction": (2, "-m extensions.subtraction"),
    "subtraction_seed_2": (2, "-m extensions.subtraction --seed 2"),
    "subtraction_seed_3": (2, "-m extensions.subtraction --seed 3"),
    "held_out_pairs": (8, "-m extensions.held_out_pairs"),
    "framings": (8, "-m extensions.framings"),
    "framings_search": (9, f"-m extensions.framings {SEARCH}"),
    "integer_encoding": (5, "-m extensions.integer_encoding"),
    "integer_encoding_search": (5, f"-m extensions.integer_encoding {SEARCH}"),
    "feedback_decoder": (5, "-m extensions.feedback_decoder"),
    "feedback_decoder_search": (5, f"-m extensions.feedback_decoder {SEARCH}"),
    "variable_terms": (3, "-m extensions.variable_terms"),
    "variable_terms_search": (3, f"-m extensions.variable_terms {SEARCH}"),
    "variable_operators": (8, "-m extensions.variable_operators"),
    "variable_operators_search": (8, f"-m extensions.variable_operators {SEARCH} --n-epoch 10"),
    "brackets": (8, "-m extensions.brackets"),
    "layer_sizes": (20, "-m extensions.layer_sizes"),
    "layer_sizes_search": (10, "-m extensions.layer_sizes --search --seed 101"),
    "layer_sizes_25_and_50_units": (2, "-m extensions.layer_sizes --n-seeds 3 --units 25 50 --digits 2"),
    "layer_sizes_200_and_400_units": (8, "-m extensions.layer_sizes --n-seeds 3 --units 200 400 --digits 3"),
    "small_sums": (2, "-m extensions.small_sums"),
    "squares": (2, "-m extensions.squares"),
    "unlucky_starts": (5, "-m extensions.unlucky_starts"),
    "exact_lstm": (15, "-m extensions.exact_lstm"),
    "exact_lstm_search": (4, "-m extensions.exact_lstm --search --seed 101 --n-seeds 2"),
    "column_arithmetic": (12, "-m extensions.any_length.column_arithmetic --n-seeds 10"),
    "column_arithmetic_seeds_401_to_410": (12, "-m extensions.any_length.column_arithmetic --seed 401 --n-seeds 10"),
    "text_addition": (6, "-m extensions.any_length.text_addition --n-seeds 10"),
    "text_addition_seeds_401_to_410": (6, "-m extensions.any_length.text_addition --seed 401 --n-seeds 10"),
    "text_addition_ablation": (20, "-m extensions.any_length.text_addition_ablation"),
    "smallest_adder": (1, "-m extensions.any_length.smallest_adder --n-seeds 10"),
    "smallest_adder_seeds_401_to_410": (1, "-m extensions.any_length.smallest_adder --seed 401 --n-seeds 10"),
    "marks": (10, "-m extensions.any_length.marks --n-seeds 10"),
    "marks_seeds_411_to_420": (10, "-m extensions.any_length.marks --seed 411 --n-seeds 10"),
    "calculator": (5, "-m extensions.any_length.calculator --test"),
    "repeats_mlp_sum": (2, "-m extensions.repeats mlp_sum"),
    "repeats_mlp_sum_learning-rate_0.01": (2, "-m extensions.repeats mlp_sum --learning-rate 0.01"),
    "repeats_lstm_sum_naive": (2, "-m extensions.repeats lstm_sum_naive"),
    "repeats_seq2seq_sum": (3, "-m extensions.repeats seq2seq_sum"),
    "repeats_seq2seq_sum_learning-rate_0.003": (3, "-m extensions.repeats seq2seq_sum --learning-rate 0.003"),
    "repeats_seq2seq_sum_n-epoch_60": (4, "-m extensions.repeats seq2seq_sum --n-epoch 60"),
    "repeats_seq2seq_sum_n-epoch_100": (6, "-m extensions.repeats seq2seq_sum --n-epoch 100"),
    "repeats_seq2seq_sum_n-batch_1": (15, "-m extensions.repeats seq2seq_sum --n-batch 1"),  # never quite the same
}


def read(path):
    """Read a transcript as a list of lines, without the seconds, which never come back.

    >>> re.sub(r"[0-9.]+ s\\b", "- s", "Seed 1, 6.3 s of training: all exact")
    'Seed 1, - s of training: all exact'
    """
    return re.sub(r"[0-9.]+ s\b", "- s", path.read_text(encoding="utf-8")).splitlines()


def run(name, folder):
    """Run a command, unless it has ended before; compare what it wrote. Returns what differs, in a line, or None.

    Raises KeyboardInterrupt if Ctrl-C ends it.
    """
    _, command = COMMANDS[name]
    ended = folder / "ended.txt"
    if not ended.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / "log.txt", "w", encoding="utf-8") as log:
            arguments = [sys.executable, *command.split(), "--outputs", str(folder)]
            status = subprocess.run(arguments, cwd=ROOT, stdout=log, stderr=log).returncode
        if status:
            return f"ended with status {status}, see {folder / 'log.txt'}"
        ended.write_text("ended\n", encoding="utf-8")
    written = folder / (re.sub("_(seeds?|25|200)_.*", "", name) + ".txt")
    reference = read(ROOT / "outputs" / "reference" / f"{name}.txt")
    for number, (line, expected) in enumerate(zip(read(written), reference, strict=False), 1):
        if line != expected:
            return f"line {number}: {line!r}, in the reference {expected!r}"
    return None if len(read(written)) == len(reference) else "another number of lines"


def main(argv=None):
    """Run the commands, one after the other, and say what differs; return the exit status."""
    parser = common.ArgumentParser(description=__doc__, formatter_class=common.HelpFormatter)
    parser.add_argument("--outputs", type=common.folder, default=str(ROOT / "outputs"), metavar="FOLDER", help="where")
    parser.add_argument("--only", nargs="+", choices=COMMANDS, default=list(COMMANDS), metavar="NAME", help="which")
    args = parser.parse_args(argv)
    different = 0
    start, left = time.perf_counter(), sum(COMMANDS[name][0] for name in args.only)
    print(f"{len(args.only)} commands, about {left} minutes", flush=True)
    try:
        for name in args.only:
            difference = run(name, args.outputs / "reproduce" / name)
            different += difference is not None
            left -= COMMANDS[name][0]
            minutes = (time.perf_counter() - start) / 60
            print(f"{name}: {difference or 'the same'} ({minutes:.0f} min gone, about {left} left)", flush=True)
    except KeyboardInterrupt:
        print("\nInterrupted: start it again, and it continues with this command.")
        return 130
    return int(different > 0)


if __name__ == "__main__":
    common.run(main)
