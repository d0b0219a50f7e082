// Station 1 as it is seen: the field of pairs, the curve, and what is said of them.
"use strict";

const FEW_HIDDEN = 15; // below this many, what it gets right of them says little
const HEADS = SMALL + 1; // the field has a row and a column of numbers
const COLOURS = { right: [255, 213, 74], wrong: [58, 66, 84] }; // as in style.css

/** Make the field of all sums up to 10: a button for each, and one for each number. The arrow keys move in it. */
function makeField() {
  const field = get("hide-field");
  for (const i of range(HEADS ** 2)) {
    const [a, b] = [Math.floor(i / HEADS), i % HEADS];
    const number = a || b;
    if (i === 0) field.append(element("span", {}, "+"));
    else if (a && b) {
      const place = (a - 1) * SMALL + b - 1;
      field.append(element("button", { type: "button", className: "pair", onclick: () => clickPair(place) }));
    } else {
      const turnAll = () => state.hide.phase === "choose" && turn(pairsFrom(number));
      const label = `hide everything with a ${number}`;
      field.append(element("button", { type: "button", ariaLabel: label, onclick: turnAll }, number));
    }
  }
  for (const button of field.querySelectorAll("button")) button.tabIndex = -1;
  field.children[1].tabIndex = 0;
  field.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -HEADS, ArrowDown: HEADS }[event.key];
    const next = field.children[Array.from(field.children).indexOf(event.target) + (step ?? NaN)];
    if (next?.tagName !== "BUTTON") return;
    event.preventDefault();
    for (const one of [event.target, next]) one.tabIndex = one === next ? 0 : -1;
    next.focus();
  });
}

/** Draw the field: what is hidden, and what the network writes. */
function drawField10({ hidden, run, at, chosen }) {
  const shownHidden = run ? run.hidden : hidden;
  get("hide-field").querySelectorAll(".pair").forEach((button, i) => {
    const [a, b] = allPairs(SMALL)[i];
    const answer = run?.answers[at]?.[i];
    const right = run?.right[at]?.[i];
    const kind = answer === undefined ? "" : right ? "right" : "wrong";
    button.className = `pair ${kind} ${shownHidden[i] ? "held" : ""} ${i === chosen ? "chosen" : ""}`;
    button.textContent = answer === undefined ? (shownHidden[i] ? "?" : a + b) : visible(answer);
    button.ariaLabel = `${a}+${b}${shownHidden[i] ? ", hidden" : ""}` +
      (answer === undefined ? "" : `, it writes ${answer.trim()}, ${kind}`);
    if (run) button.removeAttribute("aria-pressed");
    else button.setAttribute("aria-pressed", shownHidden[i]);
  });
}

/** Draw all pairs up to 99, a point each: the practised ones on one canvas, the hidden ones on the other. */
function drawFields99({ run, at }) {
  const right = run.right[at];
  ["hide-practised", "hide-held"].forEach((id, kind) => {
    const context = get(id).getContext("2d");
    const image = context.createImageData(run.largest, run.largest);
    right.forEach((is, i) => {
      if (run.hidden[i] === Boolean(kind)) image.data.set([...COLOURS[is ? "right" : "wrong"], 255], 4 * i);
    });
    context.putImageData(image, 0, 0);
  });
}

/** What a run has come to, in words. */
function tellRun({ run, at, guess, phase }) {
  const [[practised, nPractised], [held, nHeld]] = run.shares[at];
  const ended = at === run.epochs.length - 1 && phase !== "train";
  const first = `After ${run.epochs[at]} epochs, ${run.name} gets ${count(practised)} of the ` +
    `${count(nPractised)} practised sums right, and ${count(held)} of the ${count(nHeld)} hidden ones.`;
  if (!ended) return first;
  const guessed = guess === null ? "" : ` You guessed ${guess}.`;
  const [learned, added] = [practised / nPractised > 0.9, held / nHeld];
  const lesson = !learned ? "It needs more practice." :
    added <= 0.15 ? "It knows its sums by heart. It has not learned to add." :
      nHeld < FEW_HIDDEN ? "So few hidden sums can be luck: hide more, or train again from another start." :
        added > 0.9 ? "It never saw these sums, and yet it gets nearly all of them right." :
          "It gets some sums that it never saw, but it cannot add.";
  return `${first}${guessed} ${lesson}`;
}

/** What it makes of the chosen pair, in words. */
function tellPair({ run, at, chosen }) {
  const [a, b] = allPairs(run.largest)[chosen];
  const right = run.right[at][chosen];
  const [reads] = write([a, b], run.largest, false);
  const answer = run.answers[at]?.[chosen];
  return [`It reads “${visible(reads)}”`, answer ? ` and writes “${visible(answer)}”: ` : ": ",
    verdict(right, right ? "right" : `wrong, it is ${a + b}`),
    `. This sum was ${run.hidden[chosen] ? "hidden" : "practised"}.`];
}

/** Draw station 1. */
function drawHide(part) {
  const { hidden, network, phase, run, at, playing, chosen } = part;
  const [large, n] = [run?.largest > SMALL, hidden.filter(Boolean).length];
  const chooses = phase === "choose";
  const shown = {
    "hide-field": !large, "hide-fields": large, "hide-choose": chooses, "hide-shown": !chooses,
    "hide-note": !chooses && !large, "hide-stop": phase === "train", "hide-again": phase === "done",
    "hide-player": phase === "done" || phase === "recorded",
  };
  for (const [id, is] of Object.entries(shown)) get(id).hidden = !is;
  for (const name of Object.keys(NETWORKS)) get(`hide-${name}`).checked = name === network;
  if (large) drawFields99(part);
  else drawField10(part);
  if (chooses) return drawGuesses(n);
  if (!run.epochs.length) return get("hide-told").replaceChildren("It begins to practise …");
  get("hide-told").textContent = tellRun(part);
  const hint = large ? "Click a point to see whether the network gets that sum right." :
    "Click a sum to see what the network reads and writes.";
  get("hide-pair").replaceChildren(...(chosen === null ? [hint] : tellPair(part)));
  get("hide-play").textContent = playing ? "Pause" : "Play";
  get("hide-at").max = run.epochs.length - 1;
  get("hide-at").value = at;
  get("hide-at").setAttribute("aria-valuetext", `after ${run.epochs[at]} epochs`);
  get("hide-epoch").textContent = `epoch ${run.epochs[at]} of ${run.last}`;
  const share = (k, [right, all]) => [run.epochs[k], right / all];
  const lines = ["plain", "dashed"].map((className, kind) =>
    ({ className, points: range(at + 1).map((k) => share(k, run.shares[k][kind])) }));
  const first = run.last > TUTORIAL_END ? [TUTORIAL_END, `${TUTORIAL_END}: the tutorial ends`] : [0, "0"];
  drawChart("hide-curve", run.last, lines, [first, [run.last, `${run.last} epochs`]]);
}

/** Ask for a guess, or say why nothing can be guessed. */
function drawGuesses(n) {
  const left = SMALL ** 2 - n;
  get("hide-count").textContent = `${n} sums are hidden, ${left} are left to practise.`;
  const possible = n > 0 && left >= N_LEFT;
  get("hide-question").textContent = possible ?
    `How many of the ${n} hidden sums will it get right? Your guess starts the training.` :
    n ? `Leave at least ${N_LEFT} sums to practise.` : "Hide at least one sum.";
  const guesses = possible ? [...new Set(SHARES.map((share) => Math.round(share * n)))] : [];
  get("hide-guesses").replaceChildren(...guesses.map((guess) => element("button",
    { type: "button", onclick: () => trainHidden(guess) }, guess === n ? `all ${n}` : guess || "none")));
}

makeField();
stations.hide = {
  first: { hidden: hideSome(20, SMALL, generator(1)), network: "tutorial", seed: 1, which: 0, ...FORGET },
  draw: drawHide,
  toAddress: ({ hidden, network, phase, which, at }) => ({
    hide: allPairs(SMALL).filter(([a, b], i) => hidden[i] && a <= b).map((pair) => pair.join(".")).join("-"),
    network,
    ...(phase === "recorded" ? { recorded: which, epoch: at } : {}),
  }),
  fromAddress: (words) => {
    stopHide();
    const changes = { network: words.get("network") === "small" ? "small" : "tutorial" };
    const pairs = (words.get("hide") ?? "").split("-").map((one) => one.split(".").map(Number));
    const isNumber = (one) => range(SMALL).includes(one - 1);
    const known = pairs.filter((pair) => pair.length === 2 && pair.every(isNumber));
    if (words.has("hide")) changes.hidden = hide(known, SMALL);
    const which = numberIn(words, "recorded", 0, 1);
    if (which === undefined) return changes;
    const run = recorded(data.pairs[which]);
    const at = numberIn(words, "epoch", 0, run.epochs.length - 1) ?? 0;
    return { ...changes, phase: "recorded", which, run, at };
  },
};
