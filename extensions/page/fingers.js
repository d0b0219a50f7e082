// Station 3: the network of four operations, as the table that it became: two fingers read, and it writes.
"use strict";

const CHARACTERS = "0123456789+-*/ =";
const KINDS = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6]; // a finger sees a digit, not which one
const [BLANK, EQUALS] = [14, 15];
const [N_KINDS, OUTSIDE] = [7, 7];
const MOST_DIGITS = 10_000;

/** What a child does with two digits and what is kept: what to write, and what to keep. */
const childSteps = {
  "+": (a, b, carry) => [(a + b + carry) % 10, Number(a + b + carry > 9)],
  "-": (a, b, borrowed) => [(a - b - borrowed + 10) % 10, Number(a - b < borrowed)],
  "*": (a, b, carry) => [(a * b + carry) % 10, Math.floor((a * b + carry) / 10)],
  "/": (a, b, rest) => [Math.floor((10 * rest + a) / b), (10 * rest + a) % b],
};
const OPERATIONS = { // seconds: what the second number may be, if it has one digit
  "+": { name: "add", kept: "carry" },
  "-": { name: "subtract", kept: "borrow" },
  "*": { name: "multiply", kept: "carry", seconds: range(10) },
  "/": { name: "divide", kept: "remainder", seconds: range(10).slice(1) },
};

/** The tables, by sign: for each finger ranks of 512 windows and 49 moves; 256 entries for each state. */
const tables = Object.fromEntries(Object.entries(OPERATIONS).map(([sign, { name }]) => {
  const { start, moves, next_state, output } = data.fingers[name];
  const [ranks, next] = [start, next_state].map((base64) => new Uint16Array(bytes(base64).buffer));
  return [sign, { sign, start: ranks, moves: new Int8Array(bytes(moves).buffer), next, output: bytes(output) }];
}));

// ---- What a table does ----------------------------------------------------------------------------------------

/** Where the fingers start on a text, a list of codes: each where its rank is highest, the second elsewhere. */
function startPlaces({ start }, codes) {
  const kindAt = (place) => (place in codes ? KINDS[codes[place]] : OUTSIDE);
  const places = [];
  for (const finger of [0, 1]) {
    let highest = -1;
    for (let place = 0; place < codes.length; place++) {
      const window = 64 * kindAt(place - 1) + 8 * kindAt(place) + kindAt(place + 1);
      const rank = start[512 * finger + window];
      if (rank > highest && place !== places[0]) [places[finger], highest] = [place, rank];
    }
  }
  return places;
}

/** Let a table work out a problem, two numbers as texts, until it writes a blank. Returns the text and steps. */
function walk(table, a, b) {
  const text = ` ${a}${table.sign}${b}=`;
  const codes = Array.from(text, (character) => CHARACTERS.indexOf(character));
  const steps = [];
  let [state, places, written] = [0, startPlaces(table, codes), 0];
  while (written !== BLANK && steps.length <= codes.length) {
    const [first, second] = places.map((place) => codes[place]);
    const entry = 256 * state + 16 * first + second;
    written = table.output[entry];
    const step = { places, before: state, state: table.next[entry], written };
    steps.push(step);
    state = step.state;
    const seen = N_KINDS * KINDS[first] + KINDS[second];
    places = places.map((place, finger) =>
      Math.min(codes.length - 1, Math.max(0, place + table.moves[N_KINDS ** 2 * finger + seen])));
  }
  const digits = steps.filter((step) => step.written !== BLANK).map((step) => CHARACTERS[step.written]);
  return { text, steps, answer: (table.sign === "/" ? digits : digits.reverse()).join("") };
}

const withoutZeros = (text) => text.replace(/^0+(?=.)/, "");

/** Signs as they are typed, and as the tables know them. */
const plainSigns = (text) => text.replace(/[×x·]/g, "*").replace(/[÷:]/g, "/").replace(/[−–—]/g, "-");

/** A problem that was typed: the sign and two numbers, texts, or what is wrong with it. */
function readProblem(text) {
  const found = /^\s*([0-9]+)\s*([-+*/])\s*([0-9]+)\s*=?\s*$/.exec(plainSigns(text));
  const fail = (problem) => ({ problem });
  if (!found) return fail("Type two whole numbers with +, −, × or ÷ between them, such as 958+67.");
  let [, a, sign, b] = found;
  if (Math.max(a.length, b.length) > MOST_DIGITS) return fail(`At most ${count(MOST_DIGITS)} digits, please.`);
  if (sign === "*" && withoutZeros(b).length > 1) [a, b] = [b, a];
  if (OPERATIONS[sign].seconds || b.length > a.length) b = withoutZeros(b);
  if (sign === "*" && b.length > 1) {
    return fail("Here one factor has one digit. The calculator in station 6 multiplies any two numbers.");
  }
  if (sign === "/" && !/^[1-9]$/.test(b)) return fail("It divides by one digit, from 1 to 9.");
  if (sign === "-" && BigInt(a) < BigInt(b)) return fail("The first number must not be the smaller one.");
  return { sign, a, b, problem: "" };
}

/** The right answer to a problem, by the browser's whole numbers. */
function rightAnswer(a, sign, b) {
  const [x, y] = [BigInt(a), BigInt(b)];
  return String({ "+": () => x + y, "-": () => x - y, "*": () => x * y, "/": () => x / y }[sign]());
}
