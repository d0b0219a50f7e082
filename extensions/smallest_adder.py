"""How small can it be? Three trained parameters add two numbers of any length, and are read off as five lines of NumPy.

A recurrent network of one unit reads a column of digits at a time, as in long_addition.py, but each digit as a number.
Its state becomes the carry. "rnn", with Keras's own layers, has 7 parameters; "tied" has three, u, v and w:

    z = u * (a + b) + v * state        next state = tanh(z)        digit of the sum = (z + w * next state) / 4

4.5 is taken from the digits on their way in and added on the way out: that and the 4 are fixed before training, as an
encoding. `add` below is the whole adder in NumPy.

AdderBoard (https://github.com/anadim/AdderBoard) tests in the same way, with 10,000 random pairs from 0 to
9,999,999,999 and edge cases. Its best trained entry had 62 parameters on 4 March 2026, but under other rules: a
transformer, with attention, that is fed its own output digit by digit. What is found here would not be admitted there.
"""

import itertools
import random

import keras
import numpy as np
from keras import layers, ops
from matplotlib.figure import Figure

import common
from extensions.shared import column_problems, columns, training

CANDIDATES = {  # and what an answer of 1 stands for
    "rnn": ("SimpleRNN(1); Dense(1) weighs a, b, state, next state", 1),
    "tied": ("z = u*(a+b) + v*state; answer = z + w*next state", 0.25),
}
SETTINGS = list(itertools.product((0.01, 1.0), (0.1, 0.03)))  # largest initial weight, learning rate
LARGEST = 9_999_999_999
EDGES = [
    (0, 0), (0, 1), (1, 0), (9, 1), (1, LARGEST), (LARGEST, 1), (LARGEST, 0), (0, LARGEST), (LARGEST, LARGEST),
    (5000000000, 5000000000), (4444444444, 5555555555), (4444444444, 5555555556), (1111111111, 8888888889),
    (1234567890, 9876543210), (1234567890, 8765432109), (1234567890, 8765432110),
]  # fmt: skip


def add(X, u, v, w):
    """Add with the three parameters of "tied": columns (n, n_columns, 2) to digits (n, n_columns), units first.

    >>> add(columns.from_text([("958", "67")], 3), 4.131, 1.965, -20.661).tolist()
    [[5, 2, 0, 1]]
    """
    digits, state = [], np.full(len(X), np.tanh(-9 * u))  # as after a column of 0 and 0
    for a, b in X.transpose(1, 2, 0):
        z = u * (a + b - 9.0) + v * state
        state = np.tanh(z)
        digits.append(np.round((z + w * state) / 4 + 4.5).astype(int))
    return np.stack(digits, axis=1)


def dense(initializer):
    """Make a Dense(1) without a bias."""
    return layers.Dense(1, use_bias=False, kernel_initializer=initializer)


class TiedCell(layers.Layer):
    """A cell for keras.layers.RNN: from a column (n, 2) and a state (n, 1) to an answer and the next state (n, 1)."""

    def __init__(self, initializer):
        """Make the layers of u and v, and of w."""
        super().__init__()
        self.state_size = self.output_size = 1
        self.dense_z, self.dense_answer = dense(initializer), dense(initializer)

    def build(self, input_shape):
        """Make the weights."""
        self.dense_z.build((None, 2))
        self.dense_answer.build((None, 1))

    def call(self, inputs, states):
        """Read a column."""
        both = ops.sum(inputs, axis=-1, keepdims=True)  # one weight for both digits
        z = self.dense_z(ops.concatenate([both, *states], axis=-1))
        state = ops.tanh(z)
        return z + self.dense_answer(state), [state]


def build_model(name, n_columns, largest_weight):
    """Build a candidate, (n, n_columns, 2) -> (n, n_columns, 1), its weights drawn from -largest_weight upwards."""
    initializer = keras.initializers.RandomUniform(-largest_weight, largest_weight)
    inputs = keras.Input((n_columns, 2))
    if name == "tied":
        outputs = layers.RNN(TiedCell(initializer), return_sequences=True, unroll=True)(inputs)
    else:
        weights = {"kernel_initializer": initializer, "recurrent_initializer": initializer, "use_bias": False}
        states = layers.SimpleRNN(1, return_sequences=True, unroll=True, **weights)(inputs)
        before = layers.Cropping1D((0, 1))(layers.ZeroPadding1D((1, 0))(states))
        outputs = dense(initializer)(layers.Concatenate()([inputs, before, states]))
    return keras.Model(inputs, outputs)


def encode(X, unit):
    """Encode columns (n, n_columns, 2) of digits and their sums, with a column of zeros before, to set the state.

    unit: what an answer of 1 stands for. Returns float32 (n, n_columns + 1, 2) and (n, n_columns + 1, 1).

    >>> X, y = encode(columns.from_text([("9", "7")], 1), 0.5)
    >>> X.tolist(), y.tolist()
    ([[[-4.5, -4.5], [4.5, 2.5], [-4.5, -4.5]]], [[[-9.0], [3.0], [-7.0]]])
    """
    X = np.pad(X, ((0, 0), (1, 0), (0, 0)))
    return X.astype(np.float32) - 4.5, (columns.work("+", X)[0][..., None].astype(np.float32) - 4.5) / unit


def train(name, largest_weight, learning_rate, seed, args):
    """Build and train a candidate on sums of up to 8 digits, in 11 columns, the last of them zeros."""
    keras.utils.clear_session()  # forgets the last model: there are dozens
    keras.utils.set_random_seed(seed)
    n_steps = args.n_examples // args.n_batch
    X = column_problems.draw(n_steps * args.n_batch, 8, np.random.default_rng(seed))
    X, y = encode(np.pad(X, ((0, 0), (0, 2), (0, 0))), CANDIDATES[name][1])
    model = build_model(name, X.shape[1], largest_weight)
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(learning_rate, n_steps)),
        loss="mean_squared_error",
        steps_per_execution=common.steps_per_execution(n_steps),
    )
    model.fit(X, y, batch_size=args.n_batch, shuffle=False, verbose=0)
    return model


def exact(model, X, unit):
    """Tell for each sum of the columns X whether every digit is right after rounding: booleans (n,)."""
    X, y = encode(X, unit)
    errors = unit * (ops.convert_to_numpy(model(X)) - y)  # in digits
    return (abs(errors) < 0.5).all(axis=(1, 2))


def best_setting(name, seeds, args):
    """Try all settings with a few seeds, on other sums than the final test's; the one that most seeds succeed with."""
    rng = np.random.default_rng(args.seed)
    X = np.concatenate([column_problems.draw_random(2000, 10, rng), column_problems.hard_problems("+", 10, rng)[1]])

    def score(setting):
        shares = [exact(train(name, *setting, seed, args), X, CANDIDATES[name][1]).mean() for seed in seeds]
        return sum(share == 1 for share in shares), np.mean(shares)

    return max(SETTINGS, key=score)


def picture(u, v, w):
    """Draw the one state of "tied" over a sum of 40 digits, above the columns that carry; a matplotlib Figure."""
    X = column_problems.draw(1, 40, np.random.default_rng(3))
    states = [np.tanh(-9 * u)]
    for a, b in X[0].astype(float):
        states.append(np.tanh(u * (a + b - 9) + v * states[-1]))
    figure = Figure(figsize=(9, 3), dpi=100, layout="constrained")
    axes = figure.subplots()
    axes.bar(range(41), 2 * columns.work("+", X)[1][0], 1, -1, color="lightgray")
    axes.plot(range(41), states[1:], "o", color="black")
    axes.set_xticks(range(41), [f"{a}\n{b}\n{c}" for (a, b), c in zip(X[0], columns.work("+", X)[0][0], strict=True)])
    axes.set(title="The one state is the carry (grey: columns that carry)", ylabel="state", ylim=(-1.1, 1.1))
    axes.set_xlabel("both numbers and their sum, digit by digit, the units first")
    return figure


def main(argv=None):
    """Search, test and save; return the exit status."""
    limits = {"n_batch": (1, 128), "n_examples": (128, 10**6)}
    parser = common.argument_parser(__doc__, limits, n_examples=128_000, n_batch=128)
    names = list(CANDIDATES)
    parser.add_argument("--candidates", nargs="+", choices=names, default=names, metavar="NAME", help=" ".join(names))
    training.add_n_seeds(parser, default=10)
    args = parser.parse_args(argv)
    if args.seed + args.n_seeds + 3 > 2**32:
        parser.error(f"argument --seed: '{args.seed}' leaves no room below 2**32 for {args.n_seeds + 3} seeds")
    seeds = range(args.seed, args.seed + args.n_seeds)

    # Data of the test: no pair of which both numbers are short enough to occur in training counts as new.
    rng = random.Random(2025)
    pairs = EDGES + [(rng.randint(0, LARGEST), rng.randint(0, LARGEST)) for _ in range(10_000)]
    X = columns.from_text([(str(a), str(b)) for a, b in pairs], 10)
    n_new = (columns.count_digits(X[len(EDGES) :]) > 8).sum()
    lines = [
        common.settings(args),
        f"Trained on up to 8 digits. {n_new} of 10000 random pairs are longer; {len(EDGES)} edge cases",
    ]

    status, figure = 0, None
    try:
        for name in args.candidates:
            # Search: the settings are chosen with three other seeds, on other sums.
            setting = best_setting(name, range(seeds.stop, seeds.stop + 3), args)
            models = [train(name, *setting, seed, args) for seed in seeds]

            # Evaluation
            rights = [exact(model, X, CANDIDATES[name][1]) for model in models]
            each = " ".join(f"{100 * right[len(EDGES) :].mean():.2f}/{right[: len(EDGES)].sum()}" for right in rights)
            n_good = sum(right[len(EDGES) :].mean() >= 0.99 and right[: len(EDGES)].all() for right in rights)
            lines += [
                f"{name}: {models[0].count_params()} parameters; {n_good} of {len(seeds)} seeds succeed",
                f"    {CANDIDATES[name][0]}",
                f"    weights from -{setting[0]} to {setting[0]}, learning rate {setting[1]}",
                f"    exact random pairs (%) / edge cases, by seed: {each}",
            ]
            if name == "tied":
                u, v, w = np.concatenate([weights.ravel() for weights in models[0].get_weights()]).astype(float)
                lines.append(
                    f"    seed {seeds[0]}: u = {u:.3f}, v = {v:.3f}, w = {w:.3f}; its loop in NumPy is exact on"
                )
                for n_digits, n in ((10, 10_000), (100_000, 20)):
                    sums = column_problems.hard_problems("+", n_digits, rng := np.random.default_rng(1))[1]
                    sums = np.concatenate([sums, column_problems.draw_random(n, n_digits, rng)])
                    n_exact = (add(sums, u, v, w) == columns.work("+", sums)[0]).all(axis=1).sum()
                    lines.append(f"    {n_exact} of {len(sums)} hard and random sums of {n_digits} digits")
                figure = picture(u, v, w)
            print("\n".join(lines[-7:]), flush=True)
    except KeyboardInterrupt:
        status = 130
        lines.append("interrupted: the candidates above are finished")
        print(lines[-1])
    if len(lines) > 3:
        common.save(args.outputs, "smallest_adder", "\n".join(lines), figure)
    return status


if __name__ == "__main__":
    common.run(main)
