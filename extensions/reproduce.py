"""Are all figures reproducible? The commands behind the READMEs, run again and compared with outputs/reference.

    python -m extensions.reproduce                  those behind README.md, two at a time
    python -m extensions.reproduce --all            those behind the other READMEs, too
    python -m extensions.reproduce --only squares   one of them

Each writes to a folder of its own, outputs/reproduce/NAME. Finished commands are not run again: after Ctrl-C, restart
this script to continue. To run all of them once more, delete the folder outputs/reproduce.
"""

import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

import common


class Command(NamedTuple):
    """A command, and how many minutes it took, two at a time on two cores."""

    minutes: float
    arguments: str


ROOT = Path(__file__).resolve().parent.parent
SHOWN = {  # behind README.md, by the name of the reference; the longest first
    "text_arithmetic": Command(23, "-m extensions.any_length.text_arithmetic --n-seeds 10"),
    "held_out_pairs": Command(18, "-m extensions.text.held_out_pairs"),
    "framings": Command(15, "-m extensions.text.framings"),
    "held_out_pairs_80_pairs": Command(4, "-m extensions.text.held_out_pairs --largest 99 --n-pairs 80"),
    "short_sums": Command(4, "-m extensions.text.short_sums"),
    "unlucky_starts": Command(1, "-m extensions.numbers.unlucky_starts"),
    "squares": Command(2, "-m extensions.numbers.squares"),
    "lstm_sum_naive": Command(0.1, "lstm_sum_naive.py"),
    "mlp_sum": Command(0.1, "mlp_sum.py"),
    "seq2seq_sum": Command(0.2, "seq2seq_sum.py"),
    "seq2seq_sum_hold-out_20": Command(0.1, "seq2seq_sum.py --hold-out 20"),
    "seq2seq_sum_hold-out_20_seed_2": Command(0.1, "seq2seq_sum.py --hold-out 20 --seed 2"),
    "seq2seq_sum_hold-out_20_seed_3": Command(0.1, "seq2seq_sum.py --hold-out 20 --seed 3"),
    "seq2seq_sum_hold-out_20_largest_99": Command(1, "seq2seq_sum.py --hold-out 20 --largest 99 --n-epoch 300"),
    "smallest_adder": Command(0.5, "-m extensions.any_length.smallest_adder --n-seeds 10"),
    "calculator": Command(2, "-m extensions.any_length.calculator --test"),
    "repeats_mlp_sum": Command(0.6, "-m extensions.repeats mlp_sum"),
    "repeats_lstm_sum_naive": Command(1, "-m extensions.repeats lstm_sum_naive"),
    "repeats_seq2seq_sum": Command(2, "-m extensions.repeats seq2seq_sum"),
}
OTHERS = {  # behind the READMEs of the rooms only
    "exact_lstm": Command(24, "-m extensions.numbers.exact_lstm"),
    "text_arithmetic_seeds_401_to_410": Command(19, "-m extensions.any_length.text_arithmetic --seed 401 --n-seeds 10"),
    "text_arithmetic_ablation": Command(14, "-m extensions.any_length.text_arithmetic_ablation"),
    "framings_only-article_n-epoch_200": Command(11, "-m extensions.text.framings --only-article --n-epoch 200"),
    "scratchpad": Command(11, "-m extensions.text.scratchpad"),
    "scratchpad_brackets": Command(11, "-m extensions.text.scratchpad --brackets"),
    "layer_sizes": Command(7, "-m extensions.text.layer_sizes"),
    "integer_encoding": Command(4, "-m extensions.text.integer_encoding"),
    "feedback_decoder": Command(5, "-m extensions.text.feedback_decoder"),
    "variable_terms": Command(6, "-m extensions.text.variable_terms"),
    "small_sums": Command(2, "-m extensions.text.small_sums"),
    "held_out_pairs_1280_pairs": Command(4, "-m extensions.text.held_out_pairs --largest 99 --n-pairs 1280"),
    "smallest_adder_seeds_401_to_410": Command(0.5, "-m extensions.any_length.smallest_adder --seed 401 --n-seeds 10"),
    "marks": Command(5, "-m extensions.any_length.marks --n-seeds 10"),
    "marks_seeds_411_to_420": Command(5, "-m extensions.any_length.marks --seed 411 --n-seeds 10"),
    "subtraction": Command(0.4, "-m extensions.subtraction"),
    "subtraction_seed_2": Command(0.4, "-m extensions.subtraction --seed 2"),
    "repeats_mlp_sum_learning-rate_0.01": Command(0.6, "-m extensions.repeats mlp_sum --learning-rate 0.01"),
    "repeats_seq2seq_sum_learning-rate_0.003": Command(2, "-m extensions.repeats seq2seq_sum --learning-rate 0.003"),
}
COMMANDS = SHOWN | OTHERS


def read(path):
    """Return a transcript as a list of lines, without the seconds, which always differ.

    >>> re.sub(r"[0-9.]+ s\\b", "- s", "Seed 1, 6.3 s of training: all exact")
    'Seed 1, - s of training: all exact'
    """
    return re.sub(r"[0-9.]+ s\b", "- s", path.read_text(encoding="utf-8", errors="replace")).splitlines()


def compare(transcript, reference):
    """Return in a line what differs between the files of two transcripts, or that they are the same."""
    try:
        lines, expected_lines = read(transcript), read(reference)
    except OSError as error:
        return f"cannot be read: {error}"
    for number, (line, expected) in enumerate(zip(lines, expected_lines, strict=False), 1):
        if line != expected:
            return f"line {number}: {line[:200]!r}, in the reference {expected[:200]!r}"
    return "the same" if len(lines) == len(expected_lines) else "a different number of lines"


def run(name, folder, processes):
    """Return the minutes that a command took, as text, and a line on how its transcript differs, or "the same".

    A command that has finished before is not run again. processes: a list; the command's process is added to it.
    """
    command = COMMANDS[name]
    ended = folder / "ended.txt"  # with the minutes
    if not ended.exists():
        folder.mkdir(parents=True, exist_ok=True)
        start = time.perf_counter()
        with open(folder / "log.txt", "w", encoding="utf-8") as log:
            arguments = [sys.executable, *command.arguments.split(), "--outputs", str(folder)]
            process = subprocess.Popen(arguments, cwd=ROOT, stdout=log, stderr=log)
            processes.append(process)
            status = process.wait()
        minutes = f"{(time.perf_counter() - start) / 60:.1f}"
        if status:
            return minutes, f"ended with status {status}, see {folder / 'log.txt'}"
        ended.write_text(minutes, encoding="utf-8")
    transcript = next(folder.glob("*/transcript.txt"), folder / "no transcript.txt")
    reference = ROOT / "outputs" / "reference" / name / "transcript.txt"
    return ended.read_text(encoding="utf-8"), compare(transcript, reference)


def main(argv=None):
    """Run the commands, print how each transcript differs, then a table; return the exit status."""
    parser = common.ArgumentParser(description=__doc__, formatter_class=common.HelpFormatter)
    parser.add_argument("--outputs", default=str(ROOT / "outputs"), metavar="FOLDER", help="where")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_const", const=list(COMMANDS), dest="names", help="of all READMEs")
    which.add_argument("--only", nargs="+", choices=COMMANDS, dest="names", metavar="NAME", help="just these")
    parser.set_defaults(names=list(SHOWN))
    parser.add_argument("--jobs", type=common.number(1, 100), default=2, metavar="N", help="commands at a time")
    args = parser.parse_args(argv)
    processes, results, start = [], {}, time.perf_counter()
    left = sum(COMMANDS[name].minutes for name in args.names)
    print(f"{len(args.names)} commands, about {left / args.jobs:.0f} minutes", flush=True)
    executor = ThreadPoolExecutor(args.jobs)
    try:
        folders = {name: args.outputs / "reproduce" / name for name in args.names}
        futures = {executor.submit(run, name, folder, processes): name for name, folder in folders.items()}
        for future in as_completed(futures):
            name = futures[future]
            results[name] = future.result()
            left -= COMMANDS[name].minutes
            gone = (time.perf_counter() - start) / 60
            print(f"{name}: {results[name][1]} ({gone:.0f} min gone, about {left / args.jobs:.0f} left)", flush=True)
    except KeyboardInterrupt:
        print("\nInterrupted: run the same command to do what is not finished.")
        return 130
    finally:  # nothing to do, unless it was interrupted
        executor.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
    print()
    for name in args.names:
        minutes, difference = results[name]
        print(f"{name:42} {minutes:>5} min  {difference}")
    return int(any(difference != "the same" for _, difference in results.values()))


if __name__ == "__main__":
    common.run(main)
