// Station 5: a thousand starts of the tutorial's linear layers, a dot each: the sign of the start, and the error.
"use strict";

const STARTS = { n: 1000, atOnce: 20 };
const dots = { left: -2.5, right: 2.5, highest: 100, height: 260, margin: 34 }; // of the picture
const startsStops = [];

const failed = ({ rmse }) => rmse > 0; // not all of a hundred sums are right

/** How many starts with a negative or a positive mean weight fail, and how many there are. */
function tally(starts, negative) {
  const some = starts.filter(({ start }) => start < 0 === negative);
  return [some.filter(failed).length, some.length];
}

/** Where the dot of a start is in a picture of some width: the error on a scale that has a 0. */
function placeOf({ start, rmse }, width) {
  const inner = dots.height - 2 * dots.margin;
  const share = (Math.max(dots.left, Math.min(dots.right, start)) - dots.left) / (dots.right - dots.left);
  const height = Math.log1p(10 * rmse) / Math.log1p(10 * dots.highest);
  return [dots.margin + share * (width - 2 * dots.margin), dots.height - dots.margin - height * inner];
}

/** Draw station 5. */
function drawStarts({ starts, chosen, again, runs }) {
  const canvas = get("starts-dots");
  const width = Math.max(240, canvas.clientWidth);
  const sharp = devicePixelRatio || 1;
  Object.assign(canvas, { width: width * sharp, height: dots.height * sharp });
  canvas.style.height = `${dots.height}px`;
  const [context, colour] = [canvas.getContext("2d"), (name) => getComputedStyle(canvas).getPropertyValue(name)];
  context.scale(sharp, sharp);
  context.font = "13px sans-serif";
  context.fillStyle = context.strokeStyle = colour("--soft");
  for (const [start, text] of [[-2, "−2"], [-1, "−1"], [0, "0"], [1, "1"], [2, "2"]]) {
    const [x, y] = placeOf({ start, rmse: 0 }, width);
    context.fillText(text, x - 6, y + 24);
    if (start === 0) context.fillRect(x, dots.margin / 2, 1, dots.height - 1.5 * dots.margin);
  }
  for (const rmse of [0, 1, 10, 100]) context.fillText(rmse, 4, placeOf({ start: -9, rmse }, width)[1] + 4);
  const draw = (one, size) => {
    const [x, y] = placeOf(one, width);
    context.fillStyle = colour(failed(one) ? "--bad" : "--good");
    context.beginPath();
    if (failed(one)) context.rect(x - size, y - size, 2 * size, 2 * size);
    else context.arc(x, y, size, 0, 2 * Math.PI);
    context.fill();
  };
  for (const one of starts) draw(one, 2.5);
  const pair = chosen === null ? [] : [starts[chosen], again].filter(Boolean);
  for (const one of pair) {
    draw(one, 6);
    context.strokeStyle = colour("--text");
    context.stroke();
  }
  if (pair.length === 2) {
    context.beginPath();
    for (const one of pair) context.lineTo(...placeOf(one, width));
    context.stroke();
  }
  const [negative, positive] = [tally(starts, true), tally(starts, false)];
  get("starts-told").textContent = !starts.length ? "" : `${count(starts.length)} trainings: of those with a ` +
    `negative start ${negative[0]} of ${negative[1]} fail, of those with a positive start ` +
    `${positive[0]} of ${positive[1]}.`;
  get("starts-run").textContent = runs ? "Stop" : starts.length ? "Train them again" : "Train from 1,000 starts";
  get("starts-choose").hidden = !starts.length || runs;
  get("starts-chosen").textContent = pair.length ? pair.map(tellStart).join(" ") : "";
  useless("starts-turn", chosen === null);
}

/** One training, in words. */
function tellStart({ seed, turned, start, rmse }) {
  const how = turned ? "With its sign turned, it starts" : `Start ${seed} begins`;
  const end = failed({ rmse }) ? `ends with an error of ${rmse.toFixed(2)}: it fails.` : "ends without an error.";
  return `${how} with a mean weight of ${signed(start)} and ${end}`;
}

/** Choose the next start that fails. */
function chooseFailed() {
  const { starts, chosen } = state.starts;
  const after = (i) => starts.findIndex((one, k) => k > i && failed(one));
  const next = after(chosen ?? -1);
  change("starts", { chosen: next < 0 ? Math.max(0, after(-1)) : next, again: null });
}

/** Stop both workers. */
function stopStarts() {
  while (startsStops.length) startsStops.pop()();
}

/** Train from every start, in two workers. */
function trainAll() {
  stopStarts();
  if (state.starts.runs) return change("starts", { runs: false });
  change("starts", { ...stations.starts.first, runs: true });
  const half = STARTS.n / 2;
  for (const first of [1, half + 1]) {
    startsStops.push(train("trainStarts", { first, n: half, atOnce: STARTS.atOnce }, (shown) => {
      const starts = [...state.starts.starts, ...(shown ?? [])];
      change("starts", { starts, runs: starts.length < STARTS.n });
      if (!shown && !state.starts.runs) announce(get("starts-told").textContent);
    }));
  }
}

onClick("starts-run", trainAll);
onClick("starts-failed", chooseFailed);
onClick("starts-turn", () => {
  const { starts, chosen } = state.starts;
  change("starts", { again: trainStart(starts[chosen].seed, true) });
});
on("starts-dots", "click", ({ offsetX, offsetY, target }) => {
  const { starts, runs } = state.starts;
  if (runs || !starts.length) return;
  const distances = starts.map((one) => {
    const [x, y] = placeOf(one, target.clientWidth);
    return Math.hypot(x - offsetX, y - offsetY);
  });
  change("starts", { chosen: distances.indexOf(Math.min(...distances)), again: null });
});
stations.starts = {
  first: { starts: [], chosen: null, again: null, runs: false },
  draw: drawStarts,
  toAddress: () => ({}),
  fromAddress: () => {
    stopStarts();
    return {};
  },
};
