#!/usr/bin/env bash
# Builds the native peers that PinThroughput runs (--peers, and the workload btt), from what the system has:
#   apt-get install gcc liburcu-dev libck-dev libpmemblk-dev cargo librust-crossbeam-epoch-dev
# What is missing is left out, with a line that says so; PinThroughput lists it as not run.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p bin
rm -f bin/peers bin/pmemblk-peer bin/crossbeam-peer

flags=(-O2 -g -Wall -Wextra -pthread)
sources=(peers.c round.c floors.c rseq.c)
libraries=()
has() { echo "#include <$1>" | gcc -E -x c - >/dev/null 2>&1; }

if ! command -v gcc >/dev/null; then
    echo "left out: every C peer (no gcc)"
else
    if has urcu/urcu-memb.h; then
        flags+=(-DHAVE_URCU); sources+=(urcu.c); libraries+=(-lurcu-memb -lurcu-qsbr -lurcu-bp)
    else
        echo "left out: urcu-memb, urcu-qsbr, urcu-bp (no liburcu-dev)"
    fi
    if has ck_epoch.h; then
        flags+=(-DHAVE_CK); sources+=(ck.c); libraries+=(-lck)
    else
        echo "left out: ck-epoch (no libck-dev)"
    fi
    gcc "${flags[@]}" -o bin/peers "${sources[@]}" "${libraries[@]}"
    echo "built: $(echo list | bin/peers)"
    if has libpmemblk.h; then
        gcc -O2 -g -Wall -Wextra -pthread -o bin/pmemblk-peer pmemblk.c round.c -lpmemblk
        echo "built: libpmemblk"
    else
        echo "left out: libpmemblk (no libpmemblk-dev)"
    fi
fi

registry=/usr/share/cargo/registry
if ! command -v cargo >/dev/null; then
    echo "left out: crossbeam-epoch (no cargo)"
elif ! compgen -G "$registry/crossbeam-epoch-*" >/dev/null; then
    echo "left out: crossbeam-epoch (no librust-crossbeam-epoch-dev)"
else
    # Debian's packaged sources instead of the network.
    (cd crossbeam && cargo build --release --offline --quiet --target-dir ../bin/target \
        --config 'source.crates-io.replace-with="debian"' \
        --config "source.debian.directory=\"$registry\"")
    cp bin/target/release/crossbeam-peer bin/crossbeam-peer
    echo "built: $(echo list | bin/crossbeam-peer)"
fi
