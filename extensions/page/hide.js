// Station 1: hide pairs of your own, guess, and train; or look at a training that was recorded.
"use strict";

const SMALL = 10; // the numbers that can be hidden here go up to it
const N_LEFT = 20; // so many pairs must be left to practise
const TUTORIAL_END = 30; // epochs; an epoch is a hundred updates of ten sums
const NETWORKS = {
  tutorial: { name: "the tutorial's network", units: [100, 50], rate: 0.001, updates: 3000 },
  small: { name: "the small network", units: [32, 32], rate: 0.005, updates: 1500 },
};
const SHARES = [0, 0.25, 0.5, 0.75, 1]; // of the hidden pairs, to guess

// ---- What is shown of a training: a run -------------------------------------------------------------

const bytes = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** The first n bits of bytes in base64, as true and false. */
function bits(base64, n) {
  const packed = bytes(base64);
  return range(n).map((i) => Boolean((packed[i >> 3] >> (7 - (i % 8))) & 1));
}

/** A run of which nothing has been seen yet. last: its last epoch. */
const newRun = (name, largest, hidden, last) =>
  ({ name, largest, hidden, last, epochs: [], answers: [], right: [], shares: [] });

/** A recorded run. Of numbers up to 10 the answers are known, up to 99 only which ones are right. */
function recorded({ largest, epochs, held_out, right, answers }) {
  const hidden = bits(held_out, largest ** 2);
  const run = { ...newRun("the recorded network", largest, hidden, epochs.at(-1)), epochs };
  if (!answers) return right.reduce((found, base64) => withRight(found, bits(base64, largest ** 2)), run);
  return answers.reduce((found, text) => withAnswers(found, text.match(/../g)), run);
}

/** A run with one more list of answers, to all pairs. */
function withAnswers(run, answers) {
  const right = allPairs(run.largest).map((pair, i) => answers[i] === write(pair, run.largest, false)[1]);
  return withRight({ ...run, answers: [...run.answers, answers] }, right);
}

/** A run with one more list of which pairs are right, and how many: of those practised, then of those hidden. */
function withRight(run, right) {
  const shares = [false, true].map((kind) => {
    const all = range(right.length).filter((i) => run.hidden[i] === kind);
    return [all.filter((i) => right[i]).length, all.length];
  });
  return { ...run, right: [...run.right, right], shares: [...run.shares, shares] };
}

const twin = (i, largest) => (i % largest) * largest + Math.floor(i / largest);

// ---- What can be done -----------------------------------------------------------------------------------------

const FORGET = { phase: "choose", run: null, guess: null, playing: false, chosen: null, at: 0 };
const running = { training: null, timer: 0 }; // what has to be stopped

/** Hide pairs, or show them again if all of them are hidden, with their twins. */
function turn(places) {
  const { hidden } = state.hide;
  const both = places.flatMap((i) => [i, twin(i, SMALL)]);
  const goal = !both.every((i) => hidden[i]);
  change("hide", { hidden: hidden.map((one, i) => (both.includes(i) ? goal : one)), ...FORGET });
}

/** Train live, after a guess. */
function trainHidden(guess) {
  const { hidden, network, seed } = state.hide;
  const { name, units, rate, updates } = NETWORKS[network];
  stopHide();
  change("hide", { ...FORGET, phase: "train", guess, run: newRun(name, SMALL, hidden, updates / 100) });
  const settings = { largest: SMALL, hidden, asked: range(hidden.length), unitsFirst: false, seed };
  running.training = train("trainText", { ...settings, units, rate, updates, batch: 10, every: 100 }, (shown) => {
    const { run } = state.hide;
    if (!shown) return endHide();
    const more = { ...run, epochs: [...run.epochs, shown.update / 100] };
    change("hide", { run: withAnswers(more, shown.answers), at: run.epochs.length });
  });
}

/** Stop a training, and what plays. */
function stopHide() {
  running.training?.();
  clearTimeout(running.timer);
}

/** Say how it ended. */
function endHide() {
  const { run } = state.hide;
  change("hide", run.epochs.length > 1 ? { phase: "done" } : FORGET);
  announce(get("hide-told").textContent);
}

/** Look at a recorded training, from its start. */
function playRecorded(i) {
  stopHide();
  change("hide", { ...FORGET, phase: "recorded", which: i, run: recorded(data.pairs[i]), playing: true });
  playHide();
}

/** Play from here, or from the start if this is the end; or pause. */
function playOrPause() {
  const { playing, at, run } = state.hide;
  clearTimeout(running.timer);
  change("hide", { playing: !playing, at: at === run.epochs.length - 1 ? 0 : at });
  playHide();
}

/** Go on to the next epoch, slowly until the tutorial's end. */
function playHide() {
  const { run, at, playing } = state.hide;
  if (!playing) return;
  const early = run.epochs[at] < TUTORIAL_END || run.largest > SMALL;
  running.timer = setTimeout(() => {
    const next = Math.min(run.epochs.length - 1, at + (calm.matches && !early ? 30 : early ? 1 : 3));
    change("hide", { at: next, playing: next < run.epochs.length - 1 });
    if (state.hide.playing) playHide();
    else announce(get("hide-told").textContent);
  }, calm.matches ? 800 : early ? 280 : 60);
}

// ---- Events ---------------------------------------------------------------------------------------------------

/** Where the pairs that begin with a number stand. */
const pairsFrom = (number) => range(SMALL).map((i) => (number - 1) * SMALL + i);

/** Hide or show a pair; if a training is shown, choose the pair instead. */
function clickPair(i) {
  if (state.hide.phase === "choose") turn([i]);
  else change("hide", { chosen: i });
}

onClick("hide-some", () => {
  const seed = state.hide.seed + 1;
  change("hide", { seed, hidden: hideSome(20, SMALL, generator(seed)) });
});
onClick("hide-none", () => change("hide", { hidden: state.hide.hidden.map(() => false) }));
onClick("hide-others", () => {
  stopHide();
  change("hide", FORGET);
});
onClick("hide-again", () => {
  change("hide", { seed: state.hide.seed + 1 });
  trainHidden(state.hide.guess);
});
onClick("hide-stop", () => {
  stopHide();
  endHide();
});
onClick("hide-play", playOrPause);
on("hide-at", "input", () => {
  clearTimeout(running.timer);
  change("hide", { at: get("hide-at").valueAsNumber, playing: false });
});
for (const name of Object.keys(NETWORKS)) on(`hide-${name}`, "change", () => change("hide", { network: name }));
for (const i of [0, 1]) onClick(`hide-recorded-${i}`, () => playRecorded(i));
for (const id of ["hide-practised", "hide-held"]) {
  on(id, "click", ({ offsetX, offsetY, target }) => {
    const { largest } = state.hide.run;
    const [row, column] = [offsetY, offsetX].map((at) => Math.floor((largest * at) / target.clientWidth));
    change("hide", { chosen: Math.max(0, row) * largest + Math.min(largest - 1, column) });
  });
}
