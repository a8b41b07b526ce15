"""Small faults in C text: the operators of scripts/mutate/mutate.py.

Works on tokens of function bodies. Comments, strings, preprocessor lines, tables at file scope and
the arguments of error messages are left alone. A rule need not know C's types: what does not
compile is no mutant and is not counted.
"""
import dataclasses
import re
from collections.abc import Iterator

# ---- Tokens -----------------------------------------------------------------------------------

TOKEN = re.compile(
    r"""(?P<space>\s+|/\*.*?\*/|//[^\n]*)
      | (?P<directive>^[ \t]*\#(?:[^\n\\]|\\.|\\\n)*)
      | (?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
      | (?P<number>0[xX][0-9a-fA-F]+[uUlL]*|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[uUlLfF]*)
      | (?P<name>[A-Za-z_]\w*)
      | (?P<mark><<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


@dataclasses.dataclass(frozen=True)
class Token:
    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclasses.dataclass(frozen=True)
class Edit:
    """Text from start to end becomes `text`."""

    operator: str
    start: int
    end: int
    text: str


def tokens_of(source: str) -> list[Token]:
    found = []
    for match in TOKEN.finditer(source):
        if match.lastgroup not in ("space", "directive"):
            found.append(Token(str(match.lastgroup), match.group(), match.start()))
    return found


# ---- Where things stand -------------------------------------------------------------------------

OPENS = {"(": ")", "[": "]", "{": "}"}
CONTROLS = {"if", "for", "while", "switch"}
TYPES = {
    "void", "char", "short", "int", "long", "float", "double", "signed", "unsigned", "bool", "const",
    "static", "volatile", "struct", "union", "enum", "vf", "vi", "vm", "FILE", "extern", "register",
}
NO_EXPRESSION = {"return", "goto", "case", "default", "else", "do", "break", "continue"} | CONTROLS
# Their arguments are words for people.
SPEAKING = {"pb_fail", "printf", "fprintf", "snprintf", "_Static_assert", "static_assert"}


class Code:
    """A file's tokens with the structure that the rules ask for."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = tokens_of(source)
        self.partner = self._match()
        self.live = [False] * len(self.tokens)  # in a function, and not in a message
        self.statements: list[tuple[int, int]] = []  # expression statements: first token and `;`
        self.declarations: list[tuple[int, int]] = []
        self._bodies()

    def text(self, i: int) -> str:
        return self.tokens[i].text if 0 <= i < len(self.tokens) else ""

    def kind(self, i: int) -> str:
        return self.tokens[i].kind if 0 <= i < len(self.tokens) else ""

    def _match(self) -> dict[int, int]:
        partner: dict[int, int] = {}
        stack: list[int] = []
        for i, token in enumerate(self.tokens):
            if token.kind != "mark":
                continue
            if token.text in OPENS:
                stack.append(i)
            elif token.text in OPENS.values():
                partner[i] = stack.pop()
                partner[partner[i]] = i
        return partner

    def is_type(self, i: int) -> bool:
        text = self.text(i)
        return (
            text in TYPES
            or re.fullmatch(r"\w+_t|__m\w+", text) is not None
            or (self.kind(i) == "name" and self.text(i - 1) in ("struct", "union", "enum"))
        )

    def _bodies(self) -> None:
        i = 0
        while i < len(self.tokens):
            if self.text(i) == "{":
                if self.text(i - 1) == ")":
                    for at in range(i + 1, self.partner[i]):
                        self.live[at] = True
                    self._block(i + 1, self.partner[i])
                i = self.partner[i]
            i += 1
        for i, token in enumerate(self.tokens):
            if token.text in SPEAKING and self.text(i + 1) == "(":
                for at in range(i, self.partner[i + 1] + 1):
                    self.live[at] = False

    def _block(self, i: int, end: int) -> None:
        while i < end:
            i = self._statement(i)

    def _statement(self, i: int) -> int:
        """Records the statement that begins at token i; returns where the next begins."""
        text = self.text(i)
        if text == "{":
            self._block(i + 1, self.partner[i])
            return self.partner[i] + 1
        if text in ("else", "do") or re.fullmatch("[A-Z_]+", text) and self.text(i + 1) in CONTROLS:
            return self._statement(i + 1)
        if text in ("case", "default"):
            while self.text(i) != ":":
                i += 1
            return i + 1
        if text in CONTROLS and self.text(i + 1) == "(":
            return self._statement(self.partner[i + 1] + 1)
        if self.kind(i) == "name" and self.text(i + 1) == ":":
            return i + 2
        first = i
        while self.text(i) != ";":
            i = self.partner[i] + 1 if self.text(i) in OPENS else i + 1
        if self.is_type(first):
            self.declarations.append((first, i))
        elif text not in NO_EXPRESSION or text in ("break", "continue"):
            self.statements.append((first, i))
        return i + 1

    def is_binary(self, i: int) -> bool:
        """Whether the operator at i stands between two operands, and not in a declaration or cast."""
        before = i - 1
        if self.text(before) == ")":
            inner = range(self.partner[before] + 1, before)
            if inner and all(self.is_type(t) or self.text(t) == "*" for t in inner):
                return False  # a cast
            return self.text(self.partner[before] - 1) not in CONTROLS
        if self.text(before) == "]":
            return True
        if self.kind(before) == "name":
            return not self.is_type(before) and self.text(before) not in ("return", "sizeof", "case")
        return self.kind(before) == "number"

    def arguments(self, opening: int) -> list[tuple[int, int]]:
        """The arguments of a call as ranges of text."""
        found, first, i = [], opening + 1, opening + 1
        while i <= self.partner[opening]:
            if i == self.partner[opening] or self.text(i) == ",":
                if i > first:
                    found.append((self.tokens[first].start, self.tokens[i - 1].end))
                first = i + 1
            i = self.partner[i] + 1 if self.text(i) in OPENS else i + 1
        return found


# ---- Operators ----------------------------------------------------------------------------------

# fmt: off
MARKS = {  # a mark between two operands
    "boundary": {"<": "<=", "<=": "<", ">": ">=", ">=": ">"},
    "flip": {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "!=", "!=": "=="},
    "arithmetic": {"+": "-", "-": "+", "*": "+", "/": "*", "%": "/"},
    "logic": {"&&": "||", "||": "&&", "&": "|", "|": "&", "^": "|", "<<": ">>", ">>": "<<"},
    "overwrite": {"+=": "=", "-=": "=", "*=": "=", "|=": "=", "&=": "="},
    "sign": {"+=": "-=", "-=": "+=", "*=": "+=", "/=": "*="},
}
WORDS = {  # a name for another
    "truth": {"true": "false", "false": "true"},
    "identity": {"NAN": "0", "DBL_MAX": "0", "FLT_MAX": "0"},
    "axis": {
        "od": "oh", "oh": "ow", "ow": "oh", "id": "ih", "ih": "iw", "iw": "ih",
        "kd": "kh", "kh": "kw", "kw": "kh", "stride_d": "stride_h", "stride_h": "stride_w",
        "stride_w": "stride_h",
    },
    "kind": {
        "PB_SRC": "PB_DST", "PB_DST": "PB_SRC", "PB_WEIGHTS": "PB_BIAS", "PB_BIAS": "PB_WEIGHTS",
        "PB_INDICES": "PB_DST", "PB_AVG_P": "PB_AVG_NP", "PB_AVG_NP": "PB_AVG_P",
        "PB_MAX": "PB_GMP", "PB_GMP": "PB_MAX", "PB_GAP": "PB_AVG_NP", "PB_CONV": "PB_MAX",
        "PB_NCHW": "PB_NHWC", "PB_NHWC": "PB_NCHW", "PB_NCHW16C": "PB_NCHW",
        "PB_FWD": "PB_BWD", "PB_FWD_IDX": "PB_FWD", "PB_BWD": "PB_FWD", "PB_BWD_W": "PB_BWD",
    },
    "function": {
        "fmin": "fmax", "fmax": "fmin", "floor": "ceil", "ceil": "floor", "isnan": "isinf",
        "isfinite": "isnan", "signbit": "isinf", "window_taps": "window_covering",
        "v_even": "v_odd", "v_odd": "v_even", "v_add": "v_max", "v_max": "v_add", "v_mul": "v_add",
        "v_fma": "v_select",
        "v_div": "v_mul", "v_load_even": "v_load_n", "avx2_low64": "avx2_high64",
        "avx2_high64": "avx2_low64", "avx512_low64": "avx512_high64",
        "avx512_high64": "avx512_low64", "_CMP_GT_OQ": "_CMP_GE_OQ", "_CMP_UNORD_Q": "_CMP_ORD_Q",
        "_CMP_ORD_Q": "_CMP_UNORD_Q", "_mm256_unpacklo_ps": "_mm256_unpackhi_ps",
        "_mm256_unpackhi_ps": "_mm256_unpacklo_ps",
    },
    "narrow": {"double": "float"},
}
MEMBERS = {  # a name after `.` or `->`
    "axis": {"d": "h", "h": "w", "w": "h"},  # an axis: followed by `.`
    "field": {"i": "o", "o": "i", "s": "p", "p": "s", "k": "s", "d": "p", "pr": "p"},
    "member": {
        "src": "dst", "dst": "src", "first": "end", "end": "first", "step": "count",
        "count": "step", "value": "bound", "bound": "value", "magnitude": "value",
        "weights": "bias", "bias": "weights", "mb": "ic", "ic": "mb", "g": "mb",
    },
}
CHANNELS = {"ic": "oc", "oc": "ic"}  # equal but in convolutions
# Calls whose two arguments, counted from 0, may be taken for each other.
SWAPS = {
    "v_max": (0, 1), "v_div": (0, 1), "v_gt": (0, 1), "v_even": (0, 1), "v_odd": (0, 1),
    "v_select": (1, 2), "vi_select": (1, 2), "v_store_zip": (1, 2), "_mm256_max_ps": (0, 1),
    "_mm512_mask_max_ps": (2, 3), "_mm256_blendv_ps": (0, 1), "_mm512_mask_blend_ps": (1, 2),
    "_mm512_mask_blend_epi32": (1, 2), "_mm256_blendv_epi8": (0, 1), "copysign": (0, 1),
    "_mm256_shuffle_ps": (0, 1), "_mm256_permute2f128_ps": (0, 1),
}
# Masked forms, and how many arguments they keep when all lanes are taken.
MASKED = {"v_load_n": 1, "v_store_n": 2}
# fmt: on
PREFETCHES = {"__builtin_prefetch", "_mm_prefetch", "v_prefetch"}


def _mark_edits(code: Code, i: int) -> Iterator[Edit]:
    token = code.tokens[i]
    for operator in MARKS:
        table = MARKS[operator]
        if token.text in table and code.is_binary(i):
            yield Edit(operator, token.start, token.end, table[token.text])
    if token.text == "!" and code.text(i + 1) != "=":
        yield Edit("negation", token.start, token.end, "")
    if token.text == "-" and not code.is_binary(i):
        if code.text(i + 1) == "INFINITY":
            yield Edit("identity", token.start, code.tokens[i + 1].end, "0")
        yield Edit("minus", token.start, token.end, "")
    if token.text == "~":
        yield Edit("negation", token.start, token.end, "")


def _number_edits(code: Code, i: int) -> Iterator[Edit]:
    token = code.tokens[i]
    whole = re.fullmatch(r"(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)", token.text)
    if not whole:
        yield Edit("constant+1", token.start, token.end, f"({token.text} + 1)")
        return
    value, suffix = int(whole[1], 0), whole[2]
    form = "#x" if whole[1][:2] in ("0x", "0X") else "d"
    yield Edit("constant+1", token.start, token.end, f"{value + 1:{form}}{suffix}")
    if value:
        yield Edit("constant-1", token.start, token.end, f"{value - 1:{form}}{suffix}")


def _name_edits(code: Code, i: int, channels: bool) -> Iterator[Edit]:
    token = code.tokens[i]
    called = code.text(i + 1) == "("
    if code.text(i - 1) in (".", "->"):
        tables = [("member", MEMBERS["member"])]
        if code.text(i + 1) == "." or code.text(i + 1) in (",", ")") and code.text(i - 3) == "&":
            tables.append(("axis", MEMBERS["axis"]))
        else:
            tables.append(("field", MEMBERS["field"]))
        tables.append(("axis", WORDS["axis"]))
        if channels:
            tables.append(("channel", CHANNELS))
    else:
        tables = list(WORDS.items())
    for operator, table in tables:
        if token.text in table:
            yield Edit(operator, token.start, token.end, table[token.text])
    if called and token.text in SWAPS:
        arguments = code.arguments(i + 1)
        a, b = SWAPS[token.text]
        if b < len(arguments):
            (a0, a1), (b0, b1) = arguments[a], arguments[b]
            s = code.source
            yield Edit("swap", a0, b1, s[b0:b1] + s[a1:b0] + s[a0:a1])
    if called and token.text in MASKED:
        kept = code.arguments(i + 1)[: MASKED[token.text]]
        closing = code.tokens[code.partner[i + 1]]
        text = ", ".join(code.source[first:last] for first, last in kept)
        yield Edit("mask", token.start, closing.end, f"{token.text.removesuffix('_n')}({text})")
    if called and token.text in PREFETCHES:
        first, last = code.arguments(i + 1)[0]
        closing = code.tokens[code.partner[i + 1]]
        text = f"(*(volatile char *)({code.source[first:last]}) = 0)"
        yield Edit("prefetch", token.start, closing.end, text)


def _control_edits(code: Code, i: int) -> Iterator[Edit]:
    opening, closing = i + 1, code.partner[i + 1]
    if code.text(i) == "if":
        start, end = code.tokens[opening].end, code.tokens[closing].start
        yield Edit("always", start, end, "1")
        yield Edit("never", start, end, "0")
    if code.text(i) == "for" and "+= VL" in code.source[code.tokens[i].start : code.tokens[closing].end]:
        for at in range(opening, closing):
            if code.text(at) == "<":
                yield Edit("tail", code.tokens[at].start, code.tokens[at].end, "+ VL <=")


def _statement_edits(code: Code, first: int, last: int) -> Iterator[Edit]:
    if code.source.startswith("(void)", code.tokens[first].start) or not code.live[first]:
        return
    if first == last:
        return
    start = code.tokens[first].start
    yield Edit("delete", start, code.tokens[last].start, "")
    for at in range(first, last):
        if code.text(at) == "=" and not any(code.text(t) in ("{", "(") for t in range(first, at)):
            yield Edit("accumulate", code.tokens[at].start, code.tokens[at].end, "+=")
            break


# `a < b ? a : b` and `if (a > b) b = a`: where a is b, either choice is the same.
SAME_AT_THE_BOUNDARY = [
    re.compile(r"([\w>.-]+)\s*(<=?|>=?)\s*([\w>.-]+)\s*\?\s*(?:\1\s*:\s*\3|\3\s*:\s*\1)(?=\W)"),
    re.compile(r"if \(([\w>.-]+) (<=?|>=?) ([\w>.-]+)\) (?:\3 = \1|\1 = \3);"),
]


def edits(source: str, channels: bool) -> list[Edit]:
    """Every fault of a file, in the order of the text. With `channels` ic and oc are swapped too."""
    code = Code(source)
    sizes: set[int] = set()  # numbers that say how large an array is
    for first, last in code.declarations:
        for i in range(first, last):
            if code.text(i) == "=":
                break
            if code.text(i) == "[":
                sizes.update(range(i, code.partner[i]))
    same = {m.start(2) for idiom in SAME_AT_THE_BOUNDARY for m in idiom.finditer(source)}
    found: list[Edit] = []
    for i, token in enumerate(code.tokens):
        if not code.live[i]:
            continue
        if token.kind == "number" and i not in sizes:
            found += _number_edits(code, i)
        elif token.kind == "name" and token.text in CONTROLS and code.text(i + 1) == "(":
            found += _control_edits(code, i)
        elif token.kind == "name":
            found += _name_edits(code, i, channels)
        elif token.kind == "mark":
            found += (e for e in _mark_edits(code, i) if e.operator != "boundary" or e.start not in same)
    for first, last in code.statements:
        found += _statement_edits(code, first, last)
    return sorted(set(found), key=lambda edit: (edit.start, edit.operator, edit.text))
