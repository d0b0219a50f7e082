"""Problems as text: how they are listed, split and encoded. A held-out problem is new: training has none equal to it.

A problem is an expression with its value, ("3+7*8", 59), or a pair of numbers to add, (3, 10). Problems that are equal
but for their order, such as 2*3 and 3*2, or (3, 10) and (10, 3), have the same form. They are held out together.
"""

import ast
import functools
import itertools
import operator

import common
import seq2seq_sum
from extensions.experiments import Split
from seq2seq_sum import ALPHABET


def parse(text):
    """Return the top node of an expression's syntax tree. The expression has whole numbers, + - * and brackets."""
    return ast.parse(text, mode="eval").body


def evaluate(node):
    """Return the value of a parsed expression.

    >>> evaluate(parse("3+7*8")), evaluate(parse("(3+7)*8")), evaluate(parse("3--7"))
    (59, 80, 10)
    """
    if not isinstance(node, ast.BinOp):
        return ast.literal_eval(node)  # a number, with its sign
    work_out = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}[type(node.op)]
    return work_out(evaluate(node.left), evaluate(node.right))


@functools.cache
def first_step(text):
    """Return an expression of three numbers with its first step done. Two numbers are returned unchanged.

    >>> first_step("3+7*8"), first_step("(3+7)*8"), first_step("3-(2-7)"), first_step("3-10")
    ('3+56', '10*8', '3--5', '3-10')
    """
    whole = parse(text)
    if isinstance(whole.left, ast.BinOp):
        step = whole.left
    elif isinstance(whole.right, ast.BinOp):
        step = whole.right
    else:
        return text
    text = text[: step.col_offset] + str(evaluate(step)) + text[step.end_col_offset :]
    return text.replace("(", "").replace(")", "")


@functools.cache
def canonical(text):
    """Return an expression in canonical form: terms and factors sorted, and no redundant brackets.

    >>> canonical("3+(4-2)") == canonical("4+3-2"), canonical("3-(4-2)") == canonical("3-4+2")
    (True, True)
    >>> canonical("2*3") == canonical("3*2"), canonical("(9*9)+2") == canonical("2+9*9")
    (True, True)
    >>> canonical("(2+3)*4"), canonical("2+3*4"), canonical("3-(4-2)")  # products are not multiplied out
    ('+(+2+3)*4', '+2+3*4', '+2+3-4')
    """

    def is_a(node, *operators):
        return isinstance(node, ast.BinOp) and isinstance(node.op, operators)

    def terms(node, sign="+"):
        if not is_a(node, ast.Add, ast.Sub):
            product = "*".join(sorted(factors(node)))
            if product.startswith("-") and "*" not in product:  # a negative number as a term: 3+-7 is 3-7
                sign, product = {"+": "-", "-": "+"}[sign], product[1:]
            return [sign + product]
        flipped = {"+": "-", "-": "+"}[sign]
        return terms(node.left, sign) + terms(node.right, flipped if is_a(node, ast.Sub) else sign)

    def factors(node):
        if is_a(node, ast.Mult):
            return factors(node.left) + factors(node.right)
        return [f"({''.join(sorted(terms(node)))})" if is_a(node, ast.Add, ast.Sub) else str(ast.literal_eval(node))]

    return "".join(sorted(terms(parse(text))))


def expressions(n_numbers, largest, operators="+-*", brackets=False):
    """Return every expression of n_numbers terms from 1 to `largest`.

    brackets: include each expression again with each pair of neighbours in brackets.

    >>> expressions(2, 2, "+")
    [('1+1', 2), ('1+2', 3), ('2+1', 3), ('2+2', 4)]
    >>> [problem for problem in expressions(3, 2, brackets=True) if problem[0] in ("1-2*2", "(1-2)*2")]
    [('1-2*2', -3), ('(1-2)*2', -2)]
    """
    texts = []
    for terms in itertools.product(map(str, range(1, largest + 1)), repeat=n_numbers):
        for signs in itertools.product(operators, repeat=n_numbers - 1):
            rows = [terms]
            if brackets and n_numbers > 2:
                rows += [[*terms[:i], f"({terms[i]}", f"{terms[i + 1]})", *terms[i + 2 :]] for i in range(len(signs))]
            for row in rows:
                texts.append("".join(term + sign for term, sign in zip(row, (*signs, ""), strict=True)))
    return [(text, evaluate(parse(text))) for text in texts]


def pairs(largest):
    """Return all pairs of numbers from 1 to `largest`, in both orders."""
    return list(itertools.product(range(1, largest + 1), repeat=2))


def form(problem):
    """Return the form of a problem. Problems that count as equal have the same form.

    >>> form((10, 3)), form(("3*2", 6))
    ((3, 10), '+2*3')
    """
    first, second = problem
    if isinstance(first, str):
        return canonical(first)
    return (first, second) if first <= second else (second, first)


def hold_out(problems, n_held_out, rng):
    """Return two lists: problems to train on, and at least n_held_out others. Problems of one form stay together.

    rng: as random.Random. Raises ValueError if n_held_out leaves nothing to train on.

    >>> import random
    >>> training, held_out = hold_out(expressions(2, 3, "*"), 2, random.Random(1))
    >>> len(training), held_out
    (7, [('1*2', 2), ('2*1', 2)])
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
    """Split problems: at least n_held_out for validation, and as many for the test. Prints the sizes; returns a Split.

    rng: as random.Random. Raises ValueError if nothing is left to train on.
    """
    rest, test = hold_out(problems, n_held_out, rng)
    training, validation = hold_out(rest, n_held_out, rng)
    print(f"Held out of {len(problems)} problems: {len(validation)} for validation, {len(test)} for the test.")
    return Split(training, validation, test, form)


def encode_texts(inputs, answers, alphabet=ALPHABET):
    """Return inputs and answers, texts of one width each, one-hot: two float32 arrays (n, steps, n_chars)."""
    return common.one_hot_encode(*common.integer_encode(inputs, answers, alphabet), len(alphabet))


def encode_sums(pairs, largest):
    """Return pairs of numbers up to `largest` and their sums, one-hot, encoded as in the article."""
    return seq2seq_sum.encode(pairs, [sum(pair) for pair in pairs], 2, largest)
