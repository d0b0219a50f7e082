"""The README's picture of the page, written to a file.

python tests/page/screenshots.py outputs/reference/page.png
"""

import sys

from browser import ARGUMENTS, CHROMIUM, PAGE
from playwright.sync_api import sync_playwright


def main(path):
    with sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS).new_page()
        page.set_viewport_size({"width": 900, "height": 1600})
        page.goto(PAGE.as_uri())
        page.locator("#pairs-epoch").fill("60")
        page.evaluate("scrollTo(0, 0)")
        first, last = (page.locator(f"#pairs {part}").bounding_box() for part in ("fieldset", ".fields"))
        height = last["y"] + last["height"] - first["y"] + 20
        clip = {"x": first["x"] - 10, "y": first["y"] - 10, "width": first["width"] + 20, "height": height}
        page.screenshot(path=path, clip=clip, full_page=True)


if __name__ == "__main__":
    main(sys.argv[1])
