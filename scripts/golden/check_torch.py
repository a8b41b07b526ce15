#!/usr/bin/python3
"""Holds every kernel to PyTorch on random problems, through `poolbench run`.

Draws problems over what PyTorch can say, asks `poolbench list` which kernels accept each, runs
them all, and compares. Maxima and indices must be PyTorch's exactly. Everything else must lie
within gamma_m * sum|a b| + m 2^-149 (m: terms + 3) of what PyTorch computes in float64; terms and
magnitudes are PyTorch's too, of ones and of absolute values. Problem number i of a seed is the
same in every run. A failure prints the line that repeats it.

Needs Debian's python3-torch and python3-numpy. Example:
    scripts/golden/check_torch.py --count 5000 --seed 1
"""
import argparse
import collections
import functools
import json
import multiprocessing
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch

from torch_problems import DRAW, KNOWN, pick


# ---- What poolbench says ------------------------------------------------------------------------


def in_memory(array, layout):
    """PyTorch's axis order as the layout's, which is how files hold it."""
    last = layout == "nhwc" and array.ndim > 1
    return np.ascontiguousarray(np.moveaxis(array, 1, -1) if last else array)


def call(program, *words):
    return subprocess.run([program, *words], capture_output=True, text=True)


def difference(got, values, limits):
    """A sentence about the first element out of bounds, or None. NaN and Inf must be matched."""
    got, values = got.astype(np.float64), np.asarray(values, np.float64)
    with np.errstate(invalid="ignore"):
        right = np.abs(got - values) <= limits
    right |= (got == values) | (np.isnan(got) & np.isnan(values))
    if right.all():
        return None
    at = tuple(int(n) for n in np.argwhere(~right)[0])
    return (f"[{', '.join(map(str, at))}] is {got[at]:.9g}, PyTorch has {values[at]:.9g} within "
            f"{limits[at]:.3g}; {np.count_nonzero(~right)} of {right.size} differ")


def run_kernel(program, problem, kernel, folder):
    """What is wrong with the kernel's results; None if nothing."""
    words = ["run", problem.text, "--kernel", kernel]
    for role in [*problem.inputs, *problem.expected]:
        words += [f"--{role}", f"{folder}/{role}.npy"]
    for role in problem.expected:
        pathlib.Path(f"{folder}/{role}.npy").unlink(missing_ok=True)
    ran = call(program, *words)
    if ran.returncode:
        return f"exit status {ran.returncode}: {ran.stderr.strip()}"
    for role, (values, limits) in problem.expected.items():
        values, limits = (in_memory(t.numpy(), problem.layout) for t in (values, limits))
        wrong = difference(np.load(f"{folder}/{role}.npy").reshape(values.shape), values, limits)
        if wrong:
            return f"{role}{wrong}"
    return None


def check(options, number):
    """Draws problem `number`; returns its text, the kernels that ran, failures as sentences, and
    the known differences."""
    rng = np.random.default_rng([options.seed, number])
    op = pick(rng, *options.op)
    try:
        problem = DRAW[op](rng, op)
    except RuntimeError as error:
        return f"{op}:-:-", [], [f"PyTorch refuses {op}: {error}"], set()
    listed = call(options.program, "list", problem.text, "--json")
    if listed.returncode:
        return problem.text, [], [f"{problem.text}: {listed.stderr.strip()}"], problem.known
    kernels, failures = [entry["name"] for entry in json.loads(listed.stdout)], []
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or scratch
        for role, tensor in problem.inputs.items():
            np.save(f"{folder}/{role}.npy", in_memory(tensor.numpy(), problem.layout))
        for kernel in kernels:
            wrong = run_kernel(options.program, problem, kernel, folder)
            if wrong:
                failures.append(f"{kernel}: {wrong}: {problem.text}")
    if not kernels:
        failures.append(f"no kernel accepts {problem.text}")
    return problem.text, kernels, failures, problem.known


# ---- The run ------------------------------------------------------------------------------------


def ready():
    torch.set_num_threads(1)
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=5000, help="problems to draw (default 5000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--number", type=int, help="only this problem of the seed")
    parser.add_argument("--op", action="append", choices=DRAW, help="only it; may be repeated")
    parser.add_argument("--keep", metavar="DIR", help="with --number: keep the arrays there")
    parser.add_argument("--program", default="build/poolbench")
    options = parser.parse_args()
    options.only = "".join(f" --op {op}" for op in options.op or [])
    options.op = options.op or list(DRAW)
    if options.keep and options.number is None:
        parser.error("--keep needs --number")
    return options


def main():
    options = parse()
    numbers = range(options.count) if options.number is None else [options.number]
    problems, runs, failed, kernels, known = (collections.Counter() for _ in range(5))
    with multiprocessing.Pool(1 if options.keep else None, ready) as pool:
        work = pool.imap(functools.partial(check, options), numbers, chunksize=8)
        for number, (text, ran, failures, differences) in zip(numbers, work):
            key = ":".join(text.split(":")[:3])
            problems[key] += 1
            runs[key] += len(ran)
            failed[key] += len(failures)
            kernels.update(ran)
            known.update(differences)
            for sentence in failures:
                print(f"FAILED {sentence}\n       repeat: scripts/golden/check_torch.py "
                      f"--seed {options.seed} --number {number}{options.only}", flush=True)
    for key in sorted(problems):
        print(f"{key:24} {problems[key]:5} problems {runs[key]:6} runs {failed[key]:4} failed")
    print(f"{sum(problems.values())} problems, {sum(runs.values())} runs of {len(kernels)} "
          f"kernels, {sum(failed.values())} failed (PyTorch {torch.__version__}, seed {options.seed})")
    listed = json.loads(call(options.program, "list", "--json").stdout)
    idle = sorted({entry["name"] for entry in listed} - set(kernels))
    if idle and len(options.op) == len(DRAW):
        print(f"never asked: {' '.join(idle)}")
    for name, count in sorted(known.items()):
        print(f"known difference in {count}: {name}: {KNOWN[name]}")
    sys.exit(1 if sum(failed.values()) else 0 if kernels else 3)


if __name__ == "__main__":
    main()
