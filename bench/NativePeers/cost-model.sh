#!/usr/bin/env bash
# Checks docs/cost-model.md: the lines and pages that a scan of the stripes touches, as the model says, and as counted: lines by
# the misses of a simulated cache that begins empty (valgrind's callgrind), pages by the faults of their first touch.
# Fails if one differs by more than a twentieth. Needs gcc and valgrind.
set -euo pipefail
cd "$(dirname "$0")"
for tool in gcc valgrind; do
    command -v "$tool" >/dev/null || { echo "$tool is not installed" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gcc -O2 -Wall -Wextra -o "$work/scan" scan.c
status=0

# check WHAT THREADS PLACES HAZARDS LINES PAGES
check() {
    pages=$("$work/scan" "$2" "$3" "$4")
    valgrind --tool=callgrind --cache-sim=yes --D1=32768,8,64 --LL=1073741824,16,64 --callgrind-out-file="$work/out" \
        --collect-atstart=no --toggle-collect=scan_counts --toggle-collect=scan_hazards "$work/scan" "$2" "$3" "$4" >/dev/null 2>&1
    # Misses of the last level: it holds everything, so each is the first touch of a line.
    lines=$(awk '/^events:/ { for (i = 2; i <= NF; i++) if ($i == "DLmr") at = i } /^(summary|totals):/ { total = $at } END { print total + 0 }' "$work/out")
    verdict=$(awk -v a="$lines" -v b="$5" -v c="$pages" -v d="$6" 'function far(x, y) { return x < y * 0.95 - 8 || x > y * 1.05 + 8 } BEGIN { print far(a, b) || far(c, d) ? "DIFFERS" : "agrees" }')
    [ "$verdict" = agrees ] || status=1
    printf '%-34s %7d threads: lines %8d, counted %8d; pages %8d, counted %8d: %s\n' "$1" "$2" "$5" "$lines" "$6" "$pages" "$verdict"
}

for threads in 100 1000 10000 100000; do
    # A line and a page for each thread. With hazards a line more, 64 of them in a page.
    check "kill, not announced" "$threads" 1 0 "$threads" "$threads"
    check "kill, announced" "$threads" 1 1 $((2 * threads)) $((threads + (threads + 63) / 64))
done
for threads in 100 1000 10000; do
    # 100 fresh references lie on 25 lines of a thread (every other word), which now and then begin on one page and end on the next.
    check "KillAll(100), not announced" "$threads" 100 0 $((25 * threads)) $((threads * 65 / 64))
done
exit "$status"
