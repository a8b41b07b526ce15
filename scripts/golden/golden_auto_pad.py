"""The golden cases of ONNX's auto_pad: PyTorch's values of input padded beforehand."""
import numpy as np
import torch
import torch.nn.functional as F

from golden_files import source, write_case

# Shape, window, stride. SAME pads: one position to split between head and tail on both axes; one
# and four; none, and windows that do not reach the input's end.
AUTO_PADDED = {
    "split": ((2, 3, 8, 7), (3, 2), (2, 2)),
    "odd": ((1, 3, 9, 11), (4, 5), (3, 2)),
    "gap": ((1, 2, 10, 9), (2, 2), (5, 5)),
}
# One axis: length, window, stride, dilation. Each is where a library went wrong: onnxruntime#10086,
# onnxruntime#27249, tensornets#25; onnx's own reference (SAME_LOWER); tensorflow#57128 (VALID).
AUTO_PADDED_AXES = {
    "window_below_stride": ("SAME_UPPER", 500, 5, 10, 1),
    "head_of_a_stride": ("SAME_UPPER", 13, 4, 3, 1),
    "k7": ("SAME_UPPER", 224, 7, 2, 1),
    "last_window": ("SAME_LOWER", 5, 2, 2, 1),
    "dilated": ("SAME_LOWER", 15, 3, 2, 2),
    "dilated_valid": ("VALID", 136, 3, 2, 3),
}


def same_padding(auto_pad, extents, k, s, d):
    """What ONNX's SAME pads before and after each axis, so that there are ceil(i / s) windows."""
    if not auto_pad.startswith("SAME"):
        return (0,) * len(k), (0,) * len(k)
    total = [max(0, (-(-i // t) - 1) * t + (w - 1) * e + 1 - i)
             for i, w, t, e in zip(extents, k, s, d)]
    less = tuple(t // 2 for t in total)
    more = tuple(t - l for t, l in zip(total, less))
    return (less, more) if auto_pad == "SAME_UPPER" else (more, less)


def pad(x, begin, end, value=0.0):
    """F.pad counts from the last axis."""
    sides = [side for b, e in zip(reversed(begin), reversed(end)) for side in (b, e)]
    return F.pad(x, sides, value=value)


def padded_max(x, k, s, d, begin, end):
    """PyTorch's, of input padded before; indices flat over the tensor as ONNX counts them."""
    rank = len(k)
    extents = x.shape[2:]
    pool = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[rank - 1]
    padded = pad(x, begin, end, -np.inf)
    y, index = pool(padded, k, s, 0, d, return_indices=True)
    at = np.unravel_index(index.numpy(), padded.shape[2:])
    at = [a - b for a, b in zip(at, begin)]
    flat = np.arange(x.shape[0] * x.shape[1]).reshape(tuple(x.shape[:2]) + (1,) * rank)
    for a, extent in zip(at, extents):
        flat = flat * extent + a
    return y, torch.tensor(flat)


def box(x, k, s, d=1):
    """Sums of windows in every channel."""
    conv = (F.conv1d, F.conv2d, F.conv3d)[len(k) - 1]
    return conv(x, torch.ones((x.shape[1], 1) + tuple(k), dtype=x.dtype), None, s, 0, d, x.shape[1])


def padded_average(x, k, s, begin, end, include):
    """PyTorch's, of input padded before, over the average of what counts."""
    pool = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[len(k) - 1]
    counted = pad(torch.ones_like(x), begin, end, 1.0 if include else 0.0)
    return (pool(pad(x, begin, end).double(), k, s) / pool(counted.double(), k, s)).float()


def padded_lp(x, k, s, p, begin, end):
    return (box(pad(x.double().abs() ** p, begin, end), k, s) ** (1 / p)).float()


def padded_conv(x, w, b, s, d, begin, end, g=1):
    conv = (F.conv1d, F.conv2d, F.conv3d)[x.dim() - 3]
    return conv(pad(x, begin, end), w, b, s, 0, d, g)


def auto_pad_case(root, suffix, auto_pad, shape, k, s, d, pads=None):
    """One case of each operation; pads are written only where auto_pad is NOTSET."""
    rank = len(k)
    begin, end = pads if pads else same_padding(auto_pad, shape[2:], k, s, d)
    attributes = {"kernel_shape": k, "strides": s, "auto_pad": auto_pad}
    if pads:
        attributes["pads"] = begin + end
    dilated = {**attributes, "dilations": d}
    x = source(f"max_{suffix}", shape, "negative")
    y, index = padded_max(x, k, s, d, begin, end)
    write_case(root, f"max_idx_{suffix}", "MaxPool", [("X", x)], [("Y", y), ("Indices", index)],
               **dilated)
    x, w = source(f"conv_{suffix}", shape), source(f"conv_{suffix}_w", (4, shape[1]) + k)
    b = source(f"conv_{suffix}_b", (4,))
    write_case(root, f"conv_{suffix}", "Conv", [("X", x), ("W", w), ("B", b)],
               [("Y", padded_conv(x, w, b, s, d, begin, end))], **dilated)
    if d != (1,) * rank:
        return
    for op, include in (("avg_p", 1), ("avg_np", 0)):
        x = source(f"{op}_{suffix}", shape)
        write_case(root, f"{op}_{suffix}", "AveragePool", [("X", x)],
                   [("Y", padded_average(x, k, s, begin, end, include))],
                   count_include_pad=include, **attributes)
    x = source(f"lp_{suffix}", shape)
    write_case(root, f"lp_{suffix}", "LpPool", [("X", x)],
               [("Y", padded_lp(x, k, s, 2, begin, end))], **attributes)


def auto_pad_cases(root):
    for key, (shape, k, s) in AUTO_PADDED.items():
        for auto_pad in ("SAME_UPPER", "SAME_LOWER"):
            auto_pad_case(root, f"{auto_pad.lower()}_{key}", auto_pad, shape, k, s, (1, 1))
    shape, k, s = AUTO_PADDED["odd"]
    auto_pad_case(root, "valid", "VALID", shape, k, s, (1, 1))
    auto_pad_case(root, "notset", "NOTSET", shape, k, s, (1, 1), pads=((2, 0), (1, 3)))
    for key, (auto_pad, length, k, s, d) in AUTO_PADDED_AXES.items():
        auto_pad_case(root, key, auto_pad, (1, 2, length), (k,), (s,), (d,))
