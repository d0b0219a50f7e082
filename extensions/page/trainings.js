// The trainings that the page shows. Each yields, again and again, what there is to show. What is drawn by chance
// comes from a seed: the same settings give the same training.
"use strict";

const below = (n, random) => Math.floor(n * random()); // a whole number from 0 to n - 1
const reversed = (text) => Array.from(text).reverse().join("");

/** All pairs of numbers from 1 to `largest`, row by row: pair i is a = 1 + i / largest, b = 1 + i % largest. */
const allPairs = (largest) => range(largest ** 2).map((i) => [1 + Math.floor(i / largest), 1 + (i % largest)]);

/** How a sum of numbers up to `largest` is written: as in the tutorial, or padded, and then reversed. */
function write([a, b], largest, unitsFirst) {
  const width = String(largest).length;
  const answer = String(a + b).padStart(String(2 * largest).length);
  if (!unitsFirst) return [`${a}+${b}`.padStart(2 * width + 1), answer];
  return [reversed(`${String(a).padStart(width)}+${String(b).padStart(width)}`), reversed(answer)];
}

/** Which pairs are hidden if these are, each an a and b: in both orders. Returns an array of true and false. */
function hide(pairs, largest) {
  const hidden = Array(largest ** 2).fill(false);
  for (const [a, b] of pairs) hidden[(a - 1) * largest + b - 1] = hidden[(b - 1) * largest + a - 1] = true;
  return hidden;
}

/** Hide n pairs by chance. */
function hideSome(n, largest, random) {
  const hidden = Array(largest ** 2).fill(false);
  for (let left = n; left > 0;) {
    const [a, b] = [below(largest, random), below(largest, random)];
    const [here, twin] = [a * largest + b, b * largest + a];
    if (hidden[here] || (left === 1 && here !== twin)) continue;
    hidden[here] = hidden[twin] = true;
    left -= here === twin ? 1 : 2;
  }
  return hidden;
}

/** The learning rate at an update, if it falls from `rate` to 0 along a cosine: Keras's CosineDecay. */
const falling = (rate, update, updates) => (rate * (1 + Math.cos((Math.PI * update) / updates))) / 2;

/** Train a network on the pairs that are not hidden. Yields its answers to those asked, every so many updates. */
function* trainText({ largest, hidden, asked, unitsFirst, units, batch, rate, falls, updates, every, seed }) {
  const random = generator(seed);
  const network = drawTextNetwork(units, random);
  const improve = adam(network.weights);
  const written = allPairs(largest).map((pair) => write(pair, largest, unitsFirst));
  const practised = written.filter((_, i) => !hidden[i]);
  const texts = asked.map((i) => written[i][0]);
  for (let update = 0; ; update++) {
    if (update % every === 0) yield { update, answers: answersTo(network, texts, written[0][1].length), network };
    if (update === updates) return;
    const drawn = range(batch).map(() => practised[below(practised.length, random)]);
    const columns = [0, 1].map((part) => drawn.map((one) => one[part])); // texts, answers
    const now = falls ? falling(rate, update, updates) : rate;
    improve(textGradients(network, columns).gradients, now);
  }
}

// ---- The adder with three weights -----------------------------------------------------------------------------

/** A sum of nDigits digits to practise, many with long carries: columns [a, b, digit], less 4.5 each. */
function drawSum(nDigits, random) {
  const nines = random(); // the share of columns in which a carry goes on
  let carry = 0;
  const digits = [[0, 0], ...range(nDigits).map(() => {
    const a = below(10, random);
    return [a, random() < nines ? 9 - a : below(10, random)];
  }), [0, 0]];
  return digits.map(([a, b]) => {
    const total = a + b + carry;
    carry = Number(total > 9);
    return [a - 4.5, b - 4.5, (total % 10) - 4.5];
  });
}

/** Train the three weights from nearly 0. Yields them after every update. */
function* trainThree({ batch, rate, updates, nDigits, seed }) {
  const random = generator(seed);
  const weights = [zeros(3).map(() => 0.01 * (2 * random() - 1))];
  const improve = adam(weights);
  for (let update = 0; update <= updates; update++) {
    yield { update, weights: Array.from(weights[0]) };
    const sums = range(batch).map(() => drawSum(nDigits, random));
    improve(adderGradients({ weights }, sums).gradients, falling(rate, update, updates));
  }
}

// ---- The article's MLP, from a thousand starts ----------------------------------------------------------------

const MLP = { updates: 2500, batch: 2, largest: 100, rate: 0.001, nTest: 100 };

/** The two weights that linear layers put on their two terms, multiplied out. */
function multipliedOut({ weights }) {
  const output = (inputs) => readNumbers({ weights }, Float32Array.from(inputs))[3][0];
  const nothing = output([0, 0]); // the biases
  return [output([1, 0]) - nothing, output([0, 1]) - nothing];
}

/** Train from a start, its first layer's sign turned or not. Returns the mean weight, and the RMSE at the end. */
function trainStart(seed, turned) {
  const random = generator(seed);
  const network = drawMlp(random);
  if (turned) network.weights[0] = network.weights[0].map((weight) => -weight);
  const [first, second] = multipliedOut(network);
  const improve = adam(network.weights);
  const draw = (n) => zeros(2 * n).map(() => (1 + below(MLP.largest, random)) / (2 * MLP.largest));
  const sums = (inputs) => range(inputs.length / 2).map((row) => inputs[2 * row] + inputs[2 * row + 1]);
  for (let update = 0; update < MLP.updates; update++) {
    const inputs = draw(MLP.batch);
    improve(numberGradients(network, [inputs, sums(inputs)]).gradients, MLP.rate);
  }
  const inputs = draw(MLP.nTest);
  const whole = (share) => Math.round(2 * MLP.largest * share);
  const expected = sums(inputs);
  const errors = Array.from(readNumbers(network, inputs)[3], (answer, i) => whole(answer) - whole(expected[i]));
  return { seed, turned, start: (first + second) / 2, rmse: Math.hypot(...errors) / Math.sqrt(errors.length) };
}

/** Train from many starts. Yields some at a time. */
function* trainStarts({ first, n, atOnce }) {
  for (let i = 0; i < n; i += atOnce) yield range(atOnce).map((k) => trainStart(first + i + k, false));
}
