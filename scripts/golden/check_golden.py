#!/usr/bin/python3
"""Checks the golden tensors of reference/golden as another ONNX runtime would see them.

Every model of ONNX's own operators must pass onnx.checker with full type and shape inference, and
what its files hold must be what its attributes say: computed here from model.onnx alone, over
explicit windows in float64, with none of the functions that golden.py used. (onnx 1.12 has no
runtime of its own for pooling and convolution.) Models of the domains com.microsoft and poolbench
are not ONNX's and are counted only. Needs Debian's python3-torch, python3-onnx and python3-numpy:
    /usr/bin/python3 scripts/golden/check_golden.py [DIRECTORY]
"""
import itertools
import pathlib
import sys

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper, shape_inference


# ---- Files --------------------------------------------------------------------------------------


def read_tensor(path):
    message = TensorProto()
    message.ParseFromString(path.read_bytes())
    return numpy_helper.to_array(message)


def read_set(model, folder):
    """Inputs and outputs by name."""
    constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    files = [i.name for i in model.graph.input if i.name not in constants]
    inputs = {n: read_tensor(folder / f"input_{i}.pb") for i, n in enumerate(files)}
    outputs = {o.name: read_tensor(folder / f"output_{i}.pb")
               for i, o in enumerate(model.graph.output)}
    return {**constants, **inputs}, outputs


# ---- Windows ------------------------------------------------------------------------------------


def geometry(a, extents, k):
    """Stride, dilation, leading padding, declared trailing padding and outputs of each axis."""
    rank = len(extents)
    s, d = a.get("strides", [1] * rank), a.get("dilations", [1] * rank)
    pads = a.get("pads", [0] * 2 * rank)
    begin, end = list(pads[:rank]), list(pads[rank:])
    out = []
    for i in range(rank):
        span = (k[i] - 1) * d[i] + 1
        auto_pad = a.get("auto_pad", b"NOTSET")
        if auto_pad in (b"SAME_UPPER", b"SAME_LOWER"):
            out.append((extents[i] - 1) // s[i] + 1)
            total = max((out[i] - 1) * s[i] + span - extents[i], 0)
            begin[i] = total // 2 if auto_pad == b"SAME_UPPER" else total - total // 2
            end[i] = total - begin[i]
            continue
        slack = extents[i] + begin[i] + end[i] - span
        out.append(slack // s[i] + 1)
        # PyTorch drops a window that would start past the input and its leading padding.
        if a.get("ceil_mode") and slack % s[i] and out[i] * s[i] < extents[i] + begin[i]:
            out[i] += 1
    return s, d, begin, end, out


def windows(x, k, s, d, begin, out, fill):
    """x as n, c, outputs…, taps…; what lies outside is `fill`."""
    rank = len(k)
    for i in range(rank):
        span = (k[i] - 1) * d[i] + 1
        reach = (out[i] - 1) * s[i] + span
        front = x.new_full(x.shape[:2 + i] + (begin[i],) + x.shape[3 + i:], fill)
        back = max(reach - begin[i] - x.shape[2 + i], 0)
        back = x.new_full(x.shape[:2 + i] + (back,) + x.shape[3 + i:], fill)
        x = torch.cat([front, x, back], 2 + i).narrow(2 + i, 0, reach)
    for i in range(rank):
        x = x.unfold(2 + i, (k[i] - 1) * d[i] + 1, s[i])[..., ::d[i]]
    return x.flatten(2 + rank)


# ---- Operators, as ONNX's text defines them -----------------------------------------------------


def max_pool(a, x):
    s, d, begin, _, out = geometry(a, x.shape[2:], a["kernel_shape"])
    w = windows(x, a["kernel_shape"], s, d, begin, out, -np.inf)
    y = w.amax(-1)
    order = reversed if a.get("storage_order") else lambda axes: axes
    strides, step = [0] * len(out), 1
    for axis in order(list(reversed(range(len(out))))):
        strides[axis], step = step, step * x.shape[2 + axis]
    position = torch.zeros(x.shape[2:], dtype=torch.float64)
    for axis, stride in enumerate(strides):
        along = torch.arange(x.shape[2 + axis], dtype=torch.float64) * stride
        position += along.reshape([-1 if i == axis else 1 for i in range(len(out))])
    channel = torch.arange(x.shape[0] * x.shape[1], dtype=torch.float64) * step
    position = position + channel.reshape(list(x.shape[:2]) + [1] * len(out))
    at = windows(position, a["kernel_shape"], s, d, begin, out, -1)
    # The first of the largest, the last of NaN; never padding.
    equal = (w == y[..., None]) & (at >= 0)
    taps = torch.arange(w.shape[-1], dtype=torch.float64) + 1
    tap = torch.where(y.isnan(), (w.isnan() * taps).argmax(-1), (equal / taps).argmax(-1))
    return [y, at.gather(-1, tap[..., None]).squeeze(-1)]


def average_pool(a, x):
    k = a["kernel_shape"]
    s, d, begin, end, out = geometry(a, x.shape[2:], k)
    counted = torch.ones_like(x)
    if a.get("count_include_pad"):
        counted = torch.ones(tuple(x.shape[:2]) + tuple(
            i + b + e for i, b, e in zip(x.shape[2:], begin, end)), dtype=x.dtype)
        count = windows(counted, k, s, d, [0] * len(k), out, 0)
    else:
        count = windows(counted, k, s, d, begin, out, 0)
    return [windows(x, k, s, d, begin, out, 0).sum(-1) / count.sum(-1)]


def lp_pool(a, x):
    k, p = a["kernel_shape"], a.get("p", 2)
    s, d, begin, _, out = geometry(a, x.shape[2:], k)
    return [(windows(x, k, s, d, begin, out, 0).abs() ** p).sum(-1) ** (1 / p)]


def conv(a, x, w, b=None):
    k, g = list(w.shape[2:]), a.get("group", 1)
    s, d, begin, _, out = geometry(a, x.shape[2:], k)
    taps = windows(x, k, s, d, begin, out, 0)
    per_out, per_in = w.shape[0] // g, x.shape[1] // g
    parts = [torch.einsum("nc...t,oct->no...", taps[:, i * per_in:(i + 1) * per_in],
                          w[i * per_out:(i + 1) * per_out].flatten(2)) for i in range(g)]
    y = torch.cat(parts, 1)
    return [y if b is None else y + b.reshape([1, -1] + [1] * len(k))]


def space_to_depth(a, x):
    n, c, h, w = x.shape
    b = a["blocksize"]
    blocks = x.reshape(n, c, h // b, b, w // b, b).permute(0, 3, 5, 1, 2, 4)
    return [blocks.reshape(n, c * b * b, h // b, w // b)]


def depth_to_space(a, x):
    n, c, h, w = x.shape
    b = a["blocksize"]
    if a.get("mode", b"DCR") == b"DCR":
        blocks = x.reshape(n, b, b, c // b // b, h, w).permute(0, 3, 4, 1, 5, 2)
    else:
        blocks = x.reshape(n, c // b // b, b, b, h, w).permute(0, 1, 4, 2, 5, 3)
    return [blocks.reshape(n, c // b // b, h * b, w * b)]


def whole(pool):
    return lambda a, x: pool({**a, "kernel_shape": list(x.shape[2:])}, x)


def change_axes(insert):
    def change(_, x, axes):
        # Each negative axis counts from the end of the longer shape: in order from the last.
        for axis in sorted((int(i) for i in axes), reverse=not insert):
            x = x.unsqueeze(axis) if insert else x.squeeze(axis)
        return [x]
    return change


OPERATORS = {
    "MaxPool": max_pool, "AveragePool": average_pool, "LpPool": lp_pool, "Conv": conv,
    "GlobalMaxPool": whole(max_pool), "GlobalAveragePool": whole(average_pool),
    "GlobalLpPool": whole(lp_pool), "SpaceToDepth": space_to_depth,
    "DepthToSpace": depth_to_space, "Identity": lambda a, x: [x],
    "Constant": lambda a: [torch.tensor(numpy_helper.to_array(a["value"])).double()],
    "Squeeze": change_axes(False), "Unsqueeze": change_axes(True),
}


def evaluate(model, inputs):
    values = {n: torch.tensor(x).double() for n, x in inputs.items()}
    for node in model.graph.node:
        a = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        results = OPERATORS[node.op_type](a, *[values[n] for n in node.input])
        values.update(zip(node.output, results))
    return values


# ---- Checking -----------------------------------------------------------------------------------


def check_model(model):
    onnx.checker.check_model(model, full_check=True)
    bare = onnx.ModelProto()
    bare.CopyFrom(model)
    for o in bare.graph.output:
        o.type.tensor_type.ClearField("shape")
    inferred = shape_inference.infer_shapes(bare, strict_mode=True)
    for declared, found in zip(model.graph.output, inferred.graph.output):
        want, got = [[d.dim_value for d in o.type.tensor_type.shape.dim] for o in (declared, found)]
        if found.type.tensor_type.HasField("shape") and want != got:  # LpPool 1 infers none
            raise ValueError(f"{declared.name} is declared {want}, onnx infers {got}")


def check_case(folder, model):
    for number in itertools.count():
        data = folder / f"test_data_set_{number}"
        if not data.exists():
            return number
        inputs, outputs = read_set(model, data)
        values = evaluate(model, inputs)
        for name, want in outputs.items():
            got = values[name].numpy()
            exact = want.dtype != np.float32
            if got.shape != want.shape or not np.allclose(
                    got, want, rtol=0 if exact else 1e-5, atol=0 if exact else 1e-5,
                    equal_nan=True):
                raise ValueError(f"{data.name}: {name} is not what the model says")


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else
                        pathlib.Path(__file__).parents[2] / "reference" / "golden")
    cases = others = sets = failed = 0
    for path in sorted(root.glob("*/model.onnx")):
        model = onnx.load(path)
        if any(node.domain for node in model.graph.node):
            others += 1
            continue
        cases += 1
        try:
            check_model(model)
            sets += check_case(path.parent, model)
        except (ValueError, RuntimeError, onnx.checker.ValidationError,
                shape_inference.InferenceError) as error:
            failed += 1
            print(f"FAILED {path.parent.name}: {str(error).splitlines()[0]}")
    print(f"{cases - failed} models of ONNX's operators hold, with {sets} data sets; {failed} "
          f"failed; {others} of other domains")
    sys.exit(1 if failed or not cases else 0)


main()
