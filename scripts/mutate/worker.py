"""Puts one mutant after the other into a copy of the sources and runs the tests on it."""
import os
import pathlib
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import threading

from killers import Killer, killers_of
from mutant_build import BUILD, ROOT, Build, Unit
from population import Mutant, Outcome


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
