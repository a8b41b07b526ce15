"""The tree as it is, built so that a mutant replaces single objects of it."""
import dataclasses
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build-mutate"
SANITIZERS = "address,undefined"


@dataclasses.dataclass(frozen=True)
class Unit:
    """One compilation of the library."""

    source: str
    isa: str
    command: tuple[str, ...]
    output: str
    reads: frozenset[str]


def run(command: list[str], directory: pathlib.Path = ROOT) -> str:
    done = subprocess.run(command, capture_output=True, text=True, cwd=directory)
    if done.returncode:
        sys.exit(f"mutate: {shlex.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def inside(path: str) -> str:
    """A path from the root of the tree; the path as it is where it is not in it."""
    full = pathlib.Path(os.path.normpath(BUILD / path))
    return str(full.relative_to(ROOT)) if full.is_relative_to(ROOT) else str(full)


@dataclasses.dataclass(frozen=True)
class Build:
    """The tree as it is, in one set of options; its programs are linked with a shared library."""

    directory: pathlib.Path
    units: list[Unit]

    def link(self, changed: dict[str, pathlib.Path], library: pathlib.Path) -> None:
        """The shared library, with some objects in the place of others."""
        objects = [str(changed.get(unit.output, unit.output)) for unit in self.units]
        options = ["-shared", "-fopenmp", "-Wl,-soname,libmutant.so"]
        if self.directory != BUILD:
            options.append(f"-fsanitize={SANITIZERS}")
        run(["cc", *options, "-o", str(library), *objects], self.directory)


def read_dependencies(directory: pathlib.Path) -> dict[str, frozenset[str]]:
    """The files of the tree that each object is made from."""
    reads: dict[str, set[str]] = {}
    target = ""
    for line in run(["ninja", "-C", str(directory), "-t", "deps"]).splitlines():
        if line.startswith(" "):
            reads[target].add(inside(line.strip()))
        elif ":" in line:
            target = line.split(":")[0]
            reads[target] = set()
    return {target: frozenset(files) for target, files in reads.items()}


def build(directory: pathlib.Path, programs: list[str], *options: str) -> Build:
    flags = ["-DCMAKE_C_FLAGS_RELEASE=-O2", "-DCMAKE_CXX_FLAGS_RELEASE=-O2", *options]
    configure = ["cmake", "-S", str(ROOT), "-B", str(directory), "-G", "Ninja"]
    run([*configure, "-DCMAKE_BUILD_TYPE=Release", "-DPOOLBENCH_WERROR=OFF", *flags])
    run(["cmake", "--build", str(directory), "--target", *programs])
    reads = read_dependencies(directory)
    units = []
    library = re.compile(r"CMakeFiles/(?:poolbench_reference|kernels_(?:any|(\w+))_[a-z0-9]+)\.dir/")
    for entry in json.loads((directory / "compile_commands.json").read_text()):
        command = shlex.split(entry["command"])
        output = command[command.index("-o") + 1]
        match = library.match(output)
        if match:
            source = inside(entry["file"])
            units.append(Unit(source, match[1] or "", tuple(command), output, reads[output]))
    made = Build(directory, units)
    made.link({}, directory / "libmutant.so")
    archives = ("libpoolbench_kernels.a", "libpoolbench_reference.a")
    for program in programs:
        commands = run(["ninja", "-C", str(directory), "-t", "commands", program]).splitlines()
        command = shlex.split(commands[-1])[2:-2]  # between `: &&` and `&& :`
        command.insert(min(map(command.index, archives)), "libmutant.so")
        run([word for word in command if word not in archives], directory)
    return made
