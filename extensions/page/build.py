"""One page in the browser in which networks are trained, and run: joins its parts, and writes outputs/page/page.html.

The parts stand beside this file: the skeleton, page.html; the stations in HTML; the style; and JavaScript, for the
networks and for each station. Data is put in as JSON, so that the page needs nothing else: what the article's network
answers in the course of its training, recorded for seed 1, and the networks that were proved, as tables or weights.

    python -m extensions.page.build                                               some 20 minutes of training at first
    python -m extensions.page.build --data outputs/reference/page.html            the data of a page, nothing is trained
"""

import argparse
import base64
import json
import re
from pathlib import Path

import common
from extensions.any_length import automaton, calculator, smallest_adder
from extensions.text import data as text_data
from extensions.text import held_out_pairs
from seq2seq_sum import ALPHABET

import keras
import numpy as np

SOURCE = Path(__file__).parent
NETWORKS = "matrices", "network", "train", "trainings"  # what a worker needs, too
STATIONS = (
    "page", "hide", "hide_draw", "race", "fingers", "proof", "fingers_draw", "fingers_play", "three_numbers", "starts",
    "calculator", "last",
)  # fmt: skip
DATA = re.compile(r'(<script id="data" type="application/json">)(.*?)(</script>)', re.DOTALL)
EPOCHS = {10: range(301), 99: [*range(0, 60, 10), *range(60, 160, 5), *range(160, 301, 10)]}  # that are recorded
OPERATIONS = "add", "subtract", "multiply", "divide"


# ---- The data --------------------------------------------------------------------------------------------------------


def to_text(array, dtype):
    """Return whole numbers as text: the bytes of an array of a dtype, base64."""
    return base64.b64encode(np.ascontiguousarray(array, dtype).tobytes()).decode()


class Watch(keras.callbacks.Callback):
    """What a model answers to all pairs of numbers up to `largest`, before training and after the epochs of EPOCHS."""

    def __init__(self, largest, held_out, folder):
        """Encode the pairs. folder: where what was seen is written at the end."""
        super().__init__()
        pairs = text_data.pairs(largest)
        self.X, self.y = text_data.encode_sums(pairs, largest)
        self.held_out = [pair in set(held_out) for pair in pairs]
        self.largest, self.folder, self.answers = largest, folder, []

    def on_train_begin(self, logs=None):
        """Look before the first epoch."""
        self.on_epoch_end(-1)

    def on_epoch_end(self, epoch, logs=None):
        """Look, if this epoch is recorded."""
        if epoch + 1 in EPOCHS[self.largest]:
            self.answers.append(self.model.predict(self.X, batch_size=1000, verbose=0).argmax(axis=2))

    def on_train_end(self, logs=None):
        """Write what was seen, unless the training was interrupted: all answers of few pairs, what is right of many."""
        if len(self.answers) < len(EPOCHS[self.largest]):
            return
        right = (np.array(self.answers) == self.y.argmax(axis=2)).all(axis=2)
        seen = {"largest": self.largest, "epochs": list(EPOCHS[self.largest])}
        seen["held_out"] = to_text(np.packbits(self.held_out), np.uint8)
        if self.largest == 10:
            seen["answers"] = ["".join(ALPHABET[i] for i in answers.ravel()) for answers in self.answers]
        else:
            seen["right"] = [to_text(np.packbits(row), np.uint8) for row in right]
        (self.folder / f"pairs_{self.largest}.json").write_text(json.dumps(seen), encoding="utf-8")


def pairs_data(folder):
    """Return the recorded trainings, a list of dicts. They are trained if they are not in the folder."""
    paths = [folder / f"pairs_{largest}.json" for largest in EPOCHS]
    if not all(path.exists() for path in paths):
        arguments = ["--n-seeds", "1", "--outputs", str(folder)]
        held_out_pairs.main(arguments, lambda largest, held_out: [Watch(largest, held_out, folder)])
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def compact(table):
    """Return a table of the network of four operations as the page reads it: a dict of texts."""
    dtypes = {"start": "<u2", "moves": "i1", "next_state": "<u2", "output": "u1"}
    return {name: to_text(table[name], dtype) for name, dtype in dtypes.items()}


def collect(outputs, folder):
    """Return all the data of the page, a dict; what is not in the folders is trained. Raises ValueError if unproved."""
    tables = {name: automaton.read(outputs / "text_arithmetic" / f"{name}.json") for name in OPERATIONS}
    marker, columns = calculator.load(argparse.Namespace(outputs=folder, seed=1))
    settings = argparse.Namespace(n_examples=128_000, n_batch=128, learning_rate=0.1)
    adder = smallest_adder.train(3, 1, settings)
    proved, _ = smallest_adder.report(smallest_adder.untie(*adder), adder)
    if marker is None or None in columns.values() or not proved:
        raise ValueError("a network is not proved")
    return {
        "pairs": pairs_data(folder),
        "fingers": {name: compact(table) for name, table in tables.items()},
        "adder": adder,
        "calculator": marker._asdict(),
    }


def data_of(page):
    """Return the data in a page, a dict. Raises ValueError if there is none."""
    if not (found := DATA.search(page.read_text(encoding="utf-8"))):
        raise ValueError(f"{page} has no data")
    return json.loads(found[2])


# ---- The page --------------------------------------------------------------------------------------------------------


def join(data):
    """Return the page, a string: the skeleton with stations, style, data and scripts."""

    def read(*names):
        return "\n".join((SOURCE / name).read_text(encoding="utf-8").strip() for name in names)

    def scripts(names):
        return read(*(f"{name}.js" for name in names))

    page = read("page.html") + "\n"
    parts = {
        "style.css": read("style.css"),
        "stations.html": read("stations.html"),
        "networks.js": scripts(NETWORKS),
        "stations.js": scripts(STATIONS),
        "the data": json.dumps(data, separators=(",", ":")),
    }
    for name, text in parts.items():
        page = page.replace(f'"{name}"', text, 1)
    return page


def main(argv=None):
    """Take the data or train it, write the page; return the exit status."""
    parser = common.ArgumentParser(description=__doc__, formatter_class=common.HelpFormatter)
    outputs = str(SOURCE.parents[1] / "outputs")
    parser.add_argument("--outputs", type=common.folder, default=outputs, metavar="FOLDER", help="where the page goes")
    parser.add_argument("--data", type=Path, metavar="PAGE", help="a page whose data is taken, so nothing is trained")
    args = parser.parse_args(argv)
    folder = args.outputs / "page"
    folder.mkdir(exist_ok=True)
    try:
        data = data_of(args.data) if args.data else collect(args.outputs, folder)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    page = join(data)
    with common.written_whole(folder / "page.html") as unfinished:
        unfinished.write_text(page, encoding="utf-8")
    print(f"{folder / 'page.html'}: {len(page.encode()) / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    common.run(main)
