"""Can it subtract and multiply too? The article's extension: other operators, with the usual precedence.

Two or three terms from 1 to 10, joined by + - or *, become text. On a scratchpad, the model first writes the expression
with one step done, and reads that again for the answer, units first; at once, it writes the answer:

    with a scratchpad    2-3*10 -> 2-30 -> 82-        at once    2-3*10 -> 82-

There are 9,300 expressions. A tenth each is held out for validation and test, with all that are equal to them: terms or
factors in another order. Both arms also practise every second step, such as 72*9, that is no expression of the list.

Searched on validation expressions of the seed 101, for both arms alike: learning rates of 0.004, 0.008 and 0.016, and
problems of two numbers as 25 or 70 % of the examples, with half the updates (--search --n-epoch 10). All else was
chosen with the scratchpad.
"""

import common
from extensions.shared import expressions, scratchpad, training

CHOSEN = {"with a scratchpad": (0.7, 0.016), "at once": (0.25, 0.016)}  # share of two numbers, learning rate


def main(argv=None):
    """Train with and without a scratchpad, compare on the test expressions, and save; return the exit status."""
    parser = common.argument_parser(
        __doc__, {"largest": (2, 30)}, n_examples=16_000, largest=10, n_batch=32, n_epoch=20
    )
    training.add_arguments(parser)
    args = parser.parse_args(argv)
    n_steps = args.n_examples // args.n_batch
    problems = expressions.expressions(2, args.largest) + expressions.expressions(3, args.largest)
    title = "Done step by step, products of three numbers are learned as well as sums"
    return scratchpad.compare("variable_operators", title, problems, args.largest, CHOSEN, args, n_steps)


if __name__ == "__main__":
    common.run(main)
