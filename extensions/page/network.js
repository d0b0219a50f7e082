// The article's network that reads and writes text, and its gradients, written by hand.
// A network is { units, weights }: `weights` are arrays in the order of Keras's get_weights().
"use strict";

const ALPHABET = "0123456789+ ";
const N_CHARACTERS = ALPHABET.length;

// ---- Keras's LSTM ---------------------------------------------------------------------------------------------

/** Let an LSTM read inputs, a list of arrays (rows x n). Returns its steps, each with the state after it. */
function readLstm(inputs, n, [kernel, recurrent, bias], rows) {
  const units = bias.length / 4;
  let before = { state: zeros(rows * units), cell: zeros(rows * units) };
  return inputs.map((input) => {
    const gates = addProduct(repeated(bias, rows), input, kernel, n, 4 * units);
    addProduct(gates, before.state, recurrent, units, 4 * units);
    const step = { input, gates, before, state: zeros(rows * units), cell: zeros(rows * units) };
    for (let here = 0; here < rows * units; here++) {
      const at = here + 3 * units * Math.floor(here / units); // the four gates of a row stand one after another
      const letIn = (gates[at] = sigmoid(gates[at]));
      const keep = (gates[at + units] = sigmoid(gates[at + units]));
      const fresh = (gates[at + 2 * units] = Math.tanh(gates[at + 2 * units]));
      const show = (gates[at + 3 * units] = sigmoid(gates[at + 3 * units]));
      step.cell[here] = keep * before.cell[here] + letIn * fresh;
      step.state[here] = show * Math.tanh(step.cell[here]);
    }
    before = step;
    return step;
  });
}

/** Add to the gradients of an LSTM's weights. slopes: of each step's state. Returns those of the inputs. */
function backLstm(steps, n, [kernel, recurrent], slopes, [ofKernel, ofRecurrent, ofBias]) {
  const units = ofBias.length / 4;
  const found = [];
  let later = { state: zeros(slopes[0].length), cell: zeros(slopes[0].length) }; // slopes from the steps behind
  for (let k = steps.length - 1; k >= 0; k--) {
    const { input, gates, before, cell } = steps[k];
    const [ofGates, ofCell] = [zeros(gates.length), zeros(cell.length)];
    for (let here = 0; here < cell.length; here++) {
      const at = here + 3 * units * Math.floor(here / units);
      const [letIn, keep] = [gates[at], gates[at + units]];
      const [fresh, show] = [gates[at + 2 * units], gates[at + 3 * units]];
      const [shown, ofState] = [Math.tanh(cell[here]), slopes[k][here] + later.state[here]];
      const slope = later.cell[here] + ofState * show * (1 - shown * shown);
      ofGates[at] = slope * fresh * letIn * (1 - letIn);
      ofGates[at + units] = slope * before.cell[here] * keep * (1 - keep);
      ofGates[at + 2 * units] = slope * letIn * (1 - fresh * fresh);
      ofGates[at + 3 * units] = ofState * shown * show * (1 - show);
      ofCell[here] = slope * keep;
    }
    addGradient(ofKernel, input, ofGates, n, 4 * units);
    if (k) addGradient(ofRecurrent, before.state, ofGates, units, 4 * units); // before the first, it is zero
    addRows(ofBias, ofGates);
    found[k] = backProduct(ofGates, kernel, n, 4 * units);
    if (k) later = { state: backProduct(ofGates, recurrent, units, 4 * units), cell: ofCell };
  }
  return found;
}

// ---- The article's encoder-decoder ----------------------------------------------------------------------------

/** Texts of one length as one-hot characters: for each place an array (texts x characters). */
function oneHot(texts) {
  return range(texts[0].length).map((place) => {
    const rows = zeros(texts.length * N_CHARACTERS);
    texts.forEach((text, row) => (rows[row * N_CHARACTERS + ALPHABET.indexOf(text[place])] = 1));
    return rows;
  });
}

/** Turn sums (rows x columns) into probabilities, in place. */
function softmax(sums, columns) {
  for (let at = 0; at < sums.length; at += columns) {
    const row = sums.subarray(at, at + columns);
    const largest = Math.max(...row);
    let total = 0;
    for (let j = 0; j < columns; j++) total += row[j] = Math.exp(row[j] - largest);
    for (let j = 0; j < columns; j++) row[j] /= total;
  }
  return sums;
}

/** Let a network read texts. Returns the steps, and for nOut characters probabilities (texts x characters). */
function readTexts({ units: [units, unitsOut], weights }, texts, nOut) {
  const [kernel, bias] = weights.slice(6);
  const encoder = readLstm(oneHot(texts), N_CHARACTERS, weights.slice(0, 3), texts.length);
  const whole = Array(nOut).fill(encoder.at(-1).state); // RepeatVector
  const decoder = readLstm(whole, units, weights.slice(3, 6), texts.length);
  const probabilities = decoder.map(({ state }) => softmax(
    addProduct(repeated(bias, texts.length), state, kernel, unitsOut, N_CHARACTERS), N_CHARACTERS));
  return { encoder, decoder, probabilities };
}

/** What a network writes to texts: the likeliest character at each step. */
function answersTo(network, texts, nOut) {
  const { probabilities } = readTexts(network, texts, nOut);
  return texts.map((_, row) => probabilities.map((rows) => {
    const here = rows.subarray(row * N_CHARACTERS, (row + 1) * N_CHARACTERS);
    return ALPHABET[here.indexOf(Math.max(...here))];
  }).join(""));
}

/** The cross-entropy of a batch of texts and right answers, and the gradient of each array of weights. */
function textGradients(network, [texts, answers]) {
  const { units: [units, unitsOut], weights } = network;
  const gradients = weights.map((array) => zeros(array.length));
  const { encoder, decoder, probabilities } = readTexts(network, texts, answers[0].length);
  const right = oneHot(answers);
  const share = 1 / (texts.length * answers[0].length);
  let loss = 0;
  const slopes = probabilities.map((rows, step) => {
    const ofSums = rows.map((probability, i) => share * (probability - right[step][i]));
    rows.forEach((probability, i) => (loss -= right[step][i] && share * Math.log(probability)));
    addGradient(gradients[6], decoder[step].state, ofSums, unitsOut, N_CHARACTERS);
    addRows(gradients[7], ofSums);
    return backProduct(ofSums, weights[6], unitsOut, N_CHARACTERS);
  });
  const ofWhole = backLstm(decoder, units, weights.slice(3, 6), slopes, gradients.slice(3, 6));
  const ofLast = zeros(texts.length * units);
  for (const some of ofWhole) some.forEach((slope, i) => (ofLast[i] += slope));
  const ofStates = encoder.map((_, k) => (k === encoder.length - 1 ? ofLast : zeros(ofLast.length)));
  backLstm(encoder, N_CHARACTERS, weights.slice(0, 3), ofStates, gradients.slice(0, 3));
  return { loss, gradients };
}
