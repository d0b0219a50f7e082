"""How much time does training in one fit call save? Each script against the article's way, as whole processes.

The article's way: the same model, batches and updates, with one fit call for each epoch, one update at a time and
no unrolled LSTMs. The two ways take turns, five times; the table has the medians.

    python tests/benchmarks/training.py
"""

import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ("mlp_sum", "lstm_sum_naive", "seq2seq_sum")


def train_the_articles_way(name):
    """Train and evaluate one script's model in this process, epoch by epoch."""
    sys.path.insert(0, str(ROOT))
    import common
    import lstm_sum_naive
    import mlp_sum
    import seq2seq_sum

    import keras

    keras.utils.set_random_seed(1)
    rng = random.Random(1)
    common.unroll = lambda n_steps: False

    def draw_numbers(n):
        return common.normalize(*common.random_sum_pairs(n, 2, 100, rng), 2, 100)

    def draw_steps(n):
        X, y = draw_numbers(n)
        return X.reshape(n, 2, 1), y

    def draw_characters(n):
        return common.generate_data(n, 2, 10, seq2seq_sum.ALPHABET, rng)

    mse, crossentropy = {"loss": "mean_squared_error"}, {"loss": "categorical_crossentropy", "metrics": ["accuracy"]}
    model, settings, draw, n_examples, n_batch, n_epoch = {
        "mlp_sum": (mlp_sum.build_model(2), mse, draw_numbers, 100, 2, 50),
        "lstm_sum_naive": (lstm_sum_naive.build_model(2), mse, draw_steps, 100, 1, 100),
        "seq2seq_sum": (seq2seq_sum.build_model(5, 2, 12), crossentropy, draw_characters, 1000, 10, 30),
    }[name]
    model.compile(optimizer="adam", **settings)
    for _ in range(n_epoch):
        X, y = draw(n_examples)
        model.fit(X, y, epochs=1, batch_size=n_batch, verbose=2)
    X, y = draw(n_examples)
    print(model.predict(X, batch_size=n_batch, verbose=0)[:20])


def seconds(*command):
    start = time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def main(n_rounds=5):
    print("| script | article's way, s | one fit call, s | ratio |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as outputs:
        for name in SCRIPTS:
            pairs = [
                (seconds(__file__, name), seconds(str(ROOT / f"{name}.py"), "--outputs", outputs))
                for _ in range(n_rounds)
            ]
            before, after = (statistics.median(column) for column in zip(*pairs, strict=True))
            ratio = statistics.median(after / before for before, after in pairs)
            print(f"| {name} | {before:.1f} | {after:.1f} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        train_the_articles_way(sys.argv[1])
    else:
        main()
