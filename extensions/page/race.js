// Station 2: the same sums written in two ways, and two networks that are trained on them side by side.
"use strict";

const RACE = { largest: 99, units: [24, 24], batch: 16, rate: 0.02, falls: true, updates: 3000, every: 100 };
const N_UNSEEN = 490; // pairs that neither network practises, of 9,801
const WAYS = [false, true]; // units first?
const raceStops = [];

/** The sums of two numbers of one digit. */
const SHORT = range(81).map((i) => [1 + Math.floor(i / 9), 1 + (i % 9)]);

/** What a network says to a pair of numbers: what it reads and writes, and whether that is right. */
function answerPairs(network, pairs, unitsFirst) {
  const written = pairs.map((pair) => write(pair, RACE.largest, unitsFirst));
  const answers = answersTo(network, written.map(([text]) => text), written[0][1].length);
  return answers.map((answer, i) => ({ reads: written[i][0], answer, right: answer === written[i][1] }));
}

/** Train both networks, each in a worker, on the same sums. */
function startRace() {
  stopRace();
  const { seed } = state.race;
  const hidden = hideSome(N_UNSEEN, RACE.largest, generator(1000 + seed));
  const asked = range(hidden.length).filter((i) => hidden[i]);
  const pairs = allPairs(RACE.largest);
  change("race", { phase: "runs", lanes: WAYS.map(() => ({ points: [], network: null })), n: asked.length });
  WAYS.forEach((unitsFirst, lane) => {
    raceStops.push(train("trainText", { ...RACE, hidden, asked, unitsFirst, seed }, (shown) => {
      if (!shown) return endLane();
      const right = asked.map((i) => write(pairs[i], RACE.largest, unitsFirst)[1]);
      const nRight = shown.answers.filter((answer, k) => answer === right[k]).length;
      const lanes = state.race.lanes.map((one, k) => k !== lane ? one :
        { network: shown.network, points: [...one.points, [shown.update, nRight]] });
      change("race", { lanes });
    }));
  });
}

/** When both have arrived, say so. */
function endLane() {
  if (state.race.lanes.some(({ points }) => !points.length || points.at(-1)[0] < RACE.updates)) return;
  change("race", { phase: "done" });
  announce(get("race-told").textContent);
}

/** Stop both. */
function stopRace() {
  while (raceStops.length) raceStops.pop()();
}

/** A sum of two numbers up to 99 that was typed, or a problem. */
function readRaceSum(text) {
  const found = /^\s*([0-9]+)\s*\+\s*([0-9]+)\s*$/.exec(text);
  const pair = found?.slice(1).map(Number);
  if (!pair?.every((one) => one >= 1 && one <= RACE.largest)) {
    return { problem: "Type a sum of two numbers from 1 to 99, such as 1+1." };
  }
  return { pair, problem: "" };
}

/** Draw station 2. */
function drawRace(part) {
  const { phase, lanes, n, pair } = part;
  const atWork = phase === "runs";
  get("race-start").textContent = phase === "ready" ? "Start the race" : "Again, with other sums and starts";
  useless("race-start", atWork);
  get("race-stop").hidden = !atWork;
  const lines = lanes.map(({ points }, k) => ({ className: `lane${k}`,
    points: points.map(([update, right]) => [update, right / n]) }));
  drawChart("race-curve", RACE.updates, lines, [[0, "0"], [RACE.updates, `${count(RACE.updates)} updates`]]);
  lanes.forEach(({ points }, k) => {
    const [update, right] = points.at(-1) ?? [];
    get(`race-told-${k}`).textContent = update === undefined ? "" :
      `${count(right)} of ${n} unseen sums right after ${count(update)} updates`;
  });
  get("race-told").replaceChildren(...(phase === "done" ? tellRace(part) : []));
  drawField("race-field", part);
  get("race-after").hidden = atWork || lanes.length < 2 || !lanes.every(({ network }) => network);
  if (get("race-after").hidden || !pair) return;
  lanes.forEach(({ network }, k) => {
    const [{ reads, answer, right }] = answerPairs(network, [pair], WAYS[k]);
    const told = right ? "right" : `wrong: ${pair.join("+")} is ${pair[0] + pair[1]}`;
    const meant = WAYS[k] ? `, which is ${reversed(answer).trim()}: ` : ": ";
    get(`race-answer-${k}`).replaceChildren(`reads “${visible(reads)}”, writes “${visible(answer)}”${meant}`,
      verdict(right, told));
  });
}

/** Who won, and what the winner does not know. */
function tellRace({ lanes, n }) {
  const [first, second] = lanes.map(({ points }) => (100 * points.at(-1)[1]) / n);
  const short = answerPairs(lanes[1].network, SHORT, true).filter(({ right }) => right).length;
  return ["The same sums, the same network, the same practice. Written as in the tutorial, " +
    `${first.toFixed(1)} % of the unseen sums are right; with the units first, ${second.toFixed(1)} %. `,
    `Of the 81 sums of two one-digit numbers, the second network gets ${short} right.`];
}

onClick("race-start", () => {
  if (state.race.phase !== "ready") change("race", { seed: state.race.seed + 1 });
  startRace();
});
onClick("race-stop", () => {
  stopRace();
  change("race", { phase: "stopped" });
});
onField("race-field", "race", readRaceSum);
stations.race = {
  first: { phase: "ready", seed: 1, lanes: [], n: 0, text: "1+1", left: false, ...readRaceSum("1+1") },
  draw: drawRace,
  toAddress: ({ seed, text, problem }) => ({ race: seed, sum: problem ? "1+1" : text }),
  fromAddress: (words) => {
    stopRace();
    const text = words.get("sum") ?? "1+1";
    const typed = readRaceSum(text);
    return { seed: numberIn(words, "race", 1, 10 ** 6) ?? 1, ...(typed.problem ? {} : { text, ...typed }) };
  },
};
