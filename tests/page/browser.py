"""Where the committed page and Chromium are, and how Chromium is started."""

import os
import shutil
from pathlib import Path

PAGE = Path(__file__).parents[2] / "outputs" / "reference" / "page.html"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip
