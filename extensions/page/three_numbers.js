// Station 4: the adder with three weights. Move them, or let it learn them.
"use strict";

const NAMES = ["u", "v", "w"];
const TRAINED = data.adder;
const PRACTICE = { batch: 32, rate: 0.1, updates: 1000, nDigits: 8 }; // of a training from nothing
const EXAMPLE = ["99999067", "958"];
const signed = (number) => number.toFixed(3).replace("-", "−");

// ---- The adder ------------------------------------------------------------------------------------------------

/** The next state and the answer before rounding, from a column of digits and the state. */
function stepThree([u, v, w], a, b, state) {
  const z = u * (a + b - 9) + v * state;
  return [Math.tanh(z), (z + w * Math.tanh(z)) / 4 + 4.5];
}

/** Add two numbers, texts. Returns the columns, units first: digits, answer before and after rounding, state. */
function addThree(weights, a, b) {
  const columns = [];
  let [state] = stepThree(weights, 0, 0, 0); // as after a column of 0 and 0
  for (let place = 1; place <= Math.max(a.length, b.length) + 1; place++) {
    const [top, bottom] = [Number(a.at(-place) ?? 0), Number(b.at(-place) ?? 0)];
    const [next, answer] = stepThree(weights, top, bottom, state);
    columns.push({ top, bottom, answer, digit: Math.round(answer) || 0, state: next }); // || 0: no -0
    state = next;
  }
  return columns;
}

/** How far the state gets after no carry and after a carry, the largest error there, and a wrong sum, or null. */
function reach(weights) {
  // The lowest and the highest state after no carry and after a carry, and the numbers that led there
  let ways = [[{ state: stepThree(weights, 0, 0, 0)[0], terms: ["", ""] }], []];
  let [bounds, before, largest, sum] = [null, "", 0, null];
  for (let round = 0; round < 100 && String(bounds) !== before && !sum; round++) {
    before = String(bounds);
    const found = ways.map((some) => [...some]);
    ways.forEach((some, carry) => some.forEach(({ state, terms }) => range(100).forEach((column) => {
      const [a, b] = [Math.floor(column / 10), column % 10];
      const [next, answer] = stepThree(weights, a, b, state);
      const [digit, longer] = [(a + b + carry) % 10, [a + terms[0], b + terms[1]]];
      largest = Math.max(largest, Math.abs(answer - digit));
      if (Math.round(answer) !== digit) sum ??= longer;
      found[Number(a + b + carry > 9)].push({ state: next, terms: longer });
    })));
    ways = found.map((some) => some.sort((one, other) => one.state - other.state))
      .map((some) => [some[0], some.at(-1)]);
    bounds = ways.map((some) => some.map(({ state }) => state));
  }
  return { bounds, largest, sum };
}

// ---- What is seen ---------------------------------------------------------------------------------------------

/** Two numbers below each other and what the adder writes, a table; a wrong column is marked. */
function drawColumns(weights, [a, b], id) {
  const columns = addThree(weights, a, b).reverse();
  const right = String(BigInt(a) + BigInt(b)).padStart(columns.length, "0");
  const row = (name, cells) => element("tr", {}, element("th", { scope: "row" }, name), ...cells);
  const cells = (value) => columns.map((column, i) => {
    const wrong = column.digit !== Number(right[i]);
    return element("td", { className: wrong ? "bad" : "" }, value(column, wrong));
  });
  get(id).replaceChildren(
    row("first number", cells(({ top }) => top)),
    row("second number", cells(({ bottom }) => bottom)),
    row("its state", cells(({ state }) => signed(state).slice(0, 5))),
    row("before rounding", cells(({ answer }) => answer.toFixed(2).replace("-", "−"))),
    row("written", cells(({ digit }, wrong) => `${digit}${wrong ? " ✗" : ""}`.replace("-", "−"))));
}

/** Draw station 4. */
function drawThree({ weights, update, since }) {
  const { bounds, largest, sum } = reach(weights);
  NAMES.forEach((name, i) => {
    get(`three-${name}`).value = weights[i]; // the slider stops at its ends
    get(`three-${name}`).setAttribute("aria-valuetext", signed(weights[i]));
    get(`three-${name}-value`).textContent = signed(weights[i]);
  });
  const broken = practice ? "Not yet" : "It is broken";
  get("three-told").replaceChildren(verdict(!sum, sum ? `${broken}: ${sum.join("+")} goes wrong.` :
    `It adds numbers of any length: answers stay within ${largest.toFixed(3)} of their digits, and 0.5 is the limit.`));
  get("three-practice").textContent = update === null ? "" : `${count(update)} updates of 32 sums` +
    (since === null ? "." : `; it adds since update ${count(since)}.`);
  get("three-train").textContent = practice ? "Stop" : "Train it from nothing";
  get("three-state").replaceChildren(...bounds.map(([low, high], carry) => {
    const bar = element("b", { className: `lane${carry}` });
    Object.assign(bar.style, { left: `${50 * (1 + low)}%`, width: `${50 * (high - low)}%` });
    const told = `after ${carry ? "a" : "no"} carry: ${signed(low)} to ${signed(high)}`;
    const axis = element("div", { className: "axis" }, bar);
    return element("div", {}, element("div", { className: "soft" }, told), axis);
  }));
  drawColumns(weights, sum ?? EXAMPLE, "three-columns");
  const scrolled = get("three-columns").closest(".scroll");
  scrolled.scrollLeft = scrolled.scrollWidth; // to the units
}

// ---- What can be done -----------------------------------------------------------------------------------------

let practice = null; // a training that goes on

/** Go on with the training: two updates in each frame until it adds, then ten. */
function practise() {
  if (!practice) return;
  const { since } = state.three;
  let shown = null;
  for (let i = 0; i < (calm.matches ? 50 : since === null ? 2 : 10); i++) shown = practice.next().value ?? shown;
  if (shown) {
    const adds = reach(shown.weights).sum === null;
    change("three", { ...shown, since: adds ? (since ?? shown.update) : null });
    return requestAnimationFrame(practise);
  }
  endPractice();
  announce(get("three-told").textContent);
}

/** Stop it. */
function endPractice() {
  practice = null;
  change("three", {});
}

NAMES.forEach((name, i) => on(`three-${name}`, "input", () => {
  practice = null;
  const weights = state.three.weights.map((weight, k) => (k === i ? get(`three-${name}`).valueAsNumber : weight));
  change("three", { weights, update: null, since: null });
}));
onClick("three-reset", () => {
  practice = null;
  change("three", stations.three.first);
});
onClick("three-train", () => {
  if (practice) return endPractice();
  practice = trainThree({ ...PRACTICE, seed: state.three.seed });
  change("three", { seed: state.three.seed + 1, since: null });
  practise();
});
stations.three = {
  first: { weights: TRAINED, seed: 1, update: null, since: null },
  draw: drawThree,
  toAddress: ({ weights }) => ({ weights: weights.map((weight) => weight.toFixed(3)).join("_") }),
  fromAddress: (words) => {
    practice = null;
    const weights = (words.get("weights") ?? "").split("_").map((text) => (text.trim() ? Number(text) : NaN));
    return weights.length === 3 && weights.every((one) => Math.abs(one) < 100) ? { weights } : {};
  },
};
