// The trainings that the page shows. Each yields, again and again, what there is to show. What is drawn by chance comes
// from a seed: the same settings give the same training.
"use strict";

const below = (n, random) => Math.floor(n * random()); // a whole number from 0 to n - 1
const reversed = (text) => Array.from(text).reverse().join("");

/** All pairs of numbers from 1 to `largest`, row by row: pair i is a = 1 + i / largest, b = 1 + i % largest. */
const allPairs = (largest) => range(largest ** 2).map((i) => [1 + Math.floor(i / largest), 1 + (i % largest)]);

/** How a sum of numbers up to `largest` is written: as in the tutorial, or padded, and then all of it reversed. */
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

/** Hide pairs by chance, at least n of them. */
function hideSome(n, largest, random) {
  const hidden = Array(largest ** 2).fill(false);
  for (let left = n; left > 0;) {
    const [a, b] = [below(largest, random), below(largest, random)];
    const [here, twin] = [a * largest + b, b * largest + a];
    if (hidden[here]) continue;
    hidden[here] = hidden[twin] = true;
    left -= here === twin ? 1 : 2;
  }
  return hidden;
}

/** The learning rate at an update, if it falls from `rate` to 0 along a cosine: Keras's CosineDecay. */
const falling = (rate, update, updates) => (rate * (1 + Math.cos((Math.PI * update) / updates))) / 2;

/** Train a network on the pairs that are not hidden. Yields its answers to those asked after every so many updates. */
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
