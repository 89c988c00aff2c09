#!/usr/bin/env bash
# Guess: an mmap that fails has changed nothing. So a program that has reserved addresses may ask there for a persistent mapping (MAP_FIXED with
# MAP_SYNC), and where the file system has none take an ordinary one in a second call: the addresses stay its own all the time.
# Seen: Linux 6.18, ext4 on a disk that is no persistent memory: the call fails with "Operation not supported", and the reservation is gone. The next
# mmap of anybody, on any thread, is given these addresses, and would lose them to the second call. On tmpfs the same failure leaves the
# reservation there: it is refused before, not by the file system. A mapping at no fixed address tells which way a file can be mapped.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[ "$(stat -f -c %T .)" = ext2/ext3 ] || { echo "needs a temporary folder on ext4, as TMPDIR says" >&2; exit 3; }
cat >reserve.c <<'C'
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
int main(int count, char **names)
{
    const size_t bytes = 1 << 20;
    unsigned char resident;
    int file = open(names[1], O_RDWR | O_CREAT, 0600);
    if (count != 2 || file < 0 || ftruncate(file, bytes) != 0)
        return 1;
    void *range = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    void *mapped = mmap(range, bytes, PROT_READ | PROT_WRITE, MAP_SHARED_VALIDATE | MAP_SYNC | MAP_FIXED, file, 0);
    const char *told = mapped == MAP_FAILED ? strerror(errno) : "mapped";
    int there = mincore(range, 4096, &resident) == 0;
    void *next = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    printf("%s; the reservation is %s; the next mapping is %s\n", told, there ? "there" : "gone", next == range ? "at its place" : "elsewhere");
    unlink(names[1]);
}
C
gcc -O1 -o reserve reserve.c
on_ext4=$(./reserve "$folder/file")
on_tmpfs=$(./reserve "/dev/shm/${folder##*/}")
printf 'Linux %s\next4:  %s\ntmpfs: %s\n' "$(uname -r)" "$on_ext4" "$on_tmpfs"
[ "$on_ext4" = "Operation not supported; the reservation is gone; the next mapping is at its place" ]
[ "$on_tmpfs" = "Operation not supported; the reservation is there; the next mapping is elsewhere" ]
