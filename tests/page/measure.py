"""How long the page's trainings take, and how they end: PYTHONPATH=. python tests/page/measure.py"""

import time

from browser import ARGUMENTS, CHROMIUM, PAGE
from playwright.sync_api import expect, sync_playwright


def main():
    with sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS).new_page()
        page.goto(PAGE.as_uri())

        def measure(name, start, told, ended):
            before = time.perf_counter()
            page.locator(start).first.click()
            expect(page.locator(told)).to_contain_text(ended, timeout=600_000)
            print(f"{name}: {time.perf_counter() - before:.1f} s. {page.locator(told).text_content()}", flush=True)

        measure("The tutorial's network", "#hide-guesses button", "#hide-told", "You guessed")
        page.locator("#hide-others").click()
        page.locator("#hide-small").check()
        measure("The small network", "#hide-guesses button", "#hide-told", "You guessed")
        measure("The race", "#race-start", "#race-told", "The same sums")
        measure("Three numbers, until they add", "#three-train", "#three-practice", "it adds since")
        measure("A thousand starts", "#starts-run", "#starts-told", "1,000 trainings")


if __name__ == "__main__":
    main()
