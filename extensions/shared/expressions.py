"""Problems and their split into training, validation and test, so that held out means new; and their encoding.

A problem is an expression with the results of its steps, the answer last, ("3+7*8", [56, 59]), or a pair of numbers to
add, (3, 10). Problems of one form, as 2*3 and 3*2, or (3, 10) and (10, 3), are held out together.
"""

import ast
import itertools
import re

import common

SYMBOLS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}


def steps(text):
    """Compute an expression of whole numbers, + - * and brackets step by step: the result of each step, in order.

    >>> steps("3+7*8"), steps("(3+7)*8"), steps("8-2-9"), steps("3-10")
    ([56, 59], [10, 80], [6, -3], [-7])
    """
    results = []

    def value(node):
        if isinstance(node, ast.Constant):
            return node.value
        left, right = value(node.left), value(node.right)
        symbol = SYMBOLS[type(node.op)]
        results.append(left + right if symbol == "+" else left - right if symbol == "-" else left * right)
        return results[-1]

    value(ast.parse(text, mode="eval").body)
    return results


def canonical(text):
    """Write an expression in one form: signed terms of a sum and factors of a product sorted, no bracket too many.

    >>> canonical("3+(4-2)") == canonical("4+3-2"), canonical("3-(4-2)") == canonical("3-4+2")
    (True, True)
    >>> canonical("2*3") == canonical("3*2"), canonical("(9*9)+2") == canonical("2+9*9")
    (True, True)
    >>> canonical("(2*3)*4") == canonical("2*(3*4)") == canonical("4*3*2")
    True
    >>> canonical("(2+3)*4"), canonical("2+3*4"), canonical("3-(4-2)")  # products are not multiplied out
    ('+(+2+3)*4', '+2+3*4', '+2+3-4')
    """

    def is_a(node, *operators):
        return isinstance(node, ast.BinOp) and isinstance(node.op, operators)

    def terms(node, sign="+"):
        if not is_a(node, ast.Add, ast.Sub):
            return [sign + "*".join(sorted(factors(node)))]
        flipped = {"+": "-", "-": "+"}[sign]
        return terms(node.left, sign) + terms(node.right, flipped if is_a(node, ast.Sub) else sign)

    def factors(node):
        if is_a(node, ast.Mult):
            return factors(node.left) + factors(node.right)
        return [f"({''.join(sorted(terms(node)))})" if is_a(node, ast.Add, ast.Sub) else str(node.value)]

    return "".join(sorted(terms(ast.parse(text, mode="eval").body)))


def expressions(n_numbers, largest, operators="+-*", brackets=False):
    """List every expression of n_numbers terms from 1 to `largest`; with brackets=True also with each pair in brackets.

    >>> expressions(2, 2, "+")
    [('1+1', [2]), ('1+2', [3]), ('2+1', [3]), ('2+2', [4])]
    >>> [problem for problem in expressions(3, 2, brackets=True) if problem[0] in ("1-2*2", "(1-2)*2")]
    [('1-2*2', [4, -3]), ('(1-2)*2', [-1, -2])]
    """
    texts = []
    for terms in itertools.product(map(str, range(1, largest + 1)), repeat=n_numbers):
        for signs in itertools.product(operators, repeat=n_numbers - 1):
            texts.append("".join(itertools.chain(*zip(terms, (*signs, ""), strict=True))))
            for i in range(n_numbers - 1) if brackets and n_numbers > 2 else ():
                bracketed = [*terms[:i], "(" + terms[i], terms[i + 1] + ")", *terms[i + 2 :]]
                texts.append("".join(itertools.chain(*zip(bracketed, (*signs, ""), strict=True))))
    return [(text, steps(text)) for text in texts]


def drills(largest, operators="+-*"):
    """List what a second step may be, as problems of their own: a number up to largest squared and one up to `largest`.

    The first is greater than `largest`, so that none is an expression of the list that is split.

    >>> problems = drills(10)
    >>> len(problems), [problem for problem in problems if problem[0] in ("72*9", "9*72", "3+56", "3+5")]
    (5400, [('3+56', [59]), ('72*9', [648]), ('9*72', [648])])
    """
    problems = []
    for big, small in itertools.product(range(largest + 1, largest**2 + 1), range(1, largest + 1)):
        for operator in operators:
            problems += [f"{big}{operator}{small}", f"{small}{operator}{big}"]
    return [(text, steps(text)) for text in problems]


def pairs(largest):
    """List all pairs of numbers from 1 to `largest`, in both orders."""
    return list(itertools.product(range(1, largest + 1), repeat=2))


def form(problem):
    """Name the form of a problem, the same for all that count as equal: of an expression its canonical form.

    >>> form((10, 3)), form(("3*2", [6]))
    ((3, 10), '+2*3')
    """
    return canonical(problem[0]) if isinstance(problem[0], str) else tuple(sorted(problem))


def hold_out(problems, n_held_out, rng):
    """Split problems into those for training and at least n_held_out others, all problems of one form together.

    rng: as random.Random. Returns two lists. Raises ValueError if n_held_out leaves nothing to train on.

    >>> import random
    >>> training, held_out = hold_out(expressions(2, 3, "*"), 2, random.Random(1))
    >>> len(training), held_out
    (7, [('1*2', [2]), ('2*1', [2])])
    """
    together = {}
    for problem in problems:
        together.setdefault(form(problem), []).append(problem)
    groups = list(together.values())
    rng.shuffle(groups)
    held_out = []
    while groups and len(held_out) < n_held_out:
        held_out += groups.pop()
    if not groups:
        raise ValueError(f"holding out {n_held_out} of {len(problems)} problems leaves none to train on")
    return list(itertools.chain(*groups)), held_out


def split(problems, n_held_out, rng):
    """Split problems in three: for training, for validation and for the test, the last two at least n_held_out each.

    Prints the sizes. Raises ValueError if a form stands in two of the parts, or if nothing is left to train on.
    """
    rest, test = hold_out(problems, n_held_out, rng)
    training, validation = hold_out(rest, n_held_out, rng)
    check_apart(training, validation, test)
    print(f"Held out of {len(problems)} problems: {len(validation)} for validation, {len(test)} for the test.")
    return training, validation, test


def check_apart(*parts):
    """Raise ValueError if a form stands in two of the lists of problems.

    >>> check_apart([("2*3", [6])], [("2+3", [5])], [("2-3", [-1])])
    >>> check_apart([("2*3", [6])], [("2+3", [5])], [("3*2", [6])])
    Traceback (most recent call last):
        ...
    ValueError: +2*3 stands in two parts of the split
    """
    forms = [{form(problem) for problem in part} for part in parts]
    for one, other in itertools.combinations(forms, 2):
        if one & other:
            raise ValueError(f"{min(one & other)} stands in two parts of the split")


def kind(text):
    """Name the kind of a problem: its text with every number replaced by n.

    >>> kind("(3+10)*2")
    '(n+n)*n'
    """
    return re.sub("[0-9]+", "n", text)


def write(problem, n_answer, n_step=0, reverse=False):
    """Write what the decoder is to write: the answer, after the first step's result if n_step is its width.

    A problem of one step leaves the first field empty. reverse: the units come first.

    >>> write(("3+7*8", [56, 59]), 4), write(("3+7*8", [56, 59]), 4, 3), write(("3+7*8", [56, 59]), 4, 3, reverse=True)
    ('  59', ' 56  59', '65 95  ')
    """
    results = problem[1]
    fields = [str(results[0]).rjust(n_step) if len(results) > 1 else " " * n_step] if n_step else []
    fields.append(str(results[-1]).rjust(n_answer))
    return "".join(field[::-1] if reverse else field for field in fields)


def encode(problems, n_in, n_out, alphabet):
    """Encode expressions, padded on the left to n_in characters, and their values, to n_out: one-hot sequences."""
    texts, answers = [text.rjust(n_in) for text, _ in problems], [str(steps[-1]).rjust(n_out) for _, steps in problems]
    return common.one_hot_encode(*common.integer_encode(texts, answers, alphabet), len(alphabet))


def encode_sums(pairs, largest, alphabet):
    """Encode pairs of numbers up to `largest` and their sums as the article does: one-hot, two (n, steps, chars)."""
    texts = common.to_string(pairs, [sum(pair) for pair in pairs], 2, largest)
    return common.one_hot_encode(*common.integer_encode(*texts, alphabet), len(alphabet))


def answers(model, X, alphabet):
    """Predict and decode: a list of one string for each sequence of X."""
    return [common.invert_encoding(seq, alphabet) for seq in model.predict(X, batch_size=1000, verbose=0)]
