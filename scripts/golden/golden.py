#!/usr/bin/python3
"""Writes the golden tensors of reference/golden with PyTorch; every expected value is PyTorch's.

Each case is a directory in ONNX's test-case layout: model.onnx and test_data_set_*/*.pb. Gradients
use ONNX Runtime's training operators (domain com.microsoft), and what ONNX cannot say (a divisor,
adaptive windows, PyTorch's order of channels, some gradients) is in the domain poolbench.
trace_gap_strided holds 20 steps of training instead: images, initial weights and losses.

Running it again on the same machine gives the same bytes. Needs Debian's python3-torch,
python3-onnx and python3-numpy:
    /usr/bin/python3 scripts/golden/golden.py [DIRECTORY]
"""
import pathlib
import shutil
import sys
import zlib

import numpy as np
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper

from golden_auto_pad import auto_pad_cases, padded_average, padded_lp, padded_max
from golden_files import source, tuples, write_case, write_model, write_set
from golden_trace import trace


# ---- Pooling ------------------------------------------------------------------------------------

# Shape, window, stride, padding, then what else the case is about.
WINDOWS = {
    "k2s2": ((2, 3, 6, 8), 2, 2, 0, {}),
    "k2s2_vector": ((1, 19, 4, 6), 2, 2, 0, {}),
    "k3s2p1": ((2, 3, 9, 7), 3, 2, 1, {}),
    "k3s1": ((1, 3, 6, 21), 3, 1, 0, {}),
    "nonsquare": ((2, 3, 9, 8), (3, 2), (2, 1), (1, 0), {}),
    "ceil": ((1, 2, 6, 7), 3, 2, 0, {"ceil": True}),
    "ceil_pad": ((1, 2, 4, 4), 3, 2, 1, {"ceil": True}),
    "1d": ((2, 3, 11), 3, 2, 1, {}),
    "3d": ((1, 2, 5, 4, 6), (2, 3, 2), (2, 1, 2), (1, 1, 0), {}),
}
MAX_ONLY = {
    "dilation": ((1, 3, 9, 10), (3, 2), 1, (1, 0), {"dilation": (2, 3)}),
    "negative_pad": ((2, 3, 5, 6), 3, 2, 1, {"family": "negative"}),
    "ties": ((2, 3, 6, 6), 3, 1, 1, {"family": "ties"}),
    "nan": ((2, 3, 6, 6), 3, 2, 1, {"family": "nan"}),
    "inf": ((2, 3, 6, 6), 2, 1, 1, {"family": "inf"}),
}
AVERAGE_ONLY = {
    "divisor": ((1, 3, 6, 5), (2, 3), (2, 1), (1, 1), {"divisor": 3}),
    "special": ((2, 3, 6, 6), 3, 2, 1, {"family": "special"}),
}


def over_tensor(index, shape):
    """PyTorch counts indices within a channel, ONNX over the whole tensor."""
    channel = torch.arange(shape[0] * shape[1]).reshape(shape[:2] + (1,) * (len(shape) - 2))
    return index + channel * int(np.prod(shape[2:]))


def max_cases(root):
    for key, (shape, k, s, p, more) in {**WINDOWS, **MAX_ONLY}.items():
        rank = len(shape) - 2
        k, s, p, d = tuples(rank, k, s, p, more.get("dilation", 1))
        x = source(f"max_{key}", shape, more.get("family", "mixed")).requires_grad_()
        pool = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[rank - 1]
        y, index = pool(x, k, s, p, d, more.get("ceil", False), return_indices=True)
        dy = source(f"max_{key}_dy", y.shape)
        y.backward(dy)
        index = over_tensor(index, shape)
        attributes = {"kernel_shape": k, "strides": s, "pads": p + p, "dilations": d,
                      "ceil_mode": int(more.get("ceil", False))}
        write_case(root, f"max_{key}", "MaxPool", [("X", x)], [("Y", y)], **attributes)
        write_case(root, f"max_idx_{key}", "MaxPool", [("X", x)], [("Y", y), ("Indices", index)],
                   **attributes)
        write_case(root, f"max_bwd_{key}", "MaxPoolGrad", [("dY", dy), ("Indices", index)],
                   [("dX", x.grad)], domain="com.microsoft", **attributes)
    x = source("max_asymmetric", (1, 3, 6, 6), "negative")
    y = F.max_pool2d(F.pad(x, (0, 1, 2, 1), value=-np.inf), 3, 2)
    write_case(root, "max_asymmetric", "MaxPool", [("X", x)], [("Y", y)], kernel_shape=(3, 3),
               strides=(2, 2), pads=(2, 0, 1, 1))


def average_cases(root):
    for key, (shape, k, s, p, more) in {**WINDOWS, **AVERAGE_ONLY}.items():
        rank = len(shape) - 2
        k, s, p = tuples(rank, k, s, p)
        pool = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[rank - 1]
        for op, include in (("avg_p", True), ("avg_np", False)):
            x = source(f"{op}_{key}", shape, more.get("family", "mixed")).requires_grad_()
            extra = (more["divisor"],) if "divisor" in more else ()
            y = pool(x, k, s, p, more.get("ceil", False), include, *extra)
            dy = source(f"{op}_{key}_dy", y.shape, more.get("family", "mixed"))
            y.backward(dy)
            attributes = {"kernel_shape": k, "strides": s, "pads": p + p,
                          "ceil_mode": int(more.get("ceil", False)),
                          "count_include_pad": int(include)}
            if extra:
                attributes["divisor_override"] = extra[0]
            write_case(root, f"{op}_{key}", "AveragePool", [("X", x)], [("Y", y)],
                       domain="poolbench" if extra else "", **attributes)
            write_case(root, f"{op}_bwd_{key}", "AveragePoolGrad", [("dY", dy)], [("dX", x.grad)],
                       domain="poolbench" if extra else "com.microsoft", **attributes)


def global_cases(root):
    shapes = {"1d": (2, 3, 9), "2d": (2, 19, 7, 5), "3d": (2, 3, 3, 4, 5), "special": (2, 5, 6, 4)}
    for key, shape in shapes.items():
        family = "special" if key == "special" else "mixed"
        axes = tuple(range(2, len(shape)))
        x = source(f"gap_{key}", shape, family).requires_grad_()
        y = x.mean(axes, keepdim=True)
        dy = source(f"gap_{key}_dy", y.shape, family)
        y.backward(dy)
        write_case(root, f"gap_{key}", "GlobalAveragePool", [("X", x)], [("Y", y)])
        write_case(root, f"gap_bwd_{key}", "GlobalAveragePoolGrad", [("dY", dy)], [("dX", x.grad)],
                   domain="poolbench")
        write_case(root, f"gmp_{key}", "GlobalMaxPool", [("X", x)],
                   [("Y", x.amax(axes, keepdim=True))])


# ---- Lp -----------------------------------------------------------------------------------------

# Shape, window, stride, padding, power, then what else the case is about.
LP = {
    "k2s2": ((2, 3, 6, 8), 2, 2, 0, 2.0, {}),
    "p1": ((2, 3, 9, 7), 3, 2, 1, 1.0, {}),
    "p3": ((1, 3, 6, 21), 3, 1, 0, 3.0, {}),
    "p3_negative": ((1, 3, 5, 6), 3, 2, 1, 3.0, {"family": "negative"}),
    "fraction": ((2, 3, 9, 8), (3, 2), (2, 1), (1, 0), 1.5, {}),
    "below_1": ((1, 19, 4, 6), 2, 2, 0, 0.5, {}),
    "ceil": ((1, 2, 6, 7), 3, 2, 0, 2.0, {"overhang": (0, 0, 0, 1)}),
    "1d": ((2, 3, 11), 3, 2, 1, 3.3, {}),
    "3d": ((1, 2, 5, 4, 6), (2, 3, 2), (2, 1, 2), (1, 1, 0), 2.5, {}),
}


def lp_pool(x, power, k, s, pads):
    """(sum |x|^p)^(1/p): F.lp_pool's, which leaves |x| and padding to its caller and has no 3-D.

    Its ceil_mode divides by the window and multiplies by less, so that an overhang is padded here.
    """
    x = F.pad(x.abs(), pads)
    if len(k) < 3:
        return (F.lp_pool1d(x, power, k[0], s[0]) if len(k) == 1 else
                F.lp_pool2d(x, power, k, s))
    return (F.avg_pool3d(x ** power, k, s) * np.prod(k)) ** (1 / power)


def lp_cases(root):
    for key, (shape, k, s, p, power, more) in LP.items():
        k, s, p = tuples(len(shape) - 2, k, s, p)
        x = source(f"lp_{key}", shape, more.get("family", "mixed")).requires_grad_()
        both_ends = tuple(pad for pad in reversed(p) for _ in range(2))
        y = lp_pool(x, power, k, s, more.get("overhang", both_ends))
        dy = source(f"lp_{key}_dy", y.shape)
        y.backward(dy)
        attributes = {"kernel_shape": k, "strides": s, "pads": p + p, "p": power,
                      "ceil_mode": int("overhang" in more)}
        write_case(root, f"lp_{key}", "LpPool", [("X", x)], [("Y", y)], domain="poolbench",
                   **attributes)
        write_case(root, f"lp_bwd_{key}", "LpPoolGrad", [("dY", dy), ("X", x)], [("dX", x.grad)],
                   domain="poolbench", **attributes)


# ---- Adaptive windows ---------------------------------------------------------------------------

# Shape, output, the family of its data.
ADAPTIVE = {
    "divides": ((2, 3, 6, 8), (3, 2), "mixed"),
    "not_divides": ((2, 3, 5, 5), (3, 3), "mixed"),
    "above": ((1, 3, 3, 4), (7, 5), "mixed"),
    "one": ((2, 3, 5, 4), (1, 1), "mixed"),
    "same": ((1, 3, 4, 5), (4, 5), "mixed"),
    "nonsquare": ((1, 3, 7, 4), (3, 6), "mixed"),
    "vector": ((1, 19, 13, 10), (6, 5), "mixed"),
    "1d": ((2, 3, 11), (4,), "mixed"),
    "3d": ((1, 2, 5, 4, 6), (3, 2, 5), "mixed"),
}
ADAPTIVE_MAX_ONLY = {
    "ties": ((2, 3, 7, 6), (3, 4), "ties"),
    "nan": ((2, 3, 7, 6), (3, 4), "nan"),
    "inf": ((2, 3, 5, 5), (4, 3), "inf"),
}
ADAPTIVE_AVERAGE_ONLY = {"special": ((2, 3, 7, 6), (3, 4), "special")}


def adaptive_max_cases(root):
    pools = (F.adaptive_max_pool1d, F.adaptive_max_pool2d, F.adaptive_max_pool3d)
    for key, (shape, out, family) in {**ADAPTIVE, **ADAPTIVE_MAX_ONLY}.items():
        x = source(f"adaptive_max_{key}", shape, family).requires_grad_()
        y, index = pools[len(out) - 1](x, out, return_indices=True)
        dy = source(f"adaptive_max_{key}_dy", y.shape)
        y.backward(dy)
        index = over_tensor(index, shape)
        write_case(root, f"adaptive_max_{key}", "AdaptiveMaxPool", [("X", x)],
                   [("Y", y), ("Indices", index)], domain="poolbench")
        write_case(root, f"adaptive_max_bwd_{key}", "AdaptiveMaxPoolGrad",
                   [("dY", dy), ("Indices", index)], [("dX", x.grad)], domain="poolbench")


def adaptive_average_cases(root):
    pools = (F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d)
    for key, (shape, out, family) in {**ADAPTIVE, **ADAPTIVE_AVERAGE_ONLY}.items():
        x = source(f"adaptive_avg_{key}", shape, family).requires_grad_()
        y = pools[len(out) - 1](x, out)
        dy = source(f"adaptive_avg_{key}_dy", y.shape, family)
        y.backward(dy)
        write_case(root, f"adaptive_avg_{key}", "AdaptiveAveragePool", [("X", x)], [("Y", y)],
                   domain="poolbench")
        write_case(root, f"adaptive_avg_bwd_{key}", "AdaptiveAveragePoolGrad", [("dY", dy)],
                   [("dX", x.grad)], domain="poolbench")


# ---- Rest of what ONNX has ------------------------------------------------------------------


def uneven_lp_cases(root):
    k, s, begin, end = (3, 2), (2, 1), (1, 0), (0, 1)
    attributes = {"kernel_shape": k, "strides": s, "pads": begin + end}
    for p in (1, 2, 3):
        x = source(f"lp_uneven_p{p}", (2, 3, 7, 6))
        write_case(root, f"lp_uneven_p{p}", "LpPool", [("X", x)],
                   [("Y", padded_lp(x, k, s, p, begin, end))], p=p, **attributes)
        x = source(f"lp_global_p{p}", (2, 3) + (4, 5, 3)[:p])
        y = padded_lp(x, x.shape[2:], 1, p, (0,) * p, (0,) * p)
        write_case(root, f"lp_global_p{p}", "GlobalLpPool", [("X", x)], [("Y", y)], p=p)
    x = source("lp_special", (1, 3, 6, 6), "special")
    write_case(root, "lp_special", "LpPool", [("X", x)],
               [("Y", padded_lp(x, (3, 3), (2, 2), 2, (2, 0), (1, 1)))], kernel_shape=(3, 3),
               strides=(2, 2), pads=(2, 0, 1, 1))
    # Of ONNX's own versions the first has a power that is no integer.
    x = source("lp_opset1", (1, 3, 6, 5))
    write_case(root, "lp_opset1", "LpPool", [("X", x)],
               [("Y", padded_lp(x, k, s, 1.5, begin, end))], opset=1, p=1.5, **attributes)


def depth_cases(root):
    for key, shape, k, family in (("k2", (2, 3, 4, 6), 2, "mixed"), ("k3", (1, 2, 6, 9), 3, "mixed"),
                                  ("special", (1, 5, 4, 4), 2, "special")):
        x = source(f"s2d_{key}", shape, family)
        crd = F.pixel_unshuffle(x, k)
        n, c, h, w = crd.shape
        dcr = crd.reshape(n, c // k // k, k * k, h, w).transpose(1, 2).reshape(crd.shape)
        write_case(root, f"s2d_{key}", "SpaceToDepth", [("X", x)], [("Y", dcr)], blocksize=k)
        write_case(root, f"s2d_crd_{key}", "SpaceToDepth", [("X", x)], [("Y", crd)], blocksize=k,
                   mode="CRD", domain="poolbench")
        write_case(root, f"s2d_bwd_{key}", "DepthToSpace", [("X", dcr)], [("Y", x)], blocksize=k)
        write_case(root, f"s2d_bwd_crd_{key}", "DepthToSpace", [("X", crd)],
                   [("Y", F.pixel_shuffle(crd, k))], blocksize=k, mode="CRD")


def byte_cases(root):
    """PyTorch pools no bytes; as floats they are exact."""
    k, s, d, begin, end = (3, 2), (2, 2), (1, 1), (1, 0), (0, 1)
    for kind, least, most in ((torch.uint8, 0, 256), (torch.int8, -128, 0)):
        name = "max_idx_" + ("u8" if kind == torch.uint8 else "s8")
        rng = np.random.RandomState(zlib.crc32(name.encode()))
        x = torch.tensor(rng.randint(least, most, (2, 19, 7, 6)).astype(np.float32))
        y, index = padded_max(x, k, s, d, begin, end)
        attributes = {"kernel_shape": k, "strides": s, "pads": begin + end}
        write_case(root, name, "MaxPool", [("X", x.to(kind))],
                   [("Y", y.to(kind)), ("Indices", index)], **attributes)


def column_major(index, shape):
    """Indices flat over the tensor, counted with the first spatial axis fastest."""
    n, c, *at = np.unravel_index(index.numpy(), shape)
    flat = n * shape[1] + c
    for a, extent in reversed(list(zip(at, shape[2:]))):
        flat = flat * extent + a
    return torch.tensor(flat)


def index_cases(root):
    for key, shape, k in (("2d", (2, 3, 5, 7), (2, 3)), ("3d", (1, 2, 3, 4, 5), (2, 2, 3))):
        rank = len(k)
        x = source(f"max_column_major_{key}", shape)
        y, index = padded_max(x, k, 1, 1, (1,) * rank, (0,) * rank)
        write_case(root, f"max_idx_column_major_{key}", "MaxPool", [("X", x)],
                   [("Y", y), ("Indices", column_major(index, shape))], kernel_shape=k,
                   pads=(1,) * rank + (0,) * rank, storage_order=1)


def uneven_ceil_cases(root):
    """ceil_mode with other padding before than after: the last windows hang over the end."""
    k, s, begin, end = (3, 4), (2, 3), (1, 0), (0, 1)
    attributes = {"kernel_shape": k, "strides": s, "pads": begin + end, "ceil_mode": 1}
    x = source("max_ceil_asymmetric", (1, 3, 7, 5), "negative")
    y, index = padded_max(x, k, s, 1, begin, (1, 2))
    write_case(root, "max_idx_ceil_asymmetric", "MaxPool", [("X", x)],
               [("Y", y), ("Indices", index)], **attributes)
    x = source("avg_np_ceil_asymmetric", (1, 3, 7, 5))
    write_case(root, "avg_np_ceil_asymmetric", "AveragePool", [("X", x)],
               [("Y", padded_average(x, k, s, begin, (1, 2), 0))], count_include_pad=0,
               **attributes)


# ---- Graphs -------------------------------------------------------------------------------------


def graph_cases(root):
    """The node is not alone: what is around it passes tensors on."""
    x, w, b = source("graph", (2, 3, 6, 7)), source("graph_w", (4, 3, 3, 2)), source("graph_b", (4,))
    y = F.conv2d(x, w, b)
    conv = helper.make_node("Conv", ["X", "W", "B"], ["Y"])
    write_model(root, "graph_initializers", [conv], [("X", x)], [("Y", y)], [("W", w), ("B", b)])
    constant = helper.make_node("Constant", [], ["W"],
                                value=numpy_helper.from_array(w.numpy(), "W"))
    same = helper.make_node("Identity", ["B0"], ["B"])
    write_model(root, "graph_constant", [constant, same, conv], [("X", x), ("B0", b)], [("Y", y)])
    x = source("graph_1d", (2, 3, 9))
    axes = ("axes", torch.tensor([-1]))
    longer = helper.make_node("Unsqueeze", ["X", "axes"], ["X4"])
    shorter = helper.make_node("Squeeze", ["Y4", "axes"], ["Y"])
    pool = helper.make_node("AveragePool", ["X4"], ["Y4"], kernel_shape=(2, 1), strides=(2, 1))
    write_model(root, "graph_unsqueezed", [longer, pool, shorter], [("X", x)],
                [("Y", F.avg_pool1d(x, 2, 2))], [axes])
    x = source("graph_sets_0", (1, 2, 6, 5))
    write_case(root, "graph_sets", "MaxPool", [("X", x)], [("Y", F.max_pool2d(x, 2, 1))],
               kernel_shape=(2, 2))
    x = source("graph_sets_1", (1, 2, 6, 5), "nan")
    write_set(root, "graph_sets", 1, [("X", x)], [("Y", F.max_pool2d(x, 2, 1))])


# ---- Blur ---------------------------------------------------------------------------------------

# Shape, filter, stride, padding before and after, the family of its data.
BLUR = {
    "k1s2": ((2, 3, 5, 6), 1, 2, 0, 0, "mixed"),
    "k2s2": ((2, 3, 6, 8), 2, 2, 0, 0, "mixed"),
    "k3s2p1": ((2, 3, 8, 7), 3, 2, 1, 1, "mixed"),
    "k4s2": ((2, 3, 8, 6), 4, 2, 1, 2, "mixed"),
    "k5s2p2": ((1, 2, 9, 8), 5, 2, 2, 2, "mixed"),
    "k6s2": ((1, 2, 8, 9), 6, 2, 2, 3, "mixed"),
    "k7s1p3": ((1, 2, 7, 4), 7, 1, 3, 3, "mixed"),
    "k3s2p1_vector": ((1, 19, 6, 33), 3, 2, 1, 1, "mixed"),
    "nonsquare": ((2, 3, 9, 8), (3, 2), (2, 3), (1, 0), (2, 1), "mixed"),
    "no_padding": ((1, 3, 8, 9), 5, 3, 0, 0, "mixed"),
    "special": ((2, 3, 8, 8), 3, 2, 1, 1, "special"),
    "1d": ((2, 3, 11), 4, 2, 1, 2, "mixed"),
    "3d": ((1, 2, 4, 5, 6), (2, 3, 5), (1, 2, 2), (0, 1, 2), (1, 1, 2), "mixed"),
}


def binomial(k):
    row = torch.ones(1)
    for _ in range(k - 1):
        row = (F.pad(row, (0, 1)) + F.pad(row, (1, 0))) / 2
    return row


def blur_cases(root):
    """Depthwise convolution of reflected input, as Zhang's antialiased-cnns."""
    for key, (shape, k, s, begin, end, family) in BLUR.items():
        rank, channels = len(shape) - 2, shape[1]
        k, s, begin, end = tuples(rank, k, s, begin, end)
        x = source(f"blur_{key}", shape, family).requires_grad_()
        sides = [side for b, e in zip(reversed(begin), reversed(end)) for side in (b, e)]
        w = torch.ones(())
        for taps in k:
            w = w[..., None] * binomial(taps)
        conv = (F.conv1d, F.conv2d, F.conv3d)[rank - 1]
        y = conv(F.pad(x, sides, mode="reflect"), w.expand(channels, 1, *k), None, s, 0, 1, channels)
        dy = source(f"blur_{key}_dy", y.shape)
        y.backward(dy)
        attributes = {"kernel_shape": k, "strides": s, "pads": begin + end}
        write_case(root, f"blur_{key}", "Blur", [("X", x)], [("Y", y)], domain="poolbench",
                   **attributes)
        write_case(root, f"blur_bwd_{key}", "BlurGrad", [("dY", dy)], [("dX", x.grad)],
                   domain="poolbench", **attributes)


# ---- Convolution --------------------------------------------------------------------------------

# Input, output channels, window, stride, padding, then what else the case is about.
CONVOLUTIONS = {
    "k3": ((2, 3, 6, 7), 4, 3, 1, 0, {}),
    "k3p1": ((1, 3, 6, 6), 17, 3, 1, 1, {}),
    "k3s2p1": ((2, 4, 8, 8), 6, 3, 2, 1, {}),
    "k1": ((2, 5, 4, 3), 3, 1, 1, 0, {}),
    "k1s2": ((1, 4, 5, 5), 3, 1, 2, 0, {}),
    "nonsquare": ((1, 3, 9, 8), 4, (3, 2), (2, 1), (1, 0), {}),
    "dilation": ((1, 3, 9, 9), 4, (3, 2), 1, (2, 1), {"dilation": (2, 3)}),
    "groups": ((1, 4, 6, 5), 6, 3, 1, 1, {"groups": 2}),
    "depthwise": ((1, 5, 6, 6), 5, 3, 2, 1, {"groups": 5}),
    "multiplier": ((1, 3, 5, 6), 6, 3, 1, 1, {"groups": 3}),
    "nobias": ((2, 3, 5, 5), 4, 3, 1, 1, {"bias": False}),
    "unread_edge": ((1, 2, 8, 6), 3, 3, 2, 0, {}),
    "special": ((1, 3, 6, 6), 2, 2, 1, 0, {"family": "special"}),
    "1d": ((2, 3, 11), 4, 3, 2, 1, {}),
    "3d": ((1, 2, 4, 5, 3), 3, (2, 3, 2), (1, 2, 1), (1, 1, 0), {}),
}


def conv_cases(root):
    for key, (shape, oc, k, s, p, more) in CONVOLUTIONS.items():
        rank = len(shape) - 2
        k, s, p, d = tuples(rank, k, s, p, more.get("dilation", 1))
        g = more.get("groups", 1)
        family = more.get("family", "mixed")
        x = source(f"conv_{key}", shape, family).requires_grad_()
        w = source(f"conv_{key}_w", (oc, shape[1] // g) + k).requires_grad_()
        b = source(f"conv_{key}_b", (oc,)).requires_grad_() if more.get("bias", True) else None
        conv = (F.conv1d, F.conv2d, F.conv3d)[rank - 1]
        y = conv(x, w, b, s, p, d, g)
        dy = source(f"conv_{key}_dy", y.shape)
        y.backward(dy)
        attributes = {"kernel_shape": k, "strides": s, "pads": p + p, "dilations": d, "group": g}
        write_case(root, f"conv_{key}", "Conv", [("X", x), ("W", w)] + ([("B", b)] if b is not None
                   else []), [("Y", y)], **attributes)
        inputs = [("dY", dy), ("X", x), ("W", w)]
        write_case(root, f"conv_bwd_{key}", "ConvGrad", inputs, [("dX", x.grad)],
                   domain="com.microsoft", **attributes)
        write_case(root, f"conv_bwd_w_{key}", "ConvGrad", inputs,
                   [("dX", None), ("dW", w.grad), ("dB", None if b is None else b.grad)],
                   domain="com.microsoft", **attributes)
    x, w = source("conv_asymmetric", (1, 3, 6, 6)), source("conv_asymmetric_w", (4, 3, 3, 3))
    y = F.conv2d(F.pad(x, (0, 1, 2, 1)), w, stride=2)
    write_case(root, "conv_asymmetric", "Conv", [("X", x), ("W", w)], [("Y", y)],
               kernel_shape=(3, 3), strides=(2, 2), pads=(2, 0, 1, 1))


def main():
    torch.set_num_threads(1)
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else
                        pathlib.Path(__file__).parents[2] / "reference" / "golden")
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    max_cases(root)
    average_cases(root)
    global_cases(root)
    lp_cases(root)
    adaptive_max_cases(root)
    adaptive_average_cases(root)
    conv_cases(root)
    auto_pad_cases(root)
    uneven_lp_cases(root)
    depth_cases(root)
    blur_cases(root)
    byte_cases(root)
    index_cases(root)
    uneven_ceil_cases(root)
    graph_cases(root)
    trace(root)
    size = sum(f.stat().st_size for f in root.rglob("*") if f.is_file())
    print(f"{len(list(root.iterdir()))} directories, {size} bytes in {root}")


main()
