"""Writes ONNX test cases, and the inputs that they are made of."""
import zlib

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

MAKER = f"Made by scripts/golden/golden.py with PyTorch {torch.__version__}."
OPSETS = {"": 13, "com.microsoft": 1, "poolbench": 1}


# ---- Writing ------------------------------------------------------------------------------------


def write_tensor(path, array, name):
    path.write_bytes(numpy_helper.from_array(np.ascontiguousarray(array), name).SerializeToString())


KINDS = {"float32": TensorProto.FLOAT, "int64": TensorProto.INT64, "int8": TensorProto.INT8,
         "uint8": TensorProto.UINT8}


def value_info(name, array):
    return helper.make_tensor_value_info(name, KINDS[str(array.dtype)], array.shape)


def arrays(tensors):
    """(name, tensor) pairs as (name, array); None stands for one left out."""
    return [(n, None if t is None else t.detach().numpy()) for n, t in tensors]


def write_set(root, name, number, inputs, outputs):
    folder = root / name / f"test_data_set_{number}"
    folder.mkdir(parents=True)
    for stem, tensors in (("input", inputs), ("output", outputs)):
        given = [(n, t) for n, t in arrays(tensors) if t is not None]
        for i, (n, t) in enumerate(given):
            write_tensor(folder / f"{stem}_{i}.pb", t, n)


def write_model(root, name, nodes, inputs, outputs, constants=(), domain="", opset=OPSETS[""]):
    """constants are the initializers; the file of a data set holds the other inputs."""
    outputs = [(n, t) for n, t in outputs if t is not None]
    graph = helper.make_graph(nodes, name, [value_info(n, t) for n, t in arrays(inputs)],
                              [value_info(n, t) for n, t in arrays(outputs)],
                              [numpy_helper.from_array(t, n) for n, t in arrays(constants)])
    versions = {**OPSETS, "": opset}
    opsets = [helper.make_opsetid(d, versions[d]) for d in sorted({"", domain})]
    model = helper.make_model(graph, opset_imports=opsets, producer_name="poolbench",
                              doc_string=MAKER, ir_version=7)
    if not domain:
        onnx.checker.check_model(model)
    write_set(root, name, 0, inputs, outputs)
    (root / name / "model.onnx").write_bytes(model.SerializeToString())


def write_case(root, name, op, inputs, outputs, domain="", opset=OPSETS[""], **attributes):
    """inputs and outputs: (name, tensor) in the operator's order; None stands for one left out."""
    node = helper.make_node(op, [n for n, _ in inputs],
                            [n if t is not None else "" for n, t in outputs], domain=domain,
                            **attributes)
    write_model(root, name, [node], inputs, outputs, domain=domain, opset=opset)


# ---- Data ---------------------------------------------------------------------------------------


def source(name, shape, family="mixed"):
    """Inputs that depend on the name and on nothing else."""
    rng = np.random.RandomState(zlib.crc32(name.encode()))
    x = rng.uniform(-1, 1, shape)
    if family == "negative":
        x = x - 1.5
    elif family == "ties":
        x = rng.randint(-1, 2, shape)
    elif family == "nan":
        x = np.where(rng.uniform(size=shape) < 0.2, np.nan, x)
    elif family == "inf":
        x = np.where(rng.uniform(size=shape) < 0.6, -np.inf, x)
    elif family == "special":
        x = np.where(rng.uniform(size=shape) < 0.1,
                     rng.choice([np.nan, np.inf, -np.inf], size=shape), x)
    return torch.tensor(x.astype(np.float32))


def tuples(rank, *values):
    return [v if isinstance(v, tuple) else (v,) * rank for v in values]
