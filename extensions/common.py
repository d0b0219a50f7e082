"""Found in place of the project's common.py by `python extensions/NAME.py`: says how to run the scripts."""

import sys
from pathlib import Path

raise SystemExit(f"Run it from the project's folder: python -m extensions.{Path(sys.argv[0]).stem}")
