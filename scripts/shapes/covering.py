"""Covering designs: few problems in which every pair of parameter values occurs.

A stratum is one operation, type and direction. Within it a problem is a choice of rank, layout,
batch, channels and, for each axis, of one of the axes that the contract allows. Labels name the
values that a problem has; wanted are all pairs of labels in every stratum, and all triples of the
labels of one axis in every operation and direction, whatever the type. What the contract refuses is
on no list of allowed axes, and is not wanted.
"""

import itertools
import random

WINDOWS = (1, 2, 3, 4, 5, 7, 9, 31)
FILTERS = (1, 2, 3, 4, 5, 7)
LAYOUTS = ("nchw", "nhwc", "nChw16c")
AXES = "dhw"
MOST_WORK = 200_000  # multiply-adds and elements of a problem, where its pair allows it
TRIES = 16  # problems of which the best is taken


# ---- the axes that there are ---------------------------------------------------------------------


def size_label(i, span):
    return "i<K" if i < span else "i=K" if i == span else "i>K"


def strided_labels(axis):
    """Of an axis as a dictionary of the fields i, o, k, s, p, pr, d."""
    i, k, s, d, p, pr = (axis[field] for field in ("i", "k", "s", "d", "p", "pr"))
    labels = [f"k{k}", f"d{d}", size_label(i, (k - 1) * (d + 1) + 1)]
    labels += [f"s{s}"] if s <= 3 else []
    labels += ["s=k"] if s == k else ["s=k+1"] if s == k + 1 else []
    labels += [f"p{p}"] if p <= 1 else []
    labels += ["p=k-1"] if p == k - 1 else []
    labels += ["pr-1"] if pr == -1 else ["pr=p"] if pr == p else ["pr=p+1"] if pr == p + 1 else []
    return labels


def inputs(span, p, pr, s):
    """The least input of each size that gives whole strides; above the window at least two."""
    found = {}
    for o in range(1, 40):
        i = span - p - pr + (o - 1) * s
        label = size_label(i, span)
        if i >= 1 and label not in found and (label != "i>K" or o > 1):
            found[label] = (i, o)
    return found.values()


def ceil_inputs(span, p, s):
    """The same where the output is rounded up, and an overhang is there if it can be."""
    found = {}
    for i in range(max(1, span - 2 * p), span + 2 * s + 2):
        room = i + 2 * p - span
        o = -(-room // s) + 1
        if (o - 1) * s >= i + p:
            o -= 1
        label = size_label(i, span)
        if label not in found or (room % s and not found[label][2]):
            found[label] = (i, o, room % s)
    return [(i, o) for i, o, _ in found.values()]


def strided_axes(ceil, windows=WINDOWS, dilations=(0, 1, 2), reflects=False):
    axes = []
    for k, d in itertools.product(windows, dilations):
        span = (k - 1) * (d + 1) + 1
        for s, p in itertools.product(sorted({1, 2, 3, k, k + 1}), sorted({0, 1, k - 1})):
            ends = [(p, ceil_inputs(span, p, s))] if ceil else [
                (pr, inputs(span, p, pr, s)) for pr in sorted({-1, p, p + 1})]
            for pr, sizes in ends:
                for i, o in sizes:
                    if not reflects or max(p, pr) < i:
                        axes.append({"i": i, "o": o, "k": k, "s": s, "p": p, "pr": pr, "d": d})
    return axes


def block_axes():
    return [{"i": k * o, "o": o, "k": k, "s": k} for k in WINDOWS for o in (1, 2, 3, 5)]


def block_labels(axis):
    return [f"k{axis['k']}", f"o{axis['o']}"]


def whole_axes():
    return [{"i": i, "o": 1, "k": i, "s": 1} for i in (1, 2, 3, 8, 9, 31)]


def whole_labels(axis):
    return [f"i{axis['i']}"]


def adaptive_axes():
    """Outputs, and windows from a part of an input to a dozen, whole and in between."""
    axes = set()
    for o in (1, 2, 3, 7, 31):
        axes |= {(i, o) for i in (1, o - 1, o, o + 1, 2 * o, 2 * o + 1, 3 * o - 1, 10 * o + 1, 12 * o) if i > 0}
    return [{"i": i, "o": o, "k": 1, "s": 1} for i, o in sorted(axes)]


def adaptive_labels(axis):
    i, o = axis["i"], axis["o"]
    whole = "=" if max(i, o) % min(i, o) == 0 else "~"
    ratio = "i<o" if i < o else "i=o" if i == o else "<2" if i < 2 * o else "<4" if i < 4 * o else ">9"
    return [f"o{o}", f"i/o{whole}{ratio}"]


# ---- strata ----------------------------------------------------------------------------------------


class Operation:
    def __init__(self, name, kinds, labels, axes, ceil_axes=None, extra=None, groups=False):
        self.name = name
        self.kinds = kinds  # (type, directions)
        self.labels = labels
        self.axes = {False: axes}
        if ceil_axes:
            self.axes[True] = ceil_axes
        self.extra = extra  # the field of the operation's own, and what may be written of it
        self.groups = groups


def operations():
    floats = ("f32", ("fwd", "bwd"))
    largest = (("f32", ("fwd", "fwd_idx", "bwd")), ("s8", ("fwd", "fwd_idx")), ("u8", ("fwd", "fwd_idx")))
    average = (floats, ("s8", ("fwd",)), ("u8", ("fwd",)))
    strided, rounded = strided_axes(False), strided_axes(True)
    whole = (whole_labels, whole_axes())
    adaptive = (adaptive_labels, adaptive_axes())
    div = ("div", ("", "div1", "div3"))
    return (
        Operation("max", largest, strided_labels, strided, rounded),
        Operation("avg_p", average, strided_labels, strided, rounded, div),
        Operation("avg_np", average, strided_labels, strided, rounded, div),
        Operation("lp", (floats,), strided_labels, strided, rounded, ("pow", ("", "pow1", "pow3", "pow1.5"))),
        Operation("conv", (("f32", ("fwd", "bwd", "bwd_w")),), strided_labels, strided, groups=True),
        Operation("blur", (floats,), strided_labels, strided_axes(False, FILTERS, (0,), True)),
        Operation("s2d", (floats,), block_labels, block_axes(), extra=("crd", ("", "crd"))),
        Operation("gap", average, *whole),
        Operation("gmp", largest, *whole),
        Operation("adaptive_max", (("f32", ("fwd", "fwd_idx", "bwd")),), *adaptive),
        Operation("adaptive_avg", (floats,), *adaptive),
    )


def channels(dtype):
    """One, around a vector of either width, and above 256."""
    short, long = (8, 16) if dtype == "f32" else (32, 64)
    return (1, short - 1, short, short + 1, long - 1, long, long + 1, 257)


class Problem:
    def __init__(self, fields, axes):
        self.fields = fields  # layout, mb, g, ic and oc of a group, ceil, extra
        self.axes = axes  # by letter

    def labels(self, operation):
        f = self.fields
        labels = [f"rank={len(self.axes)}", f"layout={f['layout']}", f"mb={f['mb']}", f"ic={f['ic']}"]
        if operation.groups:
            labels += [f"g={f['g']}", f"oc={f['oc']}"]
        if len(operation.axes) > 1:
            labels.append(f"ceil={f['ceil']:d}")
        if operation.extra:
            labels.append(f"{operation.extra[0]}={f['extra']}")
        for letter, axis in self.axes.items():
            labels += [f"{letter}.{label}" for label in operation.labels(axis)]
        return labels

    def work(self, operation):
        f = self.fields
        inputs = outputs = taps = 1
        for axis in self.axes.values():
            inputs *= axis["i"]
            outputs *= max(axis["o"], axis["i"] if operation.labels is adaptive_labels else 1)
            taps *= axis["k"]
        groups = f["mb"] * f["g"]
        summed = f["ic"] * f["oc"] if operation.groups else f["ic"]
        return groups * (summed * taps * outputs + f["ic"] * inputs + f["oc"] * outputs)

    def text(self, operation, dtype, direction):
        f = self.fields
        text = f"{operation.name}:{dtype}:{f['layout']}:{direction}:"
        if operation.groups:
            text += f"g{f['g']}mb{f['mb']}ic{f['g'] * f['ic']}oc{f['g'] * f['oc']}"
        else:
            text += f"mb{f['mb']}ic{f['ic']}"
        for letter, a in self.axes.items():
            if operation.labels is strided_labels:
                keys = [key for key in "iokspd" if key not in "sd" or a[key] != (key == "s")]
            else:
                keys = {whole_labels: "i", adaptive_labels: "io", block_labels: "ik"}[operation.labels]
            text += "_" + "".join(f"{key}{letter}{a[key]}" for key in keys)
        for word in (f["extra"], "ceil" if f["ceil"] else ""):
            text += f"_{word}" if word else ""
        return text


def targets_of(labels):
    """The pairs, and the triples of one axis, among the labels of a problem, each in order."""
    labels = sorted(labels)
    targets = set(itertools.combinations(labels, 2))
    for letter in AXES:
        targets.update(itertools.combinations([label for label in labels if label.startswith(f"{letter}.")], 3))
    return targets


class Stratum:
    targets = {}  # that are wanted, by operation and channels

    def __init__(self, operation, dtype, direction):
        self.operation, self.dtype, self.direction = operation, dtype, direction
        self.random = random.Random(f"{operation.name}:{dtype}:{direction}")
        self.values = {"layout": LAYOUTS, "mb": (1, 2), "ic": channels(dtype)}
        if operation.groups:
            self.values |= {"g": (1, 2, 3, 17), "oc": channels(dtype)}
        if operation.extra:
            self.values["extra"] = operation.extra[1]
        self.labelled = {
            ceil: [(axis, frozenset(operation.labels(axis))) for axis in axes]
            for ceil, axes in operation.axes.items()
        }
        self.matching = {}  # axes by ceil and the labels that they must have

    @property
    def wanted(self):
        """Every target that some problem has, whatever it costs."""
        key = (self.operation.name, channels(self.dtype))
        if key not in Stratum.targets:
            Stratum.targets[key] = self.find_wanted()
        return Stratum.targets[key]

    def find_wanted(self):
        general = [[f"rank={rank}" for rank in (1, 2, 3)]]
        general += [[f"{name if name != 'extra' else self.operation.extra[0]}={value}" for value in values]
                    for name, values in self.values.items()]
        if len(self.labelled) > 1:
            general.append(["ceil=0", "ceil=1"])
        wanted = set()
        for one, other in itertools.combinations(general, 2):
            wanted |= {tuple(sorted(pair)) for pair in itertools.product(one, other)}
        for ceil, axes in self.labelled.items():
            singles = sorted(set().union(*(labels for _, labels in axes)))
            inside = {target for _, labels in axes for size in (2, 3)
                      for target in itertools.combinations(sorted(labels), size)}
            for place, letter in enumerate(AXES):
                wanted |= {tuple(f"{letter}.{label}" for label in target) for target in inside}
                for other in AXES[place + 1:]:
                    wanted |= {(f"{letter}.{a}", f"{other}.{b}")
                               for a, b in itertools.product(singles, singles)}
                for label, value in itertools.product(singles, itertools.chain(*general)):
                    if value.startswith("rank=") and int(value[5:]) < 3 - place:
                        continue
                    if not value.startswith("ceil=") or int(value[5:]) == ceil:
                        wanted.add(tuple(sorted((f"{letter}.{label}", value))))
        return wanted

    def axis(self, ceil, labels, cheap):
        """A random axis that has the labels; of several the cheapest where that is asked for."""
        key = (ceil, labels)
        if key not in self.matching:
            self.matching[key] = [axis for axis, has in self.labelled[ceil] if labels <= has]
        found = self.matching[key]
        if not found:
            return None
        drawn = [self.random.choice(found) for _ in range(cheap)]
        return min(drawn, key=lambda axis: (axis["k"] + 1) * (axis["o"] + 1) * axis["i"])

    def draw(self, target, cheap):
        """A random problem that has the labels of the target, or None."""
        fields = {name: self.random.choice(values) for name, values in self.values.items()}
        fixed, axes = {}, {}
        for label in target:
            if label[1] == ".":
                axes.setdefault(label[0], set()).add(label[2:])
            else:
                name, value = label.split("=", 1)
                fixed[name] = value
        rank = int(fixed.get("rank", self.random.choice((1, 2, 2, 3))))
        rank = max([rank] + [3 - AXES.index(letter) for letter in axes])
        ceil = self.random.choice(sorted(self.labelled))
        if "ceil" in fixed:
            ceil = fixed["ceil"] == "1"
        for name, values in self.values.items():
            label = self.operation.extra[0] if name == "extra" else name
            if label in fixed:
                fields[name] = next(value for value in values if str(value) == fixed[label])
        fields = {"g": 1, "extra": "", "ceil": ceil, **fields}
        fields.setdefault("oc", fields["ic"])
        drawn = {letter: self.axis(ceil, frozenset(axes.get(letter, ())), cheap)
                 for letter in AXES[3 - rank:]}
        return None if None in drawn.values() else Problem(fields, drawn)

    def best(self, target, missing):
        """Of some problems with the target the one that has most of what is missing for its work."""
        most, best, score = MOST_WORK, None, 0
        for attempt in range(1000):
            problem = self.draw(target, 1 + attempt // 4)
            if problem is None:
                continue
            work = problem.work(self.operation)
            if work > most:
                most += MOST_WORK // 50  # some pairs are dear in themselves
                continue
            labels = problem.labels(self.operation)
            gain = len(targets_of(labels) & missing)
            if gain / (1 + work / 50_000) > score:
                best, score = problem, gain / (1 + work / 50_000)
            if attempt >= TRIES and best:
                break
        assert best, f"no problem of {self.operation.name} has {target}"
        return best

    def problems(self, triples):
        """Problems until nothing that is wanted is missing, as text. `triples` are there already."""
        missing = self.wanted - triples
        order = sorted(missing)
        self.random.shuffle(order)
        texts = []
        for target in order:
            if target not in missing:
                continue
            problem = self.best(target, missing)
            missing -= targets_of(problem.labels(self.operation))
            texts.append(problem.text(self.operation, self.dtype, self.direction))
        return texts


def strata():
    for operation in operations():
        for dtype, directions in operation.kinds:
            for direction in directions:
                yield Stratum(operation, dtype, direction)
