"""Which of the project's own tests must notice a fault in a file."""
import dataclasses
import re


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
PARTS = tests("problem", "geometry", "tensor", "buffer", "registry", "acceptance", "provider")


def killers_of(path: str, kernels: str) -> list[Killer]:
    """The tests that must notice a fault in a file, cheap ones first. `kernels` is a glob."""
    whole = verify("--kernel", kernels)  # the golden tensors too
    drawn = verify("--fuzz", "2000", "--seed", "11", "--kernel", kernels)
    if path.startswith("reference/"):
        # The oracle is checked against what was worked out elsewhere; the kernels only at the end.
        elsewhere = [CONTRACT, tests("golden"), tests("known_defects"), tests("wrong_kernels")]
        return [*elsewhere, verify(), verify("--quick", sanitized=True)]
    if re.fullmatch(r"kernels/(core|registry)/[a-z_]+\.c", path):
        return [PARTS, whole, CONTRACT, tests("known_defects"), tests("cli", "cli_verify"), drawn]
    accept = tests("acceptance", "registry")
    memory = verify("--quick", "--kernel", kernels, sanitized=True)  # scratch has no guards
    plans = tests("kernels/@(need_no_bias|leave_nothing_in_a_plan)")  # not seen by verify
    return [whole, accept, drawn, plans, tests("known_defects"), memory]
