#!/usr/bin/python3
"""Trains a named network with PyTorch as `poolbench train` does, to put the two side by side.

Same network, initialisation, loss, optimiser, batch, normalisation and shuffling per epoch; the
random numbers are PyTorch's own. Prints CSV rows with poolbench's columns.
Needs Debian's python3-torch. Example: scripts/train_torch.py DIR --net gap-strided --epochs 4 --seed 1
"""
import argparse
import time

import numpy
import torch

RECORD = 3073  # a label byte, then 3 x 32 x 32 pixels


def read(paths):
    records = numpy.concatenate([numpy.fromfile(path, numpy.uint8) for path in paths]).reshape(-1, RECORD)
    pixels = torch.from_numpy(records[:, 1:].reshape(-1, 3, 32, 32).copy())
    return pixels.float().div(255).sub(0.5).div(0.5), torch.from_numpy(records[:, 0].astype(numpy.int64))


def network(name):
    """The named networks of `poolbench train`."""
    conv, pool = torch.nn.Conv2d, {"max": torch.nn.MaxPool2d, "avg": torch.nn.AvgPool2d}
    head, _, rest = name.partition("-")
    layers = [conv(3, 64, 3, padding=1), torch.nn.ReLU()]
    if rest.endswith("-early"):
        layers.append(pool[rest[:3]](2))
    layers += [conv(64, 128, 3, stride=2 if rest == "strided" else 1, padding=1), torch.nn.ReLU()]
    if rest.endswith("pool"):
        layers.append(pool[rest[:3]](2))
    if head == "gap":
        layers.append(torch.nn.AdaptiveAvgPool2d(1))
    features = 128 if head == "gap" else 128 * 16 * 16
    return torch.nn.Sequential(*layers, torch.nn.Flatten(), torch.nn.Linear(features, 10))


NAMES = ["gap-strided", "gap-maxpool", "gap-avgpool", "gap-maxpool-early", "gap-avgpool-early", "flatten-strided"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="folder with data_batch_1.bin … and test_batch.bin")
    parser.add_argument("--net", choices=NAMES, default=NAMES[0])
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--limit", type=int, help="only the first images of each set")
    parser.add_argument("--channels-last", action="store_true")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    order = torch.channels_last if args.channels_last else torch.contiguous_format

    train, labels = read([f"{args.data}/data_batch_{i}.bin" for i in range(1, 6)])
    test, test_labels = read([f"{args.data}/test_batch.bin"])
    train, labels, test, test_labels = (t[:args.limit] for t in (train, labels, test, test_labels))
    train, test = train.contiguous(memory_format=order), test.contiguous(memory_format=order)
    net = network(args.net).to(memory_format=order)
    adam = torch.optim.Adam(net.parameters(), lr=0.01)
    loss_of = torch.nn.CrossEntropyLoss()

    print(f"# {args.net}, PyTorch {torch.__version__}, {args.threads} threads, seed {args.seed}")
    print("epoch,train_loss,val_loss,accuracy,train_images_per_second,infer_images_per_second,seconds")
    for epoch in range(1, args.epochs + 1):
        begin, total = time.time(), 0.0
        for batch in torch.randperm(len(train)).split(16):
            adam.zero_grad()
            loss = loss_of(net(train[batch]), labels[batch])
            loss.backward()
            adam.step()
            total += loss.item() * len(batch)
        trained, right, val = time.time(), 0, 0.0
        with torch.no_grad():
            for images, truth in zip(test.split(16), test_labels.split(16)):
                scores = net(images)
                right += (scores.argmax(1) == truth).sum().item()
                val += loss_of(scores, truth).item() * len(truth)
        end = time.time()
        print(f"{epoch},{total / len(train):.6f},{val / len(test):.6f},{100 * right / len(test):.2f},"
              f"{len(train) / (trained - begin):.1f},{len(test) / (end - trained):.1f},{end - begin:.3f}", flush=True)


if __name__ == "__main__":
    main()
