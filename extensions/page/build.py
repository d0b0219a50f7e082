"""One page in the browser in which the networks run: trains what is missing, and writes outputs/page.html.

The template is page.html, beside this file. What it shows is put in as JSON, so that the page needs nothing else: what
the article's network answers to every pair in the course of its training, the weights of three networks, rounded to
whole numbers from -127 to 127 for each unit, and the tables and weights of those that add at any length. The trainings
are those of the scripts, with seed 1. What is trained is kept in outputs/page; delete that folder to train it anew.

The first time it takes some 25 minutes on two busy cores, then half a minute.
"""

import argparse
import base64
import json
import random
from pathlib import Path

import common
from extensions import experiments
from extensions.any_length import automaton, calculator, smallest_adder, text_addition
from extensions.text import data as text_data
from extensions.text import framings, held_out_pairs
from seq2seq_sum import ALPHABET

import keras
import numpy as np

TEMPLATE = Path(__file__).with_name("page.html")
PLACE = '"the data"'  # in the template
EPOCHS = {10: range(301), 99: [*range(0, 60, 10), *range(60, 160, 5), *range(160, 301, 10)]}  # that are shown
FRAMINGS = "as the article pads", "answer reversed", "padded and all reversed"


# ---- What is trained -------------------------------------------------------------------------------------------------


class Watch(keras.callbacks.Callback):
    """What a model answers to all pairs of numbers up to `largest` before training and after the epochs of EPOCHS."""

    def __init__(self, largest, held_out, folder):
        """Encode the pairs. folder: where the answers are saved at the end."""
        super().__init__()
        pairs = text_data.pairs(largest)
        self.X, self.y = text_data.encode_sums(pairs, largest)
        self.largest, self.folder, self.answers, self.probabilities = largest, folder, [], []
        self.held_out = np.isin(np.arange(len(pairs)), [pairs.index(pair) for pair in held_out])

    def on_train_begin(self, logs=None):
        """Look before the first epoch."""
        self.on_epoch_end(-1)

    def on_epoch_end(self, epoch, logs=None):
        """Look, if this epoch is shown."""
        if epoch + 1 in EPOCHS[self.largest]:
            predicted = self.model.predict(self.X, batch_size=1000, verbose=0)
            self.answers.append(predicted.argmax(axis=2).astype(np.uint8))
            self.probabilities.append((self.y * predicted).sum(axis=2).prod(axis=1))  # of the right answer

    def on_train_end(self, logs=None):
        """Save, unless the training was interrupted."""
        if len(self.answers) == len(EPOCHS[self.largest]):
            found = {"answers": self.answers, "probabilities": self.probabilities, "held_out": self.held_out}
            save_arrays(self.folder / f"held_out_pairs_{self.largest}.npz", **found)


def save_arrays(path, **arrays):
    """Write arrays as NumPy does, all of them or none."""
    with common.written_whole(path) as unfinished, open(unfinished, "wb") as file:
        np.savez_compressed(file, **arrays)


def train_pairs(folder):
    """Train the article's network on pairs up to 10 and up to 99, some eight minutes, and save what it answers."""
    held_out_pairs.main(
        ["--n-seeds", "1", "--outputs", str(folder)], lambda largest, held_out: [Watch(largest, held_out, folder)]
    )


def train_framings(folder):
    """Train three framings as framings.py does with seed 1, and save their weights."""
    settings = argparse.Namespace(n_examples=12_800, n_batch=128, n_epoch=20)
    arrays = {}
    for i, name in enumerate(FRAMINGS):
        variant = framings.variant(framings.FRAMINGS[name], 999)
        split = text_data.split(text_data.pairs(999), 1000, random.Random(1))
        model, _ = experiments.train(variant, split, random.Random(1), 1, variant.learning_rate, settings)
        arrays |= {f"{i} {j:2}": array for j, array in enumerate(model.get_weights())}
    save_arrays(folder / "framings.npz", **arrays)


def train_fingers(folder):
    """Train the two fingers, and save their table and its centres, if it is proved."""
    settings = {"n_examples": 12_800, "n_batch": 128, "n_epoch": 40, "learning_rate": 0.016, "n_digits": 6}
    _, adder, centres, proved, line = text_addition.train(argparse.Namespace(**settings, seed=1))
    print(line)
    if proved:
        data = {"start": adder.start, "moves": adder.moves, "centres": centres.round(3).tolist()}
        automaton.write(folder / "text_addition.json", "text_addition", adder.table, **data)


def train_adder(folder):
    """Train the adder with three weights, and save them."""
    settings = argparse.Namespace(n_examples=128_000, n_batch=128, learning_rate=0.1)
    weights = smallest_adder.train(3, 1, settings)
    automaton.write(folder / "smallest_adder.json", "smallest_adder", weights=weights)


def train_calculator(folder):
    """Train the networks of the calculator; they are saved by their own scripts, and in one file if all are proved."""
    marker, tables = calculator.load(argparse.Namespace(outputs=folder, seed=1))
    if None not in (marker, *tables.values()):
        marks = ["".join(map(str, row)) for row in marker.marks]
        data = {"left": marker.left, "right": marker.right, "marks": marks}
        tables = {sign: table._asdict() for sign, table in tables.items()}
        automaton.write(folder / "calculator.json", "calculator", **data, tables=tables)


TRAININGS = {  # the files, and what trains them
    "smallest_adder.json": train_adder,
    "text_addition.json": train_fingers,
    "calculator.json": train_calculator,
    "framings.npz": train_framings,
    "held_out_pairs_10.npz": train_pairs,
    "held_out_pairs_99.npz": train_pairs,
}


# ---- What the page is given ------------------------------------------------------------------------------------------


def to_text(array):
    """Return an array's bytes as text, base64."""
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def from_text(text, dtype, *shape):
    """Return the array in a text that `to_text` made."""
    return np.frombuffer(base64.b64decode(text), dtype).reshape(shape)


def pairs_data(folder, largest):
    """Return what the page shows of the training on pairs up to `largest`: of 99 only what is right, as bits."""
    found = np.load(folder / f"held_out_pairs_{largest}.npz")
    answers, sums = found["answers"], [sum(pair) for pair in text_data.pairs(largest)]
    expected, _ = common.integer_encode([str(value).rjust(answers.shape[2]) for value in sums], ["0"], ALPHABET)
    right, held_out = (answers == expected).all(axis=2), found["held_out"]
    kinds = ~held_out, held_out
    data = {
        "largest": largest,
        "epochs": list(EPOCHS[largest]),
        "shares": [[[int(row[kind].sum()), int(kind.sum())] for kind in kinds] for row in right],
        "held_out": to_text(np.packbits(held_out)),
        "right": [to_text(np.packbits(row)) for row in right],
        "answers": [],
        "sure": [],
    }
    if largest == 10:
        data["answers"] = ["".join(ALPHABET[i] for i in frame.ravel()) for frame in answers]
        data["sure"] = [to_text(np.rint(255 * frame).astype(np.uint8)) for frame in found["probabilities"]]
    return data


def round_weights(weights):
    """Return arrays of weights as whole numbers and the scale of each column: dicts with texts, biases as they are."""
    rounded = []
    for array in weights:
        if array.ndim == 1:
            rounded.append({"shape": array.shape, "float32": to_text(array)})
        else:
            scale = np.float32(abs(array).max(axis=0) / 127)
            rounded.append(
                {"shape": array.shape, "int8": to_text(np.rint(array / scale).astype(np.int8)), "scale": to_text(scale)}
            )
    return rounded


def read_weights(rounded):
    """Return the arrays, float32, in what `round_weights` returned."""
    arrays = []
    for data in rounded:
        if "float32" in data:
            arrays.append(from_text(data["float32"], np.float32, -1))
        else:
            scale = from_text(data["scale"], np.float32, -1)
            arrays.append(from_text(data["int8"], np.int8, *data["shape"]).astype(np.float32) * scale)
    return arrays


def rebuild(variant, rounded):
    """Return the Keras model of a framing of sums up to 999, an experiments.Variant, with the weights of the page."""
    X, y = variant.encode([(678, 45)])
    model = variant.build(X.shape[1], y.shape[1], y.shape[2])
    model.set_weights(read_weights(rounded))
    return model


def framings_data(folder):
    """Return the rounded networks, with how many of the held-out sums they get right, and a hundred of these sums."""
    arrays = np.load(folder / "framings.npz")
    test = text_data.split(text_data.pairs(999), 1000, random.Random(1)).test
    networks = []
    for i, framing in enumerate(FRAMINGS):
        weights = [arrays[name] for name in sorted(arrays) if name.startswith(f"{i} ")]
        rounded = round_weights(weights)
        variant = framings.variant(framings.FRAMINGS[framing], 999)
        model = rebuild(variant, rounded)
        expected, predicted = experiments.answer(variant, model, test)
        model.set_weights(weights)
        _, before = experiments.answer(variant, model, test)
        n_right, n_before = (experiments.count_exact(expected, answers) for answers in (predicted, before))
        n_same = experiments.count_exact(before, predicted)
        print(f"{framing}: {n_right} of {len(test)} right, {n_before} before rounding; {n_same} answers are the same")
        networks.append({"framing": framing, "right": n_right, "weights": rounded})
    return {"held_out": test[:100], "n_held_out": len(test), "networks": networks}


def page(folder):
    """Return the page, a string: the template, with all that was trained."""
    data = {
        "pairs": [pairs_data(folder, largest) for largest in EPOCHS],
        "framings": framings_data(folder),
        "fingers": automaton.read(folder / "text_addition.json"),
        "adder": automaton.read(folder / "smallest_adder.json")["weights"],
        "calculator": automaton.read(folder / "calculator.json"),
    }
    return TEMPLATE.read_text(encoding="utf-8").replace(PLACE, json.dumps(data, separators=(",", ":")), 1)


def main(argv=None):
    """Train what is missing, write the page; return the exit status."""
    parser = common.ArgumentParser(description=__doc__, formatter_class=common.HelpFormatter)
    outputs = str(TEMPLATE.parents[2] / "outputs")
    parser.add_argument("--outputs", type=common.folder, default=outputs, metavar="FOLDER", help="where the page goes")
    args = parser.parse_args(argv)
    folder = args.outputs / "page"
    folder.mkdir(exist_ok=True)
    for name, train in TRAININGS.items():
        if not (folder / name).exists():
            print(f"\n{name} is missing: {train.__name__.replace('_', ' ')}", flush=True)
            train(folder)
        if not (folder / name).exists():
            print(f"{name} was not made, so there is no page.")
            return 1
    text = page(folder)
    with common.written_whole(args.outputs / "page.html") as unfinished:
        unfinished.write_text(text, encoding="utf-8")
    print(f"{args.outputs / 'page.html'}: {len(text.encode()) / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    common.run(main)
