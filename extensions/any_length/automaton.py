"""A recurrent network whose state is rounded is a finite automaton: a table, of which every case can be tried.

A network reads a symbol at each step, writes an output, and keeps a state of numbers. These states fall into groups.
Rounded to the middle of a group, its centre, after every step, there are but a few, and then all that the network can
ever do stands in a table: for each state and each symbol the next state and the output. What is proved is that table,
and it is the table that answers; nothing is said of the network before rounding.

    step(states, symbols)     a network: arrays (n, n_units) and (n,) to the next states and a score of each output
    collect(step, start, X)   its states and outputs in problems X, not rounded
    fewest(step, ...)         rounded: the table with the fewest centres with which the proof holds
    prove(table, rule, kept)  tries every case; run(table, symbols) works with the table, at any length
    write, read, check        save a table as data, JSON, and load it

State 0 is the start, before the first symbol, and is not rounded. A rule says what is right: given what should be kept
in mind, it lists what may come next, each symbol with the right output and what to keep then. To add in binary:

>>> def rule(carry):
...     return [(2 * a + b, (a + b + carry) % 2, (a + b + carry) // 2) for a in (0, 1) for b in (0, 1)]
>>> table = Table(next_state=[[0, 0, 0, 1], [0, 1, 1, 1]], output=[[0, 1, 1, 0], [1, 0, 0, 1]])
>>> prove(table, rule, 0)[:3]  # 8 cases, none wrong
(8, None, None)
>>> run(table, [3, 1, 0])  # 01 + 11, the units first: 001, no carry
([0, 0, 1], 0)
"""

import collections
import json
import typing
import warnings

import common

import numpy as np
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import pairwise_distances

N_CENTRES = 2, 4, 8, 16, 32, 64, 128, 256  # that are tried


class Table(typing.NamedTuple):
    """An automaton: for each state and each symbol the next state and the output, both lists of lists of ints."""

    next_state: list
    output: list


class Proof(typing.NamedTuple):
    """The cases tried; symbols and right outputs of the shortest wrong problem; all (state, what to keep) reached."""

    n_cases: int
    wrong: list | None
    right: list | None
    reached: dict


def run(table, symbols, state=0):
    """Return what the table writes, a list, for a list of symbols, and the state that it ends in."""
    next_state, output = table
    written = []
    for symbol in symbols:
        written.append(output[state][symbol])
        state = next_state[state][symbol]
    return written, state


def prove(table, rule, kept):
    """Return a Proof: every case is tried, short problems first. kept: what should be kept before the first symbol."""
    reached, n_cases = {(0, kept): ([], [])}, 0
    queue = collections.deque(reached)
    while queue:
        state, kept = queue.popleft()
        symbols, outputs = reached[state, kept]
        for symbol, right, keep in rule(kept):
            n_cases += 1
            path, rights = [*symbols, symbol], [*outputs, right]
            if table.output[state][symbol] != right:
                return Proof(n_cases, path, rights, reached)
            then = table.next_state[state][symbol], keep
            if then not in reached:
                reached[then] = path, rights
                queue.append(then)
    return Proof(n_cases, None, None, reached)


def collect(step, start, X):
    """Return the states (n, n_steps, n_units) after each symbol of problems X, ints (n, n_steps), and the outputs.

    start: the state before the first symbol, (n_units,), or one for each problem. An output has the highest score.
    """
    states, outputs, state = [], [], np.broadcast_to(start, (len(X), np.shape(start)[-1]))
    for symbols in X.T:
        state, scores = step(state, symbols)
        states.append(state)
        outputs.append(scores.argmax(axis=1))
    return np.stack(states, axis=1), np.stack(outputs, axis=1)


def tabulate(step, start, centres, n_symbols):
    """Return the Table of a network rounded to centres (n_centres, n_units), and the margins (2, n_states, n_symbols).

    A margin is how much farther away the second nearest centre is, and how much lower the second best score.
    """
    states = np.vstack([start, centres])
    after, scores = step(np.repeat(states, n_symbols, axis=0), np.tile(np.arange(n_symbols), len(states)))
    distances = pairwise_distances(after, centres)
    next_state = 1 + distances.argmin(axis=1).reshape(-1, n_symbols)
    output = scores.argmax(axis=1).reshape(-1, n_symbols)
    distances, scores = np.sort(distances, axis=1), np.sort(scores, axis=1)
    margins = np.stack([distances[:, 1] - distances[:, 0], scores[:, -1] - scores[:, -2]])
    return Table(next_state.tolist(), output.tolist()), margins.reshape(2, -1, n_symbols)


def centres_of(states, n):
    """Return n centres of the groups of states, (n, n_units), by k-means; where groups are fewer, some are the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return KMeans(n, n_init=1, random_state=0).fit(states).cluster_centers_


def fewest(step, start, states, n_symbols, rule, kept, n_centres=N_CENTRES):
    """Return the Table rounded to the fewest centres with which the proof holds, or None, and what was found.

    states: (n, n_units), to be put into groups. Found is a dict of number of centres -> the Proof, the smallest margins
    of the cases reached, (2,), and the centres.
    """
    found, states = {}, np.unique(states, axis=0)
    for n in n_centres:
        if n <= len(states):
            centres = centres_of(states, n)
            table, margins = tabulate(step, start, centres, n_symbols)
            proof = prove(table, rule, kept)
            cases = np.array([(state, symbol) for state, keep in proof.reached for symbol, _, _ in rule(keep)])
            found[n] = proof, margins[:, cases[:, 0], cases[:, 1]].min(axis=1), centres
            if proof.wrong is None:
                return table, found
    return None, found


def write(path, kind, table=None, **data):
    """Write a table as JSON, whole or not at all, with its kind, which names the rule, and what else belongs to it."""
    with common.written_whole(path) as unfinished:
        rows = table._asdict() if table else {}
        unfinished.write_text(json.dumps({"kind": kind, **rows, **data}), encoding="utf-8")


def replace(outputs, script, tables):
    """Replace the tables of an earlier run; its transcript and pictures go first, so that nothing is mixed.

    tables: a dict of name -> what `write` takes, a dict, or None where this run has no table.
    """
    for ending in ("txt", "png", "gif"):
        (outputs / f"{script}.{ending}").unlink(missing_ok=True)
    for name, table in tables.items():
        path = outputs / f"{name}.json"
        if table:
            write(path, **table)
        else:
            path.unlink(missing_ok=True)


def find(outputs, name):
    """Return the path of a run's table, or if there is none, of the one trained for questions: they never mix."""
    path = outputs / f"{name}.json"
    return path if path.exists() else outputs / f"{name}_asked.json"


def read(path):
    """Return what `write` wrote, a dict. Raises ValueError, in one line, for another file, and OSError for none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict) or not isinstance(data.get("kind"), str):
        raise ValueError("it is not JSON with a kind")
    return data


def check(data, n_symbols, n_outputs):
    """Return the Table in what `read` gave. Raises ValueError, in one line, unless every entry can be looked up."""
    n_states = len(data["output"]) if isinstance(data.get("output"), list) else 0
    next_state = indices(data.get("next_state"), (n_states, n_symbols), n_states)
    output = indices(data.get("output"), (n_states, n_symbols), n_outputs)
    if next_state and output:
        return Table(next_state, output)
    raise ValueError(f"it has no table of {n_symbols} symbols and {n_outputs} outputs")


def indices(lists, shape, n):
    """Return lists of lists of this shape, of whole numbers from 0 to n - 1, or None if these are no such lists.

    >>> indices([[0, 1]], (1, 2), n=2), indices([[0, 2]], (1, 2), n=2), indices([[0], [1, 1]], (2, 2), n=2)
    ([[0, 1]], None, None)
    """
    try:
        array = np.array(lists)
    except ValueError:  # rows of different lengths
        return None
    allowed = array.dtype.kind == "i" and array.shape == shape and ((0 <= array) & (array < n)).all()
    return array.tolist() if allowed else None
