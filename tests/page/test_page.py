"""The committed page in a real browser: every station once, its networks against Python's, hostile input, axe.

It needs Playwright for Python and Chromium. The data is that of the page: nothing is trained.
"""

import contextlib
import json
import os
import random
import re
from pathlib import Path

import common
from extensions.any_length import column_arithmetic, expressions, marks, smallest_adder, text_addition
from extensions.page import build
from extensions.text import framings
from seq2seq_sum import ALPHABET

import keras
import numpy as np
import pytest
from browser import ARGUMENTS, CHROMIUM, PAGE

AXE = Path(os.environ.get("AXE_CORE") or PAGE.parents[3] / "node_modules" / "axe-core" / "axe.min.js")

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="the page is tested with Playwright, the package playwright"
)
if not CHROMIUM:
    pytest.skip("the page is tested in Chromium, which was not found", allow_module_level=True)

sync_api.expect.set_options(timeout=60_000)
DATA = json.loads(re.search(r'<script id="data" type="application/json">(.*?)</script>', PAGE.read_text())[1])
ADDER = text_addition.load(DATA["fingers"])


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@contextlib.contextmanager
def opened(browser, width=900, **settings):
    """Give the page, newly opened. No request may leave it, and no error may come up."""
    page = browser.new_page(viewport={"width": width, "height": 800}, **settings)
    page.set_default_timeout(60_000)  # a busy machine is slow
    requests, errors = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(PAGE.as_uri())
    yield page
    page.close()
    assert (requests, errors) == ([PAGE.as_uri()], [])


@pytest.fixture(scope="module")
def page(browser):
    with opened(browser) as page:
        yield page


def text(page, selector):
    return page.locator(selector).text_content()


def press(page, selector, key):
    """Press a key where an element has the focus."""
    page.locator(selector).press(key)


# ---- Every station ---------------------------------------------------------------------------------------------------


def test_pairs(page):
    press(page, "#pairs-epoch", "End")
    for kind, name in enumerate(("Practised", "Held-out")):
        n_right, n = DATA["pairs"][0]["shares"][-1][kind]
        assert text(page, f"#pairs-told-{kind}") == f"{name} pairs: {n_right} of {n} right"
    page.locator("#pairs-a").fill("3")
    page.locator("#pairs-b").fill("10")
    answer = DATA["pairs"][0]["answers"][-1][2 * 29 : 2 * 30]
    assert f"reads “␣3+10” and writes “{answer}”" in text(page, "#pairs-told")
    assert ("✓ right" in text(page, "#pairs-told")) == (answer == "13")
    press(page, "[name=largest][value='0']", "ArrowRight")
    press(page, "#pairs-epoch", "End")
    n_right, n = DATA["pairs"][1]["shares"][-1][1]
    assert text(page, "#pairs-told-1") == f"Held-out pairs: {n_right:,} of {n:,} right"


def test_framings(page):
    page.locator("#framings-field").fill(" 678 + 045")
    verdicts = page.locator("#framings-networks .row span.good, #framings-networks .row span.bad").all_text_contents()
    assert len(verdicts) == 3 and verdicts[2] == "✓ 723, right"
    press(page, "#framings-draw", "Enter")
    assert page.locator("#framings-field").input_value() == "+".join(map(str, DATA["framings"]["held_out"][0]))


def test_fingers(page):
    page.locator("#fingers-field").fill("958+99067")
    told = []
    for _ in range(7):
        assert text(page, "#fingers-tape small.f0") + text(page, "#fingers-tape small.f1") == "▲■"
        told.append(text(page, "#fingers-told"))
        press(page, "#fingers-next", "Enter")
    assert told[0] == "8+7=15: write 5, carry 1" and told[6] == "No digit, no carry: the end."
    assert text(page, "#fingers-answer") == "958+99067=100025"


def test_proof(page):
    press(page, "#proof-run", "Enter")
    page.locator("#proof-told span").wait_for()
    _, line, _ = text_addition.prove(ADDER)
    counts = re.findall(r"\d+", text(page, "#proof-told"))
    assert counts == [re.search(pattern, line)[1] for pattern in (
        r"start: (\d+)", r"moves: (\d+)", r"(\d+) cases", r"(\d+) states"
    )]  # fmt: skip
    assert "Every one is right" in text(page, "#proof-told")
    assert page.locator("#proof-list > div").count() == sum(map(int, counts[:3]))


def test_a_spoiled_table_is_found_out(page):
    press(page, "#proof-spoil", "Enter")
    sync_api.expect(page.locator("#proof-told")).to_contain_text("wrong")
    assert page.locator("#proof-list .bad").count() == 1
    # Each entry that the proof looks at, spoiled: it stops there, and the sum it names goes wrong
    assert page.evaluate("""() => prove(table).states.every(({ entry: [state, symbol] }) => {
        const output = structuredClone(table.output);
        output[state][symbol] = (output[state][symbol] + 1) % 10;
        const { sum } = prove({ ...table, output });
        return sum && walk({ ...table, output }, ...sum).answer !== String(BigInt(sum[0]) + BigInt(sum[1]));
    })""")
    moves, start = json.loads(json.dumps([DATA["fingers"]["moves"], DATA["fingers"]["start"]]))
    moves[0][13 * 5 + 5] ^= 1
    start[0][5][5] = 181
    all_right = "spoiled => Object.values(prove({ ...table, ...spoiled })).slice(0, 3).flat().every(one => one.right)"
    assert page.evaluate(all_right, {})
    assert not page.evaluate(all_right, {"moves": moves}) and not page.evaluate(all_right, {"start": start})


def test_adder(page):
    assert text(page, "#adder-told").startswith("✓ It adds")
    press(page, "#adder-w", "Home")
    assert re.search(r"✗ It is broken: \d+\+\d+ goes wrong", text(page, "#adder-told"))
    assert page.locator("#adder-sums .bad").count() > 0
    press(page, "#adder-reset", "Enter")
    assert text(page, "#adder-told").startswith("✓ It adds") and page.locator("#adder-sums .good").count() == 5


def test_calculator(page):
    assert text(page, "#calculator-told") == "((12+3)*45-600)*7-8*(9-1234567) = 9876989"
    page.locator("#calculator-field").fill("(2-9)*3+8")
    assert text(page, "#calculator-told") == "(2-9)*3+8 = -13"
    for value in ["", "()", "1+", "1 2", "(1)(2)", "1+(2", "1+2)", "1e5", "9" * 10**6]:
        page.locator("#calculator-field").fill(value)
        assert "is not an expression" in text(page, "#calculator-problem"), value


# ---- JavaScript against Python ---------------------------------------------------------------------------------------


def test_the_three_networks_are_the_keras_models(page):
    pairs = np.random.default_rng(1).integers(1, 1000, (100, 2)).tolist()
    frame = "([i, pairs]) => pairs.map(([a, b]) => frame(framings[i], String(a), String(b)))"
    for i, network in enumerate(DATA["framings"]["networks"]):
        framing = network["framing"]
        variant = framings.variant(framings.FRAMINGS[framing], 999)
        X, _ = variant.encode(pairs)
        texts, _ = framings.write(framings.FRAMINGS[framing], pairs, 999)
        expected = keras.ops.convert_to_numpy(build.rebuild(variant, network["weights"])(X))
        answers = [common.invert_encoding(seq, ALPHABET) for seq in expected]
        found = page.evaluate(frame, [i, pairs])
        assert [(one["reads"], one["writes"]) for one in found] == list(zip(texts, answers, strict=True))
        assert abs(np.array([one["probabilities"] for one in found]) - expected).max() < 1e-4


def test_the_fingers_are_the_table(page):
    rng = random.Random(2)
    pairs = [[str(rng.randrange(10 ** rng.randint(1, 30))) for _ in "ab"] for _ in range(500)]
    pairs.append(["9" * 10_000, "1"])
    found = page.evaluate("pairs => pairs.map(pair => walk(table, ...pair).answer)", pairs)
    assert found == [text_addition.add(ADDER, *pair) for pair in pairs]


def test_the_smallest_adder(page):
    weights = smallest_adder.untie(*DATA["adder"])
    numbers = np.arange(100)
    X = np.stack([numbers % 10, numbers // 10, 0 * numbers], axis=1)
    X = np.stack([np.repeat(X, 100, axis=0), np.tile(X, (100, 1))], axis=2)  # (10000, 3, 2)
    digits = smallest_adder.add(X, weights)
    pairs = [(str(a), str(b)) for a in range(100) for b in range(100)]
    found = page.evaluate("pairs => pairs.map(pair => addThree(data.adder, ...pair).answer)", pairs)
    assert list(map(int, found)) == (digits @ [1, 10, 100]).tolist()
    bounds, wrong = smallest_adder.walk(weights)
    reached = page.evaluate("reach(data.adder)")
    _, _, errors = smallest_adder.prove(weights, bounds)
    assert wrong is None and reached["sum"] is None and np.allclose(reached["bounds"], bounds)
    assert abs(reached["largest"] - abs(errors).max()) < 1e-3  # the proof leaves a little room


def test_the_calculator(page):
    rng = random.Random(1)
    texts = [expressions.draw(rng.randint(5, 12), rng.randint(0, 3), 5, "+-*", rng) for _ in range(200)]
    texts = [one for one in texts if len(one) <= 200]
    found = page.evaluate("texts => texts.map(text => calculate(readExpression(text)).answer)", texts)
    assert found == [expressions.exact(expressions.tokens_of(one)) for one in texts]
    data = DATA["calculator"]
    marker = marks.Marker(data["left"], data["right"], [list(map(int, row)) for row in data["marks"]])
    assert marks.prove(marker)[1] == []
    for name, table in zip(("add", "subtract", "multiply"), data["tables"].values(), strict=True):
        assert column_arithmetic.prove_saved({"kind": name, **table})[0]
    for one in texts[:50]:
        tokens = expressions.tokens_of(one)
        ends = np.cumsum([len(token) for token in tokens])
        expected = marks.read(marker, f" {''.join(tokens)} ")[ends]
        assert page.evaluate("tokens => marksOf(tokens)", tokens) == expected.tolist()


# ---- Whoever comes ---------------------------------------------------------------------------------------------------

HOSTILE = ["", "1+", "1+2+3", "-1+2", "1.5+2", "1e3+1", "١+٢", "<b>1</b>+1", "\0+\0", "9" * 10**6]


@pytest.mark.parametrize("station", ["framings", "fingers"])
def test_what_is_no_sum_gets_one_line_and_the_old_answer_stays(page, station):
    before = page.locator(f"#{station} .told, #{station}-networks").all_text_contents()
    for value in HOSTILE:
        page.locator(f"#{station}-field").fill(value)
        problem = text(page, f"#{station}-problem")
        assert " is not a sum of two " in problem and len(problem) < 200, value
    assert page.locator(f"#{station} .told, #{station}-networks").all_text_contents() == before
    page.locator(f"#{station}-field").fill("0958+00067")
    assert text(page, f"#{station}-problem") == ""


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (900, "dark")])
def test_it_fits_and_axe_finds_nothing_serious(browser, width, scheme):
    with opened(browser, width, color_scheme=scheme, reduced_motion="reduce") as page:
        page.locator("#proof-run").click()
        page.locator("#proof-told span").wait_for()
        press(page, "#pairs-play", "Enter")
        sync_api.expect(page.locator("#pairs-count")).not_to_have_text("0")
        assert int(text(page, "#pairs-count")) % 10 == 0  # large steps, with reduced motion
        page.locator("#pairs-epoch").fill("100")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if not AXE.exists():
            pytest.skip(f"axe-core was not found at {AXE}: npm install axe-core, or name its axe.min.js in AXE_CORE")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        violations = page.evaluate("axe.run().then(found => found.violations)")
    serious = [one for one in violations if one["impact"] in ("serious", "critical")]
    assert [(one["id"], one["nodes"][0]["html"]) for one in serious] == []


def test_it_is_the_template_with_data_and_names_scripts_that_exist(page):
    text = PAGE.read_text(encoding="utf-8")
    inserted = re.search(r'type="application/json">(.*?)</script>', text)[1]
    assert text == build.TEMPLATE.read_text(encoding="utf-8").replace(build.PLACE, inserted)
    assert len(text.encode()) <= 700_000
    links = page.locator("a[data-script]").evaluate_all("links => links.map(link => link.href)")
    assert len(links) >= 5 and all(Path(link.removeprefix("file://")).exists() for link in links)
