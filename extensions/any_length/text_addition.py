"""Text in, text out, exact at every length: a small recurrent network puts two fingers on a sum, and adds.

    " 43904+506095="  ->  the fingers read  4 5, 0 9, 9 0, 3 6, 4 0, blank 5, blank +  ->  it writes "999945 "

A finger is an attention that moves at most one place to the left a step; after training it is a pointer. Where each
starts, and when it moves on, is learned, from sums of up to 6 digits and nothing but their answers. Then the network's
state is rounded to one of a few centres, which makes it a table, and three finite checks prove the table:

    start    whatever the digits, one finger starts before "+" and the other before "="
    moves    whatever they read, each moves on from digits, and stays behind its number
    states   in every state that can be reached, with every pair of digits, it writes the right digit

Training takes some 40 seconds of processor time. Each of the seeds 1 to 10 is proved.

    python -m extensions.any_length.text_addition 43904+506095     adds two numbers of your own, with the proved table
    python -m extensions.any_length.text_addition - < sum.txt      reads them from a file
"""

import argparse
import contextlib
import itertools
import re
import time
import typing

import common
from extensions import experiments
from extensions.any_length import automaton, column_arithmetic, columns

import keras
import numpy as np
from keras import layers, ops
from matplotlib.animation import FuncAnimation, PillowWriter
from matplotlib.figure import Figure
from sklearn.decomposition import PCA

ALPHABET = "0123456789+ ="
PLUS, BLANK, EQUALS, EDGE = 10, 11, 12, 13  # BLANK is also what is written last; EDGE: nothing stands behind "="
ADD = columns.OPERATIONS["add"]
SHOWN = 99999067, 958  # the sum in the pictures
COLORS = "tab:blue", "tab:orange"  # of the fingers


# ---- The network ---------------------------------------------------------------------------------------------------


class Fingers(layers.Layer):
    """From texts (n, n_in), an index for each character, to what two fingers read (n, n_steps, 26), one-hot or spread.

    Both decisions are multiplied by 4, which makes them sharp: a finger is hardly spread, nearly a pointer.
    """

    def __init__(self, n_steps):
        """Make the layers that decide: the start from each character and the next, the move from what is read."""
        super().__init__()
        self.n_steps = n_steps
        # L2 keeps the digits from having a say in the start
        self.start = layers.Conv1D(2, 2, padding="same", kernel_regularizer=keras.regularizers.L2(1e-4))
        self.move = layers.Dense(2)

    def call(self, text):
        """Put the fingers on the text, then read and move, n_steps times."""
        characters = ops.one_hot(text, len(ALPHABET))  # (n, n_in, 13)
        first, second = ops.split(ops.transpose(4 * self.start(characters), (0, 2, 1)), 2, axis=1)  # (n, 1, n_in)
        first = ops.softmax(first)
        second = ops.softmax(second) * (1 - first)  # not where the first one is
        second = second / (ops.sum(second, axis=-1, keepdims=True) + 1e-6)
        fingers = ops.concatenate([first, second], axis=1)  # (n, 2, n_in)
        reads = []
        for _ in range(self.n_steps):
            reads.append(ops.reshape(ops.matmul(fingers, characters), (-1, 2 * len(ALPHABET))))  # (n, 26)
            moving = ops.sigmoid(4 * self.move(reads[-1]))[:, :, None] * fingers
            moving = ops.concatenate([ops.zeros_like(moving[:, :, :1]), moving[:, :, 1:]], axis=-1)  # not off the edge
            fingers = fingers - moving + ops.roll(moving, -1, axis=-1)
        return ops.stack(reads, axis=1)


def build_model(n_in, n_steps):
    """Return the network for texts of n_in characters and answers of n_steps, not compiled."""
    # Dropout takes a fifth of the state from each training sum, so that many units learn to keep the carry.
    return keras.Sequential(
        [
            keras.Input((n_in,), dtype="int32"),  # (15,) " 43904+506095="
            Fingers(n_steps),  # (8, 26) two characters at each step
            layers.Dense(64, activation="relu"),  # (8, 64)
            layers.SimpleRNN(32, recurrent_dropout=0.2, return_sequences=True, unroll=True),  # (8, 32)
            layers.Dense(len(ALPHABET) - 1, activation="softmax"),  # (8, 12) probabilities of digit, "+", " "
        ]
    )


# ---- Sums as text --------------------------------------------------------------------------------------------------


def draw(n_sums, n_digits, rng, grow=True):
    """Return sums to train on, pairs of ints, of one digit at first, up to n_digits after half; many carry far.

    Of three sums in ten the longer number is as long as may be, else it is rather long; of four in ten both are of one
    length, else the other has any length up to it. They are in the order in which training is to have them.
    grow: if False, numbers have up to n_digits, at most 17, from the start.
    """
    longest = np.full(n_sums, n_digits)
    if grow:
        longest = np.minimum(n_digits, 1 + np.arange(n_sums) * 2 * (n_digits - 1) // n_sums)
    longer = np.where(rng.random(n_sums) < 0.3, longest, rng.integers(1, longest + 1, (2, n_sums)).max(axis=0))
    other = np.where(rng.random(n_sums) < 0.4, longer, rng.integers(1, longer + 1))
    n_digits_of = rng.permuted(np.stack([longer, other], axis=1), axis=1)[:, None]
    X = columns.draw(ADD, n_sums, n_digits, rng)
    # A number ends, and where its digit made the column sum to 9, the other one gets a 9. No zero leads.
    position = np.arange(n_digits + 1)[:, None]
    ended = position >= n_digits_of
    nine = (X.sum(axis=2, keepdims=True) == 9) & ended.any(axis=2, keepdims=True)
    X = np.where(ended, 0, np.where(nine, 9, X))
    X = np.where((position == n_digits_of - 1) & (position > 0) & (X == 0), 1, X)
    return (10 ** np.arange(n_digits + 1) @ X).tolist()


def encode(pairs, n_digits):
    """Return sums of numbers of up to n_digits as text, padded on the left, and their answers, units first.

    They are ints (n, 2 * n_digits + 3) and (n, n_digits + 2).

    >>> for indices in encode([(958, 67)], 3):
    ...     print(repr("".join(ALPHABET[i] for i in indices[0])))
    '  958+67='
    '5201 '
    """
    texts = [f"{a}+{b}=".rjust(2 * n_digits + 3) for a, b in pairs]
    answers = [str(a + b)[::-1].ljust(n_digits + 2) for a, b in pairs]
    return common.integer_encode(texts, answers, ALPHABET)


# ---- The table -----------------------------------------------------------------------------------------------------


class Adder(typing.NamedTuple):
    """All that the rounded network does, in whole numbers.

    start: for each finger the rank of each character and its right neighbour, (2, 13, 14). A finger starts where its
    rank is highest, the leftmost if there are more, the second one not where the first one is.
    moves: for each finger 0 or 1 for each pair of characters that they read, (2, 169).
    table: an automaton.Table, from such pairs to characters.
    """

    start: list
    moves: list
    table: automaton.Table


def read(adder, text, n_steps):
    """Return where the fingers are, and the pairs of characters that they read, 13 * first + second: n_steps of each.

    text: bytes, an index of ALPHABET for each character.
    """
    characters = np.frombuffer(text, dtype=np.uint8)
    first, second = np.array(adder.start, dtype=np.int16)[:, characters, np.append(characters[1:], EDGE)]
    i = int(first.argmax())
    second[i] = -1
    j = int(second.argmax())
    places, symbols, (move_first, move_second) = [], [], adder.moves
    for _ in range(n_steps):
        symbol = 13 * text[i] + text[j]
        places.append((i, j))
        symbols.append(symbol)
        i -= move_first[symbol] and i > 0
        j -= move_second[symbol] and j > 0
    return places, symbols


def add(adder, a, b):
    """Return the sum of two numbers, as text, by the table: what is written up to the blank, turned round.

    A blank stands before the first number. Two steps more are made than the longer number has digits.
    """
    _, symbols = read(adder, to_indices(f" {a}+{b}="), max(len(a), len(b)) + 2)
    return to_answer(automaton.run(adder.table, symbols)[0])


def is_right(adder, a, b):
    """Return whether the table adds two numbers right; leading zeros are kept."""
    return add(adder, a, b) == column_arithmetic.exact(a, "+", b).zfill(max(len(a), len(b)))


def to_symbols(adder, pairs):
    """Return what the fingers read in sums of several lengths: an array (n, n_steps)."""
    n_steps = 2 + max(len(str(number)) for pair in pairs for number in pair)
    return np.array([read(adder, to_indices(f" {a}+{b}="), n_steps)[1] for a, b in pairs])


def to_answer(written):
    """Return the number in what was written, indices, units first, up to the blank."""
    return "".join(ALPHABET[i] for i in written).partition(" ")[0][::-1]


def to_indices(text):
    """Return the index in ALPHABET of each character of a text, as bytes."""
    return bytes(ALPHABET.index(character) for character in text)


# ---- The proof -----------------------------------------------------------------------------------------------------

DIGITS = [*range(1, 10), 0]  # 0 comes last, so that a problem found has no leading zeros where others do as well
REST = [  # the neighbours in a sum, but for a digit before "+" or "="; blanks are in front of the first number
    *itertools.product(DIGITS, DIGITS), *itertools.product((BLANK, PLUS), DIGITS), (BLANK, BLANK), (EQUALS, EDGE),
]  # fmt: skip
START = 0, False, False, None  # kept: the carry, whether either number has ended, and the order of the fingers


def check_start(start):
    """Return how far the right place for each finger is above all others, for each digit before "+" and before "=".

    start: scores or ranks (2, 13, 14). The fingers may stand either way round. Returns an array (10, 10), positive
    where the start is right, and the order: 1 where the first finger is in the second number, else 0.
    """
    start = np.asarray(start)
    plus, equals = start[:, :10, PLUS, None], start[:, None, :10, EQUALS]
    characters, behind = np.transpose(REST)
    rest = start[:, characters, behind].max(axis=1)
    swapped = plus[0] < equals[0]
    first = np.maximum(plus[0], equals[0]) - rest[0]
    second = np.where(swapped, plus[1], equals[1]) - rest[1]
    return np.minimum(first, second), swapped.astype(int).tolist()


def to_symbol(order, a, b):
    """Return what the table reads where one finger is on a, in the first number, and one on b, in the second."""
    return 13 * b + a if order else 13 * a + b


def rule(order):
    """Return the rule for `automaton.prove`. order: as from `check_start`."""

    def after(kept):
        if kept == "the end":
            return []
        carry, a_ended, b_ended, now = kept
        firsts = [BLANK] if a_ended else [*DIGITS, BLANK]
        seconds = [PLUS] if b_ended else [*DIGITS, PLUS]
        if kept == START:  # each number has a digit
            firsts, seconds = DIGITS, DIGITS
        cases = []
        for a, b in itertools.product(firsts, seconds):
            if kept == START:
                now = order[a][b]
            if (a, b, carry) == (BLANK, PLUS, 0):
                right, keep = BLANK, "the end"
            else:
                right, carried = columns.add(0 if a == BLANK else a, 0 if b == PLUS else b, carry)
                keep = carried, a == BLANK, b == PLUS, now
            cases.append((to_symbol(now, a, b), right, keep))
        return cases

    return after


def check_moves(moves, order):
    """Return how far each decision is on the right side of 0, for all that the fingers can read: (n, 2).

    moves: scores (2, 169), positive where a finger moves on: from every digit, not from "+". On a blank both are right.
    order: as from `check_start`.
    """
    margins = []
    for now, a, b in itertools.product(np.unique(order), [*DIGITS, BLANK], [*DIGITS, PLUS]):
        symbol = to_symbol(now, a, b)
        second = moves[1 - now][symbol]
        margins.append((np.inf if a == BLANK else moves[now][symbol], -second if b == PLUS else second))
    return np.array(margins)


def prove(adder):
    """Return whether every case is right, this in a line, and a sum that goes wrong, as text, or None."""
    starts, order = check_start(adder.start)
    moves = check_moves(np.array(adder.moves) - 0.5, order)
    proof = automaton.prove(adder.table, rule(order), START)
    right = {"start": (starts > 0).all(), "moves": (moves > 0).all(), "states": not proof.wrong}
    if all(right.values()):
        tried = f"start: {len(REST) + 20} pairs of neighbours; moves: {len(moves)}; "
        tried += f"{len(adder.table.next_state) - 1} states, {proof.n_cases} cases"
        return True, f"{tried}: every one right. Exact at every length.", None
    what = " and ".join(name for name in right if not right[name])
    for a, b in suspects(proof.wrong or []):
        if not is_right(adder, a, b):
            return False, f"not proved: {what}; {a}+{b} goes wrong", (a, b)
    return False, f"not proved: {what}; no sum found", None


def suspects(symbols):
    """Yield the sums that may go wrong: those of which the fingers read these symbols, if any, then short ones.

    Moves are all seen in numbers of two digits, starts in numbers of one digit and of four: 1, two neighbours, the end.
    """
    if symbols:
        a = "".join(str(symbol // 13) for symbol in symbols[::-1] if symbol // 13 < 10)
        b = "".join(str(symbol % 13) for symbol in symbols[::-1] if symbol % 13 < 10)
        for first, second in ((a, b), (b, a)):
            yield without_zero(first), without_zero(second)
            yield first, second
    for longs, shorts in ((range(100), range(100)), (range(1000, 2000), range(10))):
        for a, b in itertools.product(longs, shorts):
            yield str(a), str(b)
            yield str(b), str(a)


def without_zero(number):
    """Return a number, as text, with a 1 before a leading zero."""
    return "1" + number if number.startswith("0") else number


# ---- Training, which ends in the proof -------------------------------------------------------------------------------


def take_apart(model):
    """Return a network's `step` for automaton.py, its Adder without a table, and the fingers' smallest margins."""
    fingers, pairs, states, characters = (layer.get_weights() for layer in model.layers)
    start, start_bias, move, move_bias = fingers
    behind = np.vstack([start[1], [[0, 0]]])  # the convolution sees zeros behind the text
    scores = (start[0][:, None] + behind + start_bias).transpose(2, 0, 1)  # (2, 13, 14)
    ranks = [np.unique(score, return_inverse=True)[1].reshape(13, 14).tolist() for score in scores]
    reads = np.hstack([np.repeat(np.eye(13), 13, axis=0), np.tile(np.eye(13), (13, 1))])  # (169, 26)
    moves = (reads @ move + move_bias).T  # (2, 169)
    kernel, bias = pairs
    thoughts = np.maximum(reads @ kernel + bias, 0)  # (169, 64)
    kernel, recurrent, bias = states
    inputs = thoughts @ kernel + bias  # (169, 32)
    write, write_bias = characters

    def step(states, symbols):
        states = np.tanh(inputs[symbols] + states @ recurrent)
        return states, states @ write + write_bias

    starts, order = check_start(scores)
    margins = starts.min(), check_moves(moves, order).min()
    return step, Adder(ranks, (moves > 0).astype(int).tolist(), None), margins


def round_off(model, rng, n_centres=automaton.N_CENTRES):
    """Return the Adder, its state rounded to the fewest centres that can be proved, or to the most tried if none can.

    Returns the centres (n, 32), too, the smallest margins as text, and sums that go wrong with fewer centres.
    """
    step, adder, (start, move) = take_apart(model)
    symbols = to_symbols(adder, draw(2000, 6, rng, grow=False))
    states = automaton.collect(step, np.zeros(32), symbols)[0].reshape(-1, 32)
    _, order = check_start(adder.start)
    table, found = automaton.fewest(step, np.zeros(32), states, 169, rule(order), START, n_centres)
    _, (state, character), centres = found.pop(max(found))
    if table is None:
        table, _ = automaton.tabulate(step, np.zeros(32), centres, 169)
    margins = f"smallest margins: start {start:.2g}, move {move:.2g}, state {state:.2g}, character {character:.2g}"
    return (
        adder._replace(table=table),
        centres,
        margins,
        [next(suspects(proof.wrong)) for proof, _, _ in found.values()],
    )


def train(args, n_centres=automaton.N_CENTRES):
    """Train until the proof holds, at most five rounds. n_centres: as for `automaton.fewest`.

    Returns the model, the Adder, its centres, whether it is proved, and as text what was found, and the margins.
    """
    keras.utils.set_random_seed(args.seed)
    rng, weights, wrong = np.random.default_rng(args.seed), None, []
    for n_rounds in range(1, 6):
        # Data: the short sums first. In later rounds, which are shorter, every fourth sum is one that went wrong.
        if n_rounds == 2:
            shorter = {"n_epoch": -(-args.n_epoch // 4), "learning_rate": args.learning_rate / 4}
            args = argparse.Namespace(**{**vars(args), **shorter})
        pairs = draw(args.n_epoch * args.n_examples, args.n_digits, rng, grow=n_rounds == 1)
        for i, pair in zip(range(0, len(pairs), 4), itertools.cycle(wrong), strict=False):  # none, if none went wrong
            pairs[i] = pair
        longest = max(max(pair) for pair in wrong) if wrong else 0
        text, answers = encode(pairs, max(args.n_digits, len(str(longest))))

        # Model
        model = build_model(text.shape[1], answers.shape[1])
        if weights:
            model.set_weights(weights)

        # Training, in the order of the data
        schedule = keras.optimizers.schedules.CosineDecay(
            args.learning_rate, args.n_epoch * args.n_examples // args.n_batch
        )
        optimizer = keras.optimizers.Adam(schedule, clipnorm=1.0)
        counts = np.cumsum(answers == BLANK, axis=1) <= 1  # nothing counts behind the first blank
        loss = "sparse_categorical_crossentropy"
        experiments.fit(model, text, answers, args, optimizer, sample_weight=counts, loss=loss)
        weights = model.get_weights()

        # Proof
        adder, centres, margins, wrong_before = round_off(model, rng, n_centres)
        proved, line, counterexample = prove(adder)
        if proved:
            break
        for a, b in [counterexample, *wrong_before] if counterexample else wrong_before:
            wrong.append((int(a), int(b)))
    return model, adder, centres, proved, f"rounds of training: {n_rounds}; {line}\n    {margins}"


# ---- Tests beside the proof ------------------------------------------------------------------------------------------


def draw_tests(rng):
    """Return the sums that check the proof, pairs of text: a dict of kind -> list."""
    tests = {}
    for n, n_digits in ((10_000, 10), (100, 1_000), (1, 1_000_000)):
        tests[f"random, {n_digits:,} digits"] = [columns.random_problem(ADD, n_digits, rng) for _ in range(n)]
    nines, zeros, fives, fours = "9" * 1000, "0" * 999, "5" * 999, "4" * 999
    hard = [(nines, "1"), ("1", nines), (nines, nines), (nines, "0"), ("1" + zeros, nines), ("0", "0"), ("5", fives)]
    hard += [("5" + zeros, "5" + zeros), (fours, fives), (fours + "4", fives + "6"), (nines, "7"), ("1" + fours, fives)]
    return tests | {"hard, 1,000 digits": hard}


def count_unrounded(problems, adder, step):
    """Return how many sums are right without rounding the state."""
    _, written = automaton.collect(step, np.zeros(32), to_symbols(adder, problems))
    right = [column_arithmetic.exact(a, "+", b) for a, b in problems]
    return experiments.count_exact(right, [to_answer(row) for row in written])


# ---- Pictures --------------------------------------------------------------------------------------------------------


def watch(adder, a, b):
    """Return the text of a sum, and for each step of the table the fingers' places, the caption and the state."""
    text = f"  {a}+{b}="
    places, symbols = read(adder, to_indices(text), max(len(a), len(b)) + 2)
    steps, state, carry = [], 0, 0
    for (i, j), symbol in zip(places, symbols, strict=True):
        terms = [text[place] for place in sorted((i, j)) if text[place].isdigit()]
        if carry:
            terms.append("1")
        total = sum(map(int, terms))
        [written], state = automaton.run(adder.table, [symbol], state)
        result = f"={total}: write {total % 10}, carry {total // 10}" if len(terms) > 1 else f": write {total}"
        caption = "+".join(terms) + result if terms else "no digit, no carry: the end"
        carry = total // 10
        steps.append((i, j, ALPHABET[written], caption, state))
    return text, steps


def picture(adder, centres, step, line):
    """Return a matplotlib Figure: where the fingers are at each step of a sum, and the states with the centres.

    line: what was found, as from `train`.
    """
    text, steps = watch(adder, *map(str, SHOWN))
    figure = Figure(figsize=(9, 4.2), dpi=100, layout="constrained")
    cases = re.search(r"\d+ states, \d+ cases", line)[0]
    figure.suptitle(f"{cases}, every start and every move, all right: the rounded network is exact at every length")
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    for finger, marker in enumerate("os"):
        left.plot([places[finger] for places in steps], range(len(steps)), marker + "-", color=COLORS[finger])
    left.xaxis.tick_top()
    left.set_xticks(range(len(text)), text, family="monospace", size=13)
    left.tick_params(length=0)
    left.set_yticks(range(len(steps)), [caption for *_, caption, _ in steps], size=9)
    left.set(ylim=(len(steps) - 0.5, -0.5))
    left.set_xlabel("where the fingers are, step by step")

    pairs = draw(500, 6, np.random.default_rng(1), grow=False)
    states = automaton.collect(step, np.zeros(32), to_symbols(adder, pairs))[0].reshape(-1, 32)
    carries = columns.work(ADD, np.array(pairs)[:, None] // 10 ** np.arange(8)[:, None] % 10)[1].ravel()
    pca = PCA(2).fit(states)
    for carry, (label, color) in enumerate({"no carry": "silver", "carry": "dimgray"}.items()):
        right.plot(*pca.transform(states[carries == carry]).T, ".", color=color, markersize=3, label=label)
    dots = {"color": "black", "markeredgecolor": "white", "markersize": 12, "label": "centre"}
    right.plot(*pca.transform(centres).T, "X", **dots)
    right.legend(markerscale=1.5)
    right.set(xticks=[], yticks=[], xlabel="states before rounding")
    return figure


def animation(adder, centres):
    """Return an animation: step by step the fingers, the answer under its digits, the caption and the state."""
    text, steps = watch(adder, *map(str, SHOWN))
    figure = Figure(figsize=(9, 3), dpi=100)
    axes, strip = figure.add_axes((0, 0.16, 1, 0.84)), figure.add_axes((0.1, 0.05, 0.87, 0.1))
    font = {"family": "monospace", "size": 34, "ha": "center", "va": "center"}

    def draw_frame(frame):
        now = min(frame, len(steps) - 1)
        i, j, _, caption, state = steps[now]
        axes.clear()
        axes.set(xlim=(-0.6, len(text) - 0.4), ylim=(-3.1, 0.6))
        axes.axis("off")
        for place, character in enumerate(text):
            axes.text(place, 0, character, **font)
        for first, second, character, *_ in steps[: now + 1]:
            axes.text(min(first, second), -1.5, character, weight="bold", **font)
        for place, marker, color in zip((i, j), "^s", COLORS, strict=True):
            axes.plot(place, -0.7, marker, markersize=16, color=color)
        if frame >= len(steps):
            caption = f"{SHOWN[0]}+{SHOWN[1]}={sum(SHOWN)}: proved at every length"
        axes.text((len(text) - 1) / 2, -2.6, caption, size=22, ha="center", va="center")
        strip.clear()
        strip.imshow(centres[[state - 1]], cmap="gray", vmin=-1, vmax=1, aspect="auto")
        strip.set(xticks=[], yticks=[])
        strip.set_ylabel("state", rotation=0, ha="right", va="center", size=16)

    return FuncAnimation(figure, draw_frame, frames=len(steps) + 3)


# ---- The script ------------------------------------------------------------------------------------------------------


def settings(args):
    """Return in one line the arguments that decide what is trained."""
    names = "n_examples", "n_batch", "n_epoch", "learning_rate", "seed", "n_digits"
    return ", ".join(f"{name}={getattr(args, name)}" for name in names)


def to_data(adder, settings):
    """Return an Adder, of which the settings are these, as a dict for JSON."""
    data = {"kind": "text_addition", **adder.table._asdict(), "start": adder.start, "moves": adder.moves}
    return {**data, "settings": settings}


def load(data):
    """Return the Adder in what `automaton.read` gave. Raises ValueError, in one line, if it is none."""
    table = automaton.check(data, 169, 12)
    start = automaton.indices(data.get("start"), (2, 13, 14), 182)
    moves = automaton.indices(data.get("moves"), (2, 169), 2)
    if start and moves:
        return Adder(start, moves, table)
    raise ValueError("it has no table of starts and moves")


def prove_saved(data):
    """Return whether what `automaton.read` gave holds, and a line. Raises ValueError as `load` does."""
    return prove(load(data))[:2]


def find(path, settings):
    """Return the Adder of a file if it has these settings and can be proved, else None; say so if it is damaged."""
    with contextlib.suppress(FileNotFoundError):
        try:
            data = automaton.read(path)
            if data.get("settings") == settings and prove_saved(data)[0]:
                return load(data)
        except ValueError as error:
            print(f"{path} cannot be used: {error}")
    return None


def answer(a, b, args):
    """Print the sum of two numbers, as text, by the proved table of a run, or one trained now; the exit status."""
    own = args.outputs / "text_addition_asked.json"
    adder = find(args.outputs / "text_addition.json", settings(args)) or find(own, settings(args))
    if adder is None:
        _, adder, _, proved, line = train(args)
        if not proved:
            print(line)
            return 1
        automaton.write(own, **to_data(adder, settings(args)))
    print(f"{a}+{b}={add(adder, a, b)}")
    right = is_right(adder, a, b)
    print("Decimal arithmetic says the same." if right else "Wrong: decimal arithmetic says something else.")
    return int(not right)


def main(argv=None):
    """Train, prove and save, or add two given numbers; return the exit status, 1 if a network is not proved."""
    parser = common.argument_parser(__doc__, n_examples=12_800, n_batch=128, n_epoch=40, learning_rate=0.016)
    parser.add_argument("--n-digits", type=common.number(1, 17), default=6, metavar="N", help="most in training")
    experiments.add_arguments(parser, n_seeds=1, search=False)
    own = {"type": column_arithmetic.own_problem, "metavar": "958+67", "help": "one of your own; - for standard input"}
    parser.add_argument("problem", nargs="?", **own)
    args = parser.parse_args(argv)
    if args.problem:
        a, sign, b = args.problem
        if sign != "+":
            parser.error(f"argument 958+67: this network has learned sums, not {sign}")
        return answer(a.lstrip("0") or "0", b.lstrip("0") or "0", args)
    del args.problem
    proofs, shown = [], []

    def run(_, seed):
        start, of_seed = time.process_time(), argparse.Namespace(**{**vars(args), "seed": seed})
        model, adder, centres, proved, result = train(of_seed)
        lines = [f"seed {seed}, {time.process_time() - start:.1f} s of processor time, {result}"]
        proofs.append(proved)
        if proved:
            step, *_ = take_apart(model)
            shown.append((adder, centres, step, result))
            if len(shown) == 1:
                automaton.replace(args.outputs, "text_addition", {"text_addition": to_data(adder, settings(of_seed))})
            for kind, problems in draw_tests(np.random.default_rng([seed, 1])).items():
                n_right = sum(is_right(adder, a, b) for a, b in problems)
                line = f"    {kind}: {n_right:,} of {len(problems):,}"
                if len(problems) > 1:
                    line += f"; without rounding {count_unrounded(problems, adder, step):,}"
                lines.append(line)
        return lines

    def report(results):
        lines = []
        for told in results["text addition"]:
            lines += told
        lines.append(f"proved: {sum(proofs)} of {len(proofs)} seeds")
        if not shown:
            automaton.replace(args.outputs, "text_addition", {"text_addition": None})
            return lines, None
        adder, centres, step, result = shown[0]
        with common.written_whole(args.outputs / "text_addition.gif") as path:
            animation(adder, centres).save(path, PillowWriter(fps=0.8))
        return lines, picture(adder, centres, step, result)

    status = experiments.run_each("text_addition", run, ["text addition"], report, args)
    return status or int(not all(proofs))


if __name__ == "__main__":
    common.run(main)
