"""All mutants of the tree, a sample of them, and those that are known to survive."""
import collections
import dataclasses
import fnmatch
import pathlib
import random
import re
import sys

import mutants
from mutant_build import ROOT, Unit

EXPLAINED = ROOT / "scripts" / "mutate" / "mutants_explained.txt"

# What is mutated. Left out: what describes this machine (cpu.c, blas.c), the sentences (status.c),
# NEON where it cannot run, and what only draws random problems (random.c).
KERNEL_FILES = ["kernels/*.c", "kernels/*.h"]  # fnmatch: * goes through folders
ORACLE_FILES = [
    f"reference/{name}"
    for name in ("oracle/*.[ch]", "check/compare_outputs.c", "data/fill.c", "check/trial.c")
]
LEFT_OUT = [
    "kernels/core/cpu.c", "kernels/core/blas.c", "kernels/core/status.c", "kernels/poolbench.h",
    "kernels/provider_abi.h",
    "kernels/registry/provider*", "kernels/providers/*",
]  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Mutant:
    path: str
    line: int
    column: int
    isa: str
    edit: mutants.Edit
    before: str  # the lines that change
    after: str
    ordinal: int  # among mutants of one operator at one place

    @property
    def id(self) -> str:
        again = f".{self.ordinal + 1}" if self.ordinal else ""
        isa = f"@{self.isa}" if self.isa else ""
        return f"{self.path}:{self.line}:{self.column}:{self.edit.operator}{again}{isa}"

    def __str__(self) -> str:
        return f"{self.id}\n    - {self.before}\n    + {self.after}"


def squeezed(text: str) -> str:
    return " ".join(text.split())


def mutants_of(path: str, isas: list[str]) -> list[Mutant]:
    source = (ROOT / path).read_text()
    channels = path.startswith(("kernels/conv/", "reference/", "kernels/core/problem", "kernels/core/tensor"))
    seen: collections.Counter[tuple[int, str]] = collections.Counter()
    found = []
    for edit in mutants.edits(source, channels):
        first = source.rfind("\n", 0, edit.start) + 1
        last = source.find("\n", edit.end)
        before, after = (
            source[first:last],
            source[first : edit.start] + edit.text + source[edit.end : last],
        )
        ordinal = seen[edit.start, edit.operator]
        seen[edit.start, edit.operator] += 1
        line = source.count("\n", 0, edit.start) + 1
        for isa in isas:
            found.append(Mutant(path, line, edit.start - first + 1, isa, edit, squeezed(before),
                                squeezed(after), ordinal))  # fmt: skip
    return found


def all_mutants(units: list[Unit], files: str | None) -> list[Mutant]:
    found = []
    read = sorted({path for unit in units for path in unit.reads})
    for path in read:
        if not any(fnmatch.fnmatch(path, glob) for glob in KERNEL_FILES + ORACLE_FILES):
            continue
        if any(fnmatch.fnmatch(path, glob) for glob in LEFT_OUT):
            continue
        if files and not fnmatch.fnmatch(path, files):
            continue
        isas = sorted({unit.isa for unit in units if path in unit.reads})
        found += mutants_of(path, isas)
    return found


def sample(population: list[Mutant], count: int, seed: int) -> list[Mutant]:
    """As many from each file, as far as it has them."""
    draw = random.Random(seed)
    by_file: dict[str, list[Mutant]] = collections.defaultdict(list)
    for mutant in population:
        by_file[mutant.path].append(mutant)
    for rest in by_file.values():
        draw.shuffle(rest)
    chosen: list[Mutant] = []
    while len(chosen) < count and any(by_file.values()):
        for rest in by_file.values():
            if rest and len(chosen) < count:
                chosen.append(rest.pop())
    return chosen


# ---- Explained survivors ------------------------------------------------------------------------


@dataclasses.dataclass
class Explanation:
    """See the top of mutants_explained.txt."""

    files: str
    kind: str  # same: it behaves the same; gap: no test notices it
    before: str
    after: list[str]
    operators: list[str]
    reason: str
    used: bool = False

    def holds(self, mutant: Mutant) -> bool:
        return (
            fnmatch.fnmatch(mutant.path, self.files)
            and squeezed(mutant.before) == self.before
            and (not self.after or mutant.after in self.after)
            and (not self.operators or mutant.edit.operator in self.operators)
        )


def read_explained(path: pathlib.Path) -> list[Explanation]:
    found = []
    for number, block in enumerate(re.split(r"\n\s*\n", path.read_text()), 1):
        lines = [line for line in block.splitlines() if line.strip() and not line.startswith("#")]
        if not lines:
            continue
        kind, _, files = lines[0].partition(" ")
        before = [squeezed(line[1:]) for line in lines if line.startswith("-")]
        after = [squeezed(line[1:]) for line in lines if line.startswith("+")]
        operators = [word for line in lines if line.startswith("@") for word in line[1:].split()]
        reason = squeezed(" ".join(line for line in lines[1:] if line[0] not in "-+@"))
        if kind not in ("same", "gap") or not before or not (after or operators) or not reason:
            sys.exit(
                f"mutate: {path.name}: block {number} ({lines[0]}) lacks a kind, a line, what "
                "becomes of it, or a reason"
            )
        found += [Explanation(files, kind, line, after, operators, reason) for line in before]
    return found


@dataclasses.dataclass
class Outcome:
    mutant: Mutant
    result: str  # invalid, equivalent, killed, survived
    killer: str = ""
    explanation: Explanation | None = None
