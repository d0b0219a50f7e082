"""Where to begin in an expression? A network marks every step that may be done now. At any length, this is proved.

    ((12+3)*45-600)*7-8*(9-2)
        s                 s        s: the operator of a step that may be done now
    ((15)*45-600)*7-8*(7)
     b  b             b b          b: brackets around a single number, to be dropped

One layer reads the characters from the left, another from the right, and each character gets one of three marks. The
network is trained on texts of 32 characters for half a minute. Then the states of both layers are rounded to a few
centres, which makes two automata. The proof tries every pair of their states at every character. Which mark is right
depends on two things only:

    from the left     the last character that is not a digit, and whether digits follow it
    from the right    the same

An operator between two numbers is marked if they follow a blank, a "(" or a weaker operator, and precede a blank, a ")"
or an operator that is no stronger. A bracket is marked if only a number stands between it and its partner.

    python -m extensions.any_length.marks --n-seeds 10     trains and proves; the calculator uses seed 1
"""

import functools
import itertools
import random
import typing

import common
from extensions import experiments
from extensions.any_length import automaton, certify

import keras
import numpy as np
from keras import layers

ALPHABET = "1234567890+-*() "  # blanks stand before, behind and between expressions
NO_MARK, STEP, BRACKET = range(3)
START = None, False  # what is kept before the first blank
OTHER = {"(": ")", ")": "("}
DEEPER = {"(": 1, ")": -1}  # the change in the number of open brackets


def keep(kept, character):
    """Return what to keep after a character: the last one that is not a digit, and whether digits follow it."""
    return (kept[0], True) if character.isdigit() else (character, False)


@functools.cache
def rule(bracket):
    """Return the rule for `automaton.walk`: which characters may follow. bracket: "(", or ")" from right to left.

    Brackets need not match, so this allows more than expressions; but no number stands between a blank and a bracket
    that closes, as in " 12)", or between one that opens and a blank, as in "(12 ".
    """

    @functools.cache
    def after(kept):
        last, number = kept
        if last is None:
            follow = " "
        elif number or last == OTHER[bracket]:
            follow = "1234567890+-*" if number else "+-*"
            if last != bracket:
                follow += " "
            if last != " ":
                follow += OTHER[bracket]
        else:
            follow = "1234567890" + bracket
            if last == " ":
                follow += " "
        return [(ALPHABET.index(character), 0, keep(kept, character)) for character in follow]  # 0: nothing is written

    return after


def mark(character, left, right):
    """Return the right mark of a character. left, right: what was kept on either side.

    >>> mark("*", ("-", True), (")", True)), mark("+", ("-", True), (")", True)), mark("(", ("*", False), (")", True))
    (1, 0, 2)
    """
    (before, left_number), (behind, right_number) = left, right
    if character in "+-*" and left_number and right_number:
        if character == "*":
            may_be_done = before in " (+-" and behind in " )+-*"
        else:
            may_be_done = before in " (" and behind in " )+-"
        return STEP if may_be_done else NO_MARK
    around = (character == "(" and right == (")", True)) or (character == ")" and left == ("(", True))
    return BRACKET if around else NO_MARK


def marks_of(text):
    """Return the right mark of each character, a list.

    >>> "".join(".sb"[mark] for mark in marks_of(" 2*(7)-(1+4) "))
    '...b.b...s...'
    """
    left = list(itertools.accumulate(text, keep, initial=START))
    right = list(itertools.accumulate(text[::-1], keep, initial=START))[::-1]
    # left[i] is what is kept before text[i], right[i + 1] what is kept behind it
    return [mark(character, left[i], right[i + 1]) for i, character in enumerate(text)]


def draw(n_characters, rng):
    """Return a text of expressions with blanks around them; some have long numbers, others many brackets."""
    digit, operator, opening, closing, blank = (rng.random() for _ in range(5))
    weights = [digit / 10] * 10 + [operator / 3] * 3 + [opening, closing, blank]
    text, depth, kept = "", 0, START
    while len(text) + depth < n_characters - 3:
        never = " " if depth else ")"  # a blank only where every bracket is closed
        allowed = [case for case in rule("(")(kept) if ALPHABET[case[0]] != never]
        [(symbol, _, kept)] = rng.choices(allowed, [weights[case[0]] for case in allowed])
        text += ALPHABET[symbol]
        depth += DEEPER.get(text[-1], 0)
    last = rng.choice("123456789")
    if text[-1] in "(+-*":
        text += last
    return (text + ")" * depth).ljust(n_characters)


def build_model(n_characters):
    """Return the network, not compiled. Dropout makes many units of a state learn what must be remembered."""
    layer = layers.SimpleRNN(32, recurrent_dropout=0.2, return_sequences=True)
    return keras.Sequential(
        [
            keras.Input((n_characters, len(ALPHABET))),  # (32, 16)
            layers.Dense(64, activation="relu"),  # (32, 64)
            layers.Bidirectional(layer),  # (32, 64) a state from the left, and one from the right
            layers.Dense(128, activation="relu"),  # (32, 128)
            layers.Dense(3, activation="softmax"),  # (32, 3) probabilities of the marks
        ]
    )


class Marker(typing.NamedTuple):
    """The rounded network: the next states from the left and from the right, and a mark for each pair of states."""

    left: list
    right: list
    marks: list


def read(marker, text):
    """Return the marks that a Marker gives to the characters of a text, int array (n_characters,)."""
    symbols = text.encode().translate(bytes.maketrans(ALPHABET.encode(), bytes(range(len(ALPHABET)))))

    def states(table, symbols):
        after = itertools.accumulate(symbols, lambda state, symbol: table[state][symbol], initial=0)
        return np.fromiter(after, np.int16)[1:]

    left, right = states(marker.left, symbols), states(marker.right, symbols[::-1])[::-1]
    return np.array(marker.marks)[left, right]


def walk(table, after):
    """Return a dict for each character: (the state after it, what was kept before it) -> the shortest path there.

    table: the next states from one side. after: the rule of that side.
    """
    reached = automaton.walk(automaton.Table(table, np.zeros_like(table)), after, START).reached
    cases = [{} for _ in ALPHABET]
    for (state, kept), path in reached.items():
        for symbol, _, _ in after(kept):
            cases[symbol].setdefault((table[state][symbol], kept), path)
    return cases


def prove(marker):
    """Try every case of a Marker; return the Proof. `wrong` is a list of texts, the shortest first."""
    n_cases, wrong = 0, []
    sides = zip(ALPHABET, walk(marker.left, rule("(")), walk(marker.right, rule(")")), strict=True)
    for character, from_left, from_right in sides:
        for (left_state, left), (right_state, right) in itertools.product(from_left, from_right):
            if character.isdigit() and (left[0], right[0]) in ((" ", ")"), ("(", " ")):
                continue  # a number in " 12)" or "(12 ", see `rule`
            n_cases += 1
            if marker.marks[left_state][right_state] != mark(character, left, right):
                before, behind = from_left[left_state, left], from_right[right_state, right][::-1]
                symbols = [*before, ALPHABET.index(character), *behind]
                wrong.append("".join(ALPHABET[symbol] for symbol in symbols))
    wrong.sort(key=len)
    if wrong:
        sentence = f"not proved: {len(wrong):,} of {n_cases:,} cases go wrong, as in {wrong[0]!r}."
        return certify.Proof(False, sentence, wrong)
    sentence = f"{len(marker.left) - 1} and {len(marker.right) - 1} centres, {n_cases:,} cases: every one right."
    return certify.Proof(True, f"{sentence} Exact at every length.", [])


def take_apart(model):
    """Return the steps for automaton.py, from the left and from the right, and a function that scores the marks."""
    characters, sides, pairs, marks = (layer.get_weights() for layer in model.layers)

    def make_step(kernel, recurrent, bias):
        kernel_of_characters, bias_of_characters = characters
        inputs = np.maximum(kernel_of_characters + bias_of_characters, 0) @ kernel + bias

        def step(states, symbols):
            states = np.tanh(inputs[symbols] + states @ recurrent)
            return states, np.zeros((len(states), 2))  # it writes nothing by itself

        return step

    def score(left, right):
        kernel, bias = pairs
        both = np.maximum((left @ kernel[:32])[:, None] + right @ kernel[32:] + bias, 0)
        kernel, bias = marks
        return both @ kernel + bias

    return make_step(*sides[:3]), make_step(*sides[3:]), score


def round_off(trained, part, rng, n_centres=(8, 16, 24, 32, 48, 64, 96, 128, 256)):
    """Yield Markers, rounded to ever more centres of the states in the first texts that the network was trained on."""
    from_left, from_right, score = take_apart(trained.model)
    start = np.zeros(32, dtype=np.float32)

    def collect(step, X):
        states, _ = automaton.collect(step, start, X)
        return np.unique(states.reshape(-1, 32), axis=0)  # rare ones count as much as frequent ones

    def round_side(step, states, n):
        centres = automaton.centres_of(states, n)
        table = automaton.tabulate(step, start, centres, len(ALPHABET))
        return table.next_state, np.vstack([start, centres])

    left_states, right_states = collect(from_left, trained.X), collect(from_right, trained.X[:, ::-1])
    for n in n_centres:
        if n <= min(len(left_states), len(right_states)):
            left, left_centres = round_side(from_left, left_states, n)
            right, right_centres = round_side(from_right, right_states, n)
            yield Marker(left, right, score(left_centres, right_centres).argmax(axis=2).tolist())


class Trained(typing.NamedTuple):
    """A network, and the first of the texts that it was trained on, ints (1000, n_characters)."""

    model: keras.Model
    X: np.ndarray


def fit(before, wrong, rng, args):
    """Return a Trained network: a new one if `before` is None, else `before`, trained on the texts that went wrong.

    Later rounds are shorter, and every fourth of their texts is one that went wrong.
    """
    # Data
    n_epoch, learning_rate = (1, args.learning_rate / 4) if before else (args.n_epoch, args.learning_rate)
    texts = [draw(args.n_characters, rng) for _ in range(args.n_examples)]
    if wrong:
        texts[::4] = itertools.islice(itertools.cycle(wrong), len(texts[::4]))
    n_characters = max(map(len, texts))
    texts = [text.ljust(n_characters) for text in texts]
    X, _ = common.integer_encode(texts, texts, ALPHABET)
    y = np.array([marks_of(text) for text in texts])

    # Model
    model = build_model(n_characters)
    if before:
        model.set_weights(before.model.get_weights())
    n_steps = args.n_examples // args.n_batch
    schedule = keras.optimizers.schedules.CosineDecay(learning_rate, n_epoch * n_steps)
    model.compile(
        keras.optimizers.Adam(schedule, clipnorm=1.0),
        loss="sparse_categorical_crossentropy",
        steps_per_execution=common.steps_per_execution(n_steps),
    )

    # Training
    X_one_hot = np.eye(len(ALPHABET), dtype=np.float32)[X]
    model.fit(X_one_hot, y, batch_size=args.n_batch, epochs=n_epoch, steps_per_epoch=n_steps, verbose=2)
    return Trained(model, X[:1000])


def predict(model, texts):
    """Return the marks that a network gives to texts of one length, without rounding."""
    longer = build_model(len(texts[0]))
    longer.set_weights(model.get_weights())
    X = np.eye(len(ALPHABET), dtype=np.float32)[common.integer_encode(texts, texts, ALPHABET)[0]]
    return longer.predict(X, verbose=0).argmax(axis=2)


def check(result):
    """Return a line that says how many long texts are right, by the network and by its table."""
    rng = random.Random(result.settings["seed"])
    texts = [draw(1000, rng) for _ in range(100)]
    found = {"without rounding": predict(result.model.model, texts)}
    for marker in result.proved.values():
        found["by the table"] = np.array([read(marker, text) for text in texts])
    right = np.array([marks_of(text) for text in texts])
    counts = [f"{(marks == right).all(axis=1).sum()} of 100 {name}" for name, marks in found.items()]
    return [f"    texts of 1,000 characters, all marks right: {', '.join(counts)}"]


def load(data):
    """Return the Marker in a dict from `certify.read`. Raises a one-line ValueError if there is none."""
    n_left, n_right = (len(data[side]) if isinstance(data.get(side), list) else 0 for side in ("left", "right"))
    left = automaton.indices(data.get("left"), (n_left, len(ALPHABET)), n_left)
    right = automaton.indices(data.get("right"), (n_right, len(ALPHABET)), n_right)
    marks = automaton.indices(data.get("marks"), (n_left, n_right), 3)
    if left and right and marks:
        return Marker(left, right, marks)
    raise ValueError("it lacks a side's table, or a mark for some pair of states")


DEFAULTS = {"n_examples": 25_600, "n_batch": 64, "n_epoch": 5, "learning_rate": 0.006, "n_characters": 32}
TASK = certify.Task("marks", ("marks",), DEFAULTS, fit, round_off, prove, load)


def main(argv=None):
    """Train, prove, save; return the exit status, 1 if a seed is not proved."""
    shared = {name: DEFAULTS[name] for name in ("n_examples", "n_batch", "n_epoch", "learning_rate")}
    parser = common.argument_parser(__doc__, {"n_examples": (10, 10**7)}, **shared)
    n, default = common.number(8, 1000), DEFAULTS["n_characters"]
    parser.add_argument("--n-characters", type=n, default=default, metavar="N", help="of each text")
    experiments.add_arguments(parser, n_seeds=1, search=False)
    return certify.run(TASK, parser.parse_args(argv), check)


if __name__ == "__main__":
    common.run(main)
