#!/usr/bin/env python3
"""shapes.py [--check] [DIR]

Writes the generated lists of DIR (default suites/shapes) and prints what they cover: covering.txt,
in which every pair of parameter values occurs, sizes.txt and sizes_integer.txt, beyond every power of
two. --check
writes nothing: it fails where a list is not what it would write, or, read anew, does not cover
what it should. Example: scripts/shapes/shapes.py --check
"""

import argparse
import re
import sys
from pathlib import Path

import covering
import sizes

HEADER = {
    "covering.txt": """\
# A covering design, written by scripts/shapes/shapes.py, which prints what it covers: within each
# operation, type and direction every pair of values of rank, layout, batch, channels, ceil, divisor
# and of each axis' window, stride, padding, dilation and input; in each operation and direction
# every triple of those of one axis.""",
}
HEADER["sizes.txt"] = HEADER["sizes_integer.txt"] = """\
# Beyond every power of two at which code breaks (2^8 to 2^16; windows from 2^6), each problem long
# in one place. Written by scripts/shapes/shapes.py. Every direction, nchw and nhwc."""


def kind(stratum):
    return f"{stratum.operation.name}:{stratum.dtype}:{stratum.direction}"


def family(stratum):
    """What shares triples."""
    return f"{stratum.operation.name}:{stratum.direction}"


def triples_of(targets):
    return {target for target in targets if len(target) == 3}


def write_covering():
    texts, triples = [], {}
    for stratum in covering.strata():
        have = triples.setdefault(family(stratum), set())
        drawn = stratum.problems(have)
        have |= triples_of(stratum.wanted)
        texts += [f"\n# {kind(stratum)}", *drawn]
    return texts


# ---- what a list covers, read from its text --------------------------------------------------------


def read_axis(fields, letter):
    i, k, s = (fields.get(f"{key}{letter}") for key in "iks")
    o, p, d = fields.get(f"o{letter}"), fields.get(f"p{letter}", 0), fields.get(f"d{letter}", 0)
    axis = {"i": i, "o": o, "k": k or 1, "s": s or 1, "p": p, "d": d}
    if o and k:
        axis["pr"] = p if "ceil" in fields else (o - 1) * axis["s"] - i + (k - 1) * (d + 1) + 1 - p
    elif k:
        axis |= {"o": i // k, "s": k}
    return axis


def read_problem(text, operation):
    """The problem of a line as the generator has it."""
    *prefix, desc = text.split(":", 4)
    numbers = re.findall(r"([a-z]+)(\d+(?:\.\d+)?)?", desc)
    fields = {key: float(value) if "." in value else int(value or 0) for key, value in numbers}
    extra = next((f"{key}{value}" for key, value in numbers if key in ("div", "pow", "crd")), "")
    group = fields.get("g", 1)
    problem = covering.Problem({"layout": prefix[2], "mb": fields["mb"], "g": group, "ceil": "ceil" in fields,
                                "ic": fields["ic"] // group, "oc": fields.get("oc", fields["ic"]) // group,
                                "extra": extra},
                               {letter: read_axis(fields, letter) for letter in covering.AXES
                                if f"i{letter}" in fields})
    return f"{prefix[0]}:{prefix[1]}:{prefix[3]}", problem.labels(operation)


def count_covering(lines):
    """Prints what the lines cover; returns how much is missing."""
    found, operations = {}, {operation.name: operation for operation in covering.operations()}
    for line in lines:
        if line and not line.startswith("#"):
            of, labels = read_problem(line, operations[line.split(":")[0]])
            found.setdefault(of, []).append(labels)
    have, want = {}, {}
    pairs = missing = 0
    for stratum in covering.strata():
        wanted = stratum.wanted
        there = set().union(*(covering.targets_of(labels) for labels in found.get(kind(stratum), ())))
        for all_triples, some in ((want, wanted), (have, there)):
            all_triples.setdefault(family(stratum), set()).update(triples_of(some))
        wanted = wanted - triples_of(wanted)
        pairs += len(wanted)
        missing += len(wanted - there)
    triples = sum(map(len, want.values()))
    lost = sum(len(want[of] - have[of]) for of in want)
    print(f"covering.txt: {sum(map(len, found.values()))} problems of {len(found)} operations, types and directions; "
          f"{pairs - missing} of {pairs} pairs of values, {triples - lost} of {triples} triples of an axis")
    return missing + lost


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing, fail where a list differs")
    default = Path(__file__).resolve().parents[2] / "suites/shapes"
    parser.add_argument("dir", nargs="?", type=Path, default=default, help="folder of the lists")
    options = parser.parse_args()
    lists = {"covering.txt": write_covering(), "sizes.txt": list(sizes.lines(sizes.FLOATS)),
             "sizes_integer.txt": list(sizes.lines(sizes.INTEGERS))}
    failed = False
    for name, lines in lists.items():
        path = options.dir / name
        text = "\n".join([HEADER[name], *lines]) + "\n"
        if not options.check:
            path.write_text(text)
        elif path.read_text() != text:
            print(f"{path} is not what this writes")
            failed = True
    failed |= count_covering((options.dir / "covering.txt").read_text().splitlines()) > 0
    for name in ("sizes.txt", "sizes_integer.txt"):
        print(f"{name}: {len(lists[name])} problems, 2^{sizes.POWERS[0]} to 2^{sizes.POWERS[-1]}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
