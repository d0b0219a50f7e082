// How networks start and learn, as in Keras: first weights, Adam, linear layers, the adder with three weights.
"use strict";

// ---- First weights, as Keras draws them: not the same numbers, but the same distributions ---------------------

/** Glorot's: uniform, the wider the fewer units there are on both sides. */
function drawKernel(rows, columns, random) {
  const limit = Math.sqrt(6 / (rows + columns));
  return zeros(rows * columns).map(() => limit * (2 * random() - 1));
}

/** Rows at right angles to each other and of length 1 (Gram and Schmidt), from normal numbers. */
function drawOrthogonal(rows, columns, random) {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const product = (one, other) => one.reduce((sum, value, i) => sum + value * other[i], 0);
  const found = [];
  for (let i = 0; i < rows; i++) {
    let row = range(columns).map(normal);
    for (const other of found) {
      const share = product(row, other);
      row = row.map((value, j) => value - share * other[j]);
    }
    const length = Math.sqrt(product(row, row));
    found.push(row.map((value) => value / length));
  }
  return Float32Array.from(found.flat());
}

/** The first weights of an LSTM: kernel, recurrent kernel, and a bias of 1 for the gate that keeps, else 0. */
function drawLstm(n, units, random) {
  const bias = zeros(4 * units).fill(1, units, 2 * units);
  return [drawKernel(n, 4 * units, random), drawOrthogonal(units, 4 * units, random), bias];
}

/** A network that reads and writes text, untrained. The article's units: [100, 50]. */
function drawTextNetwork(units, random) {
  const encoder = drawLstm(N_CHARACTERS, units[0], random);
  const decoder = drawLstm(units[0], units[1], random);
  const last = [drawKernel(units[1], N_CHARACTERS, random), zeros(N_CHARACTERS)];
  return { units, weights: [...encoder, ...decoder, ...last] };
}

// ---- Adam, as Keras has it ------------------------------------------------------------------------------------

const [FIRST_DECAY, SECOND_DECAY, EPSILON] = [0.9, 0.999, 1e-7];

/** A function that changes weights, a list of arrays, by their gradients and a learning rate. */
function adam(weights) {
  const firsts = weights.map((array) => zeros(array.length)); // running means of gradients
  const seconds = weights.map((array) => zeros(array.length)); // and of their squares
  let n = 0;
  return (gradients, rate) => {
    n += 1;
    const size = (rate * Math.sqrt(1 - SECOND_DECAY ** n)) / (1 - FIRST_DECAY ** n);
    weights.forEach((array, k) => {
      const [gradient, first, second] = [gradients[k], firsts[k], seconds[k]];
      for (let i = 0; i < array.length; i++) {
        first[i] += (1 - FIRST_DECAY) * (gradient[i] - first[i]);
        second[i] += (1 - SECOND_DECAY) * (gradient[i] * gradient[i] - second[i]);
        array[i] -= (size * first[i]) / (Math.sqrt(second[i]) + EPSILON);
      }
    });
  };
}

// ---- The article's linear layers ------------------------------------------------------------------------------

const MLP_UNITS = [2, 4, 2, 1];

/** The article's MLP, untrained: kernels and biases of three layers. */
function drawMlp(random) {
  const kernels = range(3).map((layer) => drawKernel(MLP_UNITS[layer], MLP_UNITS[layer + 1], random));
  return { weights: kernels.flatMap((kernel, layer) => [kernel, zeros(MLP_UNITS[layer + 1])]) };
}

/** The outputs of each layer, the inputs first: arrays (rows x units). */
function readNumbers({ weights }, inputs) {
  const outputs = [inputs];
  for (let layer = 0; layer < 3; layer++) {
    const [n, columns] = MLP_UNITS.slice(layer, layer + 2);
    const biases = repeated(weights[2 * layer + 1], inputs.length / MLP_UNITS[0]);
    outputs.push(addProduct(biases, outputs[layer], weights[2 * layer], n, columns));
  }
  return outputs;
}

/** The mean squared error of a batch, arrays of inputs (rows x 2) and right outputs (rows), and its gradients. */
function numberGradients(network, [inputs, right]) {
  const outputs = readNumbers(network, inputs);
  const errors = outputs[3].map((output, row) => output - right[row]);
  const gradients = network.weights.map((array) => zeros(array.length));
  let slopes = errors.map((error) => (2 * error) / errors.length);
  for (let layer = 2; layer >= 0; layer--) {
    const [n, columns] = MLP_UNITS.slice(layer, layer + 2);
    addGradient(gradients[2 * layer], outputs[layer], slopes, n, columns);
    addRows(gradients[2 * layer + 1], slopes);
    slopes = backProduct(slopes, network.weights[2 * layer], n, columns);
  }
  return { loss: errors.reduce((sum, error) => sum + error * error, 0) / errors.length, gradients };
}

// ---- The adder with three weights -----------------------------------------------------------------------------

/** The adder's mean squared error and gradients. sums: lists of columns [a, b, digit], each number less 4.5. */
function adderGradients({ weights: [[u, v, w]] }, sums) {
  const gradient = zeros(3);
  let [squares, n] = [0, 0];
  for (const columns of sums) n += columns.length;
  for (const columns of sums) {
    const steps = [];
    let state = 0;
    for (const [a, b, digit] of columns) {
      const z = u * (a + b) + v * state;
      const next = Math.tanh(z);
      const error = (z + w * next) / 4 - digit;
      steps.push({ both: a + b, before: state, next, error });
      squares += error * error;
      state = next;
    }
    let ofNext = 0; // what reaches a state from the columns behind it
    for (const { both, before, next, error } of steps.reverse()) {
      const ofAnswer = error / (2 * n);
      const ofZ = ofAnswer + (ofNext + w * ofAnswer) * (1 - next * next);
      gradient[0] += ofZ * both;
      gradient[1] += ofZ * before;
      gradient[2] += ofAnswer * next;
      ofNext = ofZ * v;
    }
  }
  return { loss: squares / n, gradients: [gradient] };
}
