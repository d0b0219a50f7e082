// What every training is made of: numbers by chance, and products of matrices. Matrices are arrays, row by row.
"use strict";

const range = (n) => Array.from({ length: n }, (_, i) => i);
const zeros = (n) => new Float32Array(n);
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/** A generator of numbers from 0 to 1, always the same ones for a seed (mulberry32). */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

// ---- Products: nearly all the time of a training. Four rows at a time take a third of the time of one. --------

/** sums (rows x columns) += inputs (rows x n) times weights (n x columns). */
function addProduct(sums, inputs, weights, n, columns) {
  for (let to = 0, from = 0; to < sums.length; to += columns, from += n) {
    let i = 0;
    for (; i + 3 < n; i += 4) {
      const [a, b, c, d] = [inputs[from + i], inputs[from + i + 1], inputs[from + i + 2], inputs[from + i + 3]];
      if (a === 0 && b === 0 && c === 0 && d === 0) continue; // as in most parts of a one-hot vector
      for (let j = 0, at = i * columns; j < columns; j++, at++) {
        sums[to + j] += a * weights[at] + b * weights[at + columns] +
          c * weights[at + 2 * columns] + d * weights[at + 3 * columns];
      }
    }
    for (; i < n; i++) {
      for (let j = 0; j < columns; j++) sums[to + j] += inputs[from + i] * weights[i * columns + j];
    }
  }
  return sums;
}

/** The gradients of the inputs (rows x n) of such a product, from those of its sums (rows x columns). */
function backProduct(slopes, weights, n, columns) {
  const found = zeros((slopes.length / columns) * n);
  for (let from = 0, to = 0; from < slopes.length; from += columns, to += n) {
    let i = 0;
    for (; i + 3 < n; i += 4) {
      let [a, b, c, d] = [0, 0, 0, 0];
      for (let j = 0, at = i * columns; j < columns; j++, at++) {
        const slope = slopes[from + j];
        a += slope * weights[at];
        b += slope * weights[at + columns];
        c += slope * weights[at + 2 * columns];
        d += slope * weights[at + 3 * columns];
      }
      found.set([a, b, c, d], to + i);
    }
    for (; i < n; i++) {
      for (let j = 0; j < columns; j++) found[to + i] += slopes[from + j] * weights[i * columns + j];
    }
  }
  return found;
}

/** Add to the gradient of the weights (n x columns) of such a product what these inputs and slopes give. */
function addGradient(gradient, inputs, slopes, n, columns) {
  const rows = slopes.length / columns;
  let row = 0;
  for (; row + 3 < rows; row += 4) {
    for (let i = 0, from = row * n; i < n; i++, from++) {
      const [a, b, c, d] = [inputs[from], inputs[from + n], inputs[from + 2 * n], inputs[from + 3 * n]];
      if (a === 0 && b === 0 && c === 0 && d === 0) continue;
      for (let j = 0, at = row * columns; j < columns; j++, at++) {
        gradient[i * columns + j] += a * slopes[at] + b * slopes[at + columns] +
          c * slopes[at + 2 * columns] + d * slopes[at + 3 * columns];
      }
    }
  }
  for (; row < rows; row++) {
    for (let i = 0; i < n; i++) {
      const input = inputs[row * n + i];
      for (let j = 0; j < columns; j++) gradient[i * columns + j] += input * slopes[row * columns + j];
    }
  }
}

/** Add rows to the gradient of a bias. */
function addRows(gradient, slopes) {
  for (let i = 0; i < slopes.length; i++) gradient[i % gradient.length] += slopes[i];
}

/** A bias, repeated for each of n rows. */
function repeated(bias, n) {
  const rows = zeros(n * bias.length);
  for (let row = 0; row < n; row++) rows.set(bias, row * bias.length);
  return rows;
}
