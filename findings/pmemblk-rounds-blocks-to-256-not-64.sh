#!/usr/bin/env bash
# Guess: libpmemblk's BTT is the kernel's, with the same block for the same sector: Linux 6.1 gives a sector of 520 bytes 576, and one of
# 4104 bytes 4160 (multiples of 64), so a pool of 32 MiB holds as many sectors as a namespace of that size, 57,539 and 7,794, or a few less.
# Seen: libpmemblk 1.12.1 (Debian 12, needs gcc) takes multiples of 256: 768 and 4352. A pool has a quarter less sectors of 520 bytes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
version=1.12.1-2
apt-get download -q libpmemblk1=$version libpmemblk-dev=$version libpmem1=$version libpmem-dev=$version libndctl6 libdaxctl1 libkmod2 >/dev/null
for package in *.deb; do dpkg-deb -x "$package" .; done
libraries=usr/lib/x86_64-linux-gnu
cat >look.c <<'C'
#include <libpmemblk.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    static char sector[8192];
    const size_t sizes[] = { 512, 520, 4096, 4104 };
    for (int i = 0; i < 4; i++) {
        PMEMblkpool *pool = pmemblk_create("pool", sizes[i], 32 << 20, 0600);
        uint32_t numbers[3];
        pmemblk_write(pool, sector, 0);
        FILE *file = fopen("pool", "rb");
        if (fseek(file, 8192 + 56, SEEK_SET) != 0 || fread(numbers, 4, 3, file) != 3)
            return 1;
        printf("%u: %u sectors in blocks of %u\n", numbers[0], numbers[1], numbers[2]);
        fclose(file);
        pmemblk_close(pool);
        unlink("pool");
    }
}
C
gcc -I usr/include -o look look.c -L $libraries -lpmemblk -lpmem -Wl,--allow-shlib-undefined
seen=$(LD_LIBRARY_PATH=$libraries ./look)
echo "$seen"
[ "$seen" = "512: 64700 sectors in blocks of 512
520: 43160 sectors in blocks of 768
4096: 7919 sectors in blocks of 4096
4104: 7438 sectors in blocks of 4352" ]
