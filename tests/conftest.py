"""Let the scripts that the tests start hear Ctrl-C, even if the tests themselves run in the background.

A shell lets what it starts in the background ignore Ctrl-C, and so would all that the tests start.
"""

import signal

signal.signal(signal.SIGINT, signal.default_int_handler)
