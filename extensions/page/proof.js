// Station 3, the proof: everything that a table can meet is tried, breadth first, so short problems come first.
"use strict";

const DIGITS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]; // 0 comes last, so that a problem that is found begins with no 0
const named = (code) => (code === BLANK ? "a blank" : `“${CHARACTERS[code]}”`);

/** Where the fingers must start on a problem with so many digits: in the first number, and in the second. */
const rightPlaces = (sign, nA, nB) => [sign === "/" ? 1 : nA, 1 + nA + nB];

/** Try where the fingers start. Three digits show every window that longer numbers have. */
function tryStarts(table) {
  const secondLengths = OPERATIONS[table.sign].seconds ? [1] : [1, 2, 3];
  const shapes = [1, 2, 3].flatMap((nA) => secondLengths.map((nB) => [nA, nB]));
  return shapes.map(([nA, nB]) => {
    const text = ` ${"5".repeat(nA)}${table.sign}${"5".repeat(nB)}=`;
    const places = startPlaces(table, Array.from(text, (character) => CHARACTERS.indexOf(character)));
    const [inA, inB] = rightPlaces(table.sign, nA, nB);
    const right = places.includes(inA) && places.includes(inB);
    const told = `“${text.replaceAll("5", "·")}”: fingers start at ${places[0]} and ${places[1]}`;
    return { right, order: Number(places[0] === inB), text: told };
  });
}

/** How the fingers in both numbers move from the characters they read there. order: 1 if the first reads b. */
function movesFrom(table, order, x, y) {
  const [first, second] = order ? [y, x] : [x, y];
  const seen = N_KINDS * KINDS[first] + KINDS[second];
  return [order, 1 - order].map((finger) => table.moves[N_KINDS ** 2 * finger + seen]);
}

/** Try how the fingers move, for each pair of kinds that they can meet while there is something to read. */
function tryMoves(table, order) {
  const { seconds } = OPERATIONS[table.sign];
  const [digit, sign] = [1, CHARACTERS.indexOf(table.sign)];
  const met = [[digit, digit]];
  if (!seconds) met.push([digit, sign]);
  if (table.sign === "+") met.push([BLANK, digit]);
  return met.map(([x, y]) => {
    const [moveX, moveY] = movesFrom(table, order, x, y);
    const rightX = x === BLANK ? [-1, 0] : table.sign === "/" ? [1] : [-1]; // left of the blank is nothing
    const rightY = y === digit && !seconds ? -1 : 0;
    const kind = (code) => (code === digit ? "a digit" : named(code));
    const told = [moveX, moveY].map((move) => ["goes left", "stays", "goes right"][move + 1]);
    const text = `${kind(x)} and ${kind(y)}: one finger ${told[0]}, the other ${told[1]}`;
    return { right: rightX.includes(moveX) && moveY === rightY, text };
  });
}

/** What is read after the last carry was written, wherever the fingers are then: pairs at which it must end. */
function casesAtEnd(table, order, { second }) {
  const { seconds } = OPERATIONS[table.sign];
  const sign = CHARACTERS.indexOf(table.sign);
  const [moveX, moveY] = movesFrom(table, order, BLANK, seconds ? 1 : sign);
  const firsts = moveX > 0 ? DIGITS : [BLANK];
  const others = seconds ? [[sign, second, EQUALS][moveY + 1]] : moveY ? DIGITS : [sign];
  return firsts.flatMap((x) => others.map((y) => ({ x, y, writes: BLANK, then: null })));
}

/** What is asked where so much is kept: pairs of characters, what to write, what is kept then (null: the end). */
function casesAfter(table, order, kept) {
  const { sign } = table;
  const { seconds } = OPERATIONS[sign];
  if (kept.endedA && (kept.endedB || seconds)) return casesAtEnd(table, order, kept);
  const signCode = CHARACTERS.indexOf(sign);
  const end = sign === "/" ? signCode : BLANK; // what is read behind the last digit of the first number
  let firsts = kept.endedA ? [end] : [...DIGITS, end];
  let others = kept.endedB ? [signCode] : [...DIGITS, signCode];
  if (kept.begins) [firsts, others] = [DIGITS, DIGITS]; // each number has a digit
  if (seconds) others = kept.second === null ? seconds : [kept.second];
  const cases = [];
  for (const [x, y] of firsts.flatMap((x) => others.map((y) => [x, y]))) {
    const allRead = x === end && (seconds || y === signCode);
    if (allRead && (sign === "/" || kept.carry === 0)) cases.push({ x, y, writes: BLANK, then: null });
    else if (x !== end || sign !== "-") {
      const [writes, carry] = childSteps[sign](x < 10 ? x : 0, y < 10 ? y : 0, kept.carry);
      const then = { carry, second: seconds ? y : null, endedA: x === end, endedB: y === signCode };
      cases.push({ x, y, writes, then });
    }
  }
  return cases;
}

/** The shortest problem in which these pairs of characters are read, in the order in which they are. */
function problemOf(sign, pairs) {
  let [a, b] = [0, 1].map((number) => pairs.map((pair) => pair[number]).filter((code) => code < 10));
  if (sign !== "/") [a, b] = [a.reverse(), b.reverse()];
  const [first, second] = [a.join(""), OPERATIONS[sign].seconds ? String(b.at(-1)) : b.join("")];
  return [sign === "-" && BigInt(first) < BigInt(second) ? `1${first}` : first, second];
}

/** Try every case of a table. Returns them, what each state keeps, and a problem that goes wrong, or null. */
function prove(table) {
  const starts = tryStarts(table);
  const orders = [...new Set(starts.map(({ order }) => order))];
  const moves = orders.flatMap((order) => tryMoves(table, order));
  const found = { starts, moves, states: [], keeps: new Map(), wrong: null };
  for (const order of orders) if (!found.wrong) tryStates(table, order, found);
  const all = [...starts, ...moves, ...found.states];
  return { ...found, sign: table.sign, all, holds: all.every(({ right }) => right) };
}

/** Try every pair of characters in every state that can be reached; add to what was found. */
function tryStates(table, order, found) {
  const nothing = { begins: true, carry: 0, second: null, endedA: false, endedB: false };
  const queue = [{ state: 0, kept: nothing, path: [] }];
  const reached = new Set();
  for (const { state, kept, path } of queue) {
    for (const { x, y, writes, then } of casesAfter(table, order, kept)) {
      const entry = 256 * state + (order ? 16 * y + x : 16 * x + y);
      const [output, next, pairs] = [table.output[entry], table.next[entry], [...path, [x, y]]];
      const right = output === writes;
      const text = `state ${state}, reads ${named(x)} and ${named(y)}, writes ${named(output)}` +
        (then ? `, then state ${next}` : "");
      found.states.push({ right, entry, text });
      if (!right) {
        found.wrong = problemOf(table.sign, pairs);
        return;
      }
      if (!then) continue;
      if (!found.keeps.has(next)) found.keeps.set(next, new Map());
      found.keeps.get(next).set(`${then.second},${then.carry}`, then);
      const key = `${next} ${Object.values(then)}`;
      if (reached.has(key)) continue;
      reached.add(key);
      queue.push({ state: next, kept: then, path: pairs });
    }
  }
}
