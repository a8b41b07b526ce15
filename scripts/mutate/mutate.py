"""The proof that the tests bite: see scripts/mutate.sh --help.

A mutant is one small fault (mutants.py) in a copy of the kernels or of the oracle, in the build for
one ISA. Only the objects that it touches are compiled again; they and all others make a shared
library that the program and the tests are linked with. An object that stays the same bit for bit
makes the mutant equivalent. Then the project's own tests run, the cheap ones first, until one
fails.
"""
import argparse
import collections
import difflib
import json
import os
import pathlib
import queue
import sys
import threading
import time

from mutant_build import BUILD, ROOT, SANITIZERS, Build, Unit, build
from population import (
    EXPLAINED,
    Explanation,
    Mutant,
    Outcome,
    all_mutants,
    read_explained,
    sample,
)
from worker import Worker

WANTED = 95.0  # per cent of the mutants that change behaviour


def judge_all(
    wanted: list[Mutant],
    plain: Build,
    explained: list[Explanation],
    options: argparse.Namespace,
    earlier: list[Outcome],
) -> list[Outcome]:
    """Judges them, some at once, after those of an earlier run. What is explained is taken at its
    word unless they are to be checked again."""
    out = pathlib.Path(options.out)
    jobs = min(options.jobs, len(wanted))
    recheck = options.recheck or options.only
    limits: dict[str, float] = {}
    sanitize = f"-DPOOLBENCH_SANITIZE={SANITIZERS}"
    small = ("-DPOOLBENCH_TOOLS=OFF", "-DPOOLBENCH_TESTS=OFF")
    sanitized = build(BUILD / "sanitized", ["poolbench"], sanitize, *small)
    workers = [Worker(i, plain, sanitized, limits) for i in range(jobs)]
    if wanted:
        workers[0].rehearse(wanted)
    waiting: queue.SimpleQueue[Mutant] = queue.SimpleQueue()
    outcomes = list(earlier)
    total = len(earlier) + len(wanted)
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
                show_progress(outcome, len(outcomes), total)
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


def read_results(path: pathlib.Path, wanted: list[Mutant], explained: list[Explanation]) -> list[Outcome]:
    """What an earlier run said of these mutants; those that survived unexplained are judged anew."""
    if not path.exists():
        return []
    rows = {(row["id"], row["after"]): row for row in json.loads(path.read_text())["mutants"]}
    found = []
    for mutant in wanted:
        row = rows.get((mutant.id, mutant.after))
        if row and row["result"] in ("killed", "equivalent", "invalid"):
            found.append(Outcome(mutant, row["result"], row["killer"]))
        elif row and row["result"] in ("same", "gap"):
            why = next((e for e in explained if e.holds(mutant)), None)
            if why:
                found.append(Outcome(mutant, "survived", "", why))
    return found


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
    parser.add_argument(
        "--resume", action="store_true", help="go on with the run whose results --out has"
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
    earlier = read_results(out, wanted, explained) if options.resume else []
    known = {(outcome.mutant.id, outcome.mutant.after) for outcome in earlier}
    waiting = [mutant for mutant in wanted if (mutant.id, mutant.after) not in known]
    outcomes = judge_all(waiting, plain, explained, options, earlier)
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
