"""Where the committed page and Chromium are, how Chromium is started, and how the page's data is read."""

import base64
import os
import shutil
from pathlib import Path

from extensions.any_length import fingers
from extensions.page import build

import numpy as np

PAGE = Path(__file__).parents[2] / "outputs" / "reference" / "page" / "page.html"
DATA = build.data_of(PAGE)
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip


def array(text, dtype, *shape):
    """Return the array in a text of the data."""
    return np.frombuffer(base64.b64decode(text), dtype).reshape(shape)


def bits(text, n):
    """Return the first n bits in a text of the data as bools."""
    return np.unpackbits(array(text, "u1", -1))[:n] == 1


def table(name):
    """Return the page's table of an operation as Python has it."""
    shapes = {"start": ("<u2", 512), "moves": ("i1", 49), "next_state": ("<u2", 256), "output": ("u1", 256)}
    parts = {part: array(DATA["fingers"][name][part], dtype, -1, n) for part, (dtype, n) in shapes.items()}
    return fingers.Table(name, **{part: entries.tolist() for part, entries in parts.items()})
