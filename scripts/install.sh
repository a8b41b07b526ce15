#!/usr/bin/env bash
# install.sh GROUP…: installs the Debian packages of each group that are missing, and says which.
#   core   building and running the program      tests  its tests
#   plots  drawing the report                    data   fetching CIFAR-10
#   ci     what only a CI does: clang, sanitizers, NEON
#   peers  the libraries of the plug-ins (libtorch brings 300 packages)
#   coverage  counting the lines that the tests run
#   torch     golden tensors, and the check against PyTorch
set -euo pipefail

declare -A group=(
  [core]="gcc g++ cmake ninja-build pkg-config git libopenblas-openmp-dev libprotobuf-c-dev
          protobuf-c-compiler libonnx-dev libjansson-dev libbenchmark-dev libarchive-dev libgsl-dev"
  [tests]="libcriterion-dev libonnx-testdata"
  [plots]="gnuplot-nox python3-jinja2"
  [data]="curl ca-certificates"
  [coverage]="gcovr"
  [peers]="libdnnl-dev libxnnpack-dev libpthreadpool-dev libtorch-dev"
  [torch]="python3-torch python3-onnx python3-numpy"
  [ci]="xz-utils libjpeg62-turbo-dev clang libomp-14-dev libclang-rt-14-dev clang-format qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross
        libopenblas-openmp-dev:arm64 libprotobuf-c-dev:arm64 libjansson-dev:arm64"
)

missing=()
for name in "$@"; do
  for package in ${group[$name]:?no such group of packages}; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || { echo "install.sh: not root and no sudo; install: ${missing[*]}" >&2; exit 2; }
  as_root=(sudo)
fi
echo "installing: ${missing[*]}" >&2
if [[ " ${missing[*]} " == *:arm64* ]]; then "${as_root[@]}" dpkg --add-architecture arm64; fi
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
