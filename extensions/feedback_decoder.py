"""Should the decoder read what it has written? One that does, without and with attention, against RepeatVector.

The article gives the decoder the encoder's output anew at each step, by RepeatVector. Here the decoder starts from the
encoder's state instead, and reads its answer so far, a character at each step; before the first it reads zeros.
In training it reads the right characters (teacher forcing), in prediction its own. For 47+38, " 85":

    training:    reads (none) " " "8", whatever it writes
    prediction:  if it writes " " "7", it reads (none) " " "7"

Both give a whole answer that is right, or neither does: they differ only after an error. Numbers go up to 99. For
validation and for the test, a tenth of the pairs each is held out. Each decoder has the learning rate, of 0.004, 0.008
and 0.016, that did best on validation pairs of the seed 101 (--search).
"""

import random

import keras
import numpy as np

import common
import seq2seq_sum
from extensions.shared import expressions, training
from extensions.shared.decoder import build_model
from seq2seq_sum import ALPHABET

LEARNING_RATES = {"RepeatVector (article)": 0.016, "feedback": 0.016, "feedback and attention": 0.016}


def main(argv=None):
    """Train each decoder with each seed, compare them on the held-out sums, and save; return the exit status."""
    parser = common.argument_parser(__doc__, {"largest": (5, 999)}, n_examples=9600, largest=99, n_batch=32, n_epoch=15)
    training.add_arguments(parser)
    args = parser.parse_args(argv)
    n_in, n_out = common.sequence_lengths(2, args.largest)
    n_steps = args.n_examples // args.n_batch

    def run(decoder, seed, learning_rate):
        # Data: with one seed the same for each decoder
        keras.utils.set_random_seed(seed)
        rng = random.Random(seed)
        problems = expressions.pairs(args.largest)
        parts = expressions.split(problems, len(problems) // 10, rng)
        (X, y), validation, test = (expressions.encode_sums(part, args.largest, ALPHABET) for part in parts)
        chosen = rng.choices(range(len(X)), k=args.n_epoch * n_steps * args.n_batch)

        # Model
        if decoder == "RepeatVector (article)":
            model = seq2seq_sum.build_model(n_in, n_out, len(ALPHABET))
        else:
            model = build_model(n_in, n_out, len(ALPHABET), attention="attention" in decoder)
        model.compile(
            training.adam(learning_rate, args.n_epoch * n_steps),
            loss="categorical_crossentropy",
            metrics=[training.exact],
            steps_per_execution=common.steps_per_execution(n_steps),
        )

        def inputs(X, answers):
            return X if len(model.inputs) == 1 else [X, answers]  # RepeatVector's decoder reads no answers

        # Training: it reads the right answers. The held-out sums come with zeros, so that the decoder reads its own.
        history = model.fit(
            inputs(X[chosen], y[chosen]),
            y[chosen],
            batch_size=args.n_batch,
            epochs=args.n_epoch,
            steps_per_epoch=n_steps,
            shuffle=False,
            validation_data=(inputs(validation[0], np.zeros_like(validation[1])), validation[1]),
            validation_batch_size=1000,
            verbose=2,
        )

        # Evaluation
        expected = [common.invert_encoding(seq, ALPHABET) for seq in test[1]]
        predicted = expressions.answers(model, inputs(test[0], np.zeros_like(test[1])), ALPHABET)
        return expected, predicted, history.history["val_exact"]

    return training.compare("feedback_decoder", None, run, LEARNING_RATES, args, n_steps)


if __name__ == "__main__":
    common.run(main)
