"""What the tests share: they hear Ctrl-C even in the background, compile nothing if tiny, and interrupt trainings.

A shell lets what it starts in the background ignore Ctrl-C, and so would all that the tests start.
"""

import signal

import pytest

signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def eager(monkeypatch):
    """Let Keras compile and unroll nothing, and keep its session, which takes most of the time of a tiny run."""
    import common

    import keras

    compiled = keras.Model.compile

    def compile(self, *args, jit_compile=None, **kwargs):
        compiled(self, *args, **kwargs, run_eagerly=True)

    monkeypatch.setattr(keras.Model, "compile", compile)
    monkeypatch.setattr(keras.utils, "clear_session", lambda: None)
    monkeypatch.setattr(common, "unroll", lambda n_steps: False)


@pytest.fixture
def interrupt(monkeypatch):
    """Give a function that lets the n-th training from then on be interrupted, as by Ctrl-C."""
    import keras

    calls, trained = [], keras.Model.fit

    def at(n):
        def fit(self, *args, **kwargs):
            calls.append(1)
            if len(calls) == n:
                raise KeyboardInterrupt
            return trained(self, *args, **kwargs)

        monkeypatch.setattr(keras.Model, "fit", fit)

    return at


@pytest.fixture
def fits(monkeypatch):
    """Give the list of the trainings that follow: (model, its weights before, X, y, what else is given to fit)."""
    import keras

    recorded, fit = [], keras.Model.fit

    def record(self, X, y, *others, **options):
        recorded.append((self, self.get_weights(), X, y, options))
        return fit(self, X, y, *others, **options)

    monkeypatch.setattr(keras.Model, "fit", record)
    return recorded
