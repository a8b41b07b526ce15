"""The proof that the tests bite: see scripts/mutate.sh --help.

A mutant is one small fault (mutants.py) in a copy of the kernels or of the oracle, in the build for
one ISA. Only the objects that it touches are compiled again; they and all others make a shared
library that the program and the tests are linked with. An object that stays the same bit for bit
makes the mutant equivalent. Then the project's own tests run, the cheap ones first, until one
fails.
"""
import argparse
import collections
import dataclasses
import difflib
import fnmatch
import json
import os
import pathlib
import queue
import random
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time

import mutants

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build-mutate"
SANITIZERS = "address,undefined"
EXPLAINED = ROOT / "scripts" / "mutate" / "mutants_explained.txt"
WANTED = 95.0  # per cent of the mutants that change behaviour

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


# ---- Killers ------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Killer:
    name: str
    command: tuple[str, ...]
    sanitized: bool = False  # the library is built with AddressSanitizer


def verify(*arguments: str, sanitized: bool = False) -> Killer:
    words = [word for word in arguments if not word.startswith(("--kernel", "*"))]
    name = " ".join([*(["sanitized"] if sanitized else []), "verify", *words])
    always = ("--jobs", "1", "--limit", "20")  # a kernel that hangs has failed
    return Killer(name, ("poolbench", "verify", *always, *arguments), sanitized)


def tests(*patterns: str) -> Killer:
    """Test suites, or SUITE/NAME of one."""
    pattern = patterns[0] if "/" in patterns[0] else f"@({'|'.join(patterns)})/*"
    options = ("--fail-fast", "-j1", "--filter", pattern)
    return Killer("tests " + " ".join(patterns), ("poolbench_tests", *options))


CONTRACT = tests(
    "oracle",
    "worked_examples",
    "compare",
    "fill",
    "families",
    "trial",
    "lp",
    "adaptive",
    "downsampling",
    "known_integer_defects",
)
PARTS = tests("problem", "tensor", "buffer", "registry", "acceptance", "provider")


def killers_of(path: str, kernels: str) -> list[Killer]:
    """The tests that must notice a fault in a file, cheap ones first. `kernels` is a glob."""
    whole = verify("--kernel", kernels)  # the golden tensors too
    drawn = verify("--fuzz", "2000", "--seed", "11", "--kernel", kernels)
    if path.startswith("reference/"):
        # The oracle is held by what was worked out elsewhere; by the kernels only at the end.
        held = [CONTRACT, tests("golden"), tests("known_defects"), tests("wrong_kernels")]
        return [*held, verify(), verify(sanitized=True)]
    if re.fullmatch(r"kernels/(core|registry)/[a-z]+\.c", path):
        return [PARTS, whole, CONTRACT, tests("known_defects"), tests("cli"), drawn]
    accept = tests("acceptance", "registry")
    memory = verify("--kernel", kernels, sanitized=True)  # scratch has no guards
    plans = tests("kernels/@(need_no_bias|leave_nothing_in_a_plan)")  # not seen by verify
    return [whole, accept, drawn, plans, tests("known_defects"), memory]


# ---- The build that mutants share ---------------------------------------------------------------


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


# ---- Mutants ------------------------------------------------------------------------------------


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
    for held in by_file.values():
        draw.shuffle(held)
    chosen: list[Mutant] = []
    while len(chosen) < count and any(by_file.values()):
        for held in by_file.values():
            if held and len(chosen) < count:
                chosen.append(held.pop())
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


# ---- One mutant ---------------------------------------------------------------------------------


@dataclasses.dataclass
class Outcome:
    mutant: Mutant
    result: str  # invalid, equivalent, killed, survived
    killer: str = ""
    explanation: Explanation | None = None


class Worker:
    """A copy of the sources, and what is compiled from it."""

    def __init__(self, number: int, plain: Build, sanitized: Build, limits: dict[str, float]):
        self.plain = plain
        self.sanitized = sanitized
        self.limits = limits  # seconds of processor time by killer
        self.root = BUILD / f"worker{number}"
        shutil.rmtree(self.root, ignore_errors=True)
        for name in ("kernels", "reference"):
            shutil.copytree(ROOT / name, self.root / name, ignore=shutil.ignore_patterns("golden"))
        for name in ("objects", "plain", "sanitized", "tmp"):
            (self.root / name).mkdir()

    def compile(self, made: Build, unit: Unit) -> pathlib.Path | None:
        """The object of a unit from this worker's sources; None where it does not compile."""
        command = list(unit.command)
        to = self.root / "objects" / unit.output.replace("/", "_")
        for i, word in enumerate(command):
            for name in ("kernels", "reference"):
                command[i] = command[i].replace(f"{ROOT}/{name}", f"{self.root}/{name}")
            if word == "-o":
                command[i + 1] = str(to)
        try:
            done = subprocess.run(
                [*command, "-w"], cwd=made.directory, capture_output=True, timeout=300
            )
        except subprocess.TimeoutExpired:
            return None
        return to if done.returncode == 0 else None

    def library(self, made: Build) -> pathlib.Path:
        kind = "plain" if made is self.plain else "sanitized"
        return self.root / kind / "libmutant.so"

    def make(self, made: Build, mutant: Mutant) -> str:
        """Compiles and links what the fault in this worker's sources changes; says what became."""
        changed: dict[str, pathlib.Path] = {}
        for unit in made.units:
            if mutant.path not in unit.reads or unit.isa != mutant.isa:
                continue
            to = self.compile(made, unit)
            if not to:
                return "invalid"
            if to.read_bytes() != (made.directory / unit.output).read_bytes():
                changed[unit.output] = to
        if changed:
            made.link(changed, self.library(made))
        return "changed" if changed else "equivalent"

    def kill(self, killer: Killer) -> str:
        """How the killer fails: its status, a hang, or the first failure it prints; "" if not."""
        made = self.sanitized if killer.sanitized else self.plain
        environment = os.environ | {
            "LD_LIBRARY_PATH": str(self.library(made).parent),
            "OMP_NUM_THREADS": "2",
            "OMP_WAIT_POLICY": "passive",
            "TMPDIR": str(self.root / "tmp"),
        }
        program, *arguments = killer.command
        seconds = self.limits.get(killer.name, 600)
        limits = ["setpriv", "--pdeathsig", "KILL", "prlimit", "--core=0", f"--fsize={1 << 28}"]
        limits.append(f"--cpu={seconds:.0f}")
        if not killer.sanitized:  # whose shadow memory is larger than any machine
            limits.append(f"--as={8 << 30}")
        process = subprocess.Popen(
            [*limits, made.directory / program, *arguments],
            cwd=self.root / "tmp",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

        def end() -> None:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

        timer = threading.Timer(20 * seconds, end)
        timer.start()
        assert process.stderr
        failed = next((line for line in process.stderr if line.startswith(b"FAILED")), b"")
        if failed:
            end()
        status = process.wait()
        hung = timer.finished.is_set() and not failed
        timer.cancel()
        process.stderr.close()
        if failed:
            return failed.decode(errors="replace").strip()
        if hung:
            return "hangs"
        nothing_matched = program == "poolbench" and status == 3
        return f"status {status}" if status and not nothing_matched else ""

    def kernels_of(self, mutant: Mutant) -> str:
        """A glob of the kernels that a fault can reach."""
        path = pathlib.Path(mutant.path)
        text = (ROOT / path).read_text()
        kernel = re.search(r"^const struct pb_kernel (?:.*ELEM_KERNEL\((\w+), (\w+)\))?", text, re.M)
        name = "*"
        if kernel and path.suffix == ".c":
            name = f"{kernel[1]}_*_{kernel[2]}" if kernel[1] else path.stem.removesuffix("_simd")
        return f"{name}_{mutant.isa}" if mutant.isa else name

    def judge(self, mutant: Mutant) -> Outcome:
        copy = self.root / mutant.path
        source = copy.read_text()
        copy.write_text(source[: mutant.edit.start] + mutant.edit.text + source[mutant.edit.end :])
        try:
            became = self.make(self.plain, mutant)
            if became != "changed":
                return Outcome(mutant, became)
            for killer in killers_of(mutant.path, self.kernels_of(mutant)):
                if killer.sanitized and self.make(self.sanitized, mutant) != "changed":
                    continue
                if self.kill(killer):
                    return Outcome(mutant, "killed", killer.name)
            return Outcome(mutant, "survived")
        finally:
            copy.write_text(source)
            for left in (self.root / "tmp").iterdir():
                shutil.rmtree(left) if left.is_dir() else left.unlink()

    def rehearse(self, wanted: list[Mutant]) -> None:
        """Every killer must pass on the code as it is; how long it takes says when it hangs."""
        for made in (self.plain, self.sanitized):
            shutil.copy(made.directory / "libmutant.so", self.library(made))
        unit = self.plain.units[0]
        again = self.compile(self.plain, unit)
        if not again or again.read_bytes() != (BUILD / unit.output).read_bytes():
            sys.exit("mutate: two compilations of one source differ: no equivalence is seen")
        for killer in {k.name: k for m in wanted for k in killers_of(m.path, "*")}.values():
            start = resource.getrusage(resource.RUSAGE_CHILDREN)
            failure = self.kill(killer)
            if failure:
                command = shlex.join(killer.command)
                sys.exit(f"mutate: `{command}` fails on the code as it is: {failure}")
            end = resource.getrusage(resource.RUSAGE_CHILDREN)
            used = end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime
            self.limits[killer.name] = 10 + 2 * used


# ---- A run --------------------------------------------------------------------------------------


def judge_all(
    wanted: list[Mutant],
    plain: Build,
    explained: list[Explanation],
    jobs: int,
    recheck: bool,
    out: pathlib.Path,
) -> list[Outcome]:
    """Judges them, `jobs` at once. What is explained is taken at its word unless `recheck`."""
    limits: dict[str, float] = {}
    sanitize = f"-DPOOLBENCH_SANITIZE={SANITIZERS}"
    small = ("-DPOOLBENCH_TOOLS=OFF", "-DPOOLBENCH_TESTS=OFF")
    sanitized = build(BUILD / "sanitized", ["poolbench"], sanitize, *small)
    workers = [Worker(i, plain, sanitized, limits) for i in range(jobs)]
    if wanted:
        workers[0].rehearse(wanted)
    waiting: queue.SimpleQueue[Mutant] = queue.SimpleQueue()
    outcomes: list[Outcome] = []
    lock = threading.Lock()
    for mutant in wanted:
        waiting.put(mutant)

    def work(worker: Worker) -> None:
        while True:
            try:
                mutant = waiting.get_nowait()
            except queue.Empty:
                return
            why = next((e for e in explained if e.holds(mutant)), None)
            if why and not recheck:
                outcome = Outcome(mutant, "survived")
            else:
                outcome = worker.judge(mutant)
            outcome.explanation = why if outcome.result == "survived" else None
            with lock:
                outcomes.append(outcome)
                if why:
                    why.used = True
                    if outcome.result != "survived":
                        print(f"explained, yet {outcome.result}: {mutant.id}", file=sys.stderr)
                show_progress(outcome, len(outcomes), len(wanted))
                if len(outcomes) % 10 == 0:
                    write_results(outcomes, out)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(
        outcomes, key=lambda o: (o.mutant.path, o.mutant.line, o.mutant.column, o.mutant.id)
    )


def show_progress(outcome: Outcome, done: int, of: int) -> None:
    where = f"[{done}/{of}] {outcome.result}"
    if outcome.result == "survived" and not outcome.explanation:
        print(f"{where} {outcome.mutant}", file=sys.stderr)
    elif sys.stderr.isatty() or done % 25 == 0:
        print(f"{where} {outcome.mutant.id} {outcome.killer}", file=sys.stderr)


def group_of(outcome: Outcome) -> str:
    if outcome.result == "survived" and outcome.explanation:
        return outcome.explanation.kind
    return outcome.result


def score(counts: collections.Counter[str]) -> float:
    judged = counts["killed"] + counts["survived"] + counts["gap"]
    return 100 * counts["killed"] / judged if judged else 100


def print_table(outcomes: list[Outcome]) -> float:
    by_file: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    total: collections.Counter[str] = collections.Counter()
    for outcome in outcomes:
        by_file[outcome.mutant.path][group_of(outcome)] += 1
        total[group_of(outcome)] += 1
    columns = ("equivalent", "same", "killed", "gap", "survived")
    print(
        f"{'file':<46}{'mutants':>8}" + "".join(f"{name:>11}" for name in columns) + f"{'score':>9}"
    )
    for path, counts in [*sorted(by_file.items()), ("all", total)]:
        mutants_here = sum(counts[name] for name in columns)
        print(
            f"{path:<46}{mutants_here:>8}"
            + "".join(f"{counts[name]:>11}" for name in columns)
            + f"{score(counts):>8.1f}%"
        )
    print(f"not counted: {total['invalid']} that do not compile")
    return score(total)


def print_survivors(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        if group_of(outcome) in ("survived", "gap"):
            print(f"\n{group_of(outcome)} {outcome.mutant}")
            if outcome.explanation:
                print(f"  {outcome.explanation.reason}")


def write_results(outcomes: list[Outcome], path: pathlib.Path) -> None:
    rows = []
    for outcome in outcomes:
        mutant, why = outcome.mutant, outcome.explanation
        row = {"id": mutant.id, "file": mutant.path, "operator": mutant.edit.operator}
        row |= {"isa": mutant.isa, "result": group_of(outcome), "killer": outcome.killer}
        row |= {"before": mutant.before, "after": mutant.after, "reason": why.reason if why else ""}
        rows.append(row)
    path.write_text(json.dumps({"mutants": rows}, indent=1) + "\n")


def show_one(mutant: Mutant) -> None:
    source = (ROOT / mutant.path).read_text()
    mutated = source[: mutant.edit.start] + mutant.edit.text + source[mutant.edit.end :]
    sys.stdout.writelines(
        difflib.unified_diff(
            source.splitlines(True), mutated.splitlines(True), mutant.path, mutant.id
        )
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/mutate.sh",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--sample",
        type=int,
        metavar="N",
        help="N mutants, drawn evenly over the files (default: all)",
    )
    parser.add_argument("--seed", type=int, default=1, help="of the sample (default 1)")
    parser.add_argument("--files", metavar="GLOB", help="only mutants of these files")
    parser.add_argument(
        "--jobs",
        type=int,
        default=os.cpu_count(),
        metavar="J",
        help="mutants at once (default: cores)",
    )
    parser.add_argument("--only", metavar="ID", help="one mutant: prints its diff and judges it")
    parser.add_argument(
        "--again",
        metavar="JSON",
        help="only what survived, unexplained, in that earlier run's results",
    )
    parser.add_argument(
        "--recheck", action="store_true", help="run the tests on explained mutants too"
    )
    parser.add_argument("--list", action="store_true", help="only say which mutants there are")
    parser.add_argument(
        "--out",
        metavar="JSON",
        default=str(BUILD / "mutants.json"),
        help="the results (default %(default)s)",
    )
    return parser.parse_args()


def chosen(options: argparse.Namespace, units: list[Unit]) -> list[Mutant]:
    population = all_mutants(units, options.files)
    if options.only:
        population = [m for m in population if m.id == options.only]
    if options.again:
        rows = json.loads(pathlib.Path(options.again).read_text())["mutants"]
        again = {(row["id"], row["after"]) for row in rows if row["result"] == "survived"}
        population = [m for m in population if (m.id, m.after) in again]
    if options.sample:
        population = sample(population, options.sample, options.seed)
    if not population:
        print("mutate: nothing matched, nothing was mutated", file=sys.stderr)
        sys.exit(3)
    return population


def main() -> int:
    options = arguments()
    start = time.monotonic()
    out = pathlib.Path(options.out)
    explained = read_explained(EXPLAINED)
    plain = build(BUILD, ["poolbench", "poolbench_tests"])
    wanted = chosen(options, plain.units)
    if options.list:
        for mutant in wanted:
            print(mutant)
        return 0
    if options.only:
        show_one(wanted[0])
    jobs = min(options.jobs, len(wanted))
    outcomes = judge_all(wanted, plain, explained, jobs, options.recheck or bool(options.only), out)
    reached = print_table(outcomes)
    print_survivors(outcomes)
    write_results(outcomes, out)
    print(
        f"\nmutate: {reached:.1f} % of the mutants that change behaviour are killed, "
        f"{WANTED:.0f} % wanted; {time.monotonic() - start:.0f} s; {options.out}"
    )
    if not options.sample and not options.files and not options.only and not options.again:
        for e in explained:
            if not e.used:
                print(f"mutate: explains nothing any more: {e.files}: {e.before}")
    return 0 if reached >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
