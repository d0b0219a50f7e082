"""Can I ask the network a sum, and can it ask me one? A quiz at a prompt, with the model that seq2seq_sum.py saves.

    Your sum, or Enter: 3+10
    The model says 13: right.
    Your sum, or Enter:
    7+8 = 14
    You are wrong, it is 15. The model says 15: right.

If neither outputs/seq2seq_sum/ nor outputs/quiz/ has a model with these settings, seq2seq_sum.py first trains one for
the quiz. That takes about 10 seconds, or a minute for sums other than the article's, such as --largest 99, which get
ten times as many examples. The quiz first says how many of 1000 random sums the model gets right: 998 with --largest
99, but 83 with --largest 999. Sums up to 99 are not new to the model: training has seen nearly all of them.
"""

import json
import random
import re
import sys

import common
import seq2seq_sum

import keras


def read_sum(text, n_numbers, largest):
    """Return the terms of a typed sum, a list of n_numbers ints from 1 to `largest`.

    Raises ValueError for anything else, with a message that says what is allowed.

    >>> read_sum(" 3 + 10", 2, 10)
    [3, 10]
    """
    if not re.fullmatch(r"\s*[0-9]+\s*(\+\s*[0-9]+\s*)*", text):
        raise ValueError(f"That is not a sum like {'+'.join(['3'] * n_numbers)}.")
    terms = [digits.lstrip("0") for digits in re.findall("[0-9]+", text)]
    # The lengths come first: Python converts no more than 4300 digits.
    if len(terms) != n_numbers or not all(0 < len(t) <= len(str(largest)) and int(t) <= largest for t in terms):
        raise ValueError(f"The model knows only sums of {n_numbers} whole numbers from 1 to {largest}.")
    return [int(term) for term in terms]


def model_answers(model, X, n_numbers, largest):
    """Return the answers of the model to lists of terms X: a list of strings, without the padding."""
    encoded = seq2seq_sum.encode(X, [sum(terms) for terms in X], n_numbers, largest)
    _, predicted = seq2seq_sum.answer(model, *encoded)
    return [text.strip() for text in predicted]


def load(folder, args):
    """Return the model that seq2seq_sum.py saved in a folder, if it was fully trained with these arguments; else None.

    folder: a Path. If the folder exists but its model cannot be used, a printed line says why.
    """
    if not folder.exists():
        return None
    n_in, n_out = common.sequence_lengths(args.n_numbers, args.largest)
    n_chars = len(seq2seq_sum.ALPHABET)
    try:
        figures = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
        if figures["settings"] != common.settings_line(args):
            reason = f"was trained with {figures['settings'][:300]}"
        elif figures["n_finished"] != args.n_epoch:
            reason = "is half trained"
        else:
            model = keras.saving.load_model(folder / "model.keras", compile=False)
            if (model.input_shape, model.output_shape) == ((None, n_in, n_chars), (None, n_out, n_chars)):
                return model
            reason = f"has other layers: {model.input_shape} to {model.output_shape}"
    except Exception as error:  # a file that Keras cannot read can raise anything: KeyError, BadZipFile, ...
        reason = f"cannot be loaded: {type(error).__name__}: {' '.join(str(error).split())[:300]}"
    print(f"The model in {folder} {reason}")
    return None


def load_or_train(args):
    """Return the model that seq2seq_sum.py saved with the settings in args, or have it train one.

    Raises KeyboardInterrupt if Ctrl-C ended the training.
    """
    own = args.outputs / "quiz" / f"{args.n_numbers}x{args.largest}"
    for folder in (args.outputs / "seq2seq_sum", own / "seq2seq_sum"):
        if model := load(folder, args):
            return model
    print(f"seq2seq_sum.py first trains a model in {own}.")
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in vars(args).items() if name != "outputs"]
    if seq2seq_sum.main([*arguments, f"--outputs={own}"]) != 0:
        raise KeyboardInterrupt
    return load(own / "seq2seq_sum", args)


def ask(prompt):
    """Print the prompt and return the line that is typed; raise EOFError at the end of the input, and for q."""
    line = input(prompt)
    if not sys.stdin.isatty():
        print(line)  # which a terminal shows by itself
    if line.strip().lower() == "q":
        raise EOFError
    return line


def play(model, args, rng, score):
    """Answer the sums that are typed, and pose others, until the input ends: EOFError, or KeyboardInterrupt.

    rng: as random.Random. score: a dict of two lists, "The model" and "You", that get True or False for each answer.
    """

    def judge(who, answer, total):
        right = answer == str(total)
        score[who].append(right)
        return "right" if right else f"wrong, it is {total}"

    while True:
        line = ask("Your sum, or Enter: ")
        if line.strip():
            try:
                terms = read_sum(line, args.n_numbers, args.largest)
            except ValueError as error:
                print(error)
                continue
        else:
            [terms], _ = common.random_sum_pairs(1, args.n_numbers, args.largest, rng)
            yours = ""
            while not re.fullmatch(r"\s*-?[0-9]+\s*", yours):
                yours = ask(f"{'+'.join(map(str, terms))} = ")
            print(f"You are {judge('You', yours.strip().lstrip('0'), sum(terms))}.", end=" ")
        [answer] = model_answers(model, [terms], args.n_numbers, args.largest)
        print(f"The model says {answer or 'nothing'}: {judge('The model', answer, sum(terms))}.")


def main(argv=None):
    """Load or train the model, play, and print the score; return the exit status."""
    parser = common.argument_parser(__doc__, **seq2seq_sum.SETTINGS)
    args = parser.parse_args(argv)
    if (args.n_numbers, args.largest) != (2, 10):
        # `seq2seq_sum.py --largest 99` ends with 9.7 % exact; with 10,000 examples, seeds 1 to 3 get 98.6 to 100 %.
        parser.set_defaults(n_examples=10_000)
        args = parser.parse_args(argv)
    if sys.stdin is None:
        parser.error("there is nobody to ask: standard input is closed")
    for stream in (sys.stdin, sys.stdout):
        stream.reconfigure(errors="replace")  # bad bytes must not end the quiz

    rng = random.Random()  # not of args.seed: the problems are new each time
    score = {"The model": [], "You": []}
    status = 0
    try:
        model = load_or_train(args)
        X, y = common.random_sum_pairs(1000, args.n_numbers, args.largest, rng)
        answers = model_answers(model, X, args.n_numbers, args.largest)
        n_exact = sum(answer == str(total) for answer, total in zip(answers, y, strict=True))
        size = f"{args.n_numbers} numbers from 1 to {args.largest}"
        print(f"\nOf 1000 random sums of {size}, the model gets {n_exact} right.")
        print("Type a sum for the model, or press Enter to be asked one; q quits.\n")
        play(model, args, rng, score)
    except EOFError:
        pass
    except KeyboardInterrupt:
        status = 130
    print("\n" + " ".join(f"{who}: {sum(right)} of {len(right)} right." for who, right in score.items()))
    return status


if __name__ == "__main__":
    common.run(main)
