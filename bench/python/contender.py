"""The process of PyTorch: does what standard input asks, one line of JSON a request, and replies, as process.ts does.

Usage: python3 contender.py THREADS
"""

import json
import math
import re
import struct
import sys
import time

REPLY_MARK = "@reply "
STREAMED_STEPS = 3
SETTLING_RUNS = 5
SAMPLE_MILLISECONDS = 1


def reply(message):
    sys.stdout.write(REPLY_MARK + json.dumps(message) + "\n")
    sys.stdout.flush()


try:
    import torch
except Exception as error:
    reply({"error": str(error).splitlines()[0]})
    sys.exit(0)

from cells import CELLS, loop
from translator import Decoding, Update


def reference_blas():
    """The path of the reference BLAS, where PyTorch's products come from it: slow enough to flatter who is compared with it."""
    try:
        with open("/proc/self/maps") as file:
            paths = {line.split()[-1] for line in file if "/libblas.so" in line}
    except OSError:
        return None
    return next((path for path in sorted(paths) if not re.search("openblas|mkl|blis|atlas", path)), None)


MODULES = {
    "lstm": torch.nn.LSTM,
    "gru": torch.nn.GRU,
    "rnn": torch.nn.RNN,
    "lstm-two-layers": lambda i, h: torch.nn.LSTM(i, h, num_layers=2),
    "lstm-bidirectional": lambda i, h: torch.nn.LSTM(i, h, bidirectional=True),
}
STEPS = {"lstm": torch.nn.LSTMCell, "gru": torch.nn.GRUCell, "rnn": torch.nn.RNNCell}


def parameter(name):
    """The module's name of a weight: that of a single layer stands without its number in the file."""
    return name if "_l" in name else name + "_l0"


def read_arrays(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        body = bytearray(file.read())
    arrays = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            flat = torch.frombuffer(body, dtype=torch.float32, count=(end - begin) // 4, offset=begin)
            arrays[name] = flat.reshape(entry["shape"]).clone()
    return arrays


def fingerprint(tensor):
    flat = tensor.detach().double().reshape(-1)
    weights = torch.cos(torch.arange(flat.numel(), dtype=torch.float64))
    return {"norm": math.sqrt(float(flat.square().sum())), "projection": float((flat * weights).sum())}


class Sequence:
    """A training step, or the outputs alone: torch.nn's own module where there is one, else the cell looped by hand."""

    def __init__(self, task, arrays):
        self.training = task["kind"] != "forward"
        self.weights = {name: array for name, array in arrays.items() if name != "x"}
        self.x = arrays["x"].requires_grad_(self.training)
        model = task["model"]
        if model in MODULES:
            self.module = MODULES[model](task["size"]["I"], task["size"]["H"])
            with torch.no_grad():
                for name, array in self.weights.items():
                    getattr(self.module, parameter(name)).copy_(array)
            self.weights = {name: getattr(self.module, parameter(name)) for name in self.weights}
        else:
            for weight in self.weights.values():
                weight.requires_grad_(self.training)
            self.module = None
            self.cell = CELLS[model]
            self.hidden = task["size"]["H"]

    def outputs(self):
        if self.module is not None:
            return self.module(self.x)[0]
        return loop(*self.cell, self.weights, self.x, self.hidden)

    def run(self):
        if not self.training:
            with torch.inference_mode():
                return {"output": self.outputs()}
        tensors = {"x": self.x, **self.weights}
        for tensor in tensors.values():
            tensor.grad = None
        loss = 0.5 * self.outputs().square().sum()
        loss.backward()
        return {"loss": loss, **{name: tensor.grad for name, tensor in tensors.items()}}

    results = run


class Streaming:
    """One step of one row at a time: torch.nn's module of a single step."""

    def __init__(self, task, arrays):
        self.step = STEPS[task["model"]](task["size"]["I"], task["size"]["H"])
        self.hidden = task["size"]["H"]
        with torch.no_grad():
            for name, array in arrays.items():
                if name != "x":
                    getattr(self.step, name).copy_(array)
        self.x = arrays["x"][0]
        self.reset()

    def reset(self):
        zeros = torch.zeros(1, self.hidden)
        self.state = (zeros, zeros) if isinstance(self.step, torch.nn.LSTMCell) else zeros

    def run(self):
        with torch.inference_mode():
            self.state = self.step(self.x, self.state)

    def results(self):
        self.reset()
        for _ in range(STREAMED_STEPS):
            self.run()
        return {"output": self.state[0] if isinstance(self.state, tuple) else self.state}


def process_bytes(name):
    try:
        with open("/proc/self/status") as file:
            return 1024 * int(re.search(name + r":\s+(\d+) kB", file.read()).group(1))
    except OSError:
        return None


def reset_peak():
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        return None
    return process_bytes("VmRSS")


def prepare(task, path):
    arrays = read_arrays(path)
    before = reset_peak() if task["kind"] == "memory" else None
    start = time.perf_counter()
    kinds = {"streaming": Streaming, "update": Update, "decoding": Decoding}
    prepared = kinds.get(task["kind"], Sequence)(task, arrays)
    prepared.run()
    first = 1e3 * (time.perf_counter() - start)
    peak = None
    if before is not None:
        for _ in range(SETTLING_RUNS - 1):
            prepared.run()
        peak = process_bytes("VmHWM") - before
    results = {name: fingerprint(tensor) for name, tensor in prepared.results().items()}
    return prepared, {"first": first, "results": results, "peak": peak}


def measure(prepared, milliseconds, least, most):
    times = []
    spent = 0.0
    runs = 1
    while spent < most and (spent < milliseconds or len(times) < least):
        start = time.perf_counter()
        for _ in range(runs):
            prepared.run()
        taken = 1e3 * (time.perf_counter() - start)
        times.append(taken / runs)
        spent += taken
        if taken < SAMPLE_MILLISECONDS:
            runs = math.ceil(runs * SAMPLE_MILLISECONDS / max(taken, 0.01))
    return {"times": times}


def main():
    reference = reference_blas()
    if reference:
        reply({"error": f"its products come from the reference BLAS, {reference}: install OpenBLAS"})
        return
    torch.set_num_threads(int(sys.argv[1]))
    reply({"version": torch.__version__})
    prepared = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["do"] == "prepare":
                prepared, preparation = prepare(request["task"], request["arrays"])
                reply(preparation)
            else:
                reply(measure(prepared, request["milliseconds"], request["runs"], request["most"]))
        except Exception as error:
            reply({"error": (str(error).splitlines() or [type(error).__name__])[0]})


main()
