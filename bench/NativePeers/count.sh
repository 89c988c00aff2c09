#!/usr/bin/env bash
# Counts the instructions of one operation of each native peer with valgrind's callgrind: unlike times, counts do not wobble.
# Needs build.sh to have run, and valgrind. (A restartable sequence cannot run under valgrind.)
set -euo pipefail
cd "$(dirname "$0")"
command -v valgrind >/dev/null || { echo "valgrind is not installed" >&2; exit 1; }
chunk=16384
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# count SUBJECT PROGRAM FUNCTION: a round of a nanosecond is exactly one chunk.
count() {
    [ -x "bin/$2" ] || { echo "$1: not built"; return; }
    echo "$1 1 0.000000001" | valgrind --tool=callgrind --callgrind-out-file="$out" --collect-atstart=no \
        --toggle-collect="$3" "bin/$2" 2>/dev/null | grep -q '^[0-9]' || { echo "$1: not run"; return; }
    awk -v subject="$1" -v chunk="$chunk" '/^(summary|totals):/ { total = $2 } END { printf "%-20s %5.1f instructions\n", subject, total / chunk }' "$out"
}

count c-floor-two-checks peers two_checks
count c-atomic-private peers uncontended_atomic
count c-atomic-shared peers contended_atomic
count urcu-memb peers urcu_memb_chunk
count urcu-bp peers urcu_bp_chunk
count urcu-qsbr peers urcu_qsbr_chunk
count ck-epoch peers chunk
count crossbeam-epoch crossbeam-peer '*crossbeam_peer*chunk*'
