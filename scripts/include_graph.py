#!/usr/bin/env python3
"""include_graph.py [--dot]: which folder includes which, and whether an arrow points up.

Dependencies point one way: suites -> reference -> kernels, and within them from the higher folder
of LAYERS to the lower. Prints every arrow between folders with its number of includes; exit status 1
where one points up, or where two files of the tree have one name. --dot prints the graph for
Graphviz. Example: scripts/include_graph.py
"""

import argparse
import collections
import pathlib
import re
import subprocess
import sys

# From the lowest. Folders of one line may not include each other.
LAYERS = [
    ["kernels"],  # the public headers
    ["kernels/core"],
    ["kernels/elem"],
    ["kernels/simd"],
    ["kernels/window"],
    [
        "kernels/maxpool",
        "kernels/avgpool",
        "kernels/gap",
        "kernels/adaptive",
        "kernels/lppool",
        "kernels/blur",
        "kernels/s2d",
        "kernels/conv",
    ],
    ["kernels/registry", "kernels/providers"],
    ["reference"],
    ["reference/oracle"],
    ["reference/data"],
    ["reference/check"],
    ["reference/onnx", "reference/conformance"],
    ["suites/common"],
    ["suites/verify", "suites/roofline"],
    ["suites/results"],
    ["suites/bench", "suites/report", "suites/cifar10"],
    ["suites/cli", "suites/fuzz"],
    ["suites/correctness"],
]
RANK = {folder: rank for rank, layer in enumerate(LAYERS) for folder in layer}
ROOTS = ["kernels", "reference", "suites", "suites/correctness"]
UNIQUE = re.compile(r"\.(c|h|cc|py|sh|gp)$")


def folder_of(path: str) -> str:
    """The nearest folder that is in LAYERS: subfolders belong to it."""
    folder = pathlib.PurePosixPath(path).parent
    while str(folder) not in RANK and folder.parent != folder:
        folder = folder.parent
    return str(folder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--dot", action="store_true", help="print the graph for Graphviz")
    options = parser.parse_args()
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True)
    files = listed.stdout.split("\n")
    known = set(files)
    arrows: collections.Counter = collections.Counter()
    faults = []
    for path in files:
        if not re.search(r"\.(c|h|cc)$", path) or not pathlib.Path(path).is_file():
            continue
        here = folder_of(path)
        for name in re.findall(r'^#include "([^"]+)"', pathlib.Path(path).read_text(), re.M):
            found = next((f"{root}/{name}" for root in ROOTS if f"{root}/{name}" in known), None)
            if not found:
                continue  # made by the build
            there = folder_of(found)
            if here == there:
                continue
            arrows[here, there] += 1
            if here not in RANK:
                faults.append(f"{path}: {here} is in no layer")
            elif RANK[here] <= RANK[there]:
                faults.append(f"{path} includes {found}: {here} is below or beside {there}")
    names = collections.defaultdict(list)
    for path in files:
        if UNIQUE.search(path):
            names[pathlib.PurePosixPath(path).name].append(path)
    faults += [f"one name twice: {' '.join(same)}" for same in names.values() if len(same) > 1]
    if options.dot:
        print("digraph includes {")
        for (here, there), count in sorted(arrows.items()):
            print(f'  "{here}" -> "{there}" [label={count}];')
        print("}")
    else:
        for (here, there), count in sorted(arrows.items()):
            print(f"{here} -> {there}: {count}")
    for fault in faults:
        print(f"include_graph.py: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
