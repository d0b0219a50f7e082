"""What the scripts on expressions share: every expression with its value, those held out, and their encoding.

A problem is a pair of a text and its value, ("3+10", 13). Values are computed while the texts are built.
"""

import itertools
import re

import common


def evaluate(terms, operators):
    """Compute a chain of whole numbers joined by +, - and *, with the usual precedence.

    terms: whole numbers. operators: a string, one shorter. Returns a whole number.
    Raises ValueError for another number of operators, or for another operator.

    >>> evaluate([2, 3, 4], "-*")
    -10
    """
    summands = [terms[0]]
    for operator, term in zip(operators, terms[1:], strict=True):
        if operator == "*":
            summands[-1] *= term
        elif operator in ("+", "-"):
            summands.append(term if operator == "+" else -term)
        else:
            raise ValueError(f"{operator!r} is not one of + - *")
    return sum(summands)


def chain(factors, operators):
    """Join problems by operators: a text and its value. Bracket what needs it first.

    >>> chain([("2", 2), ("(3-4)", -1)], "*")
    ('2*(3-4)', -2)
    """
    texts, values = zip(*factors, strict=True)
    text = texts[0] + "".join(operator + text for operator, text in zip(operators, texts[1:], strict=True))
    return text, evaluate(values, operators)


def expressions(n_numbers, largest, operators="+", brackets=False):
    """List every expression of n_numbers terms from 1 to `largest`.

    brackets: list each expression also with brackets around each two neighbours, if it has more than two terms.
    Returns a list of pairs (text, value).
    Raises ValueError for n_numbers or `largest` below 1.
    Article: "Extensions" (variable number of terms, other operators, brackets).

    >>> expressions(2, 2)
    [('1+1', 2), ('1+2', 3), ('2+1', 3), ('2+2', 4)]
    >>> [problem for problem in expressions(3, 2, "-*", brackets=True) if problem[0] in ("1-2*2", "(1-2)*2")]
    [('1-2*2', -3), ('(1-2)*2', -2)]
    """
    for name, value in (("n_numbers", n_numbers), ("largest", largest)):
        if value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}")
    numbers = [(str(number), number) for number in range(1, largest + 1)]
    problems = []
    for terms in itertools.product(numbers, repeat=n_numbers):
        for signs in itertools.product(operators, repeat=n_numbers - 1):
            problems.append(chain(terms, signs))
            for i in range(n_numbers - 1) if brackets and n_numbers > 2 else ():
                text, value = chain(terms[i : i + 2], signs[i : i + 1])
                factors = *terms[:i], (f"({text})", value), *terms[i + 2 :]
                problems.append(chain(factors, signs[:i] + signs[i + 1 :]))
    return problems


def same_problem(text):
    """Name a problem so that sums of the same terms, in any order and with any brackets, have one name.

    >>> same_problem("10+(3+4)"), same_problem("10-3+4")
    ('10+3+4', '10-3+4')
    """
    if re.fullmatch("[0-9+()]+", text):
        return "+".join(sorted(re.findall("[0-9]+", text)))
    return text


def kind(text):
    """Name the kind of a problem: its text with every number replaced by n.

    >>> kind("(3+10)*2")
    '(n+n)*n'
    """
    return re.sub("[0-9]+", "n", text)


def weights(problems):
    """Weigh problems for drawing: those of three terms with a product are hard, and drawn three times as often.

    >>> weights([("2+3", 5), ("2*3", 6), ("2*3-1", 5), ("2-(3-1)", 0)])
    [1, 1, 3, 1]
    """
    return [3 if "*" in text and kind(text).count("n") == 3 else 1 for text, _ in problems]


def hold_out(problems, n_held_out, rng):
    """Split problems into those for training and at least n_held_out others, which no training problem equals.

    Sums that differ in nothing but the order of their terms or in brackets stay together. rng: as random.Random.
    Returns two lists, the second in random order. Raises ValueError if n_held_out leaves nothing to train on.

    >>> import random
    >>> training, held_out = hold_out(expressions(2, 3), 2, random.Random(1))
    >>> len(training) + len(held_out), {same_problem(text) for text, _ in held_out}
    (9, {'1+2'})
    """
    together = {}
    for problem in problems:
        together.setdefault(same_problem(problem[0]), []).append(problem)
    groups = list(together.values())
    rng.shuffle(groups)
    held_out = []
    while groups and len(held_out) < n_held_out:
        held_out += groups.pop()
    if not groups:
        raise ValueError(f"holding out {n_held_out} of {len(problems)} problems leaves none to train on")
    rng.shuffle(held_out)
    return [problem for group in groups for problem in group], held_out


def count_held_out(training, held_out, name=lambda problem: same_problem(problem[0])):
    """Count the held-out problems, and make sure that none occurs in training, in any order of a sum's terms.

    name: a function of a problem, the same for those that count as one. Returns a line to print.
    Raises ValueError if a held-out problem occurs in training.

    >>> count_held_out([("1+2", 3), ("1-1", 0)], [("2+2", 4)])
    'Held out: 1 of 3 problems, none of them in training'
    """
    trained = {name(problem) for problem in training}
    for problem in held_out:
        if name(problem) in trained:
            raise ValueError(f"the held-out {name(problem)} occurs in training")
    return f"Held out: {len(held_out)} of {len(training) + len(held_out)} problems, none of them in training"


def hold_out_pairs(largest, n_held_out, rng):
    """Split the pairs of numbers from 1 to `largest`, order aside, into those for training and n_held_out others.

    rng: as random.Random. Returns two lists of pairs, the smaller number first, both in random order.

    >>> import random
    >>> hold_out_pairs(2, 1, random.Random(1))
    ([(2, 2), (1, 1)], [(1, 2)])
    """
    pairs = list(itertools.combinations_with_replacement(range(1, largest + 1), 2))
    rng.shuffle(pairs)
    return pairs[n_held_out:], pairs[:n_held_out]


def draw_pairs(pairs, n, rng):
    """Draw n pairs, each in either order. rng: as random.Random.

    >>> import random
    >>> draw_pairs([(1, 2), (3, 4)], 3, random.Random(2))
    [(3, 4), (4, 3), (2, 1)]
    """
    return [pair if rng.random() < 0.5 else pair[::-1] for pair in rng.choices(pairs, k=n)]


def encode(problems, n_in, n_out, alphabet):
    """Encode problems as one-hot sequences, texts and values both padded with spaces on the left.

    Returns float32 arrays (n, n_in, n_chars) and (n, n_out, n_chars), n_chars = len(alphabet).
    Raises ValueError for a problem that is wider, and for a character outside the alphabet.

    >>> X, y = encode([("3+10", 13)], 5, 2, "0123456789+ ")
    >>> X.shape, common.invert_encoding(X[0], "0123456789+ ")
    ((1, 5, 12), ' 3+10')
    """
    for text, value in problems:
        if len(text) > n_in or len(str(value)) > n_out:
            raise ValueError(f"{text} = {value} does not fit {n_in} and {n_out} characters")
    texts = [text.rjust(n_in) for text, _ in problems]
    answers = [str(value).rjust(n_out) for _, value in problems]
    return common.one_hot_encode(*common.integer_encode(texts, answers, alphabet), len(alphabet))


def widths(problems):
    """Count the characters of the widest text and of the widest value.

    >>> widths([("3+10", 13), ("1-2", -1)])
    (4, 2)
    """
    return max(len(text) for text, _ in problems), max(len(str(value)) for _, value in problems)


def answers(model, X, alphabet):
    """Predict and decode: a list of one string for each sequence of X."""
    return [common.invert_encoding(seq, alphabet) for seq in model.predict(X, 1000, verbose=0)]
