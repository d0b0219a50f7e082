"""Plus, minus, times and divided by, as at school: column by column, at any length.

One small network for each operation learns what a child does in a column: read it, write a digit, keep something in
mind. Each is trained for about half a minute on numbers of up to 8 digits.

    958+67  ->  columns 8,7 5,6 9,0 0,0  ->  5 2 0 1    units first; it keeps a carry in mind, 0 or 1
    958-67  ->  columns 8,7 5,6 9,0 0,0  ->  1 9 8 0    units first; it keeps in mind whether it borrowed
    958*7   ->  columns 8,7 5,7 9,7 0,7  ->  6 0 7 6    units first; it keeps a carry in mind, 0 to 8
    958:7   ->  columns 0,7 9,7 5,7 8,7  ->  0 1 3 6    highest digit first; it keeps the remainder in mind, 0 to 8

Long multiplication is put together from them, with no other arithmetic: the third writes a row for each digit of the
second number, and the first adds up the rows. That plan is given; the digits' arithmetic is learned.

    python -m extensions.school "958*67"     works out a problem of your own, of any length; - reads standard input
"""

import functools
import re

import keras
import numpy as np
from keras import layers, ops
from matplotlib.figure import Figure
from sklearn.decomposition import PCA

import common
from extensions.shared import column_problems, columns, lengths, training
from extensions.shared.operations import OPERATIONS

# All that belongs to one operation, and what to do for one more: shared/operations.py
SIGNS = {rules.name: sign for sign, rules in OPERATIONS.items()}  # {"add": "+", ...}
NEEDED = {"*": "+*", ":": "-*:"}  # the networks for a problem of your own, if it needs others than its own
PRODUCTS = [(1000, 10), (100, 100), (5, 1000)]  # how many are tested, of how many digits, if --tested has as many


@keras.saving.register_keras_serializable("extensions")
class ColumnCell(layers.Layer):
    """What is done in each column, a cell for keras.layers.RNN: (n, 20) and the state (n, 32) to (n, 256) and a state.

    There is a layer between, as what to keep in a division depends on three numbers at once.
    """

    def __init__(self, **kwargs):
        """Make the layers."""
        super().__init__(**kwargs)
        self.state_size, self.output_size = 32, 256
        self.dropout = layers.Dropout(0.1)  # so that many units learn to keep what must be kept
        self.think = layers.Dense(256, activation="relu")
        self.keep = layers.Dense(32, activation="tanh")

    def build(self, input_shape):
        """Make the weights."""
        self.think.build((None, 20 + 32))
        self.keep.build((None, 256))

    def call(self, column, states, training=False):
        """Read a column."""
        kept = self.dropout(states[0], training=training)
        thought = self.think(ops.concatenate([column, kept], axis=-1))
        return thought, [self.keep(thought)]


def build_model(n_columns, n_problems=None):
    """Build a network that writes a digit at each column it reads; not compiled.

    n_problems: if given, the model reads parts of so many problems, and keeps its state from one part to the next.
    """
    kwargs = {"unroll": common.unroll(n_columns)} if n_problems is None else {"stateful": True}
    return keras.Sequential(
        [
            keras.Input((n_columns, 20), batch_size=n_problems),  # (9, 20) two one-hot digits
            layers.RNN(ColumnCell(), return_sequences=True, **kwargs),  # (9, 256)
            layers.Dense(10, activation="softmax"),  # (9, 10) probabilities of the digit to write
        ]
    )


def train(operation, seed, args, n_steps):
    """Train on problems of up to args.n_digits digits. operation: a sign of OPERATIONS. Returns the model."""
    keras.utils.set_random_seed(seed)
    n, rng = args.n_epoch * n_steps * args.n_batch, np.random.default_rng(seed)
    X = column_problems.draw(n, args.n_digits, rng, operation=operation)
    y, _ = columns.work(operation, X)
    model = build_model(args.n_digits + 1)
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(args.learning_rate, args.n_epoch * n_steps)),
        loss="sparse_categorical_crossentropy",
        steps_per_execution=common.steps_per_execution(n_steps),
    )
    model.fit(
        columns.one_hot(X),
        y,
        batch_size=args.n_batch,
        epochs=args.n_epoch,
        steps_per_epoch=n_steps,
        shuffle=False,
        verbose=2,
    )
    return model


def make_worker(model, n_problems=64):
    """Make a function that lets a network work out problems: columns (n, n_columns, 2) to digits (n, n_columns)."""
    return lengths.make_predict(build_model(None, n_problems), model)


def long_multiplication(add, multiply, a, b):
    """Multiply as on paper: a row for each digit of b, shifted by its place, and the rows added up in pairs.

    add, multiply: functions as from `make_worker`. a, b: digits (n, n_a) and (n, n_b), the units first.
    Returns digits (n, n_a + n_b).

    >>> add, multiply = (lambda X, operation=operation: columns.work(operation, X)[0] for operation in "+*")
    >>> long_multiplication(add, multiply, np.array([[8, 5, 9]]), np.array([[7, 6]])).tolist()  # 958*67 is 64186
    [[6, 8, 1, 4, 6]]
    """
    (n, n_a), n_b = a.shape, b.shape[1]
    X = np.zeros((n, n_b, n_a + 1, 2), dtype=np.int8)
    X[:, :, :n_a, 0], X[..., 1] = a[:, None], b[:, :, None]
    products = multiply(X.reshape(n * n_b, n_a + 1, 2)).reshape(n, n_b, n_a + 1)
    rows = np.zeros((n, n_b, n_a + n_b), dtype=np.int8)
    for i in range(n_b):
        rows[:, i, i : i + n_a + 1] = products[:, i]
    while rows.shape[1] > 1:
        rows = np.pad(rows, ((0, 0), (0, rows.shape[1] % 2), (0, 0)))
        pairs = np.stack([rows[:, ::2], rows[:, 1::2]], axis=-1)  # (n, half as many, n_a + n_b, 2)
        rows = add(pairs.reshape(-1, n_a + n_b, 2)).reshape(n, -1, n_a + n_b)
    return rows[:, 0]


def count_products(add, multiply, n, n_digits, rng):
    """Count the exact ones of n products of two numbers of n_digits random digits, and of n squares. Returns a text."""
    a, b = column_problems.draw_random(n, n_digits, rng)[:, :-1].transpose(2, 0, 1)
    texts = []
    for name, second in (("products", b), ("squares", a)):
        answers = [columns.to_text(digits) for digits in long_multiplication(add, multiply, a, second)]
        right = [str(int(columns.to_text(x)) * int(columns.to_text(y))) for x, y in zip(a, second, strict=True)]
        texts.append(f"{np.equal(answers, right).sum():,}/{n:,} {name}")
    return f"{n_digits:,} x {n_digits:,} digits {' and '.join(texts)}"


def further_tests(runs, args):
    """Test the networks of each seed on all small problems, and on long products. Yields lines.

    runs: a dict of name -> for each seed the model, results and a line.
    """
    for name, seeds in runs.items():
        X = column_problems.list_small(SIGNS[name])
        right = columns.work(SIGNS[name], X)[0]
        counts = ", ".join(lengths.count((make_worker(model)(X) == right).all(axis=1)) for model, _, _ in seeds)
        n_transitions = columns.count_transitions(SIGNS[name], X)  # as many as there are
        yield f"{name}, small problems with all {n_transitions} transitions: {counts}"
    for i, (adder, multiplier) in enumerate(zip(runs.get("add", []), runs.get("multiply", []), strict=False)):
        add, multiply = make_worker(adder[0], 512), make_worker(multiplier[0], 512)
        rng = np.random.default_rng([args.seed + i, 2])
        counts = [
            count_products(add, multiply, n, n_digits, rng) for n, n_digits in PRODUCTS if n_digits <= max(args.tested)
        ]
        if counts:
            yield f"long multiplication, seed {args.seed + i}: {', '.join(counts)}"


def picture(title, n_trained, runs):
    """Draw for each operation the network's states in a problem of 1,000 digits, and the exact shares by digits.

    runs: a dict of name -> for each seed the model, results and a line. Returns a matplotlib Figure.
    """
    figure = Figure(figsize=(9, 5), dpi=100, layout="constrained")
    figure.suptitle(title)
    fields = figure.subplots(2, len(runs), squeeze=False)
    for (above, below), (name, seeds) in zip(fields.T, runs.items(), strict=True):
        model = build_model(1001)
        model.set_weights(seeds[0][0].get_weights())
        X = column_problems.draw(1, 1000, np.random.default_rng(3), operation=SIGNS[name])
        if OPERATIONS[SIGNS[name]].one_digit:
            X[..., 1] = 9  # the digit with the most to keep in mind
        _, [kept] = columns.work(SIGNS[name], X)
        rnn = model.layers[0]
        states = PCA(2).fit_transform(ops.convert_to_numpy(rnn.cell.keep(rnn(columns.one_hot(X))))[0])
        for value in np.unique(kept):
            above.plot(*states[kept == value].T, ".", color="black", alpha=0.2)
            above.text(*states[kept == value].mean(axis=0), str(value), color="tab:red", size=14, weight="bold")
        above.set(title=name, xticks=[], yticks=[])
        for _, results, _ in seeds:
            below.semilogx(list(results), list(lengths.shares(results).values()), "o-", color="black", alpha=0.4)
        below.axvspan(0.8, n_trained + 0.5, color="lightgray")
        below.set(xlabel="digits", ylim=(-3, 103))
    fields[0, 0].set_ylabel("states, two main directions")
    fields[1, 0].set_ylabel("problems exact (%)")
    return figure


def solve(a, operation, b, workers):
    """Work out a problem of two numbers, given as text. Returns the answer as text.

    workers: a dict of sign -> a function as from `make_worker`.

    >>> workers = {sign: lambda X, sign=sign: columns.work(sign, X)[0] for sign in OPERATIONS}
    >>> solve("958", "-", "67", workers), solve("958", "*", "67", workers), solve("958", ":", "7", workers)
    ('891', '64186', '136, remainder 6')
    """
    n_digits = max(len(a), len(b))
    if operation == "*":
        X = columns.from_text([(a, b)], n_digits)
        return columns.to_text(long_multiplication(workers["+"], workers["*"], X[..., 0], X[:, : len(b), 1])[0])
    X = columns.from_text([(a, b)], n_digits, operation)
    order = OPERATIONS[operation].order
    X, digits = X[:, ::order], workers[operation](X)[:, ::order]  # the units first
    answer = columns.to_text(digits[0])
    if operation == ":":
        product = workers["*"](np.stack([digits, X[..., 1]], axis=-1))
        remainder = workers["-"](np.stack([X[..., 0], product], axis=-1))
        answer += f", remainder {columns.to_text(remainder[0])}"
    return answer


def solve_own(a, operation, b, args, n_steps):
    """Work out the user's problem with saved networks, or with some trained now. Returns the exit status."""
    workers = {}
    for name, sign in SIGNS.items():
        if sign in NEEDED.get(operation, operation):
            train_it = functools.partial(train, sign, args.seed, args, n_steps)
            workers[sign] = make_worker(lengths.load_or_train(f"school_{name}", args, train_it))
    answer = solve(a, operation, b, workers)
    return lengths.check(a + operation + b, answer, lambda: OPERATIONS[operation].compute(int(a), int(b)))


def read_arguments(argv):
    """Read the arguments, and refuse what these networks cannot solve. Returns them, and the updates of an epoch."""
    parser = common.argument_parser(__doc__, n_examples=12_800, n_batch=128, n_epoch=60, learning_rate=0.005)
    lengths.add_lengths(parser, 8, [2, 4, 8, 9, 10, 100, 1_000, 10_000])
    training.add_n_seeds(parser, default=1)
    lengths.add_problem(parser, f"([0-9]+)([{re.escape(''.join(OPERATIONS))}x/])([0-9]+)", "958*67")
    args = parser.parse_args(argv)
    if args.problem:
        a, operation, b = args.problem
        operation = args.problem[1] = {"x": "*", "/": ":"}.get(operation, operation)
        rules = OPERATIONS[operation]
        if rules.larger_first and (len(a), a) < (len(b), b):
            parser.error("argument 958*67: differences below 0 are not learned")
        if operation == "*" and len(b) * (max(len(a), len(b)) + len(b)) > 10**9:
            parser.error("argument 958*67: the rows of this product would not fit into memory")
        if operation != "*" and rules.one_digit and b not in map(str, rules.one_digit):
            parser.error(f"argument 958*67: behind {operation} is one digit, from {rules.one_digit[0]} to 9")
    return args, args.n_examples // args.n_batch


def main(argv=None):
    """Train, test and save, or work out a given problem; return the exit status."""
    args, n_steps = read_arguments(argv)
    if args.problem:
        return solve_own(*args.problem, args, n_steps)

    def test(name, model, n_digits, rng):
        return lengths.evaluate(make_worker(model), SIGNS[name], n_digits, args.n_digits, rng)

    runs, status = lengths.runs(lambda name, seed: train(SIGNS[name], seed, args, n_steps), test, SIGNS, args)
    lines = lengths.report(runs, args)
    try:
        for line in further_tests(runs, args):
            print(line, flush=True)
            lines.append(line)
    except KeyboardInterrupt:
        status = 130
        lines.append("interrupted in the tests of small and of long problems")
    if runs:
        title = f"What each network keeps in mind, and how far that carries; trained on up to {args.n_digits} digits"
        training.finish("school", lines, runs, status, args, picture(title, args.n_digits, runs))
        for name, seeds in runs.items():
            common.save(args.outputs, f"school_{name}", lengths.settings(args), model=seeds[0][0])
    return status


if __name__ == "__main__":
    common.run(main)
