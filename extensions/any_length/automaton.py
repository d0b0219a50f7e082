"""Round the state of a recurrent network, and it is a finite automaton: a table in which every case can be tried.

A network reads a symbol at each step, writes an output, and keeps a state, a list of numbers. These states fall into
groups. If each state is rounded to the centre of its group after every step, only a few states are left. Then a table
holds everything that the network can ever do: the next state and the output for each state and each symbol. The proof
covers this table, and this table answers. The proof says nothing about the network before rounding.

    step(states, symbols)     a network: from arrays (n, n_units) and (n,) to the next states and scores of all outputs
    collect(step, start, X)   the network's states and outputs in problems X, without rounding
    tabulate(step, ...)       the table, with rounding
    walk(table, rule, kept)   tries every case

State 0 is the start, before the first symbol, and is not rounded. A rule knows what is right. Given the carry so far,
say, it lists each symbol that may come next, the right output and the new carry. To add in binary:

>>> def rule(carry):
...     return [(2 * a + b, (a + b + carry) % 2, (a + b + carry) // 2) for a in (0, 1) for b in (0, 1)]
>>> table = Table(next_state=[[0, 0, 0, 1], [0, 1, 1, 1]], output=[[0, 1, 1, 0], [1, 0, 0, 1]])
>>> walk(table, rule, 0)[:2]  # 8 cases, none wrong
(8, [])
"""

import collections
import typing
import warnings

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import pairwise_distances
from threadpoolctl import threadpool_limits

N_CENTRES = 2, 4, 8, 16, 32, 64, 128, 256  # that are tried
MOST_WRONG = 100  # after this many wrong cases a walk ends


class Table(typing.NamedTuple):
    """An automaton: for each state and each symbol the next state and the output, both lists of lists of ints."""

    next_state: list
    output: list


class Walk(typing.NamedTuple):
    """How many cases were tried; a path to each wrong case, the shortest first; and (state, kept) -> a path to it.

    A path is a list of symbols.
    """

    n_cases: int
    wrong: list
    reached: dict


def walk(table, rule, kept):
    """Try every case, short problems first; return a Walk. kept: what is kept before the first symbol."""
    reached, wrong, n_cases = {(0, kept): []}, [], 0
    queue = collections.deque(reached)
    while queue and len(wrong) < MOST_WRONG:
        state, kept = queue.popleft()
        for symbol, right, keep in rule(kept):
            n_cases += 1
            path, then = [*reached[state, kept], symbol], (table.next_state[state][symbol], keep)
            if table.output[state][symbol] != right:
                wrong.append(path)
            elif then not in reached:
                reached[then] = path
                queue.append(then)
    return Walk(n_cases, wrong, reached)


def collect(step, start, X):
    """Return the states (n, n_steps, n_units) after each symbol of problems X, ints (n, n_steps), and the outputs.

    start: the state before the first symbol, (n_units,), or one for each problem. The output has the highest score.
    """
    states, outputs, state = [], [], np.broadcast_to(start, (len(X), np.shape(start)[-1]))
    for symbols in X.T:
        state, scores = step(state, symbols)
        states.append(state)
        outputs.append(scores.argmax(axis=1))
    return np.stack(states, axis=1), np.stack(outputs, axis=1)


def tabulate(step, start, centres, n_symbols):
    """Return the Table of a network whose states are rounded to centres (n_centres, n_units)."""
    states = np.vstack([start, centres])
    after, scores = step(np.repeat(states, n_symbols, axis=0), np.tile(np.arange(n_symbols), len(states)))
    next_state = 1 + pairwise_distances(after, centres).argmin(axis=1).reshape(-1, n_symbols)
    return Table(next_state.tolist(), scores.argmax(axis=1).reshape(-1, n_symbols).tolist())


def centres_of(states, n):
    """Return the centres of n groups of states by k-means, (n, n_units); with fewer groups, some centres are equal."""
    with warnings.catch_warnings(), threadpool_limits(1):  # with one thread the sums are the same on all machines
        warnings.simplefilter("ignore", ConvergenceWarning)
        return KMeans(n, n_init=1, random_state=0).fit(states).cluster_centers_


def indices(lists, shape, n, lowest=0):
    """Return `lists` if they have this shape and hold whole numbers from `lowest` to n - 1, else None.

    >>> indices([[0, 1]], (1, 2), n=2), indices([[0, 2]], (1, 2), n=2), indices([[0], [1, 1]], (2, 2), n=2)
    ([[0, 1]], None, None)
    """
    try:
        array = np.array(lists)
    except ValueError:  # rows of different lengths
        return None
    allowed = array.dtype.kind == "i" and array.shape == shape and ((lowest <= array) & (array < n)).all()
    return array.tolist() if allowed else None
