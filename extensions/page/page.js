// What all stations use: one state, one render, the address, trainings in workers, and ways to make elements.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const get = (id) => document.getElementById(id);
const on = (id, event, action) => get(id).addEventListener(event, action);
const count = (n) => n.toLocaleString("en");
const visible = (text) => text.replaceAll(" ", "␣");

// ---- One state, one render ------------------------------------------------------------------------------------

const state = {}; // for each station a part, which is never changed but replaced
const stations = {}; // for each { first: its first part, draw(part), toAddress(part), fromAddress(words) }
const drawn = {}; // the parts as they were drawn last
let addressTimer = 0;

/** Change a station's part of the state, and draw it. */
function change(name, changes) {
  state[name] = { ...state[name], ...changes };
  if (document.activeElement?.closest("section")) state.last = name;
  render();
}

/** Draw the stations that have changed since they were drawn. */
function render() {
  for (const [name, { draw }] of Object.entries(stations)) {
    if (drawn[name] === state[name]) continue;
    drawn[name] = state[name];
    draw(state[name]);
  }
  keepFocus();
  clearTimeout(addressTimer);
  addressTimer = setTimeout(writeAddress, 300);
}

/** If what had the focus is hidden now, give it to the next button of the station, or to its last one. */
function keepFocus() {
  const lost = document.activeElement?.closest("[hidden]");
  if (!lost) return;
  const buttons = Array.from(lost.closest("section").querySelectorAll("button:not([hidden], [hidden] *)"));
  const isBehind = (button) => lost.compareDocumentPosition(button) & Node.DOCUMENT_POSITION_FOLLOWING;
  (buttons.find(isBehind) ?? buttons.at(-1)).focus();
}

/** Draw every station again: when the page comes back, or its size or colours change. */
function renderAll() {
  for (const name of Object.keys(drawn)) delete drawn[name];
  render();
}

// ---- The address: what differs from the start -----------------------------------------------------------------

/** Let the address say what is shown, so that it can be sent to others. */
function writeAddress() {
  const words = new URLSearchParams();
  for (const [name, { first, toAddress }] of Object.entries(stations)) {
    const plain = toAddress({ ...state[name], ...first });
    const differs = Object.entries(toAddress(state[name])).filter(([word, value]) => value !== plain[word]);
    for (const [word, value] of differs) words.set(word, value);
  }
  if (words.size && state.last) words.set("at", state.last);
  const address = words.size ? `#${words}` : location.pathname;
  if (location.hash !== (words.size ? address : "")) history.replaceState(null, "", address);
}

/** Show what the address says, and otherwise the start. */
function readAddress() {
  const words = new URLSearchParams(location.hash.slice(1));
  for (const [name, { first, fromAddress }] of Object.entries(stations)) {
    state[name] = { ...first, ...fromAddress(words) };
  }
  renderAll();
  if (Object.hasOwn(stations, words.get("at") ?? "")) get(words.get("at")).scrollIntoView();
}

/** A whole number in the address from `lowest` to `highest`, or undefined. */
function numberIn(words, name, lowest, highest) {
  const value = Number(words.get(name) ?? NaN);
  return Number.isInteger(value) && value >= lowest && value <= highest ? value : undefined;
}

// ---- Trainings, each in a worker of its own, so that the page goes on -----------------------------------------

/** Train in a worker. `see` is called with what the training yields, then with null. Returns what stops it. */
function train(training, settings, see) {
  const answer = `onmessage = ({ data }) => {
    for (const shown of ${training}(data)) postMessage(shown);
    postMessage(null);
  };`;
  const source = new Blob([get("networks").textContent, answer], { type: "text/javascript" });
  const address = URL.createObjectURL(source);
  const worker = new Worker(address);
  const stop = () => {
    worker.terminate();
    URL.revokeObjectURL(address);
  };
  worker.onmessage = ({ data: shown }) => {
    if (!shown) stop();
    see(shown);
  };
  worker.onerror = ({ message }) => {
    announce(`This browser cannot train here: ${message}`);
    get("news").className = "failed";
  };
  worker.postMessage(settings);
  return stop;
}

// ---- Elements -------------------------------------------------------------------------------------------------

/** A new element with properties, and others or texts in it. */
function element(tag, properties = {}, ...others) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...others);
  return made;
}

const verdict = (right, text) =>
  element("span", { className: right ? "good" : "bad" }, `${right ? "✓" : "✗"} ${text}`);

/** Say something to those who hear the page: only what is final, never each step of something that moves. */
function announce(text) {
  get("news").textContent = text;
}

/** Let a button be of no use, without taking the focus from it. */
function useless(id, is) {
  get(id).setAttribute("aria-disabled", Boolean(is));
}

/** Do something when a button is clicked, unless it is of no use. */
function onClick(id, action) {
  on(id, "click", () => get(id).getAttribute("aria-disabled") !== "true" && action());
}

/** Show in a text field and beside it what was typed, and what is wrong with it, if anything is. */
function drawField(id, { text, problem, left }) {
  if (get(id).value !== text) get(id).value = text;
  get(`${id}-problem`).textContent = problem;
  get(`${id}-problem`).className = problem && left ? "bad" : "soft"; // red only after the field was left
  get(id).setAttribute("aria-invalid", Boolean(problem && left));
}

/** Let a text field change its station: at once what is typed, and that it was left. read: text -> changes. */
function onField(id, name, read) {
  on(id, "input", () => change(name, { text: get(id).value, left: false, ...read(get(id).value) }));
  on(id, "change", () => change(name, { left: true }));
}

/** Draw lines, lists of points [x, y from 0 to 1] with a label each, and marks at some x, into an svg element. */
function drawChart(id, largest, lines, marks) {
  const [svg, height, below] = [get(id), 150, 22];
  const width = Math.max(200, svg.clientWidth);
  const x = (value) => 34 + ((width - 44) * value) / largest;
  const y = (value) => 8 + (height - below - 16) * (1 - value);
  const text = (left, top, what, anchor) => `<text x="${left}" y="${top}" text-anchor="${anchor}">${what}</text>`;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const parts = [0, 0.5, 1].map((share) => `<path class="grid" d="M${x(0)},${y(share)}H${x(largest)}"/>` +
    text(30, y(share) + 4, `${100 * share}%`, "end"));
  for (const [at, what] of marks) {
    const anchor = at < 0.3 * largest ? "start" : at > 0.7 * largest ? "end" : "middle";
    parts.push(`<path class="grid" d="M${x(at)},${y(0)}V${y(1)}"/>`, text(x(at), height - 5, what, anchor));
  }
  for (const { points, className } of lines) {
    const places = points.map(([at, share]) => [x(at), y(share)]);
    if (points.length) parts.push(`<path class="${className}" d="M${places.join("L")}"/>`);
  }
  svg.innerHTML = parts.join("");
}
