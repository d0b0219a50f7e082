"""How small can an adder be? Three trained parameters are enough for numbers of any length. The proof uses intervals.

A recurrent network of one unit reads a column of two digits at each step, the units first, each digit as a number. With
Keras's own layers, the network has 7 parameters. With three parameters, u, v and w, it is

    z = u * (a + b - 9) + v * state        next state = tanh(z)        digit = (z + w * next state) / 4 + 4.5

The 4.5, its double 9 and the 4 are set by hand, as an encoding. Training finds a state near 1 after a carry and near -1
after none, with w near -5u and v near u/2. A carry changes the state by 2. So a carry takes ten off (2 * w / 4 = -10 if
u is 4) and adds one in the next column (2 * v / 4 = 1).

The proof: `walk` finds how far the state gets after a carry and after none, which gives two intervals. `enclose` shows
that no column takes a state out of these intervals, and that every answer is less than 0.5 from its digit. So `add` is
exact at every length. The proof covers the same float64 loop that answers. All 20 seeds tried are proved.

AdderBoard (https://github.com/anadim/AdderBoard) collects the smallest transformers that add. Its test, 10,000 random
pairs of ten digits and some edge cases, is run here as well.
"""

import typing

import common
from extensions import experiments
from extensions.any_length import certify, problems

import keras
import numpy as np
from keras import layers, ops
from matplotlib.figure import Figure

MARGIN = 1e-9  # on both sides of every interval: with weights below 100, float64 is off by less than 1e-11 in a column
LARGEST = 9_999_999_999
EDGES = [
    (0, 0), (0, 1), (1, 0), (9, 1), (1, LARGEST), (LARGEST, 1), (LARGEST, 0), (0, LARGEST), (LARGEST, LARGEST),
    (5000000000, 5000000000), (4444444444, 5555555555), (4444444444, 5555555556), (1111111111, 8888888889),
    (1234567890, 9876543210), (1234567890, 8765432109), (1234567890, 8765432110),
]  # fmt: skip
N_PARAMETERS = {"3_parameters": 3, "7_parameters": 7}


# ---- Sums in columns -----------------------------------------------------------------------------------------------


def draw(n_sums, n_digits, rng):
    """Return sums of n_digits digits, int8 (n_sums, n_digits + 1, 2), the units first. Many have long carry chains.

    Random digits sum to 9 in one column of ten. Here each sum draws its own share of such columns, uniformly from 0 to
    1. The last column is 0 and 0, for the last carry.
    """
    X = rng.integers(0, 10, (n_sums, n_digits, 2), dtype=np.int8)
    chosen = rng.random((n_sums, n_digits)) < rng.random((n_sums, 1))
    X[..., 1] = np.where(chosen, 9 - X[..., 0], X[..., 1])
    return np.pad(X, ((0, 0), (0, 1), (0, 0)))


def right(X):
    """Return the digits of sums in columns (n, n_columns, 2), int8 (n, n_columns)."""
    return problems.work(problems.ADD, problems.Problems(*np.moveaxis(X, -1, 0), None, None))[0]


def to_columns(a, b):
    """Return the columns of a sum of two whole numbers, ten digits each: ints (11, 2), the units first."""
    return np.array([[number // 10**place % 10 for number in (a, b)] for place in range(11)])


# ---- The adder, in NumPy -------------------------------------------------------------------------------------------


def step(a, b, state, weights):
    """Return the next state and the answer before rounding, from a column of digits and the state: floats or arrays.

    weights: (u_a, u_b, v) of the next state and (p_a, p_b, q, r) of the answer; see `untie` for three parameters.
    """
    u_a, u_b, v, p_a, p_b, q, r = weights
    a, b = a - 4.5, b - 4.5
    next_state = np.tanh(u_a * a + u_b * b + v * state)
    return next_state, p_a * a + p_b * b + q * state + r * next_state + 4.5


def add(X, weights):
    """Return the digits of the sums X, columns (n, n_columns, 2) as in columns.py: ints (n, n_columns).

    >>> add(np.array([[[8, 7], [5, 6], [9, 0], [0, 0]]]), untie(4.144, 1.997, -20.660)).tolist()
    [[5, 2, 0, 1]]
    """
    state, _ = step(0, 0, 0.0, weights)  # as after a column of 0 and 0
    written = []
    for a, b in X.transpose(1, 2, 0):
        state, answer = step(a, b, state, weights)
        written.append(np.rint(answer).astype(int))
    return np.stack(written, axis=1)


def untie(u, v, w):
    """Return the seven weights of `step` that make it the adder with three parameters."""
    return u, u, v, u / 4, u / 4, v / 4, w / 4


# ---- The proof -----------------------------------------------------------------------------------------------------

A, B = np.indices((10, 10))  # every column


def walk(weights):
    """Return how far the state gets, and a sum that goes wrong on the way, if there is one.

    Tries every column from the lowest and the highest state so far, after no carry and after a carry, until none
    changes. tanh increases everywhere, so no other state gets further. Returns [[low, high], [low, high]], after no
    carry and after a carry, and the two numbers as text.
    """
    reached = [[(step(0, 0, 0.0, weights)[0], [])], []]  # after no carry, a carry: states, the columns that lead there
    bounds = None
    while True:
        found = [list(ways) for ways in reached]
        for carry, ways in enumerate(reached):
            total = A + B + carry
            for state, path in ways:
                after, answers = step(A, B, state, weights)
                wrong = np.argwhere(np.rint(answers) != total % 10)
                if len(wrong):
                    sum_ = [*path, wrong[0]][::-1]
                    return None, ("".join(str(a) for a, _ in sum_), "".join(str(b) for _, b in sum_))
                for a, b in np.ndindex(10, 10):
                    found[total[a, b] // 10].append((after[a, b], [*path, (a, b)]))
        reached = [[min(ways), max(ways)] for ways in found]
        before, bounds = bounds, [[state for state, _ in ways] for ways in reached]
        if bounds == before:
            return np.array(bounds), None


def enclose(weights, bounds):
    """Return whether the proof holds: it tries every column from anywhere between the bounds, in rounded-out intervals.

    bounds: as from `walk`. Also returns the bounds, slightly widened, and the lowest and highest error of an answer in
    each case: (2, 2, 10, 10), by carry, a and b.
    """
    u_a, u_b, v, p_a, p_b, q, r = weights
    bounds = np.clip(bounds + np.array([-1e-6, 1e-6]), -1, 1)
    closed = bounds[0, 0] <= step(0, 0, 0.0, weights)[0] <= bounds[0, 1] and max(map(abs, weights)) < 100  # see MARGIN
    errors = []
    for carry in (0, 1):
        total = A + B + carry
        z = u_a * (A - 4.5) + u_b * (B - 4.5) + np.sort(v * bounds[carry])[:, None, None]
        states = np.clip(outward(np.tanh(outward(z))), -1, 1)
        low, high = np.moveaxis(bounds[total // 10], -1, 0)
        closed &= (low <= states[0]).all() and (states[1] <= high).all()
        answers = p_a * (A - 4.5) + p_b * (B - 4.5) + np.sort(q * bounds[carry])[:, None, None]
        errors.append(outward(answers + np.sort(r * states, axis=0) + 4.5 - total % 10))
    errors = np.stack(errors, axis=1)
    return bool(closed and abs(errors).max() < 0.5), bounds, errors


def outward(interval):
    """Return an interval, an array (2, ...) of lowest and highest, with the margin on both sides."""
    return np.stack([interval[0] - MARGIN, interval[1] + MARGIN])


class Adder(typing.NamedTuple):
    """The adder that is proved and that answers: the seven weights of `step`, floats."""

    weights: list


def prove(adder):
    """Return the Proof of an Adder."""
    bounds, wrong = walk(adder.weights)
    if wrong:
        return certify.Proof(False, f"not proved: {'+'.join(wrong)} goes wrong.", [wrong])
    proved, bounds, errors = enclose(adder.weights, bounds)
    (low_0, high_0), (low_1, high_1) = bounds
    sentence = f"after no carry [{low_0:.4f}, {high_0:.4f}], after a carry [{low_1:.4f}, {high_1:.4f}], answers within "
    sentence += f"{abs(errors).max():.3f}"
    if proved:
        return certify.Proof(True, f"{sentence}. Exact at every length.", [])
    return certify.Proof(False, f"not proved: {sentence}: the intervals are too wide.", [])


def load(data):
    """Return the Adder in a dict from `certify.read`. Raises a one-line ValueError if there is none."""
    weights = data.get("weights")
    if isinstance(weights, list) and len(weights) == 7 and all(type(weight) is float for weight in weights):
        return Adder(weights)
    raise ValueError("it lacks seven weights")


# ---- The network, in Keras -----------------------------------------------------------------------------------------


class TiedCell(layers.Layer):
    """A cell for keras.layers.RNN: from a column (n, 2) and a state (n, 1) to an answer and the next state (n, 1)."""

    state_size = output_size = 1

    def build(self, input_shape):
        """Make the three weights."""
        self.u, self.v, self.w = (self.add_weight(shape=(), initializer=small()) for _ in range(3))

    def call(self, inputs, states):
        """Read a column."""
        z = self.u * ops.sum(inputs, axis=-1, keepdims=True) + self.v * states[0]
        state = ops.tanh(z)
        return (z + self.w * state) / 4, [state]


def small():
    """Return an initializer of small weights."""
    return keras.initializers.RandomUniform(-0.01, 0.01)


def build_model(n_parameters, n_columns):
    """Return the adder with 3 or with 7 parameters: (n, n_columns, 2) -> (n, n_columns, 1); not compiled."""
    inputs = keras.Input((n_columns, 2))
    if n_parameters == 3:
        outputs = layers.RNN(TiedCell(), return_sequences=True, unroll=True)(inputs)
    else:
        weights = {"kernel_initializer": small(), "recurrent_initializer": small(), "use_bias": False}
        states = layers.SimpleRNN(1, return_sequences=True, unroll=True, **weights)(inputs)
        before = layers.Cropping1D((0, 1))(layers.ZeroPadding1D((1, 0))(states))
        all_four = layers.Concatenate()([inputs, before, states])
        outputs = layers.Dense(1, use_bias=False, kernel_initializer=small())(all_four)
    return keras.Model(inputs, outputs)


def train(n_parameters, args):
    """Train on sums of up to 8 digits, many with long carry chains; return the seven weights of `step`."""
    # Data: a column of zeros comes before the units, to set the state, and two behind the last digits
    X = draw(args.n_examples, 8, np.random.default_rng(args.seed))
    X = np.pad(X, ((0, 0), (1, 1), (0, 0)))
    y = right(X)[..., None]

    # Model
    keras.utils.set_random_seed(args.seed)
    model = build_model(n_parameters, 11)
    n_steps = args.n_examples // args.n_batch
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(args.learning_rate, n_steps)),
        loss="mean_squared_error",
        steps_per_execution=common.steps_per_execution(n_steps),
    )

    # Training
    model.fit(X - 4.5, y - 4.5, batch_size=args.n_batch, shuffle=False, verbose=0)
    weights = np.concatenate([weight.ravel() for weight in model.get_weights()]).tolist()
    return untie(*weights) if n_parameters == 3 else weights


def fit(adders, wrong, rng, args):
    """Return the weights of both adders, as a dict of name -> seven floats. There is only one round."""
    return {name: train(n_parameters, args) for name, n_parameters in N_PARAMETERS.items()}


def round_off(adders, name, rng):
    """Yield an Adder: nothing is rounded."""
    yield Adder(list(adders[name]))


# ---- What it shows -------------------------------------------------------------------------------------------------


def test(weights):
    """Return how many of 10,000 random pairs and of the edge cases are exact: AdderBoard's test.

    As in AdderBoard, the pairs are the same for every training seed.
    """
    pairs = np.random.default_rng(2025).integers(0, 10, (10_000, 10, 2))
    parts = np.pad(pairs, ((0, 0), (0, 1), (0, 0))), np.array([to_columns(*pair) for pair in EDGES])
    return [int((add(X, weights) == right(X)).all(axis=1).sum()) for X in parts]


def check(result):
    """Return a line for each proved adder, with its weights and its result in AdderBoard's test."""
    lines = []
    for name, adder in result.proved.items():
        if N_PARAMETERS[name] == 3:
            u, _, v, *_, r = adder.weights
            found = {"u": u, "v": v, "w": 4 * r, "v/u": v / u, "w/u": 4 * r / u}
        else:
            found = dict(zip(("u_a", "u_b", "v", "p_a", "p_b", "q", "r"), adder.weights, strict=True))
        n_pairs, n_edges = test(adder.weights)
        weights = ", ".join(f"{letter} {value:.3f}" for letter, value in found.items())
        lines.append(f"    {name}: {weights}; AdderBoard's test: {n_pairs:,} pairs and {n_edges} edge cases right")
    return lines


def picture(adder, *others):
    """Return a matplotlib Figure of the first adder: its state over 16 columns, and how far its answers can be off."""
    _, bounds, errors = enclose(adder.weights, walk(adder.weights)[0])
    [X] = draw(1, 15, np.random.default_rng(3))
    states = [step(0, 0, 0.0, adder.weights)[0]]
    for a, b in X:
        states.append(step(a, b, states[-1], adder.weights)[0])
    figure = Figure(figsize=(9, 3.6), dpi=100, layout="constrained")
    farthest = np.ceil(100 * abs(errors).max()) / 100
    figure.suptitle(f"The state never leaves two intervals, and every answer is less than {farthest} from its digit")
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    for (low, high), text in zip(bounds, ("after no carry", "after a carry"), strict=True):
        left.axhspan(low, high, color="silver")
        left.text(7.5, (low + high) / 2 - np.sign(low) * 0.12, text, ha="center", va="center")
    left.plot(range(16), states[1:], "o", color="black", markersize=4)
    left.set_xticks(range(16), [f"{a}+{b}" for a, b in X], fontsize=8)
    left.set(ylabel="state", xlabel="the digits of each column, units first", yticks=(-1, 0, 1), ylim=(-1.1, 1.1))
    totals = A + B + np.arange(2)[:, None, None]
    for total in range(20):
        low, high = errors[0][totals == total].min(), errors[1][totals == total].max()
        right.plot([total, total], [low, high], color="black", linewidth=4, solid_capstyle="butt")
    right.axhspan(-0.5, 0.5, color="gainsboro", zorder=0)
    right.text(0, 0.42, "rounds to the digit", va="center")
    right.set(xlabel="the two digits and the carry, added", ylabel="error before rounding", ylim=(-0.6, 0.6))
    right.set(xticks=range(0, 20, 3), yticks=(-0.5, 0, 0.5))
    return figure


DEFAULTS = {"n_examples": 128_000, "n_batch": 128, "learning_rate": 0.1}
TASK = certify.Task("smallest_adder", tuple(N_PARAMETERS), DEFAULTS, fit, round_off, prove, load, n_rounds=1)


def main(argv=None):
    """Train, prove and test with each seed, and save; return the exit status, 1 if an adder is not proved."""
    limits = {"n_batch": (1, 128), "n_examples": (128, 10**6)}
    parser = common.argument_parser(__doc__, limits, **DEFAULTS)
    experiments.add_arguments(parser, n_seeds=1, search=False)
    return certify.run(TASK, parser.parse_args(argv), check, lambda adders, folder: picture(*adders.values()))


if __name__ == "__main__":
    common.run(main)
