"""Text in, text out, of any length: a small recurrent network puts two fingers on the digits of a sum, and adds.

    " 43904+506095="  ->  the fingers read  4 5, 0 9, 9 0, 3 6, 4 0, + 5, + =  ->  it writes "999945 "

It reads the article's text, with "=" behind it, and writes the answer, units first, then a space. Nothing tells it
where the "+" is: where each finger starts, and when it moves on to the left, is learned. Trained for about half a
minute on numbers of up to 6 digits, it is exact on all sums tried of up to 10,000 digits with 9 of the seeds 1 to 10;
with the seed 3 it goes wrong where a carry travels far.

    python -m extensions.text_addition 43904+506095     adds two numbers of your own, of any length
    python -m extensions.text_addition - < sum.txt      reads them from a file
"""

import itertools

import keras
import numpy as np
from matplotlib.animation import FuncAnimation, PillowWriter
from matplotlib.figure import Figure

import common
from extensions.shared import columns, fingers, lengths, training

KINDS = ("random", "carrying", "unequal")
SHOWN = ("99999067", "958")  # the sum in the picture and in the animation
COLORS = ("tab:blue", "tab:orange")  # of the fingers


def train(seed, args, n_steps):
    """Train on sums of up to args.n_digits digits, the short ones first. Returns the model."""
    # Data
    keras.utils.set_random_seed(seed)
    X = fingers.draw(args.n_epoch * n_steps * args.n_batch, args.n_digits, np.random.default_rng(seed))
    if columns.count_digits(X).max() > args.n_digits:
        raise ValueError(f"a number of more than {args.n_digits} digits was drawn for training")
    text, answers = fingers.encode(X)

    # Model
    model = fingers.build_model(text.shape[1], answers.shape[1])
    schedule = keras.optimizers.schedules.CosineDecay(args.learning_rate, args.n_epoch * n_steps)
    model.compile(
        keras.optimizers.Adam(schedule, clipnorm=1.0),
        loss="sparse_categorical_crossentropy",
        steps_per_execution=common.steps_per_execution(n_steps),
    )

    # Training, in the order of the data, without shuffling: so the short sums come first.
    model.fit(
        text,
        answers,
        sample_weight=fingers.weigh(answers),
        batch_size=args.n_batch,
        epochs=args.n_epoch,
        steps_per_epoch=n_steps,
        shuffle=False,
        verbose=2,
    )
    return model


def predict(model, X):
    """Let the model answer sums, columns (n, n_columns, 2): characters (n, n_columns + 1), as from fingers.encode."""
    return fingers.predict(model, fingers.encode(X)[0], X.shape[1] + 1)


def watch(model, a, b):
    """Let the model add two numbers, given as text, step by step.

    Returns the text, and for each step until the answer ends the places of the fingers, the state and the character.
    """
    [text], [answer] = fingers.encode(columns.from_text([(a, b)], max(len(a), len(b))))
    steps = itertools.islice(fingers.steps(model, text[None]), len(answer))
    steps = [(places[0], state[0], fingers.ALPHABET[written[0]]) for places, state, written in steps]
    n_written = next((i for i, (_, _, written) in enumerate(steps) if written == " "), len(steps))
    return "".join(fingers.ALPHABET[i] for i in text), steps[: n_written + 1]


def picture(title, n_trained, runs, text, steps):
    """Draw where the fingers are at each step, and the exact shares against the digits. Returns a matplotlib Figure.

    runs: for each seed its results, a dict of number of digits -> Result. text, steps: as from `watch`.
    """
    figure = Figure(figsize=(9, 4), dpi=100, layout="constrained")
    figure.suptitle(title)
    left, right = figure.subplots(1, 2)
    for finger, color in enumerate(COLORS):
        left.plot([places[finger] for places, _, _ in steps], range(len(steps)), "o-", color=color)
    left.set_xticks(range(len(text)), text, family="monospace")
    left.set_yticks(range(len(steps)), [written.replace(" ", "end") for _, _, written in steps], family="monospace")
    left.set(xlabel="the text, and where the fingers are", ylabel="written at each step")
    for results in runs:
        for kind, marker in zip(KINDS, "os^", strict=True):
            shares = [100 * result.exact[kind].mean() for result in results.values()]
            right.semilogx(list(results), shares, marker + "-", color="black", alpha=0.4)
    right.axvspan(0.8, n_trained + 0.5, color="lightgray")
    right.text(1, 3, "in training")
    right.set(xlabel="digits of the longer number", ylabel="sums exact (%)", ylim=(-3, 103))
    return figure


def animation(text, steps):
    """Show a sum step by step, as from `watch`: the text, the fingers, the answer and the state; a Matplotlib one."""
    figure = Figure(figsize=(7, 2.4), dpi=100)
    axes, strip = figure.subplots(2, 1, height_ratios=(5, 1))
    figure.subplots_adjust(left=0.02, right=0.98, top=1, bottom=0.06, hspace=0)
    font = {"family": "monospace", "size": 24, "ha": "center", "va": "center"}

    def draw(i):
        places, state, _ = steps[min(i, len(steps) - 1)]
        axes.clear()
        axes.set(xlim=(-0.7, len(text) - 0.3), ylim=(-2.7, 0.7))
        for place, character in enumerate(text):
            axes.text(place, 0, character, **font)
        for place, (_, _, character) in enumerate(steps[: i + 1]):
            axes.text(len(text) - 1 - place, -2, character, **font)
        axes.scatter(places, [-0.9, -0.9], s=200, marker="^", c=list(COLORS))
        strip.clear()
        strip.imshow([state], cmap="gray", vmin=-1, vmax=1, aspect="auto")
        axes.axis("off")
        strip.axis("off")

    return FuncAnimation(figure, draw, frames=len(steps) + 3)


def add_two(a, b, args, n_steps):
    """Add two numbers, given as text, with the saved model, or one trained now. Returns the exit status."""
    model = lengths.load_or_train("text_addition", args, lambda: train(args.seed, args, n_steps))
    _, steps = watch(model, a, b)
    answer = "".join(written for _, _, written in steps)[::-1].strip()
    return lengths.check(f"{a}+{b}", answer, lambda: int(a) + int(b))


def main(argv=None):
    """Train, test and save, or add two given numbers; return the exit status."""
    parser = common.argument_parser(__doc__, n_examples=12_800, n_batch=128, n_epoch=40, learning_rate=0.016)
    tested = [1, 2, 3, 4, 5, 6, 7, 9, 10, 100, 1_000, 10_000]
    lengths.add_lengths(parser, 6, tested)
    training.add_n_seeds(parser, default=1)
    lengths.add_problem(parser, "([0-9]+)[+]([0-9]+)", "958+67")
    args = parser.parse_args(argv)
    n_steps = args.n_examples // args.n_batch
    if args.problem:
        return add_two(*args.problem, args, n_steps)

    def test(name, model, n_digits, rng):
        return lengths.evaluate(
            lambda X: predict(model, X), "+", n_digits, args.n_digits, rng, KINDS, lambda X: fingers.encode(X)[1]
        )

    runs, status = lengths.runs(lambda name, seed: train(seed, args, n_steps), test, ["two fingers"], args)
    if runs:
        lines, [seeds] = lengths.report(runs, args), runs.values()
        model, results, _ = seeds[0]
        text = "\n".join([*lines, lengths.carry_line(results)])
        shown = watch(model, *SHOWN)
        title = f"Trained on up to {args.n_digits} digits, tested on up to {max(args.tested):,}, {len(seeds)} seeds"
        figure = picture(title, args.n_digits, [results for _, results, _ in seeds], *shown)
        print(text)
        common.save(args.outputs, "text_addition", text, figure, model)
        with common.written_whole(args.outputs / "text_addition.gif") as path:
            animation(*shown).save(path, PillowWriter(fps=1.5))
    return status


if __name__ == "__main__":
    common.run(main)
