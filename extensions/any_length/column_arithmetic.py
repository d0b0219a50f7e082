"""Plus, minus, times and divided by, as at school: column by column, and proved exact at every length.

A small network for each operation learns what a child does in a column: read it, write a digit, keep something in mind.
It learns from problems of up to 6 digits and their answers. Then its state is rounded to one of a few centres: what it
can do is now a table, of which every case is tried (automaton.py). If one is wrong, training goes on with it.

    958+67  ->  columns 8,7 5,6 9,0 0,0  ->  5 2 0 1    units first; it keeps a carry in mind, 0 or 1
    958-67  ->  columns 8,7 5,6 9,0 0,0  ->  1 9 8 0    units first; it keeps in mind whether it borrowed
    958*7   ->  columns 8,7 5,7 9,7 0,7  ->  6 0 7 6    units first; it keeps a carry in mind, 0 to 8
    958/7   ->  columns 9,7 5,7 8,7      ->  1 3 6      most significant digit first; it keeps the remainder, 0 to 8

    python -m extensions.any_length.column_arithmetic "958*67"    works out one of your own; - reads standard input

What answers is the table, proved anew each time. Given to it are the alignment in columns and, for a product of two
long numbers, the plan: a row for each digit of the second one, added at its place.
"""

import argparse
import decimal
import itertools
import re
import sys
import time

import common
from extensions import experiments
from extensions.any_length import automaton, columns
from extensions.any_length.columns import OPERATIONS

import keras
import numpy as np
from keras import layers, ops
from matplotlib.figure import Figure
from sklearn.decomposition import PCA

ROUNDS = 5  # of training, at most
CHECKED = (10_000, 10), (100, 1_000), (1, 1_000_000), (0, 1_000)  # random problems, of so many digits; 0: classic ones
START = np.zeros(32, dtype=np.float32)  # the state before the first column, as Keras has it
SIGNS = {operation.sign: name for name, operation in OPERATIONS.items()}  # {"+": "add", ...}


# ---- The network, its training and its proof -------------------------------------------------------------------------


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
    """Return a network that writes a digit at each column it reads, not compiled."""
    return keras.Sequential(
        [
            keras.Input((n_columns,), dtype="int32"),  # (7,) each column a symbol, 10 * a + b
            layers.Embedding(100, 256),  # (7, 256)
            layers.RNN(ColumnCell(), return_sequences=True, unroll=common.unroll(n_columns)),  # (7, 256)
            layers.Dense(10, activation="softmax"),  # (7, 10) probabilities of the digit to write
        ]
    )


def make_step(model):
    """Return the network as the function of a column that `automaton` asks for, in NumPy."""
    columns_read, cell, digits = (layer.get_weights() for layer in model.layers)
    [embedding], (think, keep, keep_bias), (write, write_bias) = columns_read, cell, digits

    def step(states, symbols):
        thought = np.maximum(embedding[symbols] + states @ think, 0)
        return np.tanh(thought @ keep + keep_bias), thought @ write + write_bias

    return step


def train(operation, seed, args, n_centres=automaton.N_CENTRES):
    """Train on problems of up to args.n_digits digits until every case is right, at most ROUNDS times.

    n_centres: as for `automaton.fewest`.
    Returns the network as a function (`make_step`), what `automaton.fewest` returned last, and the training in words.
    """
    keras.utils.set_random_seed(seed)
    rng, seconds, wrong = np.random.default_rng(seed), 0, []
    n_examples = args.n_epoch * args.n_examples
    model = build_model(args.n_digits + 1 if operation.order == 1 else args.n_digits)
    for n_rounds in range(1, ROUNDS + 1):  # noqa: B007
        start = time.process_time()
        X = columns.draw(operation, n_examples, args.n_digits, rng)
        for problem, first in zip(X[::10], itertools.cycle(wrong), strict=False):  # none, if none went wrong
            columns.practise(operation, problem, first)
        schedule = keras.optimizers.schedules.CosineDecay(args.learning_rate, n_examples // args.n_batch)
        optimizer = keras.optimizers.Adam(schedule)
        y, _ = columns.work(operation, X)
        experiments.fit(model, columns.to_symbols(X), y, args, optimizer, loss="sparse_categorical_crossentropy")
        seconds += time.process_time() - start

        step, X = make_step(model), columns.to_symbols(columns.draw(operation, 500, 20, rng))
        states = automaton.collect(step, START, X)[0].reshape(-1, len(START))
        table, found = automaton.fewest(step, START, states, 100, columns.rule(operation), columns.START, n_centres)
        if table:
            break
        wrong = [proof.wrong for proof, _, _ in found.values()]
    rounds = "1 round" if n_rounds == 1 else f"{n_rounds} rounds"
    return step, table, found, f"{rounds}, {seconds:.1f} s of processor time"


# ---- Problems, worked out by the tables ------------------------------------------------------------------------------


def load(data):
    """Return the operation and the table in what `automaton.read` gave; raise KeyError or ValueError for others."""
    return OPERATIONS[data["kind"]], automaton.check(data, 100, 10)


def prove(operation, table):
    """Return the Proof of a table for an operation."""
    return automaton.prove(table, columns.rule(operation), columns.START)


def prove_saved(data):
    """Return whether the table in what `automaton.read` gave holds, and a sentence; raise ValueError as `load` does."""
    operation, table = load(data)
    proof = prove(operation, table)
    if not proof.wrong:
        return True, f"{len(table.output)} states, {proof.n_cases} cases: every one right. Exact at every length."
    a, b = columns.to_problem(operation, proof.wrong)
    answer = columns.to_text(operation, automaton.run(table, columns.symbols(operation, a, b))[0])
    right = exact(a, operation.sign, b).split(",")[0]
    return False, f"not proved: {a}{operation.sign}{b} is {right}, and the table writes {answer}."


def long_multiplication(add, multiply, a, b):
    """Return the product of two numbers, as text, as on paper: a row for each digit of b, added at its place.

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
    """Return the answer to a problem of two numbers, all of them text. proved: a dict of name -> (Table, Proof).

    The remainder of a division is what is kept in mind at its end: the proof has found what the last state stands for.
    """

    def write(name):
        return lambda symbols: automaton.run(proved[name][0], symbols)[0]

    operation = OPERATIONS[SIGNS[sign]]
    if operation.one_digit and len(b) > 1:
        return long_multiplication(write("add"), write("multiply"), a, b)
    table, proof = proved[operation.name]
    digits, state = automaton.run(table, columns.symbols(operation, a, b))
    answer = columns.to_text(operation, digits)
    if sign == "/":
        [remainder] = [keep for last, (digit, keep) in proof.reached if (last, digit) == (state, int(b))]
        answer += f", remainder {remainder}"
    return answer


def exact(a, sign, b):
    """Return the right answer, by Python's decimal numbers: exact, and fast with a million digits, as int is not.

    >>> exact("958", "+", "67"), exact("958", "-", "67"), exact("958", "*", "67"), exact("958", "/", "7")
    ('1025', '891', '64186', '136, remainder 6')
    """
    context = decimal.Context(prec=len(a) + len(b) + 1, Emax=decimal.MAX_EMAX, traps=[decimal.Inexact])
    a, b = decimal.Decimal(a), decimal.Decimal(b)
    if sign == "/":
        return f"{context.divide_int(a, b):f}, remainder {context.remainder(a, b):f}"
    steps = {"+": context.add, "-": context.subtract, "*": context.multiply}
    return f"{steps[sign](a, b):f}"


def given(text):
    """Return a text, or if it is "-" what standard input has: UTF-8, with a byte-order mark or without."""
    if text != "-":
        return text
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except (AttributeError, UnicodeDecodeError):  # it is closed, or has something else
        raise argparse.ArgumentTypeError("standard input is not text in UTF-8") from None


def own_problem(text):
    """Return two numbers and the sign between, of a problem or of standard input if it is "-": an argparse `type`.

    >>> own_problem("958 * 67"), own_problem("67×958"), own_problem("958÷7")  # the shorter factor second
    (('958', '*', '67'), ('958', '*', '67'), ('958', '/', '7'))
    """
    text = given(text)
    spelled = text.translate(str.maketrans("x×÷−", "**/-"))
    if not (match := re.fullmatch(r"\s*([0-9]+)\s*([-+*/])\s*([0-9]+)\s*", spelled)):
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


def get(name, args):
    """Return the Table of an operation from args.outputs, and its Proof; if there is none, it is trained.

    Returns None twice, and says so, if it is not proved. Raises ValueError, in one line, for a file of no proved table.
    """
    path = automaton.find(args.outputs, f"column_arithmetic_{name}")
    if not path.exists():
        _, table, _, _ = train(OPERATIONS[name], args.seed, args)
        if not table:
            print(f"{name}: not proved after {ROUNDS} rounds of training, so there is no answer.")
            return None, None
        automaton.write(path, name, table)
    try:
        operation, table = load(automaton.read(path))
        proof = prove(operation, table)
        holds = operation.name == name and not proof.wrong
    except (KeyError, ValueError):
        holds = False
    if not holds:
        raise ValueError(f"{str(path)!r} is not the proved table of {name}: delete it, and it is trained anew")
    return table, proof


def answer_own(a, sign, b, args):
    """Print the answer to the user's problem, by the tables in args.outputs, trained if missing; the exit status."""
    names = ["add", "multiply"] if sign == "*" and len(b) > 1 else [SIGNS[sign]]
    proved = {name: get(name, args) for name in names}
    if (None, None) in proved.values():
        return 1
    answer, right = solve(a, sign, b, proved), exact(a, sign, b)
    print(f"{a}{sign}{b}={answer}")
    print("The tables proved: " + ", ".join(f"{name} {proof.n_cases} cases" for name, (_, proof) in proved.items()))
    print("Decimal arithmetic says the same." if answer == right else f"Wrong: decimal arithmetic says {right}")
    return int(answer != right)


# ---- A check of the proof itself, and the picture --------------------------------------------------------------------


def check_proof(operation, table, step, rng, checked):
    """Return lines that say how many new problems the table gets right, and the network without rounding; and if all.

    checked: how many random problems, and of how many digits; 0 are the classic ones, 99..9+1, 100..0-1 and the like.
    """
    lines, all_right, proved = [], True, {operation.name: (table, prove(operation, table))}
    for n, n_digits in checked:
        pairs = [columns.random_problem(operation, n_digits, rng) for _ in range(n)] or classic(operation, n_digits)
        right = [exact(a, operation.sign, b) for a, b in pairs]
        n_table = experiments.count_exact(right, [solve(a, operation.sign, b, proved) for a, b in pairs])

        X, state, written = np.array([columns.symbols(operation, a, b) for a, b in pairs]), START, []
        for part in np.array_split(X, -(-X.shape[1] // 1000), axis=1):  # so that the memory stays bounded
            states, digits = automaton.collect(step, state, part)
            state = states[:, -1]
            written.append(digits)
        answers = [columns.to_text(operation, row) for row in np.hstack(written).tolist()]
        n_network = experiments.count_exact([answer.split(",")[0] for answer in right], answers)
        kind = "random" if n else "classic"
        lines.append(f"    {kind}, {n_digits:,} digits: table {n_table:,}/{len(pairs):,}, not rounded {n_network:,}")
        all_right &= n_table == len(pairs)
    return lines, all_right


def classic(operation, n_digits):
    """Return the classic problems of n_digits digits: a list of two numbers as text."""
    firsts = "9" * n_digits, "1" + "0" * (n_digits - 1), "5" * n_digits
    seconds = "1379" if operation.one_digit else ("0", "1", "9" * (n_digits - 1), "4" * (n_digits - 1))
    return list(itertools.product(firsts, seconds))


def picture(networks):
    """Return a matplotlib Figure: each network's states in a problem of 1,000 columns, in two directions, and centres.

    networks: a dict of name -> its step, and what was found with its number of centres.
    """
    figure = Figure(figsize=(9, 7.5), dpi=100, layout="constrained")
    figure.suptitle("Each centre to which states are rounded stands for what a child keeps in mind (red)")
    for axes, (name, drawn) in zip(figure.subplots(2, 2).flat, networks.items(), strict=False):
        operation, (step, n_centres, (proof, _, centres)) = OPERATIONS[name], drawn
        X = columns.draw(operation, 1, 1000, np.random.default_rng(3), most_passing=0)
        digit, by = None, ""
        if operation.one_digit:
            digit, by = 9, " by 9"  # with which there is most to keep in mind
            X[..., 1] = digit
        [states], _ = automaton.collect(step, START, columns.to_symbols(X))
        pca = PCA(2).fit(states)
        axes.plot(*pca.transform(states).T, ".", color="silver")
        groups = {}
        for state, (second, keep) in proof.reached:
            if state and second == digit:
                groups.setdefault(keep, []).append(pca.transform(centres)[state - 1])
        for place, (keep, group) in enumerate(sorted(groups.items(), key=lambda item: item[1][0][1])):
            axes.plot(*np.transpose(group), "+", color="black", markersize=10)
            line = {"arrowstyle": "-", "color": "tab:red", "linewidth": 0.7}
            beside = {"xytext": (1.02, (place + 0.5) / len(groups)), "textcoords": "axes fraction", "va": "center"}
            axes.annotate(str(keep), group[0], **beside, arrowprops=line, color="tab:red", weight="bold")
        axes.set(xticks=[], yticks=[])
        axes.set_title(f"{name}{by}: {n_centres} centres, {proof.n_cases} cases right", size=11)
    return figure


def argument_parser():
    """Return the parser of the arguments of the training."""
    parser = common.argument_parser(__doc__, n_examples=12_800, n_batch=128, n_epoch=20, learning_rate=0.01)
    parser.add_argument("--n-digits", type=common.number(1, 18), default=6, metavar="N", help="most in training")
    return parser


def main(argv=None):
    """Train, prove, check and save, or work out a given problem; return the exit status."""
    parser = argument_parser()
    experiments.add_arguments(parser, n_seeds=1, search=False)
    own = {"type": own_problem, "metavar": "958*67", "help": "one of your own; - for standard input"}
    parser.add_argument("problem", nargs="?", **own)
    args = parser.parse_args(argv)
    if args.problem:
        try:
            return answer_own(*args.problem, args)
        except ValueError as error:
            parser.error(str(error))
    del args.problem
    proved, all_right = {}, []

    def run(name, seed):
        operation = OPERATIONS[name]
        step, table, found, training = train(operation, seed, args)
        n_centres, (proof, (of_states, of_digits), _) = list(found.items())[-1]
        lines = [f"{name}, seed {seed}, {training}, {n_centres} centres:"]
        if not table:
            problem = operation.sign.join(columns.to_problem(operation, proof.wrong))
            return False, [*lines, f"    not proved: {problem} goes wrong"]
        lines.append(f"    {prove_saved({'kind': name, **table._asdict()})[1]}")
        lines.append(f"    closest decision between two centres {of_states:.3f}, between two digits {of_digits:.2f}")
        if name not in proved:
            proved[name] = step, n_centres, found[n_centres]
            path = f"column_arithmetic_{name}"
            automaton.replace(args.outputs, "column_arithmetic", {path: {"kind": name, "table": table}})
            checked, right = check_proof(operation, table, step, np.random.default_rng([seed, 1]), CHECKED)
            lines += checked
            all_right.append(right)
        return True, lines

    def report(results):
        lines = []
        for name, runs in results.items():
            for _, told in runs:
                lines += told
            all_right.append(all(is_proved for is_proved, _ in runs))
            n_proved = sum(is_proved for is_proved, _ in runs)
            lines.append(f"{name}: proved exact at every length with {n_proved} of {len(runs)} seeds")
        missing = {f"column_arithmetic_{name}": None for name in OPERATIONS if name not in proved}
        automaton.replace(args.outputs, "column_arithmetic", missing)
        return lines, picture(proved) if proved else None

    return experiments.run_each("column_arithmetic", run, OPERATIONS, report, args) or int(not all(all_right))


if __name__ == "__main__":
    common.run(main)
