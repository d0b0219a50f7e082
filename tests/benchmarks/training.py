"""How much time does training in one fit call save? Each script against the article's way, as whole processes.

The article's way is written out here, with Keras alone: the same layers, batches and updates, new examples and a fit
call for each epoch, one update at a time. The two ways take turns, five times; the table has the medians.

    python tests/benchmarks/training.py
"""

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ("mlp_sum", "lstm_sum_naive", "seq2seq_sum")
ALPHABET = "0123456789+ "


def draw_numbers(n, largest=100):
    """Return n pairs of numbers and their sums, scaled."""
    import numpy as np

    pairs = [[random.randint(1, largest), random.randint(1, largest)] for _ in range(n)]
    return np.array(pairs) / (2 * largest), np.array([sum(pair) for pair in pairs]) / (2 * largest)


def draw_texts(n):
    """Return n sums of numbers up to 10, and their answers, as one-hot sequences (n, 5, 12) and (n, 2, 12)."""
    import numpy as np

    pairs = [[random.randint(1, 10), random.randint(1, 10)] for _ in range(n)]
    texts = [f"{a}+{b}".rjust(5) for a, b in pairs], [str(a + b).rjust(2) for a, b in pairs]
    vectors = np.eye(len(ALPHABET))
    return [vectors[[[ALPHABET.index(character) for character in text] for text in each]] for each in texts]


def train_the_articles_way(name):
    """Train and evaluate one script's model in this process, epoch by epoch."""
    import keras
    from keras import layers

    random.seed(1)
    loss, metrics, draw = "mean_squared_error", None, draw_numbers
    if name == "mlp_sum":
        n_examples, n_batch, n_epoch = 100, 2, 50
        shape, network = (2,), [layers.Dense(4), layers.Dense(2), layers.Dense(1)]
    elif name == "lstm_sum_naive":
        n_examples, n_batch, n_epoch = 100, 1, 100
        shape, network = (2, 1), [layers.LSTM(10), layers.Dense(1)]
    else:
        n_examples, n_batch, n_epoch = 1000, 10, 30
        loss, metrics, draw = "categorical_crossentropy", ["accuracy"], draw_texts
        decoder = [layers.LSTM(50, return_sequences=True), layers.Dense(12, activation="softmax")]
        shape, network = (5, 12), [layers.LSTM(100), layers.RepeatVector(2), *decoder]
    model = keras.Sequential([keras.Input(shape), *network])
    model.compile(loss=loss, optimizer="adam", metrics=metrics)
    for _ in range(n_epoch):
        X, y = draw(n_examples)
        model.fit(X.reshape(-1, *shape), y, epochs=1, batch_size=n_batch, verbose=2)
    X, y = draw(n_examples)
    print(model.predict(X.reshape(-1, *shape), batch_size=n_batch, verbose=0)[:20])


def seconds(*command):
    start = time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="how often the two ways take turns")
    parser.add_argument("--article", choices=SCRIPTS, help="only train one script's model the article's way")
    args = parser.parse_args()
    if args.article:
        return train_the_articles_way(args.article)
    print("| script | article's way, s | one fit call, s | ratio |")
    print("|---|---|---|---|")
    with tempfile.TemporaryDirectory() as outputs:
        for name in SCRIPTS:
            script = str(ROOT / f"{name}.py"), "--outputs", outputs
            pairs = [(seconds(__file__, "--article", name), seconds(*script)) for _ in range(args.rounds)]
            before, after = (statistics.median(column) for column in zip(*pairs, strict=True))
            ratio = statistics.median(after / before for before, after in pairs)
            print(f"| {name} | {before:.1f} | {after:.1f} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
