"""Plus, minus, times and divided by, as at school: column by column, and proved exact at every length.

A small network for each operation learns what a child does in a column: read it, write a digit, keep something in mind.
It learns from problems of up to 6 digits and their answers alone. Then its state is rounded to one of a few centres:
what it can do is now a table, and every case is tried (automaton.py). If one is wrong, training goes on.

    958+67  ->  columns 8,7 5,6 9,0 0,0  ->  5 2 0 1    units first; it keeps a carry in mind, 0 or 1
    958-67  ->  columns 8,7 5,6 9,0 0,0  ->  1 9 8 0    units first; it keeps in mind whether it borrowed
    958*7   ->  columns 8,7 5,7 9,7 0,7  ->  6 0 7 6    units first; it keeps a carry in mind, 0 to 8
    958/7   ->  columns 9,7 5,7 8,7      ->  1 3 6      most significant digit first; it keeps the remainder, 0 to 8

    python -m extensions.any_length.column_arithmetic "958*67"    works out one of your own; - reads standard input

What answers is the table, proved anew each time. Given to it are the alignment in columns and, for a product of two
long numbers, the plan: a row for each digit of the second number, added at its place. So products are exact as well.
"""

import argparse
import decimal
import itertools
import re
import sys
import time

import keras
import numpy as np
from keras import layers, ops
from matplotlib.figure import Figure
from sklearn.decomposition import PCA

import common
from extensions.any_length import automaton, columns
from extensions.any_length.columns import OPERATIONS

ROUNDS = 5  # of training, at most
START = np.zeros(32, dtype=np.float32)  # the state before the first column, as Keras has it
SIGNS = {operation.sign: name for name, operation in OPERATIONS.items()}  # {"+": "add", ...}
SPELLED = str.maketrans("x×÷−", "**/-")  # other ways to write a sign


class ColumnCell(layers.Layer):
    """What is done in each column, a cell for keras.layers.RNN: (n, 256) and a state (n, 32) to (n, 256) and a state.

    There is a layer between, as what to keep in a division depends on three numbers at once.
    """

    def __init__(self):
        """Make the layers."""
        super().__init__()
        self.state_size, self.output_size = 32, 256
        self.dropout = layers.Dropout(0.1)  # so that many units learn to keep what must be kept
        self.think = layers.Dense(256, use_bias=False)
        self.keep = layers.Dense(32, activation="tanh")

    def build(self, input_shape):
        """Make the weights."""
        self.think.build((None, 32))
        self.keep.build((None, 256))

    def call(self, column, states, training=False):
        """Read a column."""
        thought = ops.relu(column + self.think(self.dropout(states[0], training=training)))
        return thought, [self.keep(thought)]


def build_model(n_columns):
    """Build a network that writes a digit at each column it reads; not compiled."""
    return keras.Sequential(
        [
            keras.Input((n_columns,), dtype="int32"),  # (7,) each column a symbol, 10 * a + b
            layers.Embedding(100, 256),  # (7, 256)
            layers.RNN(ColumnCell(), return_sequences=True, unroll=common.unroll(n_columns)),  # (7, 256)
            layers.Dense(10, activation="softmax"),  # (7, 10) probabilities of the digit to write
        ]
    )


def make_step(model):
    """Make of a network, in NumPy, the function of a column that `automaton` asks for."""
    embedding, think, keep, keep_bias, digit, digit_bias = map(np.array, model.get_weights())

    def step(states, symbols):
        thought = np.maximum(embedding[symbols] + states @ think, 0)
        return np.tanh(thought @ keep + keep_bias), thought @ digit + digit_bias

    return step


def train(operation, seed, args):
    """Train on problems of up to args.n_digits digits until every case is right, at most ROUNDS times.

    Returns the network as a function (`make_step`), what `automaton.fewest` returned last, and the training in words.
    """
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    rng, n_steps, seconds, wrong = np.random.default_rng(seed), args.n_examples // args.n_batch, 0, []
    model = build_model(args.n_digits + (operation.order == 1))
    for n_rounds in range(1, ROUNDS + 1):  # noqa: B007
        start = time.perf_counter()
        X = columns.draw(operation, args.n_epoch * n_steps * args.n_batch, args.n_digits, rng)
        for i, first in zip(range(0, len(X), 10), itertools.cycle(wrong)):  # noqa: B905
            columns.practise(operation, X[i], first)
        y, _ = columns.work(operation, X)
        model.compile(
            keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(args.learning_rate, args.n_epoch * n_steps)),
            loss="sparse_categorical_crossentropy",
            steps_per_execution=common.steps_per_execution(n_steps),
        )
        model.fit(
            10 * X[..., 0] + X[..., 1],
            y,
            batch_size=args.n_batch,
            epochs=args.n_epoch,
            steps_per_epoch=n_steps,
            shuffle=False,
            verbose=2,
        )
        seconds += time.perf_counter() - start

        # The proof, and what it finds wrong, if anything, for the next round.
        step, X = make_step(model), columns.draw(operation, 2000, 20, rng)
        states = automaton.collect(step, START, 10 * X[..., 0] + X[..., 1])[0].reshape(-1, len(START))
        table, found = automaton.fewest(step, START, states, 100, columns.rule(operation), columns.START)
        if table:
            break
        wrong = [proof.wrong for proof, _, _ in found.values()]
    return step, table, found, f"{n_rounds} round{'s' * (n_rounds > 1)}, {seconds:.1f} s of training"


# ---- Problems, worked out by the tables ------------------------------------------------------------------------------


def load(data):
    """Return the operation, the table and its Proof of what `automaton.read` gave; ValueError for no such table."""
    operation, table = OPERATIONS[data["kind"]], automaton.check(data, 100, 10)
    return operation, table, automaton.prove(table, columns.rule(operation), columns.START)


def long_multiplication(add, multiply, a, b):
    """Multiply two numbers, given as text, as on paper: a row for each digit of b, added at its place.

    add, multiply: from a list of symbols to a list of digits, units first.

    >>> def child(name):
    ...     return lambda symbols: columns.work(OPERATIONS[name], np.array([[divmod(x, 10) for x in symbols]]))[0][0]
    >>> long_multiplication(child("add"), child("multiply"), "958", "67")
    '64186'
    """
    rows = {digit: multiply(columns.symbols(OPERATIONS["multiply"], a, digit)) for digit in set(b)}
    total, finished = [0] * (len(a) + 1), []
    for digit in reversed(b):
        total = add([10 * x + y for x, y in zip(total, rows[digit], strict=True)])
        finished.append(total[0])  # nothing is added to it any more
        total = [*total[1:], 0]
    return columns.to_text(OPERATIONS["multiply"], finished + total)


def solve(a, sign, b, proved):
    """Return the answer to a problem of two numbers, all of them text.

    proved: a dict of name -> the operation, the table and its Proof. The remainder of a division is what is kept in
    mind at its end: the proof has found what the last state stands for.
    """

    def work(name):
        return lambda symbols: automaton.run(proved[name][1], symbols)[0]

    operation, table, proof = proved[SIGNS[sign]]
    if operation.one_digit and len(b) > 1:
        return long_multiplication(work("add"), work("multiply"), a, b)
    digits, state = automaton.run(table, columns.symbols(operation, a, b))
    answer = columns.to_text(operation, digits)
    if sign == "/":
        [remainder] = [keep for reached, (digit, keep) in proof.reached if (reached, digit) == (state, int(b))]
        answer += f", remainder {remainder}"
    return answer


def exact(a, sign, b):
    """Return the right answer, by Python's decimal numbers: exact, and as fast as they are long.

    >>> exact("958", "+", "67"), exact("958", "-", "67"), exact("958", "*", "67"), exact("958", "/", "7")
    ('1025', '891', '64186', '136, remainder 6')
    """
    context = decimal.Context(prec=len(a) + len(b) + 1, Emax=decimal.MAX_EMAX, traps=[decimal.Inexact])
    a, b = decimal.Decimal(a), decimal.Decimal(b)
    if sign == "/":
        return f"{context.divide_int(a, b):f}, remainder {context.remainder(a, b):f}"
    return f"{ ({'+': context.add, '-': context.subtract, '*': context.multiply}[sign](a, b)):f}"


def prove_saved(data):
    """Prove the table in what `automaton.read` gave. Returns whether it holds, and a sentence.

    A wrong problem is put to the table. Raises ValueError, in one line, if there is no such table.
    """
    operation, table, proof = load(data)
    if not proof.wrong:
        return True, f"{len(table.output)} states, {proof.n_cases} cases: every one right. Exact at every length."
    a, b = columns.to_problem(operation, proof.wrong)
    answer = columns.to_text(operation, automaton.run(table, columns.symbols(operation, a, b))[0])
    right = exact(a, operation.sign, b).split(",")[0]
    return False, f"{a}{operation.sign}{b} goes wrong: it is {right}, but the table writes {answer}."


def own_problem(text):
    """Read a problem, or "-" for one from standard input, as two numbers and the sign between: an argparse `type`.

    >>> own_problem("958 * 67"), own_problem("67x958"), own_problem("958÷7")
    (('958', '*', '67'), ('958', '*', '67'), ('958', '/', '7'))
    """
    try:
        text = sys.stdin.read() if text == "-" else text
    except (AttributeError, UnicodeDecodeError):  # it is closed, or has something else
        raise argparse.ArgumentTypeError("standard input has no text") from None
    match = re.fullmatch(r"\s*([0-9]+)\s*([-+*/])\s*([0-9]+)\s*", text.translate(SPELLED))
    if not match:
        raise argparse.ArgumentTypeError(f"{text[:40].strip()!r} is not a problem such as 958*67")
    a, sign, b = match.groups()
    if sign == "*" and len(a) < len(b):
        a, b = b, a
    if sign == "*" and len(a) * len(b) > 10**9:
        raise argparse.ArgumentTypeError("this product would take more than a few minutes")
    if sign == "-" and a.zfill(len(b)) < b.zfill(len(a)):
        raise argparse.ArgumentTypeError("differences below 0 are not learned")
    if sign == "/" and not re.fullmatch("[1-9]", b):
        raise argparse.ArgumentTypeError("behind / is one digit, from 1 to 9")
    return a, sign, b


def answer_own(a, sign, b, args):
    """Work out the user's problem with the tables in args.outputs, those that are missing trained; the exit status.

    Raises ValueError, in one line, if a file there is not that of a proved table.
    """
    proved = {}
    for name in ["add", "multiply"] if sign == "*" and len(b) > 1 else [SIGNS[sign]]:
        path = args.outputs / f"column_arithmetic_{name}.json"
        if not path.exists():
            _, table, _, _ = train(OPERATIONS[name], args.seed, args)
            if not table:
                print(f"{name}: no table was proved after {ROUNDS} rounds of training, so there is no answer.")
                return 1
            save_table(path, name, table)
        data = automaton.read(path)
        if data["kind"] != name or not prove_saved(data)[0]:
            raise ValueError(f"{str(path)!r} is not the proved table of {name}: delete it, and it is trained anew")
        proved[name] = load(data)
    answer, right = solve(a, sign, b, proved), exact(a, sign, b)
    cases = " and ".join(f"{name} in {proof.n_cases} cases" for name, (_, _, proof) in proved.items())
    print(f"{a}{sign}{b}={answer}\nBy the tables proved: {cases}.")
    print("Decimal arithmetic says the same." if answer == right else f"Wrong: decimal arithmetic says {right}")
    return int(answer != right)


def save_table(path, name, table):
    """Write a table, the whole of it or nothing."""
    with common.written_whole(path) as unfinished:
        automaton.write(unfinished, name, table)


# ---- One check of the proof itself, and the picture ------------------------------------------------------------------


def classics(name, n):
    """List the classic hard problems of n digits, a dozen pairs of texts."""
    nines, one, ones, zeros = "9" * n, "1" + "0" * (n - 1), "1" * n, "0" * n
    if name == "add":
        pairs = [(nines, "1"), ("1", nines), (nines, nines), ("4" * n, "5" * n), ("4" * n, "5" * (n - 1) + "6")]
        pairs += [(one, nines), (one, nines[1:]), (nines, "0"), ("0", "0"), (ones, "8" * n), ("5" * n, "5" * n)]
        return [*pairs, ("9" + zeros, "9" * (n // 2))]
    if name == "subtract":
        pairs = [(one, "1"), (one, nines[1:]), ("2" + one[1:], one), ("2" + one[1:], one[:-1] + "1"), (nines, nines)]
        pairs += [(nines, "0"), ("0", "0"), (nines, one), (one, one), (ones, "9"), (ones, nines[1:])]
        return [*pairs, ("8" * n, "79" * (n // 2))]
    return [(a, b) for a in (nines, one, ones) for b in "1379"]


def random_problems(operation, n, n_digits, rng):
    """Draw n problems of n_digits random digits, pairs of texts."""
    digits = rng.integers(ord("0"), ord("9") + 1, (2, n, n_digits), dtype=np.uint8)
    digits[..., 0] = rng.integers(ord("1"), ord("9") + 1, (2, n))  # no zero leads
    firsts, seconds = ([row.tobytes().decode() for row in rows] for rows in digits)
    if operation.one_digit:
        seconds = map(str, rng.choice(operation.one_digit, n))
    pairs = zip(firsts, seconds, strict=True)
    return [(max(pair), min(pair)) for pair in pairs] if operation.larger_first else list(pairs)


def check_proof(operation, table, step, rng):
    """Count how many new problems are exact by the table, and by the network without rounding.

    Returns lines, and whether all are exact by the table.
    """
    proved, lines, all_right = {operation.name: load({"kind": operation.name, **table._asdict()})}, [], True
    for n, n_digits in ((10_000, 10), (100, 1_000), (1, 1_000_000), (None, 1_000)):
        pairs = random_problems(operation, n, n_digits, rng) if n else classics(operation.name, n_digits)
        pairs = [(a.zfill(n_digits + 1), b) for a, b in pairs]  # for the network all have as many columns
        right = [exact(a, operation.sign, b) for a, b in pairs]
        n_table = np.equal([solve(a, operation.sign, b, proved) for a, b in pairs], right).sum()
        X, state, written = np.array([columns.symbols(operation, a, b) for a, b in pairs]), START, []
        for part in np.array_split(X, -(-X.shape[1] // 1000), axis=1):
            states, outputs = automaton.collect(step, state, part)
            state = states[:, -1]
            written.append(outputs)
        answers = [columns.to_text(operation, row) for row in np.concatenate(written, axis=1).tolist()]
        n_network = np.equal(answers, [text.split(",")[0] for text in right]).sum()
        kind = "random" if n else "classic hard"
        lines.append(f"    {kind}, {n_digits:,} digits: table {n_table:,}/{len(pairs):,}, not rounded {n_network:,}")
        all_right &= bool(n_table == len(pairs))
    return "\n".join(lines), all_right


def picture(networks):
    """Draw the states of each network in a problem of 1,000 columns, in their two main directions, and the centres.

    networks: a dict of name -> step, table, found. Returns a matplotlib Figure.
    """
    figure = Figure(figsize=(9, 7.5), dpi=100, layout="constrained")
    figure.suptitle(
        "What the states stand for is what a child keeps in mind, and each is rounded to a centre of its own"
    )
    for axes, (name, (step, table, found)) in zip(figure.subplots(2, 2).flat, networks.items(), strict=False):
        operation, rng = OPERATIONS[name], np.random.default_rng(3)
        digit = operation.one_digit and 9  # with which there is most to keep in mind
        X = columns.draw(operation, 1, 1000, rng, most_passing=0)
        if digit:
            X[..., 1] = digit
        states = automaton.collect(step, START, 10 * X[..., 0] + X[..., 1])[0][0]
        kept = columns.work(operation, X)[1][0]
        n_centres = max(found)
        proof, _, centres = found[n_centres]
        pca = PCA(2).fit(states)
        centres = pca.transform(centres)
        axes.plot(*pca.transform(states).T, ".", color="silver", markersize=3)
        middles = {}
        for value in np.unique(kept).tolist():
            used = [state - 1 for state, keep in proof.reached if keep == (digit, value) and state]
            axes.plot(*centres[used].T, "+", color="black", markersize=9)
            middles[value] = centres[used].mean(axis=0)
        for place, value in enumerate(sorted(middles, key=lambda value: middles[value][1])):
            axes.annotate(
                str(value),
                middles[value],
                (1.03, (place + 0.5) / len(middles)),
                textcoords="axes fraction",
                arrowprops={"arrowstyle": "-", "color": "tab:red", "linewidth": 0.6},
                color="tab:red",
                va="center",
            )
        second = f" by {digit}" if digit else ""
        axes.set(xticks=[], yticks=[], title=f"{name}{second}: {n_centres} centres, {proof.n_cases} cases, all right")
    return figure


def main(argv=None):
    """Train, prove, check and save, or work out a given problem; return the exit status."""
    parser = common.argument_parser(__doc__, n_examples=12_800, n_batch=128, n_epoch=20, learning_rate=0.01)
    parser.add_argument("--n-digits", type=common.number(1, 18), default=6, metavar="N", help="most in training")
    parser.add_argument("--n-seeds", type=common.number(1, 1000), default=1, metavar="N", help="networks, one a seed")
    own = {"type": own_problem, "metavar": "958*67", "help": "one of your own; - for standard input"}
    parser.add_argument("problem", nargs="?", **own)
    args = parser.parse_args(argv)
    if args.problem:
        try:
            return answer_own(*args.problem, args)
        except ValueError as error:
            parser.error(str(error))

    settings = {name: value for name, value in vars(args).items() if name not in ("outputs", "problem")}
    lines, networks, status = [", ".join(f"{name}={value}" for name, value in settings.items())], {}, 0

    def say(line):
        lines.append(line)
        print(line, flush=True)

    try:
        for name, operation in OPERATIONS.items():
            n_proved = 0
            for seed in range(args.seed, args.seed + args.n_seeds):
                step, table, found, training = train(operation, seed % 2**32, args)
                proof, margins, _ = found[max(found)]
                if table:
                    n_proved += 1
                    _, result = prove_saved({"kind": name, **table._asdict()})
                    result += (
                        f" Closest decisions: by {margins[0]:.3f} of two centres, by {margins[1]:.2f} of two digits"
                    )
                else:
                    status = 1
                    result = f"NOT proved: {operation.sign.join(columns.to_problem(operation, proof.wrong))} goes wrong"
                say(f"{name}, seed {seed}, {training}: {max(found)} centres, {result}")
                if table and seed == args.seed:
                    networks[name] = step, table, found
                    checked, right = check_proof(operation, table, step, np.random.default_rng([seed, 1]))
                    say(checked)
                    status = status if right else 1
            say(f"{name}: proved exact at every length with {n_proved} of {args.n_seeds} seeds")
    except KeyboardInterrupt:
        status = 130
        say("interrupted: what is finished stands above")
    if len(lines) > 1 + (status == 130):
        common.save(args.outputs, "column_arithmetic", "\n".join(lines), picture(networks) if networks else None)
        for name, (_, table, _) in networks.items():
            save_table(args.outputs / f"column_arithmetic_{name}.json", name, table)
    return status


if __name__ == "__main__":
    common.run(main)
