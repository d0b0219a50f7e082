"""Training in JavaScript against Keras: the same weights and batches give the same losses; gradients by differences."""

import random

import common
import mlp_sum
from extensions.any_length import smallest_adder
from extensions.page import build
from extensions.text import framings
from seq2seq_sum import ALPHABET, build_model

import keras
import numpy as np
import pytest

N_UPDATES = 100
TRAIN = """([weights, X, y, n, rate]) => {
    const w = weights.map((array) => Float32Array.from(array));
    const network = NETWORK;
    const improve = adam(network.weights);
    const losses = range(X.length / n).map((i) => {
        const [x, right] = [X, y].map((all) => all.slice(n * i, n * (i + 1)));
        const { loss, gradients } = GRADIENTS;
        improve(gradients, rate);
        return loss;
    });
    return [losses, network.weights.map((array) => Array.from(array))];
}"""
JAVASCRIPT = {  # a network of the weights w, and its gradients for a batch
    "mlp": ("{ weights: w }", "numberGradients(network, [Float32Array.from(x.flat()), right])"),
    "adder": ("{ weights: [Float32Array.from(w, ([weight]) => weight)] }", "adderGradients(network, x)"),
    "text": ("{ units: [100, 50], weights: w }", "textGradients(network, [x, right])"),
}


def example(name, rng):
    """Return a Keras model, its loss, a learning rate, the batch size, X and y for Keras, and X and y for the page."""
    if name == "mlp":
        X, y = common.normalize(*common.random_sum_pairs(2 * N_UPDATES, 2, 100, rng), 2, 100)
        return mlp_sum.build_model(2), "mean_squared_error", 0.001, 2, X, y, X.tolist(), y.tolist()
    if name == "adder":
        X = smallest_adder.draw(32 * N_UPDATES, 8, np.random.default_rng(1))
        X, y = X - 4.5, smallest_adder.right(X)[..., None] - 4.5
        columns = np.concatenate([X, y], axis=2).tolist()
        return smallest_adder.build_model(3, 9), "mean_squared_error", 0.1, 32, X, y, columns, []
    texts = common.to_string(*common.random_sum_pairs(10 * N_UPDATES, 2, 10, rng), 2, 10)
    X, y = common.one_hot_encode(*common.integer_encode(*texts, ALPHABET), len(ALPHABET))
    return build_model(5, 2, len(ALPHABET)), "categorical_crossentropy", 0.001, 10, X, y, *texts


@pytest.mark.parametrize("name", JAVASCRIPT)
def test_the_losses_of_a_hundred_updates_are_those_of_keras(page, name):
    keras.utils.set_random_seed(1)
    model, loss, rate, n_batch, X, y, *for_page = example(name, random.Random(1))
    weights = [array.ravel().tolist() for array in model.get_weights()]
    network, gradients = JAVASCRIPT[name]
    code = TRAIN.replace("NETWORK", network).replace("GRADIENTS", gradients)
    found, after = page.evaluate(code, [weights, *for_page, n_batch, rate])
    model.compile(keras.optimizers.Adam(rate), loss)
    expected = np.zeros(N_UPDATES)
    for i in range(N_UPDATES):
        part = slice(n_batch * i, n_batch * (i + 1))
        expected[i] = model.train_on_batch(X[part], y[part])
        model.reset_metrics()
    assert len(found) == N_UPDATES and (abs(found - expected) <= 1e-4 * np.maximum(1, expected)).all()
    assert expected[-10:].mean() < 0.9 * expected[:10].mean()  # there was something to compare
    trained = np.concatenate([array.ravel() for array in model.get_weights()])
    assert abs(np.concatenate(after) - trained).max() < 5e-3


def test_gradients_are_those_of_differences(browser):
    page = browser.new_page()
    source = "\n".join((build.SOURCE / f"{name}.js").read_text(encoding="utf-8") for name in build.NETWORKS)
    page.add_script_tag(content=source.replace("Float32Array", "Float64Array"))
    errors = page.evaluate("""() => {
        const random = generator(1);
        const sums = [[[1, 2, 3], [-2, 4, 1], [3, 3, 2]], [[1, -2, -3], [2, -4, 1], [0, 3, 2]]];
        const inputs = zeros(10).map(random);
        const cases = [
            [drawMlp(random), (network) => numberGradients(network, [inputs, [0.7, 0.2, 0.1, 0.9, 0.4]])],
            [{ weights: [zeros(3).map(random)] }, (network) => adderGradients(network, sums)],
            [drawTextNetwork([6, 5], random), (network) => textGradients(network, [[" 1+10", "10+ 3"], ["11", "13"]])],
        ];
        return cases.flatMap(([network, work]) => {
            const { gradients } = work(network);
            return network.weights.flatMap((array, k) => range(array.length).map((i) => {
                const before = array[i];
                const [above, under] = [1e-5, -1e-5].map((change) => {
                    array[i] = before + change;
                    return work(network).loss;
                });
                array[i] = before;
                return Math.abs((above - under) / 2e-5 - gradients[k][i]);
            }));
        });
    }""")
    page.close()
    assert len(errors) > 700 and max(errors) < 1e-8


def test_what_a_network_writes_is_what_keras_writes(page):
    pairs = [[a, b] for a in range(1, 100, 7) for b in range(1, 100, 8)]
    for units_first, name in ((False, "as the article pads"), (True, "padded and all reversed")):
        texts, answers = framings.write(framings.FRAMINGS[name], pairs, 99)
        assert page.evaluate("([pairs, how]) => pairs.map((one) => write(one, 99, how))", [pairs, units_first]) == [
            list(one) for one in zip(texts, answers, strict=True)
        ]
        weights, probabilities, written = page.evaluate(
            """(texts) => {
            const network = drawTextNetwork([24, 24], generator(2));
            const { probabilities } = readTexts(network, texts, 3);
            const lists = (arrays) => arrays.map((array) => Array.from(array));
            return [lists(network.weights), lists(probabilities), answersTo(network, texts, 3)];
        }""",
            texts,
        )
        model = build_model(5, 3, len(ALPHABET), (24, 24))
        shapes = [array.shape for array in model.get_weights()]
        model.set_weights([np.reshape(array, shape) for array, shape in zip(weights, shapes, strict=True)])
        X, _ = common.one_hot_encode(*common.integer_encode(texts, answers, ALPHABET), len(ALPHABET))
        expected = keras.ops.convert_to_numpy(model(X))
        assert abs(np.reshape(probabilities, (3, -1, 12)).transpose(1, 0, 2) - expected).max() < 1e-5
        assert written == [common.invert_encoding(seq, ALPHABET) for seq in expected]


def test_the_first_weights_are_drawn_as_keras_draws_them(page):
    drawn = page.evaluate("drawTextNetwork([100, 50], generator(3)).weights.map((array) => Array.from(array))")
    kernel, recurrent, bias = (np.array(array) for array in drawn[:3])
    assert abs(kernel).max() <= np.sqrt(6 / 412) and abs(kernel.std() - np.sqrt(2 / 412)) < 1e-3
    recurrent = recurrent.reshape(100, 400)
    assert np.allclose(recurrent @ recurrent.T, np.eye(100), atol=1e-5)
    assert bias.tolist() == [0] * 100 + [1] * 100 + [0] * 200


def test_hidden_pairs_are_never_practised_and_a_seed_gives_one_training(page):
    code = """(seed) => {
        const hidden = Array(100).fill(true);
        hidden[2 * 10 + 9] = false; // all but 3+10
        const settings = { largest: 10, hidden, asked: range(100), unitsFirst: false, units: [8, 8], batch: 2 };
        return Array.from(trainText({ ...settings, rate: 0.05, updates: 100, every: 50, seed }),
          ({ update, answers }) => [update, ...answers]);
    }"""
    found = page.evaluate(code, 1)
    assert [row[0] for row in found] == [0, 50, 100] and set(found[-1][1:]) == {"13"}  # it never saw another sum
    assert found == page.evaluate(code, 1) != page.evaluate(code, 2)
    n = page.evaluate("[1, 20, 490].map((n) => hideSome(n, 99, generator(n)).filter(Boolean).length)")
    assert n == [1, 20, 490]
