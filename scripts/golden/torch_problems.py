"""Random problems that PyTorch can say, and what it says of them."""
import functools
import math

import numpy as np
import torch
import torch.nn.functional as F

# Where PyTorch does not say what the contract says; the rest of such a problem is compared.
KNOWN = {
    "empty window": "max of a window without input: no defined index in PyTorch "
                    "(github.com/pytorch/pytorch/issues/40131), -1 here, and no gradient",
    "lp of negatives": "lp_pool takes x to the power p, not |x| "
                       "(github.com/pytorch/pytorch/issues/184037); |x| is given to it here",
    "lp by powers": "lp_pool has no padding and no third axis, and scales a window that ceil cuts "
                    "as if it were whole (torch/nn/functional.py); avg_pool sums powers instead",
}


class Problem:
    """What is asked, the inputs by role in PyTorch's axis order, and what must come out."""

    def __init__(self, text, layout):
        self.text, self.layout = text, layout
        self.inputs, self.expected = {}, {}  # role: values; role: (values, bounds)
        self.known = set()


# ---- Drawing ------------------------------------------------------------------------------------


def axis_text(letter, **fields):
    """Nothing is said of a field that is None."""
    given = ((key, value) for key, value in fields.items() if value is not None)
    return "_" + "".join(f"{key}{letter}{value}" for key, value in given)


def draw_values(rng, shape, family):
    x = rng.uniform(-1, 1, shape)
    if family == "negative":
        x = x - 1.5
    elif family == "ties":
        x = rng.integers(-2, 3, shape)
    elif family == "infinite":  # most windows hold -Inf, some nothing else
        x = np.where(rng.uniform(size=shape) < 0.6, -np.inf, x)
    elif family == "special":
        rare = rng.choice([np.nan, np.inf, -np.inf], size=shape)
        x = np.where(rng.uniform(size=shape) < 0.1, rare, x)
    return torch.tensor(np.asarray(x, np.float32))


class Windows:
    """Windows of every axis, with the text that says so. `padding` is (leading, trailing)."""

    def __init__(self, rng, rank, dilated, ceil, one_sided):
        self.rank, self.ceil, self.text = rank, ceil, ""
        self.i, self.o, self.k, self.s, self.d, self.padding = [], [], [], [], [], []
        for letter in "dhw"[3 - rank:]:
            k, s = pick(rng, 1, 2, 2, 3, 3, 3, 4, 5, 7), pick(rng, 1, 1, 2, 2, 2, 3, 4)
            d = pick(rng, 1, 1, 1, 2, 3) if dilated else 1
            span = (k - 1) * d + 1
            p = int(rng.integers(0, k // 2 + 1))  # PyTorch's pools take no more
            longest = (0, 70, 20, 7)[rank]
            # avg_pool3d refuses an input smaller than its window, padded or not.
            i = max(int(rng.integers(1, longest + 1)), span - (0 if rank == 3 else 2 * p))
            o = (i + 2 * p - span + (s - 1 if ceil else 0)) // s + 1
            o -= ceil and (o - 1) * s >= i + p
            trailing = p
            if one_sided:
                p, o = int(rng.integers(0, span + 1)), int(rng.integers(1, o + 3))
                trailing = (o - 1) * s - i + span - p
            for numbers, value in zip((self.i, self.o, self.k, self.s, self.d, self.padding),
                                      (i, o, k, s, d, (p, trailing))):
                numbers.append(value)
            self.text += axis_text(letter, i=i, o=None if ceil else o, k=k, s=s, p=p, d=d - 1)
        self.text += "_ceil" if ceil else ""
        # F.pad counts from the last axis.
        self.outside = [n for pair in reversed(self.padding) for n in pair] if one_sided else None
        self.inside = [0] * rank if one_sided else [p for p, _ in self.padding]

    def pad(self, x, value=0.0):
        return x if self.outside is None else F.pad(x, self.outside, value=value)


def either(rng, chance=0.5):
    return bool(rng.uniform() < chance)


def pick(rng, *values):
    return values[int(rng.integers(len(values)))]


def start(rng):
    """Rank, layout, and the minibatch and channels of a pool."""
    channels = pick(rng, 1, 2, 3, 8, 15, 16, 17, 33)
    return pick(rng, 1, 2, 2, 2, 3), pick(rng, "nchw", "nhwc"), [pick(rng, 1, 2, 3), channels]


# ---- What PyTorch says --------------------------------------------------------------------------


def by_rank(stem, rank):
    return getattr(F, f"{stem}{rank}d")


def channels_last(x):
    """The same tensor in the memory order of nhwc, where PyTorch has other code for it."""
    order = {4: torch.channels_last, 5: torch.channels_last_3d}.get(x.dim())
    return x.contiguous(memory_format=order) if order else x


def relative(m):
    """gamma_m of Higham's Accuracy and Stability, section 3.1."""
    return m * 2.0**-24 / (1 - m * 2.0**-24)


def bound(magnitude, terms):
    return relative(terms + 3) * magnitude + (terms + 3) * 2.0**-149


def expect_linear(problem, roles, tensors, function, written, dy=None, exact=False):
    """function(*tensors, of_ones) is linear in each of `tensors`, which have those roles. Without
    dy its value is wanted, else the gradients at the roles in `written`. Exact: a mere copy."""
    nhwc = problem.layout == "nhwc"

    def evaluate(change, of_ones=False):
        given = [change(t.double()) for t in tensors]
        given = [channels_last(t) if nhwc else t for t in given]
        if dy is None:
            with torch.no_grad():
                return [function(*given, of_ones)]
        for t in given:
            t.requires_grad_()
        y = function(*given, of_ones)
        wanted = [given[roles.index(role)] for role in written]
        return torch.autograd.grad(y, wanted, change(dy.double()))

    values = evaluate(torch.clone)
    magnitudes = evaluate(lambda t: torch.nan_to_num(t, 0, 0, 0).abs())
    terms = evaluate(torch.ones_like, True)
    for role, value, magnitude, count in zip(written, values, magnitudes, terms):
        count = count.round()
        limit = bound(magnitude, count) * (not exact)
        limit = torch.where(count > 0, limit, torch.zeros_like(limit))
        problem.expected[role] = (value.detach(), limit)


def taps_inside(w):
    """How many taps of each window lie inside the input."""
    pads = []
    for i, o, k, s, d, (p, _) in reversed(list(zip(w.i, w.o, w.k, w.s, w.d, w.padding))):
        pads += [p, (o - 1) * s + (k - 1) * d + 1 - i - p]
    ones = torch.ones([1, 1] + w.i, dtype=torch.float64)
    taps = torch.ones([1, 1] + w.k, dtype=torch.float64)
    return by_rank("conv", w.rank)(F.pad(ones, pads), taps, stride=w.s, dilation=w.d).round()


def unpad(index, w):
    """Positions in what F.pad made as positions in the input."""
    flat, step = torch.zeros_like(index), 1
    for i, (p, trailing) in reversed(list(zip(w.i, w.padding))):
        flat = flat + (index % (i + p + trailing) - p) * step
        index, step = index // (i + p + trailing), step * i
    return flat


def sizes(rng, rank, most):
    return [int(n) for n in rng.integers(1, most + 1, rank)]


def max_problem(rng, op):
    rank, layout, shape = start(rng)
    direction = pick(rng, "fwd", "fwd_idx", "fwd_idx", "bwd")
    families = ["mixed", "negative", "ties"]
    if op == "max":
        one_sided = either(rng, 0.2)
        w = Windows(rng, rank, either(rng, 0.3), not one_sided and either(rng, 0.3), one_sided)
        spatial, text, empty = w.i, w.text, taps_inside(w) == 0
        # Padding that F.pad writes would tie with -Inf of the input.
        families += [] if one_sided else ["infinite", "special"]
        pool = by_rank("max_pool", rank)

        def forward(x):
            y, index = pool(w.pad(x, -math.inf), w.k, w.s, w.inside, w.d, w.ceil, True)
            return y, unpad(index, w) if one_sided else index
    else:
        spatial, empty = sizes(rng, rank, 12), torch.tensor(False)
        out = [1] * rank if op == "gmp" else sizes(rng, rank, 9)
        text = "".join(axis_text(letter, i=i, o=None if op == "gmp" else o)
                       for letter, i, o in zip("dhw"[3 - rank:], spatial, out))

        def forward(x):
            return by_rank("adaptive_max_pool", rank)(x, out, return_indices=True)

    if empty.any() and direction == "bwd":
        direction = "fwd_idx"  # PyTorch's backward would write outside its gradient
    x = draw_values(rng, shape + spatial, pick(rng, *families))
    x = channels_last(x) if layout == "nhwc" else x
    y, index = forward(x)
    problem = Problem(f"{op}:{layout}:{direction}:mb{shape[0]}ic{shape[1]}{text}", layout)
    if empty.any():
        problem.known.add("empty window")
        index = torch.where(empty, torch.full_like(index, -1), index)
    if direction == "bwd":
        dy = draw_values(rng, list(y.shape), pick(rng, "mixed", "ties"))
        problem.inputs = {"dst": dy, "indices": index}
        expect_gradient(problem, lambda z: forward(z)[0], x, dy)
        return problem
    problem.inputs = {"src": x}
    problem.expected["dst"] = y, torch.zeros(y.shape)
    if direction == "fwd_idx":
        problem.expected["indices"] = index, torch.zeros(y.shape)
    return problem


def expect_gradient(problem, function, x, dy):
    """PyTorch's gradient of a maximum; of one term it is exact."""
    x = x.double().requires_grad_()
    y = function(x)
    gradient, magnitude, terms = (
        torch.autograd.grad(y, x, change(dy.double()), retain_graph=True)[0]
        for change in (torch.clone, torch.abs, torch.ones_like))
    limit = torch.where(terms < 2, torch.zeros_like(terms), bound(magnitude, terms))
    problem.expected["src"] = gradient, limit


def average_problem(rng, op):
    rank, layout, shape = start(rng)
    one_sided = either(rng, 0.2)
    w = Windows(rng, rank, False, not one_sided and either(rng, 0.3), one_sided)
    divisor = int(rng.integers(1, 10)) if either(rng, 0.2) else None
    count = taps_inside(w).clamp(min=1)

    def forward(x, of_ones):
        over = 1 if of_ones else divisor
        if one_sided:
            total = pool_average(w, w.pad(x), 1)
            return total / (over or (math.prod(w.k) if op == "avg_p" else count))
        return pool_average(w, x, over, op == "avg_p")

    text = w.text + (f"_div{divisor}" if divisor else "")
    return linear_problem(rng, op, layout, shape, w.i, text, forward)


def pool_average(w, x, divisor, include=True):
    """avg_pool1d takes no divisor, so one axis is made two."""
    if w.rank > 1:
        return by_rank("avg_pool", w.rank)(x, w.k, w.s, w.inside, w.ceil, include, divisor)
    k, s, p = [1] + w.k, [1] + w.s, [0] + w.inside
    return F.avg_pool2d(x.unsqueeze(2), k, s, p, w.ceil, include, divisor).squeeze(2)


def linear_problem(rng, op, layout, shape, spatial, text, forward, exact=False):
    """forward(x, of_ones); of ones it counts terms, so there is no division."""
    direction = pick(rng, "fwd", "bwd")
    x = draw_values(rng, shape + spatial, pick(rng, "mixed", "negative", "ties", "special"))
    problem = Problem(f"{op}:{layout}:{direction}:mb{shape[0]}ic{shape[1]}{text}", layout)
    if direction == "fwd":
        problem.inputs = {"src": x}
        expect_linear(problem, ["src"], [x], forward, ["dst"], exact=exact)
    else:
        with torch.no_grad():
            y = forward(x.double(), False)
        dy = draw_values(rng, list(y.shape), pick(rng, "mixed", "negative", "ties", "special"))
        problem.inputs = {"dst": dy}
        expect_linear(problem, ["src"], [x], forward, ["src"], dy, exact)
    return problem


def global_average_problem(rng, op):
    rank, layout, shape = start(rng)
    spatial = sizes(rng, rank, 12)
    text = "".join(axis_text(letter, i=i) for letter, i in zip("dhw"[3 - rank:], spatial))
    return linear_problem(rng, op, layout, shape, spatial, text,
                          lambda x, of_ones: by_rank("adaptive_avg_pool", rank)(x, [1] * rank)
                          * (math.prod(spatial) if of_ones else 1))


def adaptive_average_problem(rng, op):
    rank, layout, shape = start(rng)
    spatial, out = sizes(rng, rank, 12), sizes(rng, rank, 9)
    text = "".join(axis_text(letter, i=i, o=o)
                   for letter, i, o in zip("dhw"[3 - rank:], spatial, out))
    lengths = [torch.tensor([-(-(n + 1) * i // o) - n * i // o for n in range(o)]).double()
               for i, o in zip(spatial, out)]
    count = functools.reduce(lambda a, b: a[..., None] * b, lengths)

    def forward(x, of_ones):
        return by_rank("adaptive_avg_pool", rank)(x, out) * (count if of_ones else 1)

    return linear_problem(rng, op, layout, shape, spatial, text, forward)


def s2d_problem(rng, op):
    """pixel_unshuffle: two axes, square blocks, channel ic, kh, kw. Another order of its channels
    is that of ONNX and TensorFlow: kh, kw, ic."""
    _, layout, (mb, c) = start(rng)
    k, out, crd = pick(rng, 1, 2, 2, 3, 4), sizes(rng, 2, 6), either(rng)
    text = "".join(axis_text(letter, i=o * k, k=k) for letter, o in zip("hw", out))
    text += "_crd" if crd else ""

    def forward(x, _):
        y = F.pixel_unshuffle(x, k)
        return y if crd else y.reshape([mb, c, k * k] + out).transpose(1, 2).reshape(y.shape)

    return linear_problem(rng, op, layout, [mb, c], [o * k for o in out], text, forward, exact=True)


def blur_problem(rng, op):
    """Reflection padding, then a depthwise convolution with binomial weights."""
    rank, layout, shape = start(rng)
    text, spatial, strides, filters, pads, crops = "", [], [], [], [], []
    for letter in "dhw"[3 - rank:]:
        k, s = pick(rng, 1, 2, 3, 3, 4, 5, 6, 7), pick(rng, 1, 2, 2, 3)
        i, = sizes(rng, 1, (0, 70, 20, 7)[rank])
        p = int(rng.integers(0, min(k, i)))
        i = max(i, k - p)  # it fits once
        o = (i + p + min(k - 1, i - 1) * either(rng) - k) // s + 1
        trailing = (o - 1) * s + k - i - p
        text += axis_text(letter, i=i, o=o, k=k, s=s, p=p)
        spatial, strides, pads = spatial + [i], strides + [s], [p, max(trailing, 0)] + pads
        filters.append(torch.tensor([math.comb(k - 1, n) / 2**(k - 1) for n in range(k)]).double())
        crops.append(slice(0, i + p + trailing))
    weights = functools.reduce(lambda a, b: a[..., None] * b, filters)
    weights = weights.expand([shape[1], 1] + [-1] * rank)

    def forward(x, of_ones):
        x = F.pad(x, pads, mode="reflect")[(..., *crops)]
        filter = torch.ones_like(weights) if of_ones else weights
        return by_rank("conv", rank)(x, filter, None, strides, groups=shape[1])

    return linear_problem(rng, op, layout, shape, spatial, text, forward)


def lp_problem(rng, op):
    """The root of summed powers. The bound: each ratio |x| / m is rounded, and its power is within
    two ulps (4u); S sums those; the root divides its relative error by p and is within two ulps."""
    rank, layout, shape = start(rng)
    one_sided = either(rng, 0.2)
    w = Windows(rng, rank, False, not one_sided and either(rng, 0.3), one_sided)
    power, direction = pick(rng, 0.5, 1, 1.5, 2, 2, 3, 4.5), pick(rng, "fwd", "bwd")
    whole = rank < 3 and not w.ceil and not any(p or trailing for p, trailing in w.padding)
    text = f"{op}:{layout}:{direction}:mb{shape[0]}ic{shape[1]}{w.text}_pow{power}"
    problem = Problem(text, layout)
    # Where x is 0 PyTorch's gradient of a power is not the contract's 0.
    families = ["mixed", "negative"] + (["ties"] if direction == "fwd" else [])
    x = draw_values(rng, shape + w.i, pick(rng, *families))
    if (x < 0).any():
        problem.known.add("lp of negatives")
    if not whole:
        problem.known.add("lp by powers")

    def forward(x):
        if whole:
            k, s = (w.k, w.s) if rank > 1 else (w.k[0], w.s[0])
            return by_rank("lp_pool", rank)(x.abs(), power, k, s)
        return pool_average(w, w.pad(x.abs()**power), 1)**(1 / power)

    count = taps_inside(w).clamp(min=1)
    m = (power + 4 + count) / power + 6 + count.log()
    z = x.double().requires_grad_()
    y = forward(z)
    if direction == "fwd":
        problem.inputs = {"src": x}
        problem.expected["dst"] = y.detach(), relative(m) * y.detach()
        return problem
    dy = draw_values(rng, list(y.shape), "mixed")
    problem.inputs = {"dst": dy, "input": x}
    gradient, = torch.autograd.grad(y, z, dy.double(), retain_graph=True)
    # Terms are dy sign(x) (|x| / y)^(p - 1): their sizes are |dy|'s gradient, their number is that
    # of windows that hold x.
    terms, = torch.autograd.grad(pool_average(w, w.pad(z), 1), z, torch.ones_like(y))
    dy = dy.double().abs()
    errors, = torch.autograd.grad(y, z, dy * relative(abs(power - 1) * (m + 1) + 6),
                                  retain_graph=True)
    magnitude, = torch.autograd.grad(y, z, dy)
    problem.expected["src"] = gradient, errors.abs() + bound(magnitude.abs(), terms)
    return problem


def conv_problem(rng, op):
    rank, layout, shape = start(rng)
    w = Windows(rng, rank, either(rng, 0.3), False, either(rng, 0.2))
    groups = pick(rng, 1, 1, 1, 2, 3, 8, 17)
    each = [1, 1, 2] if groups > 3 else [1, 2, 3, 7, 9, 16, 17]
    ic, oc = groups * pick(rng, *each), groups * pick(rng, *each)
    direction, biased = pick(rng, "fwd", "bwd", "bwd_w"), either(rng, 0.7)
    text = f"{op}:{layout}:{direction}:g{groups}mb{shape[0]}ic{ic}oc{oc}{w.text}"
    problem = Problem(text, layout)
    special = pick(rng, "mixed", "ties", "special")
    # Only the factor that methods pad with zeros is Inf or NaN: what 0 times Inf gives there the
    # contract leaves open.
    x = draw_values(rng, [shape[0], ic] + w.i, special if direction == "fwd" else "mixed")
    weights = draw_values(rng, [oc, ic // groups] + w.k, pick(rng, "mixed", "ties"))
    bias = [draw_values(rng, [oc], "mixed")] if biased else []

    def forward(x, weights, *rest):
        *bias, _ = rest
        return by_rank("conv", rank)(w.pad(x), weights, *(bias or [None]), w.s, w.inside, w.d,
                                     groups)

    roles, tensors = ["src", "weights", "bias"][:2 + biased], [x, weights] + bias
    inputs = dict(zip(roles, tensors))
    if direction == "fwd":
        problem.inputs = inputs
        expect_linear(problem, roles, tensors, forward, ["dst"])
        return problem
    dy = draw_values(rng, [shape[0], oc] + w.o, special if direction == "bwd" else "mixed")
    written = ["src"] if direction == "bwd" else roles[1:]
    problem.inputs = {"dst": dy, **{role: t for role, t in inputs.items()
                                    if role == ("weights" if direction == "bwd" else "src")}}
    expect_linear(problem, roles, tensors, forward, written, dy)
    return problem


DRAW = {"max": max_problem, "gmp": max_problem, "avg_p": average_problem,
        "avg_np": average_problem, "gap": global_average_problem, "conv": conv_problem,
        "lp": lp_problem, "adaptive_max": max_problem, "adaptive_avg": adaptive_average_problem,
        "s2d": s2d_problem, "blur": blur_problem}
