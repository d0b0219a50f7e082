"""And brackets? The last extension of the article: the expressions of variable_operators.py, and all with brackets.

    with a scratchpad    (2-3)*10 -> -1*10 -> 01-        at once    (2-3)*10 -> 01-

There are 27,300 expressions. A tenth each is held out for validation and test, with all that are equal to them: terms
or factors in another order, or with brackets that change nothing. The training is that of variable_operators.py.

The learning rates and shares are those that variable_operators.py searched, on its own validation expressions.
"""

import common
from extensions.shared import expressions, scratchpad, training

CHOSEN = {"with a scratchpad": (0.7, 0.016), "at once": (0.25, 0.016)}  # share of two numbers, learning rate


def main(argv=None):
    """Train with and without a scratchpad, compare on the test expressions, and save; return the exit status."""
    parser = common.argument_parser(
        __doc__, {"largest": (2, 20)}, n_examples=16_000, largest=10, n_batch=32, n_epoch=20
    )
    training.add_arguments(parser)
    args = parser.parse_args(argv)
    n_steps = args.n_examples // args.n_batch
    problems = expressions.expressions(2, args.largest) + expressions.expressions(3, args.largest, brackets=True)
    title = "Done step by step, brackets are no harder than sums"
    return scratchpad.compare("brackets", title, problems, args.largest, CHOSEN, args, n_steps)


if __name__ == "__main__":
    common.run(main)
