"""The README's picture of the page, written to a file.

python tests/page/screenshots.py outputs/reference/page/picture.png
"""

import sys

from browser import ARGUMENTS, CHROMIUM, PAGE
from playwright.sync_api import sync_playwright


def main(path):
    with sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS).new_page()
        page.set_viewport_size({"width": 1000, "height": 800})
        page.goto(f"{PAGE.as_uri()}#recorded=0&epoch=60")
        page.locator("#hide .two").screenshot(path=path)


if __name__ == "__main__":
    main(sys.argv[1])
