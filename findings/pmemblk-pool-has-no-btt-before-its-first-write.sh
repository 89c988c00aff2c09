#!/usr/bin/env bash
# Guess: pmemblk_create makes the pool's BTT, since pmemblk_nblock knows at once how many blocks it has and all of them can be read.
# Seen: libpmemblk 1.12.1 (Debian 12, needs gcc) leaves the place of the BTT's info block, byte 8192, zeros. Reads, opening anew and
# pmemblk_check see a sound pool; the info block appears with the first write.
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
#include <fcntl.h>
#include <libpmemblk.h>
#include <stdio.h>
#include <unistd.h>
static void look(const char *when)
{
    char block[16] = "";
    int file = open("pool", O_RDONLY);
    ssize_t got = pread(file, block, 14, 8192);
    close(file);
    printf("%s: '%s'%s\n", when, block, got == 14 ? "" : " unread");
}
int main(void)
{
    static char sector[4096];
    PMEMblkpool *pool = pmemblk_create("pool", 4096, 32 << 20, 0600);
    printf("%zu blocks, read %d; ", pmemblk_nblock(pool), pmemblk_read(pool, sector, 100));
    look("created");
    pmemblk_close(pool);
    printf("check %d; ", pmemblk_check("pool", 4096));
    look("checked");
    pool = pmemblk_open("pool", 4096);
    printf("write %d; ", pmemblk_write(pool, sector, 100));
    look("written");
    pmemblk_close(pool);
}
C
gcc -I usr/include -o look look.c -L $libraries -lpmemblk -lpmem -Wl,--allow-shlib-undefined
seen=$(LD_LIBRARY_PATH=$libraries ./look)
echo "$seen"
[ "$seen" = "7919 blocks, read 0; created: ''
check 1; checked: ''
write 0; written: 'BTT_ARENA_INFO'" ]
