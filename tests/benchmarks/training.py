"""How much time does training in one fit call save? Each script against the article's way, as whole processes.

The article's way: the same model, batches and updates, with one fit call for each epoch, one update at a time and
no unrolled LSTMs. The two ways take turns, five times; the table has the medians.

    python tests/benchmarks/training.py
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ARTICLES_WAY = """
import sys, common, keras
name, outputs = sys.argv[1:]
common.unroll = lambda n_steps: False
common.steps_per_execution = lambda n_steps: 1
fit = keras.Model.fit

def fit_each_epoch(model, X, y, batch_size, epochs, steps_per_epoch, **others):
    n = batch_size * steps_per_epoch
    for i in range(0, n * epochs, n):
        fit(model, X[i : i + n], y[i : i + n], batch_size=batch_size, verbose=2)
    model.history.history["loss"] *= epochs

keras.Model.fit = fit_each_epoch
__import__(name).main(["--outputs", outputs])
"""


def seconds(*command):
    start = time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


print("| script | article's way, s | one fit call, s | ratio |")
print("|---|---|---|---|")
with tempfile.TemporaryDirectory() as outputs:
    for name in ("mlp_sum", "lstm_sum_naive", "seq2seq_sum"):
        pairs = [
            (seconds("-c", ARTICLES_WAY, name, outputs), seconds(f"{name}.py", "--outputs", outputs)) for _ in range(5)
        ]
        before, after = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(after / before for before, after in pairs)
        print(f"| {name} | {before:.1f} | {after:.1f} | {ratio:.2f} |", flush=True)
