#!/usr/bin/env bash
# Guess: address space that is reserved and never touched (PROT_NONE, MAP_NORESERVE) costs nothing under qemu-user either, or at most its
# page tables; and whatever it costs is back after munmap. So programs that reserve generously, as runtimes with large heaps do, can be
# tested under emulation.
# Seen: qemu-user 7.2 (Debian 12) keeps 24 bytes for each reserved page, 6 GiB for a terabyte, gives none of it back after munmap, and puts the
# next reservation somewhere else, so a program that reserves and unmaps in turn grows each time. Natively it grows by nothing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
apt-get download -q 'qemu-user-static=1:7.2+dfsg-7+deb12u*' >/dev/null
dpkg-deb -x qemu-user-static_*.deb .
cat >reserve.c <<'C'
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
static long kib(void)
{
    char line[256];
    long held = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (fgets(line, sizeof line, file))
        sscanf(line, "VmRSS: %ld", &held);
    fclose(file);
    return held;
}
int main(void)
{
    const long bytes = 16L << 30, pages = bytes / 4096;
    kib();
    long before = kib();
    for (int round = 1; round <= 2; round++) {
        void *range = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (range == MAP_FAILED)
            return 1;
        long reserved = kib() - before;
        munmap(range, bytes);
        printf("round %d: %ld bytes a page while reserved, %ld after munmap\n", round, (reserved * 1024 + pages / 2) / pages, ((kib() - before) * 1024 + pages / 2) / pages);
    }
}
C
gcc -O1 -static -o reserve reserve.c
native=$(./reserve)
emulated=$("usr/bin/qemu-$(uname -m)-static" ./reserve)
printf 'native\n%s\nqemu-user\n%s\n' "$native" "$emulated"
[ "$native" = "round 1: 0 bytes a page while reserved, 0 after munmap
round 2: 0 bytes a page while reserved, 0 after munmap" ]
[ "$emulated" = "round 1: 24 bytes a page while reserved, 24 after munmap
round 2: 48 bytes a page while reserved, 48 after munmap" ]
