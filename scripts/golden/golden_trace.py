"""The golden trace of training: 20 steps of PyTorch's on a network that the trainer has too."""
import numpy as np
import torch
import torch.nn.functional as F

from golden_files import write_tensor

STEPS, BATCH = 20, 16


def trace_images():
    """Ten classes: waves whose direction and length the class sets, at a random phase.

    Adam's first steps blow rounding up. With this much noise and this seed the losses of float32
    stay within 4e-6 of float64's (printed by trace), also where the initial weights are shaken in
    their last bit; with less noise it is 1e-4.
    """
    rng = np.random.RandomState(20)
    v, u = np.mgrid[0:32, 0:32]
    labels = rng.randint(0, 10, STEPS * BATCH)
    images = np.empty((STEPS * BATCH, 3, 32, 32), np.uint8)
    for image, label in zip(images, labels):
        turn = np.pi * (label % 5) / 5
        wave = np.sin((u * np.cos(turn) + v * np.sin(turn)) * (0.4 if label < 5 else 0.9)
                      + rng.uniform(0, 2 * np.pi))
        tint = rng.uniform(30, 90, (3, 1, 1))
        noise = rng.randint(-60, 61, image.shape)
        image[:] = np.clip(128 + tint * wave + noise, 0, 255) // 16 * 16
    return labels, images


def train(network, labels, images, dtype):
    network = network.to(dtype)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    x = (torch.tensor(images, dtype=dtype) / 255 - 0.5) / 0.5
    y = torch.tensor(labels)
    losses = []
    for step in range(STEPS):
        batch = slice(step * BATCH, (step + 1) * BATCH)
        optimizer.zero_grad()
        loss = F.cross_entropy(network(x[batch]), y[batch])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return np.array(losses)


def trace(root):
    folder = root / "trace_gap_strided"
    folder.mkdir()
    labels, images = trace_images()
    records = np.concatenate([labels[:, None].astype(np.uint8), images.reshape(len(images), -1)], 1)
    (folder / "batches.bin").write_bytes(records.tobytes())
    torch.manual_seed(20)
    network = torch.nn.Sequential()
    network.add_module("conv1", torch.nn.Conv2d(3, 64, 3, padding=1))
    network.add_module("relu1", torch.nn.ReLU())
    network.add_module("conv2", torch.nn.Conv2d(64, 128, 3, stride=2, padding=1))
    network.add_module("relu2", torch.nn.ReLU())
    network.add_module("gap", torch.nn.AdaptiveAvgPool2d(1))
    network.add_module("flatten", torch.nn.Flatten())
    network.add_module("linear", torch.nn.Linear(128, 10))
    initial = {name: value.clone() for name, value in network.state_dict().items()}
    for name, value in initial.items():
        write_tensor(folder / f"{name}.pb", value.numpy(), name)
    losses = train(network, labels, images, torch.float32)
    write_tensor(folder / "losses.pb", losses.astype(np.float32), "losses")
    network.load_state_dict(initial)
    exact = train(network, labels, images, torch.float64)
    print("losses", " ".join(f"{loss:.4f}" for loss in losses))
    print(f"float32 against float64: {np.max(np.abs(losses - exact) / exact):.2g} relative")
