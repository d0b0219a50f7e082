// Station 6: a calculator. One network marks what can be done now; the tables of station 3 do it, digit by digit.
"use strict";

const SHOWN = "((12+3)*45-600)*7-8*(9-1234567)";
const MARKS = "1234567890+-*() "; // what the network that marks reads
const [STEP, BRACKET] = [1, 2]; // its marks
const LONGEST = 200;
const ROUND_TIME = 900; // milliseconds
const { left: fromLeft, right: fromRight, marks } = data.calculator;

/** What was typed: numbers, signs and brackets, with 0 before a minus that has no number; or what is wrong. */
function readExpression(text) {
  const plain = plainSigns(text);
  const fail = (problem) => ({ problem });
  const strange = /[^0-9+*()\s/-]/.exec(plain)?.[0];
  if (strange) return fail(`It cannot read “${strange}”, only whole numbers, + − × and brackets.`);
  if (plain.includes("/")) return fail("It does not divide: few quotients are whole numbers. Station 3 divides.");
  if (text.length > LONGEST) return fail(`At most ${LONGEST} characters, please.`);
  if (/[0-9]\s+[0-9]/.test(plain)) return fail("A sign is missing between two numbers.");
  const whole = plain.replace(/\s/g, "").replace(/(^|\()-/g, "$10-");
  let depth = 0;
  for (const character of whole) {
    depth += Number(character === "(") - Number(character === ")");
    if (depth < 0) return fail("There is a “)” without its “(”.");
  }
  let rest = whole.replace(/[0-9]+/g, "n");
  for (let before = ""; rest !== before; rest = rest.replace(/\(n([-+*]n)*\)/g, "n")) before = rest;
  if (!/^n([-+*]n)*$/.test(rest)) return fail("That is not a whole expression yet, such as (2−9)×3+8.");
  return { tokens: whole.match(/[0-9]+|./g), problem: "" };
}

/** The marks that the network gives to tokens; the mark of a number stands at its end. */
function marksOf(tokens) {
  const symbols = Array.from(` ${tokens.join("")} `, (character) => MARKS.indexOf(character));
  const follow = (next, path) => {
    let at = 0;
    return path.map((symbol) => (at = next[at][symbol]));
  };
  const [before, behind] = [follow(fromLeft, symbols), follow(fromRight, symbols.toReversed()).reverse()];
  let end = 0;
  return tokens.map((token) => {
    end += token.length;
    return Number(marks[before[end]][behind[end]]);
  });
}

/** A step of two numbers, texts, by the tables, with n digits; the plan of long multiplication is given. */
function doStep(sign, a, b, n) {
  const byTable = (sign, one, other) => walk(tables[sign], one, other).answer.padStart(n, "0").slice(-n);
  if (sign !== "*") return withoutZeros(byTable(sign, a.padStart(n, "0"), b.padStart(n, "0")));
  const rows = Array.from(b).reverse().map((digit, place) => byTable("*", a, digit) + "0".repeat(place));
  return withoutZeros(rows.map((row) => row.slice(-n)).reduce((sum, row) => byTable("+", sum, row)));
}

/** Work out an expression: the tokens and marks of each round, and the answer. */
function calculate(tokens) {
  const n = tokens.reduce((sum, token) => sum + (/[0-9]/.test(token) ? token.length : 0), 1); // always enough
  const rounds = [];
  for (;;) {
    const found = marksOf(tokens);
    rounds.push({ tokens, found, n });
    if (!found.some(Boolean)) break;
    const done = tokens.map((token, i) =>
      found[i] === STEP ? doStep(token, tokens[i - 1], tokens[i + 1], n) : token);
    tokens = done.filter((_, i) => found[i] !== BRACKET && found[i - 1] !== STEP && found[i + 1] !== STEP);
  }
  const [value] = tokens;
  return { rounds, answer: isBelow(value, n) ? `−${doStep("-", "0", value, n)}` : withoutZeros(value) };
}

/** Whether a number with n digits stands for one below 0, as on a counter that was turned back. */
const isBelow = (token, n) => token.length === n && token >= "5";

/** A round as it is seen: marked steps are framed, brackets that are not needed any more are struck out. */
function drawRound({ tokens, found, n }) {
  const shown = (token) => (isBelow(token, n) ? token.replace(/^9*(?=9)/, "…") : token)
    .replace("-", "−").replace("*", "×");
  const line = element("p");
  for (let i = 0; i < tokens.length; i++) {
    const step = found[i + 1] === STEP; // a number, the sign that is marked, and a number
    const parts = tokens.slice(i, i + (step ? 3 : 1)).map(shown);
    const className = step ? "step" : found[i] === BRACKET ? "bracket" : "";
    line.append(element("span", { className }, parts.join("")));
    if (step) i += 2;
  }
  return line;
}

/** Draw station 6: the rounds so far, and at the end the answer. */
function drawCalculator(part) {
  const { result: { rounds, answer }, expression, round, playing, problem } = part;
  drawField("calculator-field", part);
  get("calculator-rounds").replaceChildren(...(problem ? [] : rounds.slice(0, round + 1).map(drawRound)));
  get("calculator-play").textContent = playing ? "Pause" : "Play";
  get("calculator-told").textContent = problem || round < rounds.length - 1 ? "" : `${expression} = ${answer}`;
  useless("calculator-play", problem);
  useless("calculator-next", problem || round === rounds.length - 1);
}

let calculatorTimer = 0;

/** Go on round by round. */
function playCalculator() {
  calculatorTimer = setTimeout(() => {
    const { round, result: { rounds } } = state.calculator;
    if (round === rounds.length - 1) return change("calculator", { playing: false });
    change("calculator", { round: round + 1, playing: round + 2 < rounds.length });
    if (state.calculator.playing) playCalculator();
    else announce(get("calculator-told").textContent);
  }, ROUND_TIME);
}

/** What an expression comes to, shown to its end; or its problem. */
function readCalculator(text) {
  clearTimeout(calculatorTimer);
  const { tokens, problem } = readExpression(text);
  if (problem) return { problem, playing: false };
  const result = calculate(tokens);
  return { problem, result, expression: text.trim(), round: result.rounds.length - 1, playing: false };
}

onField("calculator-field", "calculator", readCalculator);
onClick("calculator-play", () => {
  clearTimeout(calculatorTimer);
  const { playing, round, result: { rounds } } = state.calculator;
  change("calculator", { playing: !playing, round: round === rounds.length - 1 ? 0 : round });
  if (!playing) playCalculator();
});
onClick("calculator-next", () => {
  clearTimeout(calculatorTimer);
  change("calculator", { round: state.calculator.round + 1, playing: false });
});
stations.calculator = {
  first: { text: SHOWN, left: false, ...readCalculator(SHOWN) },
  draw: drawCalculator,
  toAddress: ({ expression, round }) => ({ expression, round }),
  fromAddress: (words) => {
    const text = words.get("expression") ?? SHOWN;
    const read = readCalculator(text);
    const part = read.problem ? stations.calculator.first : { text, left: false, ...read };
    return { ...part, round: numberIn(words, "round", 0, part.result.rounds.length - 1) ?? part.round };
  },
};
