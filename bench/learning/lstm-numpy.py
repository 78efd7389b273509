"""A plain LSTM in NumPy that learns one sample at a time: the yardstick of net-speed.

Usage: lstm-numpy.py SAMPLES float64|float32 adam|sgd. One layer of 64 units over 3 steps of 4 inputs, one linear output,
squared error; forward, back-propagation through time and a step of the optimizer per sample. Prints the samples learned
per second of processor time after a warm-up, and NumPy's version; ends with 3 where there is no NumPy.
"""

import sys
import time

try:
    import numpy as np
except ImportError:
    sys.exit(3)

INPUTS, HIDDEN, STEPS, RATE = 4, 64, 3, 0.01


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


class Lstm:
    def __init__(self, rng, dtype, optimizer):
        self.dtype = dtype
        self.parameters = [
            rng.normal(0.0, 0.1, (4 * HIDDEN, INPUTS + HIDDEN)).astype(dtype),
            np.zeros(4 * HIDDEN, dtype),
            rng.normal(0.0, 0.1, HIDDEN).astype(dtype),
            np.zeros(1, dtype),
        ]
        self.means = [np.zeros_like(p) for p in self.parameters]
        self.squares = [np.zeros_like(p) for p in self.parameters]
        self.steps = 0
        self.step = self.adam if optimizer == "adam" else self.sgd

    def sgd(self, gradients):
        for parameter, gradient in zip(self.parameters, gradients):
            parameter -= RATE * gradient

    def adam(self, gradients):
        self.steps += 1
        rate = RATE * np.sqrt(1.0 - 0.999**self.steps) / (1.0 - 0.9**self.steps)
        rate = self.dtype(rate)
        for parameter, gradient, mean, square in zip(self.parameters, gradients, self.means, self.squares):
            mean += 0.1 * (gradient - mean)
            square += 0.001 * (gradient * gradient - square)
            parameter -= rate * mean / (np.sqrt(square) + 1e-8)

    def learn(self, sequence, target):
        w, b, out, bias = self.parameters
        h = np.zeros(HIDDEN, self.dtype)
        c = np.zeros(HIDDEN, self.dtype)
        trace = []
        for x in sequence:
            seen = np.concatenate((x, h))
            z = w @ seen + b
            gates = sigmoid(z)
            i, f, o = gates[:HIDDEN], gates[HIDDEN : 2 * HIDDEN], gates[3 * HIDDEN :]
            g = np.tanh(z[2 * HIDDEN : 3 * HIDDEN])
            before = c
            c = f * before + i * g
            squashed = np.tanh(c)
            h = o * squashed
            trace.append((seen, i, f, g, o, before, squashed))
        error = out @ h + bias - target

        dw = np.zeros_like(w)
        db = np.zeros_like(b)
        dh = error * out
        dc = np.zeros(HIDDEN, self.dtype)
        for seen, i, f, g, o, before, squashed in reversed(trace):
            dc = dc + dh * o * (1.0 - squashed**2)
            dz = np.concatenate(
                (
                    dc * g * i * (1.0 - i),
                    dc * before * f * (1.0 - f),
                    dc * i * (1.0 - g**2),
                    dh * squashed * o * (1.0 - o),
                )
            )
            dw += np.outer(dz, seen)
            db += dz
            dh = (w.T @ dz)[INPUTS:]
            dc = dc * f
        self.step((dw, db, error * h, error))


def main(samples, dtype, optimizer):
    rng = np.random.default_rng(1)
    lstm = Lstm(rng, dtype, optimizer)
    sequences = rng.normal(0.0, 1.0, (samples, STEPS, INPUTS)).astype(dtype)
    targets = sequences[:, 0, 0]
    for n in range(min(samples, 200)):
        lstm.learn(sequences[n], targets[n])
    begin = time.process_time()
    for sequence, target in zip(sequences, targets):
        lstm.learn(sequence, target)
    print(samples / (time.process_time() - begin), np.__version__)


main(int(sys.argv[1]), {"float32": np.float32, "float64": np.float64}[sys.argv[2]], sys.argv[3])
