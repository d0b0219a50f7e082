// Station 3 as it is seen: the fingers on the text, step by step, and the cases of the proof.
"use strict";

const CHARACTER_WIDTH = 19; // pixels that a character of a long problem takes

const proofs = {}; // of the trained tables, once they are asked for

/** The proof of the trained table of an operation. */
const proofOf = (sign) => (proofs[sign] ??= prove(tables[sign]));

/** What a child would do at each step of a problem: the digits read, and what to write and keep. */
function childrenSteps({ sign, walk: { text, steps } }) {
  let kept = 0;
  return steps.map(({ places }) => {
    const [a, b] = [Math.min(...places), Math.max(...places)].map((place) => text[place]);
    const before = kept;
    const ended = !/[0-9]/.test(a) && (OPERATIONS[sign].seconds || !/[0-9]/.test(b)) && (sign === "/" || !kept);
    if (ended) return { a, b, before, ended };
    const [writes, keeps] = childSteps[sign](Number(a) || 0, Number(b) || 0, kept);
    kept = keeps;
    return { a, b, before, writes, keeps };
  });
}

/** A step in words, as a child would say it. */
function tellStep(sign, { a, b, before, writes, keeps, ended }) {
  if (ended) return "Nothing is left to read and nothing is kept: it writes a blank, the end.";
  const kept = `${OPERATIONS[sign].kept} ${keeps}`;
  const [first, second] = [a, b].map((one) => (/[0-9]/.test(one) ? one : ""));
  if (!first && (OPERATIONS[sign].seconds || !second)) return `Only the carry is left: write ${writes}, ${kept}.`;
  if (sign === "/") return `${before ? before : ""}${first} ÷ ${second} is ${writes}: write ${writes}, ${kept}.`;
  if (sign === "*") {
    const product = `${Number(first)} × ${second}${before ? ` + ${before}` : ""}`;
    return `${product} is ${10 * keeps + writes}: write ${writes}, ${kept}.`;
  }
  const terms = [first, second, before || ""].filter((one) => one !== "");
  const total = sign === "+" ? ` is ${10 * keeps + writes}` : keeps ? " is below 0" : "";
  return `${terms.join(sign === "+" ? " + " : " − ")}${total}: write ${writes}, ${kept}.`;
}

/** What a state keeps, by the proof: what all ways to it have in common. */
function meaning(sign, state) {
  const all = Array.from(proofOf(sign).keeps.get(state)?.values() ?? []);
  const alike = (name) => all.length > 0 && all.every((kept) => kept[name] === all[0][name]);
  const told = [];
  if (alike("second") && all[0].second !== null) told.push(`second number ${all[0].second}`);
  if (alike("carry")) told.push(`${OPERATIONS[sign].kept} ${all[0].carry}`);
  return told.join(", ") || "it keeps nothing that matters";
}

/** Draw the text, or of a long one what is around the fingers. */
function drawTape(text, places) {
  const tape = get("fingers-tape");
  const width = Math.max(200, tape.clientWidth);
  const half = Math.floor((width / CHARACTER_WIDTH - 5) / 4);
  const around = places.flatMap((place) => range(2 * half + 1).map((i) => place - half + i));
  const near = text.length * CHARACTER_WIDTH < width ? range(text.length) :
    [...new Set(around)].filter((i) => text[i]).sort((a, b) => a - b);
  const shown = near.flatMap((i, k) => (i > (near[k - 1] ?? -1) + 1 ? [null, i] : [i])); // null: left out
  if (near.at(-1) < text.length - 1) shown.push(null);
  tape.style.setProperty("--size", `${Math.min(36, width / shown.length)}px`);
  tape.replaceChildren(...shown.map((i) => {
    const finger = i === null ? -1 : places.indexOf(i);
    const className = `finger${finger}`;
    const character = element("span", { className }, i === null ? "…" : visible(text[i]));
    return element("span", {}, character, element("small", { className }, "▲■"[finger] ?? ""));
  }));
}

/** What is written by a step, as it is read in the end; the newest digit is marked. */
function drawWritten(sign, steps, step) {
  const digits = steps.slice(0, step + 1).filter(({ written }) => written !== BLANK)
    .map(({ written }) => CHARACTERS[written]);
  const fresh = steps[step].written === BLANK ? "" : digits.pop();
  const old = digits.slice(-40).join("");
  const left = digits.length > 40 ? "…" : "";
  const mark = element("span", { className: "fresh" }, fresh);
  get("fingers-written").replaceChildren(...(sign === "/" ? [left + old, mark] : [mark, reversed(old) + left]));
}

/** Draw the steps. */
function drawFingers(part) {
  const { text, steps, answer } = part.walk;
  const { sign, a, b, step, playing, broken, problem } = part;
  const child = childrenSteps(part)[step];
  const { places, before, state, written } = steps[step];
  drawField("fingers-field", part);
  drawTape(text, places);
  drawWritten(sign, steps, step);
  get("fingers-count").textContent = `step ${count(step + 1)} of ${count(steps.length)}`;
  get("fingers-step").max = steps.length - 1;
  get("fingers-step").value = step;
  get("fingers-step").setAttribute("aria-valuetext", `step ${step + 1} of ${steps.length}`);
  get("fingers-play").textContent = playing ? "Pause" : "Play";
  useless("fingers-play", problem);
  useless("fingers-back", problem || step === 0);
  useless("fingers-next", problem || step === steps.length - 1);
  const right = written === (child.ended ? BLANK : child.writes);
  get("fingers-told").replaceChildren(tellStep(sign, child),
    ...(right ? [] : [" ", verdict(false, `The broken table writes ${named(written)}.`)]));
  const stays = before === state ? ", as before" : "";
  get("fingers-state").textContent = child.ended ? "" :
    `State ${state} of ${tables[sign].output.length / 256 - 1}${stays}: ${meaning(sign, state)}.`;
  const wanted = rightAnswer(a, sign, b);
  const isRight = withoutZeros(answer) === wanted;
  const rest = sign === "/" && isRight ? `, remainder ${BigInt(a) % BigInt(b)}` : "";
  const told = `${shortened(`${a}${sign}${b}`)} = ${shortened(withoutZeros(answer))}${rest} `;
  get("fingers-answer").replaceChildren(...(problem || step < steps.length - 1 ? [] :
    [told, verdict(isRight, isRight ? "right" : `wrong: it is ${shortened(wanted)}`)]));
  get("fingers-broken").hidden = !broken;
  drawProof(part);
}

const shortened = (text) =>
  text.length < 60 ? text : `${text.slice(0, 15)}…${text.slice(-15)} (${count(text.length)} characters)`;

/** Draw the cases that have been tried so far, and at the end what they show. */
function drawProof({ proof, shown, broken }) {
  const list = get("proof-list");
  list.hidden = !proof;
  get("proof-mend").hidden = !broken;
  if (!proof || list.childElementCount > shown) list.replaceChildren();
  if (!proof) return get("proof-told").replaceChildren();
  const fresh = proof.all.slice(list.childElementCount, shown);
  list.append(...fresh.map(({ right, text }) =>
    element("div", { className: right ? "" : "bad" }, `${right ? "✓" : "✗"} ${text}`)));
  list.scrollTop = list.scrollHeight;
  const { sign, starts, moves, states, wrong, holds, all } = proof;
  const tried = `Tried for ${sign}: where the fingers start, ${starts.length} cases; ` +
    `how they move, ${moves.length}; what is written and kept, ${count(states.length)}. `;
  const result = holds ? "Every one is right, and so is every answer, however long the numbers." :
    wrong ? `The last one is wrong, and so is ${wrong.join(sign)}.` : "A start or a move is wrong.";
  get("proof-told").replaceChildren(...(shown < all.length ? [] : [tried, verdict(holds, result)]));
}
