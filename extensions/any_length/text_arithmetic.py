"""One network does four operations on text, exactly and at every length. It follows each problem with two fingers.

    "  958+67="  ->  the fingers read  8 7, 5 6, 9 +, blank +  ->  it writes "5201 "        units first
    "  958-67="  ->                    8 7, 5 6, 9 -, ...      ->            "198 "
    "   958*7="  ->                    8 7, 5 7, 9 7, blank 7  ->            "6076 "
    "   958/7="  ->                    9 7, 5 7, 8 7, / 7      ->            "136 "         first digit first

From problems of up to 5 digits and their answers, the network learns where the fingers start, how they move, what to
write and what to keep. Each operation has a program for its fingers, and a layer that reads the two characters. The
cell, which keeps the state, is shared.

    1. find    Six candidate programs for each operation are trained side by side; their fingers may be spread over
               several characters. Of those that pass the check of the fingers, the most accurate one is kept.
    2. read    Now each finger is on exactly one character. Training goes on with the characters that they read.
    3. round   The states are rounded to a few centres, which makes a table. Every case is tried (fingers.py).

If cases go wrong, another round of 2 and 3 practises them; there are at most five rounds (certify.py).

    python -m extensions.any_length.text_arithmetic --n-seeds 10    trains and proves with each of ten seeds
    python -m extensions.any_length.text_arithmetic "958/7"         answers with the proved tables, trained if missing
    python -m extensions.any_length.text_arithmetic - < problem.txt reads a problem of any length
"""

import typing

import common
from extensions import experiments
from extensions.any_length import automaton, certify, columns, finger_pictures, fingers, problems
from extensions.any_length.fingers import KIND, N_CHARS, N_KINDS, N_PAIRS, Program, Table, check_fingers, is_right, read
from extensions.any_length.problems import BLANK, OPERATIONS, SIGNS

import keras
import numpy as np
from keras import layers, ops

N_UNITS, N_HIDDEN = 32, 320
START = np.zeros(N_UNITS, dtype=np.float32)  # the state before the first step, as Keras has it


# ---- The network -----------------------------------------------------------------------------------------------------


class Fingers(layers.Layer):
    """A layer that reads texts (n, n_in) with two fingers and returns (n, n_steps, 320).

    Its second input, (n, 1), says which candidate program reads which text. The texts have the four operations in turn.
    A program decides where the fingers start, from the kinds of a character and of its two neighbours, and how the
    fingers move, from the kinds of both characters under them. Each operation has n_candidates programs, and a layer
    of its own for the pairs of characters.
    """

    kinds = np.eye(N_KINDS, dtype=np.float32)[KIND]  # of each character, one-hot (16, 7)

    def __init__(self, n_steps, n_candidates, sharpness=4.0):
        """sharpness: a factor for the scores of all decisions. At 4, a finger is nearly on one character."""
        super().__init__()
        self.n_steps, self.n_candidates, self.sharpness = n_steps, n_candidates, sharpness
        self.reads = [layers.Dense(N_HIDDEN) for _ in OPERATIONS]

    def build(self, shapes):
        """Make small random programs."""
        n_programs, n_kinds = len(OPERATIONS) * self.n_candidates, self.kinds.shape[1]
        small = keras.initializers.RandomUniform(-0.3, 0.3)
        self.start = self.add_weight(shape=(n_programs, 3 * n_kinds, 2), initializer=small)
        self.move = self.add_weight(shape=(n_programs, 2 * n_kinds, 2 * 3), initializer=small)
        for layer in self.reads:
            layer.build((None, self.n_steps, self.pair(np.zeros((1, 2, N_CHARS), dtype=np.float32)).shape[1]))

    def program(self, candidate):
        """Return the numbers (n,) of the programs of candidates (n, 1)."""
        first = self.n_candidates * ops.arange(len(OPERATIONS))  # of each operation
        return ops.reshape(first + ops.reshape(candidate, (-1, len(OPERATIONS))), (-1,))

    def pair(self, read):
        """Return both characters (n, 2, 16) as a pair, (n, 256): each of the 256 pairs has a place of its own."""
        return ops.reshape(read[:, 0, :, None] * read[:, 1, None, :], (-1, N_PAIRS))

    def call(self, inputs):
        """Put the fingers on the text, then read and move, n_steps times."""
        text, candidate = inputs
        n_in, program = text.shape[1], self.program(candidate)
        start, move = (self.sharpness * ops.take(weights, program, axis=0) for weights in (self.start, self.move))
        characters, kinds = (
            ops.one_hot(text, N_CHARS),
            ops.take(self.kinds, text, axis=0),
        )  # (n, n_in, 16), (n, n_in, 7)
        padded = ops.pad(kinds, ((0, 0), (1, 1), (0, 0)))
        windows = ops.concatenate([padded[:, :-2], kinds, padded[:, 2:]], axis=-1)  # (n, n_in, 21)
        scores = ops.matmul(windows, start)  # (n, n_in, 2)
        first = ops.softmax(scores[:, :, 0])
        second = ops.softmax(scores[:, :, 1]) * (1 - first)  # not where the first one is
        second = second / (ops.sum(second, axis=-1, keepdims=True) + 1e-6)
        places, pairs = ops.stack([first, second], axis=1), []  # (n, 2, n_in)
        to_left, to_right = np.eye(n_in, k=-1), np.eye(n_in, k=1)  # at an edge, what would leave stays
        to_left[0, 0] = to_right[-1, -1] = 1
        for _ in range(self.n_steps):
            pairs.append(self.pair(ops.matmul(places, characters)))
            seen = ops.reshape(ops.matmul(places, kinds), (-1, 1, move.shape[1]))
            moves = ops.softmax(ops.reshape(ops.matmul(seen, move), (-1, 2, 3)))
            left, stay, right = moves[:, :, :1], moves[:, :, 1:2], moves[:, :, 2:]
            places = left * (places @ to_left) + stay * places + right * (places @ to_right)
        pairs = ops.reshape(ops.stack(pairs, axis=1), (-1, len(OPERATIONS), self.n_steps, pairs[0].shape[1]))
        read = [layer(pairs[:, i]) for i, layer in enumerate(self.reads)]
        return ops.reshape(ops.stack(read, axis=1), (-1, self.n_steps, N_HIDDEN))


class Cell(layers.Layer):
    """What is done at each step, a cell for keras.layers.RNN: (n, 320) and a state (n, 32) to (n, 320) and a state."""

    def __init__(self):
        """Make the layers."""
        super().__init__()
        self.state_size, self.output_size = N_UNITS, N_HIDDEN
        self.dropout = layers.Dropout(0.1)  # many units learn to keep what must be kept
        self.think = layers.Dense(N_HIDDEN, use_bias=False)
        self.keep = layers.Dense(N_UNITS, activation="tanh")

    def build(self, input_shape):
        """Make the weights."""
        self.think.build((None, N_UNITS))
        self.keep.build((None, N_HIDDEN))

    def call(self, pair, states, training=False):
        """Read a pair of characters."""
        thought = ops.relu(pair + self.think(self.dropout(states[0], training=training)))
        return thought, [self.keep(thought)]


def build_cell(n_steps):
    """Return the layers behind the pairs: a state is kept, and a character written at each step."""
    return [
        layers.RNN(Cell(), return_sequences=True, unroll=common.unroll(n_steps)),  # (7, 320)
        layers.Dense(N_CHARS, activation="softmax"),  # (7, 16) probabilities of the character to write
    ]


def build_model(n_in, layer):
    """Return the network, not compiled, that looks for programs: texts and candidate numbers to characters."""
    text, candidate = keras.Input((n_in,), dtype="int32"), keras.Input((1,), dtype="int32")  # (13,) "  958+67="
    written = layer([text, candidate])  # (7, 320)
    for behind in build_cell(layer.n_steps):
        written = behind(written)
    return keras.Model([text, candidate], written)  # (7, 16)


def build_reader(n_steps):
    """Return the network whose fingers are set, not compiled: it reads pairs of characters as whole numbers."""
    table = layers.Embedding(len(OPERATIONS) * N_PAIRS, N_HIDDEN)
    return keras.Sequential([keras.Input((n_steps,), dtype="int32"), table, *build_cell(n_steps)])


def programs_of(layer):
    """Return the Programs of a Fingers layer, a list for each operation."""
    programs, n_kinds = [], layer.kinds.shape[1]
    for start, move in zip(*map(ops.convert_to_numpy, (layer.start, layer.move)), strict=True):
        left, kind, right = np.pad(start.reshape(3, n_kinds, 2), ((0, 0), (0, 1), (0, 0)))  # outside scores 0
        scores = (left[:, None, None] + kind[:, None] + right).reshape(-1, 2).T
        ranks = [np.unique(score, return_inverse=True)[1].ravel() for score in scores]
        first, second = move.reshape(2, n_kinds, 2, 3)
        programs.append(Program(np.array(ranks), (first[:, None] + second).argmax(axis=-1).reshape(-1, 2).T - 1))
    return [programs[i : i + layer.n_candidates] for i in range(0, len(programs), layer.n_candidates)]


def reader_of(model):
    """Return the reader that does the same as a network whose fingers are on one character each."""
    layer, recurrent, write = model.layers[-3:]
    characters = np.eye(N_CHARS, dtype=np.float32)
    pairs = np.stack([np.repeat(characters, N_CHARS, axis=0), np.tile(characters, (N_CHARS, 1))], axis=1)
    table = [ops.convert_to_numpy(read(layer.pair(pairs)[:, None]))[:, 0] for read in layer.reads]
    reader = build_reader(layer.n_steps)
    reader.set_weights([np.vstack(table), *recurrent.get_weights(), *write.get_weights()])
    return reader


# ---- Training --------------------------------------------------------------------------------------------------------


class Network(typing.NamedTuple):
    """What is trained: a list with the Program of each operation, and the network that reads pairs of characters."""

    programs: list
    reader: keras.Model


def fit(network, wrong, rng, args):
    """Return a trained Network. It begins anew if network is None or its fingers went wrong; else it practises.

    wrong: what to practise, a list of (name of the operation, list of pairs of characters); the list of pairs is empty
    where the fingers went wrong.
    """
    rng = np.random.default_rng(rng.getrandbits(64))
    practised = {name: [pairs for operation, pairs in wrong if operation == name] for name in OPERATIONS}
    if network is None or any([] in paths for paths in practised.values()):
        network = find_programs(rng, args)
        if any(check_fingers(*pair).wrong for pair in zip(network.programs, OPERATIONS.values(), strict=True)):
            return network  # for the next round to begin again
        return train_reader(network, {}, args.n_epoch_reader, 0.6 * args.learning_rate, rng, args)
    practised = {name: paths for name, paths in practised.items() if paths}
    return train_reader(network, practised, -(-args.n_epoch_reader * 2 // 3), 0.3 * args.learning_rate, rng, args)


def draw_texts(n, n_digits, rng, grow=0.1):
    """Return n texts and their answers, encoded by `problems.encode`; the four operations take turns.

    grow: numbers grow from one digit to n_digits over this fraction of the texts, at the start.
    """
    longest = np.minimum(n_digits, 1 + n_digits * np.linspace(0, 1 / grow, n // len(OPERATIONS))).astype(int)
    encoded = []
    for operation in OPERATIONS.values():
        encoded.append(problems.encode(operation, problems.draw(operation, longest, n_digits, rng)))
    return (np.stack(arrays, axis=1).reshape(n, -1) for arrays in zip(*encoded, strict=True))


def find_programs(rng, args):
    """Return a Network with the best candidate program of each operation."""
    layer, reader = train_candidates(Fingers, args.n_candidates, rng, args)
    best = []
    for i, (operation, programs) in enumerate(zip(OPERATIONS.values(), programs_of(layer), strict=True)):
        characters, _ = count_right(programs, reader, i, rng.integers(1, args.n_digits + 1, 1000), rng)
        are_proved = [check_fingers(program, operation).wrong is None for program in programs]
        found = list(zip(are_proved, characters, strict=True))
        best.append(programs[found.index(max(found))])
    return Network(best, reader)


def train_candidates(make_fingers, n_candidates, rng, args, grow=0.1):
    """Return a Fingers layer whose candidates were trained side by side, and the reader of the pairs that they read.

    Each problem is read by one of its operation's candidates, at random. grow: as for `draw_texts`.
    """
    n = args.n_epoch * args.n_examples
    text, answers = draw_texts(n, args.n_digits, rng, grow)
    candidates = rng.integers(0, n_candidates, (n, 1), dtype=np.int32)
    layer = make_fingers(answers.shape[1], n_candidates)
    model = build_model(text.shape[1], layer)
    schedule = keras.optimizers.schedules.CosineDecay(args.learning_rate, n // args.n_batch, alpha=0.2)
    train(model, [text, candidates], answers, args.n_epoch, schedule, args)
    return layer, reader_of(model)


def count_right(programs, reader, i, longest, rng, kind=KIND):
    """Return for each Program of the i-th operation the share of characters right, and that of answers: two lists.

    The problems are new. Each finger is on one character, and the state is not rounded.
    longest: as for `problems.draw`.
    """
    operation = list(OPERATIONS.values())[i]
    text, answers = problems.encode(operation, problems.draw(operation, longest, int(longest.max()), rng))
    step, counts, characters, exact = make_step(reader, i), before_the_end(answers), [], []
    for program in programs:
        _, written = automaton.collect(step, START, read(program, text, answers.shape[1], kind)[1])
        characters.append((written == answers)[counts].mean())
        exact.append(((written == answers) | ~counts).all(axis=1).mean())
    return characters, exact


def train_reader(network, wrong, n_epoch, learning_rate, rng, args):
    """Return the Network, trained further with each finger on one character. wrong: name -> pairs to practise."""
    n, names = n_epoch * args.n_examples, list(OPERATIONS)
    kinds = rng.choice(len(names), n, p=[1 / 7, 1 / 7, 1 / 7, 4 / 7])  # division is the hardest
    n_digits = max([args.n_digits, *(len(pairs) + 1 for paths in wrong.values() for pairs in paths)])
    symbols, answers = np.empty((2, n, n_digits + 2), dtype=np.int32)
    for i, operation in enumerate(OPERATIONS.values()):
        chosen = np.flatnonzero(kinds == i)
        problem = problems.draw(operation, np.full(len(chosen), args.n_digits), n_digits, rng)
        if operation.name in wrong:
            problems.practise(operation, problem, wrong[operation.name])
        text, answers[chosen] = problems.encode(operation, problem)
        symbols[chosen] = N_PAIRS * i + read(network.programs[i], text, n_digits + 2)[1]
    model = build_reader(n_digits + 2)
    model.set_weights(network.reader.get_weights())
    schedule = keras.optimizers.schedules.CosineDecay(learning_rate, n // args.n_batch)
    train(model, symbols, answers, n_epoch, schedule, args)
    return network._replace(reader=model)


def train(model, X, answers, n_epoch, schedule, args):
    """Train a network on data in the given order. What follows the first blank of an answer does not count."""
    n_steps = args.n_examples // args.n_batch
    model.compile(
        keras.optimizers.Adam(schedule, clipnorm=1.0),
        loss="sparse_categorical_crossentropy",
        steps_per_execution=common.steps_per_execution(n_steps),
    )
    others = {"batch_size": args.n_batch, "steps_per_epoch": n_steps, "shuffle": False, "verbose": 2}
    model.fit(X, answers, epochs=n_epoch, sample_weight=before_the_end(answers), **others)


def before_the_end(answers):
    """Return which characters of answers (n, n_steps) count: all up to the first blank, bools."""
    return np.cumsum(answers == BLANK, axis=1) - (answers == BLANK) == 0


def make_step(reader, i):
    """Return a step of the reader in NumPy, for the i-th operation: a function as automaton.py describes it."""
    [table], (think, keep, keep_bias), (write, write_bias) = (layer.get_weights() for layer in reader.layers)
    pairs = table.reshape(len(OPERATIONS), N_PAIRS, -1)[i]

    def step(states, symbols):
        thought = np.maximum(pairs[symbols] + states @ think, 0)
        return np.tanh(thought @ keep + keep_bias), thought @ write + write_bias

    return step


# ---- Rounding --------------------------------------------------------------------------------------------------------


def round_off(network, name, rng, n_centres=automaton.N_CENTRES, n_refined=4):
    """Yield Tables of an operation, rounded to ever more centres.

    Each set of centres is refined at most n_refined times: where the table goes wrong, the network's unrounded states
    are added as centres.
    """
    i, operation, rng = list(OPERATIONS).index(name), OPERATIONS[name], np.random.default_rng(rng.getrandbits(64))
    program, step, states = network.programs[i], make_step(network.reader, i), []
    for n, n_digits in ((4000, 5), (300, 20)):
        text, answers = problems.encode(operation, problems.draw(operation, np.full(n, n_digits), n_digits, rng))
        after, _ = automaton.collect(step, START, read(program, text, n_digits + 2)[1])
        states.append(after[before_the_end(answers)])
    states = rng.permutation(np.unique(np.vstack(states), axis=0))[:20_000]  # rare ones count as much as others
    for n in n_centres:
        if n > len(states):
            break
        centres = automaton.centres_of(states, n)
        for _ in range(1 + n_refined):
            cases = automaton.tabulate(step, START, centres, N_PAIRS)
            table = Table(name, program.start.tolist(), program.moves.tolist(), *cases)
            yield table
            wrong = [pairs for _, pairs in fingers.prove(table).wrong if pairs]  # none if the fingers go wrong
            for pairs in wrong[:5]:  # the shortest
                text = fingers.to_indices(f" {fingers.to_problem(operation, pairs)}=")
                [after], _ = automaton.collect(step, START, read(program, text[None], len(pairs))[1])
                centres = np.unique(np.vstack([centres, after]), axis=0)


# ---- Tests besides the proof, and the script -------------------------------------------------------------------------


def check(result, tested=((1000, 10), (100, 1000), (1, 1_000_000))):
    """Return lines that say how many new problems each proved table and the unrounded network get right.

    tested: pairs (number of random problems, digits in each number).
    """
    rng, lines = np.random.default_rng([result.settings["seed"], 1]), []
    for i, (name, operation) in enumerate(OPERATIONS.items()):
        if table := result.proved.get(name):
            counts = []
            for n, n_digits in (*tested, (0, 1000)):
                pairs = [problems.random_problem(operation, n_digits, rng) for _ in range(n)]
                pairs = pairs or problems.classic(operation, n_digits)
                n_right = sum(is_right(table, *pair) for pair in pairs)
                kind = f"of {n_digits:,} digits" if n else f"hard ones of {n_digits:,}"
                counts.append(f"{n_right:,} of {len(pairs):,} {kind}")
            for n_digits in (10, 100):
                _, [exact] = count_right(
                    [result.model.programs[i]], result.model.reader, i, np.full(500, n_digits), rng
                )
                counts.append(f"{round(500 * exact)} of 500 of {n_digits} digits without rounding")
            lines.append(f"    {name}, new problems: {', '.join(counts)}")
    return lines


DEFAULTS = {"n_examples": 12_800, "n_batch": 128, "n_epoch": 30, "learning_rate": 0.01}
DEFAULTS |= {"n_epoch_reader": 60, "n_digits": 5, "n_candidates": 6}
TASK = certify.Task("text_arithmetic", tuple(OPERATIONS), DEFAULTS, fit, round_off, fingers.prove, fingers.load)


def main(argv=None):
    """Train, prove and save, or answer a given problem; return the exit status, 1 if an operation is not proved."""
    shared = ("n_examples", "n_batch", "n_epoch", "learning_rate")
    parser = common.argument_parser(__doc__, **{name: DEFAULTS[name] for name in shared})
    others = {
        "n_epoch_reader": (10**6, "epochs with the fingers set"),
        "n_digits": (20, "most in training"),
        "n_candidates": (100, "candidate programs for each operation; the best is kept"),
    }
    for name, (most, meaning) in others.items():
        allowed, default = common.number(1, most), DEFAULTS[name]
        parser.add_argument("--" + name.replace("_", "-"), type=allowed, default=default, metavar="N", help=meaning)
    experiments.add_arguments(parser, n_seeds=1, search=False)
    own = {"type": problems.own_problem, "metavar": "958*67", "help": "one of your own; - for standard input"}
    parser.add_argument("problem", nargs="?", **own)
    args = parser.parse_args(argv)
    if args.n_batch % len(OPERATIONS):
        parser.error(f"argument --n-batch: {args.n_batch} is not a multiple of 4, as every batch has four operations")
    if not args.problem:
        del args.problem
        return certify.run(TASK, args, check, finger_pictures.draw)

    a, sign, b = args.problem
    names = ("add", "multiply") if sign == "*" and len(b) > 1 else (SIGNS[sign],)
    tables, proofs = certify.get(TASK, args, names)
    if tables is None:
        return 1
    found, right = columns.answer(tables, proofs, a, sign, b), problems.exact(a, sign, b)
    print(f"{a}{sign}{b}={found}")
    for name, proof in proofs.items():
        print(f"{name}: {proof.sentence}")
    print("Decimal arithmetic says the same." if found == right else f"Wrong: decimal arithmetic says {right}")
    return int(found != right)


if __name__ == "__main__":
    common.run(main)
