// Station 3, what can be done: step, play, break an entry, try every case.
"use strict";

const STEP_TIMES = { short: 1100, long: 150 }; // milliseconds, for problems of up to 40 steps, and of more
const PROOF_TIME = 2500; // milliseconds in which a proof is shown
let fingersTimer = 0; // of what plays
let proofTimer = 0;

/** Work out the problem of a part anew, with the broken table if there is one for it, and begin at the start. */
function workedOut(part) {
  const table = part.broken?.sign === part.sign ? part.broken : tables[part.sign];
  return { ...part, walk: walk(table, part.a, part.b), step: 0, playing: false };
}

/** Go to a step, and stop what plays. */
function goTo(step) {
  clearTimeout(fingersTimer);
  change("fingers", { step: Math.max(0, Math.min(state.fingers.walk.steps.length - 1, step)), playing: false });
}

/** Show a problem, two numbers and a sign between, from its first step. */
function showProblem(text) {
  clearTimeout(fingersTimer);
  const read = readProblem(text);
  const changes = read.problem ? { ...read, playing: false } : workedOut({ ...state.fingers, ...read });
  change("fingers", { ...changes, text, left: false });
}

/** Go on step by step. */
function playFingers() {
  fingersTimer = setTimeout(() => {
    const { step, walk: { steps } } = state.fingers;
    change("fingers", { step: step + 1, playing: step + 2 < steps.length });
    if (state.fingers.playing) playFingers();
    else announce(get("fingers-answer").textContent);
  }, state.fingers.walk.steps.length > 40 ? STEP_TIMES.long : STEP_TIMES.short);
}

/** Play from the step that is shown. */
function startFingers() {
  change("fingers", { playing: true });
  playFingers();
}

/** Try every case of a table, and show them one after another. */
function showProof(table) {
  clearTimeout(proofTimer);
  change("fingers", { proof: prove(table), shown: 0 });
  const begin = performance.now();
  const showMore = () => {
    const { proof: { all } } = state.fingers;
    const share = calm.matches ? 1 : Math.min(1, (performance.now() - begin) / PROOF_TIME);
    change("fingers", { shown: Math.ceil(share * all.length) });
    if (share < 1) proofTimer = setTimeout(showMore, 16);
    else announce(get("proof-told").textContent);
  };
  showMore();
}

/** Break an entry of the table that is shown, one that its proof looks at, and try every case. */
function breakEntry() {
  const { sign } = state.fingers;
  const { states } = proofOf(sign);
  const { entry } = states[below(states.length, Math.random)];
  const output = tables[sign].output.slice();
  output[entry] = (output[entry] + 1) % 10;
  const broken = { ...tables[sign], output };
  change("fingers", workedOut({ ...state.fingers, broken }));
  showProof(broken);
}

on("fingers-field", "input", () => showProblem(get("fingers-field").value));
on("fingers-field", "change", () => change("fingers", { left: true }));
on("fingers-step", "input", () => goTo(get("fingers-step").valueAsNumber));
onClick("fingers-back", () => goTo(state.fingers.step - 1));
onClick("fingers-next", () => goTo(state.fingers.step + 1));
onClick("fingers-play", () => {
  const { playing, step, walk: { steps } } = state.fingers;
  goTo(step === steps.length - 1 ? 0 : step);
  if (!playing) startFingers();
});
for (const [i, sign] of ["+", "-", "*", "/"].entries()) {
  onClick(`fingers-try-${i}`, () => showProblem(`958${sign}${OPERATIONS[sign].seconds ? 7 : 67}`));
}
onClick("fingers-nines", () => {
  const { sign } = state.fingers;
  showProblem(`${"9".repeat(1000)}${sign}${OPERATIONS[sign].seconds ? 7 : 1}`);
  goTo(Infinity);
});
onClick("proof-run", () => showProof(state.fingers.broken ?? tables[state.fingers.sign]));
onClick("proof-break", breakEntry);
onClick("proof-see", () => {
  showProblem(state.fingers.proof.wrong.join(state.fingers.broken.sign));
  if (calm.matches || state.fingers.walk.steps.length === 1) return goTo(Infinity);
  startFingers();
});
onClick("proof-mend", () => {
  clearTimeout(proofTimer);
  change("fingers", workedOut({ ...state.fingers, broken: null, proof: null }));
});
const FIRST_PROBLEM = "958+67";
const LONGEST_LINK = 1200; // digits of a problem in the address
const nothingTried = { left: false, broken: null, proof: null, shown: 0 };
stations.fingers = {
  first: workedOut({ text: FIRST_PROBLEM, ...readProblem(FIRST_PROBLEM), ...nothingTried }),
  draw: drawFingers,
  toAddress: ({ a, sign, b, step }) => {
    const problem = `${a}${sign}${b}`;
    return { problem: problem.length > LONGEST_LINK ? FIRST_PROBLEM : problem, step };
  },
  fromAddress: (words) => {
    for (const timer of [fingersTimer, proofTimer]) clearTimeout(timer);
    const text = words.get("problem") ?? FIRST_PROBLEM;
    const read = readProblem(text);
    const part = workedOut({ ...stations.fingers.first, ...(read.problem ? {} : { text, ...read }) });
    return { ...part, step: numberIn(words, "step", 0, part.walk.steps.length - 1) ?? 0 };
  },
};
