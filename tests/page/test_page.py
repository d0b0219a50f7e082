"""The committed page in a real browser: every station once, its networks against Python's, hostile input, axe.

It needs Playwright for Python and Chromium. Trainings are made short, and nothing is trained by Keras.
"""

import itertools
import os
import random
import re
from pathlib import Path

from extensions.any_length import expressions, fingers, marks, smallest_adder
from extensions.any_length.problems import OPERATIONS, random_problem
from extensions.page import build
from extensions.text import data as text_data

import numpy as np
import pytest
from browser import DATA, PAGE, bits, table

sync_api = pytest.importorskip("playwright.sync_api")
AXE = Path(os.environ.get("AXE_CORE") or PAGE.parents[4] / "node_modules" / "axe-core" / "axe.min.js")
SUMS = [str(a + b).rjust(2) for a, b in text_data.pairs(10)]
SIGNS = {name: operation.sign for name, operation in OPERATIONS.items()}


def text(page, selector):
    return page.locator(selector).text_content()


def press(page, selector):
    page.locator(selector).dispatch_event("click")  # also if it is of no use


def to_the_end(page, button):
    while page.locator(button).get_attribute("aria-disabled") == "false":
        press(page, button)


def pair_button(page, a, b):
    return page.locator("#hide-field .pair").nth((a - 1) * 10 + b - 1)


# ---- 1. Hide some sums -----------------------------------------------------------------------------------------------


def test_pairs_are_hidden_with_their_twins_and_rows_at_once(page):
    press(page, "#hide-none")
    assert text(page, "#hide-question") == "Hide at least one sum."
    pair_button(page, 3, 10).click()
    for a, b in ((3, 10), (10, 3)):
        assert pair_button(page, a, b).get_attribute("aria-pressed") == "true"
        assert pair_button(page, a, b).get_attribute("aria-label") == f"{a}+{b}, hidden"
    assert text(page, "#hide-count") == "2 sums are hidden, 98 are left to practise."
    page.get_by_role("button", name="hide everything with a 7").first.click()
    pressed = page.locator("#hide-field .pair").evaluate_all("all => all.map(one => one.ariaPressed === 'true')")
    assert pressed == [7 in pair or sorted(pair) == [3, 10] for pair in text_data.pairs(10)]
    pair_button(page, 7, 2).click()
    assert text(page, "#hide-count") == "19 sums are hidden, 81 are left to practise."
    press(page, "#hide-some")
    assert text(page, "#hide-count") == "20 sums are hidden, 80 are left to practise."


def test_a_guess_starts_the_training_and_is_told_beside_the_truth(page):
    page.evaluate("NETWORKS.small.updates = 200")
    page.locator("#hide-small").check()
    page.locator("#hide-guesses button", has_text="15").click()
    sync_api.expect(page.locator("#hide-told")).to_contain_text("You guessed 15.")
    run = page.evaluate("({ hidden: state.hide.run.hidden, answers: state.hide.run.answers.at(-1) })")
    right = [answer == correct for answer, correct in zip(run["answers"], SUMS, strict=True)]
    n_held = sum(one and hidden for one, hidden in zip(right, run["hidden"], strict=True))
    told = f"network gets {sum(right) - n_held} of the 80 practised sums right, and {n_held} of the 20 hidden"
    assert text(page, "#hide-told").startswith(f"After 2 epochs, the small {told}")
    assert page.locator("#hide-field .right").count() == sum(right)
    assert text(page, "#news") == text(page, "#hide-told")
    press(page, "#hide-others")


@pytest.mark.parametrize("epoch", [5, 300])
def test_the_recorded_training_is_the_data(page, epoch):
    data = DATA["pairs"][0]
    press(page, "#hide-recorded-0")
    page.locator("#hide-at").fill(str(epoch))
    answers, hidden = re.findall("..", data["answers"][epoch]), bits(data["held_out"], 100)
    right = np.array(answers) == SUMS
    told = f"gets {right[~hidden].sum()} of the 80 practised sums right, and {right[hidden].sum()} of the 20"
    assert told in text(page, "#hide-told") and f"epoch {epoch} of 300" == text(page, "#hide-epoch")
    classes = page.locator("#hide-field .pair").evaluate_all("all => all.map(one => [...one.classList])")
    for name, expected in (("right", right), ("held", hidden)):
        assert [name in one for one in classes] == expected.tolist()
    i = next(i for i in range(100) if answers[i] != answers[10 * (i % 10) + i // 10])  # not as its twin
    a, b = text_data.pairs(10)[i]
    pair_button(page, a, b).click()
    kind = "hidden" if hidden[i] else "practised"
    problem = f"{a}+{b}".rjust(5).replace(" ", "␣")
    assert f"reads “{problem}” and writes “{answers[i].replace(' ', '␣')}”" in text(page, "#hide-pair")
    assert f"This sum was {kind}." in text(page, "#hide-pair")


def test_numbers_up_to_99(page):
    data = DATA["pairs"][1]
    press(page, "#hide-recorded-1")
    page.locator("#hide-at").fill("20")
    right, hidden = bits(data["right"][20], 9801), bits(data["held_out"], 9801)
    for id_, kind in (("hide-practised", False), ("hide-held", True)):
        code = "canvas => Array.from(canvas.getContext('2d').getImageData(0, 0, 99, 99).data)"
        pixels = np.reshape(page.locator(f"#{id_}").evaluate(code), (9801, 4))
        assert ((pixels[:, 3] > 0) == (hidden == kind)).all()
        assert ((pixels[:, 0] == 255) == (right & (hidden == kind))).all()
    size = page.locator("#hide-held").bounding_box()["width"]
    page.locator("#hide-held").click(position={"x": (10 - 0.5) * size / 99, "y": (3 - 0.5) * size / 99})
    assert "It reads “␣3+10”" in text(page, "#hide-pair")
    assert f"gets {right[~hidden].sum():,} of the 7,841 practised sums right" in text(page, "#hide-told")
    assert f"and {right[hidden].sum():,} of the 1,960 hidden ones" in text(page, "#hide-told")
    press(page, "#hide-others")


# ---- 2. The race, 4. three numbers, 5. starts ------------------------------------------------------------------------


def test_the_race_goes_on_until_both_have_arrived(page):
    code = """(points) => {
        change("race", { phase: "runs", n: 490, lanes: points.map((one) => ({ points: one, network: null })) });
        endLane();
        return state.race.phase;
    }"""
    end = page.evaluate("[RACE.updates, 1]")
    assert [page.evaluate(code, [[end], other]) for other in ([], [[0, 1]])] == ["runs", "runs"]
    page.evaluate("change('race', stations.race.first)")


def test_the_race_shows_each_network_its_own_way_of_writing(page):
    page.evaluate("Object.assign(RACE, { updates: 20, every: 10 })")
    press(page, "#race-start")
    sync_api.expect(page.locator("#race-told")).to_contain_text("The same sums")
    page.locator("#race-field").fill("12+3")
    for k, reads in enumerate(("␣12+3", "3␣+21")):
        code = "([k, text]) => answersTo(state.race.lanes[k].network, [text], 3)[0]"
        writes = page.evaluate(code, [k, reads.replace("␣", " ")]).replace(" ", "␣")
        meant = f", which is {writes[::-1].strip('␣')}" if k else ""
        assert text(page, f"#race-answer-{k}").startswith(f"reads “{reads}”, writes “{writes}”{meant}: ")
        assert text(page, f"#race-told-{k}").endswith("of 490 unseen sums right after 20 updates")
    before = text(page, "#race-answer-0")
    for value in ["", "1+", "100+1", "0+1", "-1+2", "1.5+2", "1e1+1", "<b>1</b>+1"]:
        page.locator("#race-field").fill(value)
        assert text(page, "#race-field-problem").startswith("Type a sum"), value
    assert text(page, "#race-answer-0") == before


@pytest.mark.parametrize(
    ("practised", "held", "lesson"),
    [
        ([60, 80], [0, 20], "more practice"),
        ([80, 80], [3, 20], "by heart"),
        ([80, 80], [10, 14], "So few hidden sums can be luck"),
        ([7840, 7840], [1000, 1961], "it cannot add"),
        ([7840, 7840], [1957, 1961], "nearly all of them right"),
        ([400, 400], [980, 1000], "nearly all of them right"),
    ],
)
def test_the_lesson_of_a_training_is_that_of_its_shares(page, practised, held, lesson):
    told = page.evaluate(
        """([practised, held]) => tellRun({
            run: { shares: [[practised, held]], epochs: [300], name: "it" }, at: 0, guess: null, phase: "end" })""",
        [practised, held],
    )
    assert lesson in told and f"{held[0]:,} of the {held[1]:,} hidden" in told


def test_the_smallest_adder(page):
    u, v, w = DATA["adder"]
    weights = smallest_adder.untie(u, v, w)
    pairs = [(str(a), str(b)) for a in range(0, 100, 3) for b in range(100)]
    columns = "pairs => pairs.map(pair => addThree(data.adder, ...pair).map(({ digit }) => digit).reverse())"
    found = page.evaluate(columns, pairs)
    assert [int("".join(map(str, digits))) for digits in found] == [int(a) + int(b) for a, b in pairs]
    bounds, wrong = smallest_adder.walk(weights)
    reached = page.evaluate("reach(data.adder)")
    _, _, errors = smallest_adder.enclose(weights, bounds)
    assert wrong is None and reached["sum"] is None and np.allclose(reached["bounds"], bounds)
    assert abs(reached["largest"] - abs(errors).max()) < 1e-3  # the proof leaves a little room
    rng = random.Random(1)  # others, near the edge of what adds
    others = [[u + rng.uniform(-0.5, 0.5), v + rng.uniform(-0.5, 0.5), w + rng.uniform(-2, 2)] for _ in range(60)]
    adds = [smallest_adder.walk(smallest_adder.untie(*one))[1] is None for one in others]
    assert 5 < sum(adds) < 55
    assert page.evaluate("all => all.map(one => reach(one).sum === null)", others) == adds


def test_three_numbers(page):
    assert text(page, "#three-told").startswith("✓ It adds numbers of any length")
    page.locator("#three-w").fill("-17")
    sum_ = re.search(r"✗ It is broken: (\d+)\+(\d+) goes wrong", text(page, "#three-told")).groups()
    digits = page.locator("#three-columns tr").last.locator("td").all_text_contents()
    right = str(sum(map(int, sum_))).zfill(len(digits))
    marked = ["✗" in digit for digit in digits]
    assert marked == [digit.strip(" ✗") != one for digit, one in zip(digits, right, strict=True)] and any(marked)
    press(page, "#three-train")
    sync_api.expect(page.locator("#three-practice")).to_contain_text("it adds since update")
    sync_api.expect(page.locator("#three-train")).to_have_text("Train it from nothing")
    assert text(page, "#three-told").startswith("✓ It adds") and page.evaluate("state.three.update") == 1000
    press(page, "#three-reset")
    assert text(page, "#three-u-value") == f"{DATA['adder'][0]:.3f}"


def test_starts(page):
    page.evaluate("Object.assign(STARTS, { n: 40, atOnce: 10 })")
    press(page, "#starts-run")
    sync_api.expect(page.locator("#starts-run")).to_have_text("Train them again")
    starts = page.evaluate("state.starts.starts")
    assert sorted(one["seed"] for one in starts) == list(range(1, 41))
    tally = [sum(one["rmse"] > 0 for one in starts if (one["start"] < 0) == side) for side in (True, False)]
    assert f"negative start {tally[0]} of" in text(page, "#starts-told") and sum(tally) > 0
    assert text(page, "#starts-told").endswith(f"{tally[1]} of {sum(one['start'] >= 0 for one in starts)}.")
    press(page, "#starts-failed")
    chosen = page.evaluate("state.starts.starts[state.starts.chosen]")
    press(page, "#starts-turn")
    again = page.evaluate("state.starts.again")
    assert again["start"] == pytest.approx(-chosen["start"], abs=1e-6) and again["turned"] and chosen["rmse"] > 0
    far = max(range(40), key=lambda i: starts[i]["start"])
    x, y = page.evaluate("i => placeOf(state.starts.starts[i], get('starts-dots').clientWidth)", far)
    page.locator("#starts-dots").click(position={"x": x + 1, "y": y + 1})
    assert text(page, "#starts-chosen").startswith(f"Start {starts[far]['seed']} begins with a mean weight of")


# ---- 3. The fingers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("problem", "kept", "told"), [
    ("958+67", "carry", ["8 + 7 is 15: write 5, carry 1.", "5 + 6 + 1 is 12: write 2, carry 1."]),
    ("958−67", "borrow", ["8 − 7: write 1, borrow 0.", "5 − 6 is below 0: write 9, borrow 1."]),
    ("7×958", "carry", ["8 × 7 is 56: write 6, carry 5.", "5 × 7 + 5 is 40: write 0, carry 4."]),
    ("958:7", "remainder", ["9 ÷ 7 is 1: write 1, remainder 2.", "25 ÷ 7 is 3: write 3, remainder 4."]),
])  # fmt: skip
def test_fingers_step_by_step(page, problem, kept, told):
    page.locator("#fingers-field").fill(problem)
    for k, line in enumerate(told):
        assert text(page, "#fingers-told") == line
        assert text(page, "#fingers-tape").count("▲") == text(page, "#fingers-tape").count("■") == 1
        carried = re.search(rf"{kept} \d+", line)[0]
        assert text(page, "#fingers-state").endswith(f"{carried}.")
        assert text(page, "#fingers-count").startswith(f"step {k + 1} of")
        page.locator("#fingers-next").focus()
        page.keyboard.press("Enter")
    to_the_end(page, "#fingers-next")
    assert page.evaluate("document.activeElement.id") == "fingers-next"
    assert text(page, "#fingers-answer").endswith("✓ right") and text(page, "#fingers-told").endswith("the end.")


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_fingers_are_the_table_and_the_proof_is_pythons(page, name):
    rng, sign, whole = np.random.default_rng(2), SIGNS[name], table(name)
    pairs = [random_problem(OPERATIONS[name], int(rng.integers(1, 30)), rng) for _ in range(100)]
    pairs.append(("9" * 10_000, "7" if OPERATIONS[name].one_digit else "1"))
    found = page.evaluate("([sign, pairs]) => pairs.map(pair => walk(tables[sign], ...pair).answer)", [sign, pairs])
    written = [fingers.solve(whole, *pair)[0] for pair in pairs]
    assert found == [digits if sign == "/" else digits[::-1] for digits in written]
    n_cases = int(re.search(r"([\d,]+) cases", fingers.prove(whole).sentence)[1].replace(",", ""))
    n_found, holds = page.evaluate("sign => [proofOf(sign).states.length, proofOf(sign).holds]", sign)
    assert (n_found, holds) == (n_cases, True)

    # Spoiled: every move of what the fingers can meet, the rank of every window of a problem, entries of the proof
    kinds = [0, int(fingers.KIND[fingers.ALPHABET.index(sign)]), 5]  # digit, sign, blank
    places = [("moves", 7 * x + y, move) for x in kinds for y in kinds for move in (-1, 0, 1)]
    shapes = [7, 5, 0, 0, 0, kinds[1], 0, 0, 0, 6, 7], [7, 5, 0, kinds[1], 0, 6, 7]  # " 111+111=" and " 1+1="
    windows = {64 * a + 8 * b + c for shape in shapes for a, b, c in zip(shape, shape[1:], shape[2:], strict=False)}
    places += [("start", window, rank) for window in sorted(windows) for rank in (0, 511)]
    spoiled = []
    for finger, (part, place, value) in itertools.product((0, 1), places):
        changed = {"start": whole.start, "moves": whole.moves}
        changed[part] = [list(row) for row in changed[part]]
        changed[part][finger][place] = value
        spoiled.append(changed)
    spoiled = spoiled[:: 3 if name == "divide" else 1]  # its proof takes longer
    expected = []
    for changed in spoiled:
        other = whole._replace(**changed)
        fault = fingers.check_fingers(fingers.program_of(other), OPERATIONS[name]).wrong or ""
        expected.append([not fault.startswith("start"), fingers.prove(other).holds])
    assert [True, True] in expected and [True, False] in expected and [False, False] in expected
    code = """([sign, all]) => all.map(({ start, moves }) => {
        const { starts, holds } = prove({ ...tables[sign], start: start.flat(), moves: moves.flat() });
        return [starts.every(({ right }) => right), holds];
    })"""
    assert page.evaluate(code, [sign, spoiled]) == expected
    code = """sign => proofOf(sign).states.filter((_, i) => i % 7 === 0).every(({ entry }) => {
        const output = tables[sign].output.slice();
        output[entry] = (output[entry] + 1) % 10;
        const broken = { ...tables[sign], output };
        const { wrong, holds } = prove(broken);
        return !holds && wrong && withoutZeros(walk(broken, ...wrong).answer) !== rightAnswer(wrong[0], sign, wrong[1]);
    })"""
    assert page.evaluate(code, sign)


def test_a_broken_entry_is_found_and_seen(page):
    page.locator("#fingers-field").fill("1+1")
    press(page, "#proof-break")
    sync_api.expect(page.locator("#proof-told")).to_contain_text("wrong")
    assert page.locator("#proof-list .bad").count() == 1
    press(page, "#proof-see")
    to_the_end(page, "#fingers-next")
    assert "✗ wrong: it is" in text(page, "#fingers-answer")
    press(page, "#proof-mend")
    press(page, "#proof-run")
    sync_api.expect(page.locator("#proof-told")).to_contain_text("Every one is right")
    press(page, "#fingers-nines")
    assert text(page, "#fingers-answer").endswith("(1,001 characters) ✓ right")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("022*5", "022*5 = 110"), ("5-0003", "5-3 = 2"), ("12*07", "12*7 = 84"), ("0958/7", "0958/7 = 136, remainder 6")],
)
def test_leading_zeros_are_kept_and_remainders_told(page, typed, shown):
    page.locator("#fingers-field").fill(typed)
    to_the_end(page, "#fingers-next")
    assert text(page, "#fingers-answer") == f"{shown} ✓ right"


# ---- 6. The calculator -----------------------------------------------------------------------------------------------


def test_the_calculator(page):
    rng = random.Random(1)
    texts = [expressions.draw(rng.randint(2, 9), rng.randint(0, 3), 4, "+-*", rng) for _ in range(60)]
    texts = [one for one in texts if len(one) <= 200] + ["7", "5+4", "50+49", "9", "0-9", "(2-9)*3+8"]
    found = page.evaluate("texts => texts.map(text => calculate(readExpression(text).tokens).answer)", texts)
    exact = [expressions.exact(expressions.tokens_of(one)) for one in texts]
    assert [one.replace("−", "-") for one in found] == exact
    data = DATA["calculator"]
    marker = marks.Marker(**data)
    assert marks.prove(marker).holds
    for one in texts[:30]:
        tokens = expressions.tokens_of(one)
        ends = np.cumsum([len(token) for token in tokens])
        assert page.evaluate("tokens => marksOf(tokens)", tokens) == marks.read(marker, f" {one} ")[ends].tolist()


def test_the_calculator_says_why_it_refuses(page):
    page.locator("#calculator-field").fill("(2–9)×3 − 8")
    assert text(page, "#calculator-told") == "(2–9)×3 − 8 = −29"
    for value, reason in [
        ("", "not a whole expression"), ("()", "not a whole"), ("1+", "not a whole"), ("1 2", "sign is missing"),
        ("1+2)", "without its"), ("(1)(2)", "not a whole"), ("1+(2", "not a whole"), ("1e5", "“e”"), ("٣+1", "“٣”"),
        ("8÷2", "does not divide"),
        ("8/2", "does not divide"), ("9" * 10**6, "At most 200"), ("<b>1</b>+1", "“<”"),
    ]:  # fmt: skip
        page.locator("#calculator-field").fill(value)
        assert reason in text(page, "#calculator-field-problem"), value
        assert page.locator("#calculator-play").get_attribute("aria-disabled") == "true"
        assert text(page, "#calculator-told") == text(page, "#calculator-rounds") == ""
    page.locator("#calculator-field").fill("1+2*3")
    press(page, "#calculator-play")
    assert page.locator("#calculator-rounds p").count() == 1 and text(page, "#calculator-told") == ""
    press(page, "#calculator-next")
    press(page, "#calculator-next")
    assert page.locator("#calculator-rounds p").all_text_contents() == ["1+2×3", "1+6", "7"]


# ---- Whoever comes ---------------------------------------------------------------------------------------------------


def test_what_is_no_problem_gets_one_line_which_is_red_only_later(page):
    page.locator("#fingers-field").fill("958+67")
    for value in ["", "1+", "1+2+3", "-1+2", "1.5+2", "1e3+1", "12*34", "8/0", "3-5", "<b>1</b>+1", "9" * 10**5 + "+1"]:
        page.locator("#fingers-field").fill(value)
        problem = page.locator("#fingers-field-problem")
        assert 5 < len(problem.text_content()) < 200, value
        assert problem.get_attribute("class") == "soft", value
        assert page.locator("#fingers-play").get_attribute("aria-disabled") == "true"
    page.locator("#fingers-field").blur()
    assert problem.get_attribute("class") == "bad"
    assert text(page, "#fingers-told") == "8 + 7 is 15: write 5, carry 1."


def test_the_address_holds_what_is_seen(opened):
    with opened() as page:
        press(page, "#hide-recorded-1")
        page.locator("#hide-at").fill("12")
        page.locator("#fingers-field").fill("58/7")
        press(page, "#fingers-next")
        page.locator("#three-u").fill("5")
        page.locator("#calculator-field").fill("2*(3+4)")
        page.wait_for_url("**#*expression*")
        url, ids = page.url, ["hide-told", "fingers-told", "three-told", "calculator-told"]
        before = [text(page, f"#{one}") for one in ids]
    with opened(address=url[url.index("#") :]) as page:
        assert [text(page, f"#{one}") for one in ids] == before
        assert page.evaluate("scrollY") > 0
        page.reload()
        assert [text(page, f"#{one}") for one in ids] == before
    hostile = "#hide=3.10-99.1-x&recorded=9&epoch=-1&race=x&problem=1e5&step=9&weights=1_2&at=constructor"
    with opened(address=hostile) as page:
        assert text(page, "#hide-count").startswith("2 sums are hidden") and text(page, "#three-u-value") != ""


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_it_fits_and_axe_finds_nothing(opened, width, scheme):
    if not AXE.exists():
        pytest.skip(f"axe-core was not found at {AXE}: npm install axe-core, or name its axe.min.js in AXE_CORE")
    with opened(width, color_scheme=scheme, reduced_motion="reduce") as page:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        press(page, "#hide-recorded-0")
        page.locator("#hide-at").fill("9")
        press(page, "#proof-break")
        for state in ("right", "wrong input"):
            if state == "wrong input":
                for one in ("fingers", "calculator"):
                    page.locator(f"#{one}-field").fill("hello")
                    page.locator(f"#{one}-field").blur()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            violations = page.evaluate("axe.run().then(found => found.violations)")
            assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == [], state


def test_it_is_its_parts_joined_and_names_files_that_exist(page):
    whole = PAGE.read_text(encoding="utf-8")
    assert whole == build.join(DATA) and len(whole.encode()) <= 700_000
    links = page.locator("a[data-file]").evaluate_all("links => links.map(link => link.href)")
    assert len(links) >= 7 and all(Path(link.removeprefix("file://")).exists() for link in links)
    for path in build.SOURCE.glob("*.[jch]*"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 200 and max(map(len, lines)) <= 120, path.name
