"""A browser, and the page opened in it: no request may leave it, and no error may come up."""

import contextlib

import pytest
from browser import ARGUMENTS, CHROMIUM, PAGE

sync_api = pytest.importorskip("playwright.sync_api", reason="the page is tested with the package playwright")


@pytest.fixture(scope="session")
def browser():
    if not CHROMIUM:
        pytest.skip("the page is tested in Chromium, which was not found")
    sync_api.expect.set_options(timeout=60_000)  # a busy machine is slow
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def opened(browser):
    """Give a context manager that opens the page. address: what stands behind #."""

    @contextlib.contextmanager
    def opened(width=900, address="", **settings):
        page = browser.new_page(viewport={"width": width, "height": 800}, **settings)
        page.set_default_timeout(60_000)
        requests, errors = [], []
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: errors.append(message.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{PAGE.as_uri()}{address}")
        yield page
        page.close()
        leaving = [url for url in requests if not url.startswith((PAGE.as_uri(), "blob:"))]  # blob: a worker's source
        assert (leaving, errors) == ([], [])

    return opened


@pytest.fixture(scope="module")
def page(opened):
    with opened() as page:
        yield page
