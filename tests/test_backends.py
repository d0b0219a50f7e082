"""Keras's other backends: a small run of each extension; the three scripts in full are in test_scripts.py."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TINY = "--n-examples 32 --n-batch 16 --n-epoch 1"
SMALL = {
    "any_length.column_arithmetic": f"{TINY} --n-digits 4",
    "any_length.smallest_adder": "--n-examples 128 --n-batch 128",
    "any_length.text_addition": f"{TINY} --n-digits 4",
    "brackets": f"{TINY} --largest 2 --n-seeds 1",
    "exact_lstm": f"{TINY} --n-seeds 1",
    "feedback_decoder": f"{TINY} --largest 9 --n-seeds 1",
    "framings": f"{TINY} --largest 50 --n-seeds 1",
    "held_out_pairs": "--n-examples 32 --n-batch 16 --n-epoch 30 --largest 11 --n-seeds 1",
    "integer_encoding": f"{TINY} --largest 9 --n-seeds 1",
    "layer_sizes": f"{TINY} --units 25 --digits 1 2",
    "quiz": f"{TINY} --largest 11",
    "repeats": f"mlp_sum --runs 1 {TINY}",
    "small_sums": f"{TINY} --n-seeds 1",
    "squares": f"{TINY} --largest 10 --n-seeds 1",
    "subtraction": f"{TINY} --largest 9",
    "unlucky_starts": f"{TINY} --n-seeds 1",
    "variable_operators": f"{TINY} --largest 3 --n-seeds 1",
    "variable_terms": f"{TINY} --largest 3 --n-seeds 1",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_a_small_run_of_each_extension_with_each_backend(tmp_path, name, backend):
    pytest.importorskip(backend, reason=f"tried where {backend} is installed: pip install {backend}")
    done = subprocess.run(
        [sys.executable, "-m", f"extensions.{name}", *SMALL[name].split(), "--outputs", str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,  # the quiz asks
        capture_output=True,
        text=True,
        env=os.environ | {"KERAS_BACKEND": backend},
    )
    # A network for any length that is trained so little is not proved: status 1.
    assert done.returncode == int(name.startswith("any_length.")), done.stderr[-2000:]
    assert "Traceback" not in done.stderr and "Warning" not in done.stdout
    assert list(tmp_path.rglob("*.txt"))
