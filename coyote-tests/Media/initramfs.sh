#!/bin/bash
# Makes an initramfs with busybox, ndctl, dd, the modules of an unpacked Debian kernel, and an init script.
# usage: initramfs.sh ROOT INIT OUTPUT [FILE]     ROOT: where the packages were unpacked; FILE goes to its root
set -euo pipefail
root=$1 init=$2 output=$(realpath -m "$3")
version=$(ls "$root/lib/modules")
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree"/{bin,dev,proc,sys,tmp,modules,etc}
cp "$root/bin/busybox" "$tree/bin/"
for tool in ndctl dd; do
    cp "$(command -v $tool)" "$tree/bin/$tool.real"
    for library in $(ldd "$(command -v $tool)" | grep -o '/[^ ]*'); do
        mkdir -p "$tree$(dirname "$library")"
        cp -nL "$library" "$tree$library"
    done
    mv "$tree/bin/$tool.real" "$tree/bin/$tool"
done
for module in libnvdimm nd_btt nd_pmem device_dax dax_pmem nfit; do
    cp "$(find "$root/lib/modules/$version" -name "$module.ko")" "$tree/modules/"
done
[ $# -lt 4 ] || cp "$4" "$tree/"
cp "$init" "$tree/init"
chmod +x "$tree/init"
(cd "$tree" && find . | cpio -o -H newc --quiet | gzip -1) > "$output"
