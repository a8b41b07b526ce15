#!/bin/sh
# Fetches CIFAR-10's official binary archive into data/, where `poolbench train` finds it. Goes on
# where an earlier run was cut off; does nothing when the archive is there and right.
# CIFAR10_URL names another place to fetch it from.
set -eu

url=${CIFAR10_URL:-https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz}
md5=c32a1d4ab5d03f1284b67883e8d87530
folder=$(cd "$(dirname "$0")/.." && pwd)/data
archive=$folder/cifar-10-binary.tar.gz

fetch() {
    curl --fail --location --retry 3 --continue-at - --output "$archive.part" "$url"
}

is_right() {
    [ -f "$1" ] && echo "$md5  $1" | md5sum --check --status
}

if is_right "$archive"; then
    echo "$archive is there and its checksum is right"
    exit 0
fi
mkdir -p "$folder"
if ! is_right "$archive.part"; then
    "$(dirname "$0")/install.sh" data
    status=0
    fetch || status=$?
    case $status in
    0) ;;
    33 | 36) # curl cannot go on from what is there
        rm "$archive.part"
        fetch
        ;;
    *) exit "$status" ;;
    esac
fi
if ! is_right "$archive.part"; then
    rm "$archive.part"
    echo "fetch_cifar10.sh: what $url gave has not the MD5 checksum $md5; it was removed" >&2
    exit 1
fi
mv "$archive.part" "$archive"
echo "$archive fetched, checksum right"
