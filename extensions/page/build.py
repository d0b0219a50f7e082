"""Builds the page that trains and runs networks in the browser: joins its parts, writes outputs/page/page.html.

The parts are next to this file: the skeleton, page.html; the stations in HTML; the style; and JavaScript, for the
networks and for each station. The data is embedded as JSON, so the page needs nothing else. It holds the answers of the
article's network during training, recorded with seed 1, and the proved networks, as tables or weights.

    python -m extensions.page.build                                          trains what is missing, about 20 minutes
    python -m extensions.page.build --data outputs/reference/page/page.html  uses that page's data, two seconds
"""

import argparse
import base64
import json
import re
import tempfile
from pathlib import Path

import common
from extensions.any_length import certify, marks, smallest_adder, text_arithmetic
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
LINK = re.compile(r'<a data-file="([^"]*)"></a>')  # to a file of the project, from outputs/reference/page
EPOCHS = {10: range(301), 99: [*range(0, 60, 10), *range(60, 160, 5), *range(160, 301, 10)]}  # that are recorded


# ---- The data --------------------------------------------------------------------------------------------------------


def to_text(array, dtype):
    """Return whole numbers as text: the bytes of an array of a dtype, base64."""
    return base64.b64encode(np.ascontiguousarray(array, dtype).tobytes()).decode()


class Watch(keras.callbacks.Callback):
    """What a model answers to all pairs of numbers up to `largest`, before training and after the epochs of EPOCHS."""

    def __init__(self, largest, held_out):
        """Encode the pairs."""
        super().__init__()
        pairs = text_data.pairs(largest)
        self.X, self.y = text_data.encode_sums(pairs, largest)
        self.held_out = [pair in set(held_out) for pair in pairs]
        self.largest, self.answers = largest, []

    def on_train_begin(self, logs=None):
        """Look before the first epoch."""
        self.on_epoch_end(-1)

    def on_epoch_end(self, epoch, logs=None):
        """Look, if this epoch is recorded."""
        if epoch + 1 in EPOCHS[self.largest]:
            self.answers.append(self.model.predict(self.X, batch_size=1000, verbose=0).argmax(axis=2))

    def seen(self):
        """Return a dict for the page: every answer if pairs are few, else only which are right.

        Raises ValueError if the training was interrupted.
        """
        epochs = list(EPOCHS[self.largest])
        if len(self.answers) < len(epochs):
            raise ValueError(f"the training with numbers up to {self.largest} was interrupted")
        seen = {"largest": self.largest, "epochs": epochs, "held_out": to_text(np.packbits(self.held_out), "u1")}
        if self.largest == 10:
            return {**seen, "answers": ["".join(ALPHABET[i] for i in answers.ravel()) for answers in self.answers]}
        right = (np.array(self.answers) == self.y.argmax(axis=2)).all(axis=2)
        return {**seen, "right": [to_text(np.packbits(row), "u1") for row in right]}


def recorded(outputs):
    """Return the recorded trainings, a list of dicts. They are run and kept if not done before."""
    name, file = "page_recorded", "pairs.json"
    if not (outputs / name / file).exists():
        watches = []

        def watch(largest, held_out):
            watches.append(Watch(largest, held_out))
            return watches[-1:]

        with tempfile.TemporaryDirectory() as folder:
            held_out_pairs.main(["--largest", "10", "99", "--n-seeds", "1", "--outputs", folder], watch)
        text = json.dumps([one.seen() for one in watches])
        with common.run_folder(outputs, name) as folder:
            (folder / file).write_text(text, encoding="utf-8")
    return json.loads((outputs / name / file).read_text(encoding="utf-8"))


def proved(module, parts, outputs):
    """Return the proved tables of a module for seed 1, a dict; trained if missing. Raises ValueError if not proved."""
    args = argparse.Namespace(**module.DEFAULTS, seed=1, outputs=outputs)
    tables, _ = certify.get(module.TASK, args, parts)
    if tables is None:
        raise ValueError(f"not all of {', '.join(parts)} are proved")
    return tables


def compact(table):
    """Return a table of the network of four operations as the page reads it: a dict of texts."""
    dtypes = {"start": "<u2", "moves": "i1", "next_state": "<u2", "output": "u1"}
    return {name: to_text(getattr(table, name), dtype) for name, dtype in dtypes.items()}


def collect(outputs):
    """Return all the data of the page, a dict; trained if missing. Raises ValueError if that fails."""
    tables = proved(text_arithmetic, text_arithmetic.TASK.parts, outputs)
    marker = proved(marks, marks.TASK.parts, outputs)["marks"]
    u, _, v, *_, w = proved(smallest_adder, ["3_parameters"], outputs)["3_parameters"].weights
    return {
        "pairs": recorded(outputs),
        "fingers": {name: compact(table) for name, table in tables.items()},
        "adder": [u, v, 4 * w],
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
        "stations.html": LINK.sub(r'<a data-file="\1" href="../../../\1">\1</a>', read("stations.html")),
        "networks.js": scripts(NETWORKS),
        "stations.js": scripts(STATIONS),
        "the data": json.dumps(data, separators=(",", ":")),
    }
    for name, text in parts.items():
        page = page.replace(f'"{name}"', text, 1)
    return page


def main(argv=None):
    """Take the data or make it, write the page; return the exit status."""
    parser = common.ArgumentParser(description=__doc__, formatter_class=common.HelpFormatter)
    outputs = str(SOURCE.parents[1] / "outputs")
    parser.add_argument("--outputs", default=outputs, metavar="FOLDER", help="where the page goes")
    parser.add_argument("--data", type=Path, metavar="PAGE", help="a page whose data is taken, so nothing is trained")
    args = parser.parse_args(argv)
    try:
        page = join(data_of(args.data) if args.data else collect(args.outputs))
    except (OSError, ValueError) as error:
        parser.error(str(error))
    with common.run_folder(args.outputs, "page") as folder:
        (folder / "page.html").write_text(page, encoding="utf-8")
    print(f"{args.outputs / 'page' / 'page.html'}: {len(page.encode()) / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    common.run(main)
