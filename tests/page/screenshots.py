"""Pictures of the page, to look at: each station at two widths, light and dark, and the README's, into a folder.

python tests/page/screenshots.py FOLDER
"""

import sys
from pathlib import Path

from browser import ARGUMENTS, CHROMIUM, PAGE
from playwright.sync_api import sync_playwright


def show(page):
    """Go to where there is most to see."""
    page.goto(PAGE.as_uri())
    page.locator("#pairs-epoch").fill("60")
    for _ in range(4):
        page.locator("#fingers-next").click()
    page.locator("#proof-run").click()
    page.locator("#proof-told span").wait_for()


def main(folder):
    """Take the pictures; return the exit status."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for width in (900, 360):
            for scheme in ("light", "dark"):
                page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
                show(page)
                for section in page.locator("section").all():
                    section.screenshot(path=folder / f"{section.get_attribute('id')}_{width}_{scheme}.png")
        page = browser.new_page(viewport={"width": 900, "height": 1600})
        show(page)
        page.evaluate("scrollTo(0, 0)")
        boxes = [page.locator(f"#pairs {part}").bounding_box() for part in ("fieldset", ".fields")]
        top, bottom = boxes[0]["y"] - 10, boxes[1]["y"] + boxes[1]["height"] + 10
        clip = {"x": boxes[0]["x"] - 10, "y": top, "width": boxes[0]["width"] + 20, "height": bottom - top}
        page.screenshot(path=folder / "page.png", clip=clip, full_page=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
