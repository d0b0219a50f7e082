"""Stands in the way of common.py when a script is run by its path, `python extensions/NAME.py`, and says how to run it."""

import sys
from pathlib import Path

raise SystemExit(f"Run it from the project's folder: python -m extensions.{Path(sys.argv[0]).stem}")
