/*
 * libpmemblk beside the library's btt: 4 KiB sectors of a pool, read and written at random. Speaks as peers.c does, with the
 * subjects "read" and "write".
 *
 *   pmemblk-peer PATH BYTES SECTORS     makes a pool at PATH, unlinks it, and writes the sectors once
 */
#include "round.h"

#include <libpmemblk.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { sector_size = 4096 };

static PMEMblkpool *pool;
static uint64_t sectors;
static atomic_uint threads_seen;
static _Thread_local uint64_t state;

/* Other sectors for each thread of a round. */
static void enter(void) { state = (atomic_fetch_add(&threads_seen, 1) + 1) * 0x9E3779B97F4A7C15; }

static uint64_t next_sector(void)
{
    state = state * 6364136223846793005 + 1442695040888963407;
    return (state >> 33) % sectors;
}

static int64_t read_chunk(void)
{
    static _Thread_local unsigned char block[sector_size];
    int64_t right = 0;
    for (int i = 0; i < CHUNK; i++) {
        uint64_t sector = next_sector(), found;
        if (pmemblk_read(pool, block, (long long)sector) != 0)
            continue;
        memcpy(&found, block, sizeof found);
        right += found == sector;
    }
    return right;
}

static int64_t write_chunk(void)
{
    static _Thread_local unsigned char block[sector_size];
    int64_t done = 0;
    for (int i = 0; i < CHUNK; i++) {
        uint64_t sector = next_sector();
        memcpy(block, &sector, sizeof sector);
        done += pmemblk_write(pool, block, (long long)sector) == 0;
    }
    return done;
}

static const struct subject subjects[] = {
    { "read", enter, NULL, read_chunk, CHUNK },
    { "write", enter, NULL, write_chunk, CHUNK },
};

int main(int argc, char **argv)
{
    char line[256], id[64];
    unsigned char block[sector_size] = { 0 };
    int threads;
    double seconds;
    if (argc != 4 || (pool = pmemblk_create(argv[1], sector_size, strtoul(argv[2], NULL, 10), 0600)) == NULL)
        return fprintf(stderr, "pmemblk-peer: %s\n", argc == 4 ? pmemblk_errormsg() : "PATH BYTES SECTORS"), 1;
    unlink(argv[1]);
    sectors = strtoul(argv[3], NULL, 10);
    for (uint64_t i = 0; i < sectors; i++) {
        memcpy(block, &i, sizeof i);
        if (pmemblk_write(pool, block, (long long)i) != 0)
            return fprintf(stderr, "pmemblk-peer: %s\n", pmemblk_errormsg()), 1;
    }
    while (fgets(line, sizeof line, stdin)) {
        if (strncmp(line, "list", 4) == 0)
            puts("read write");
        else if (sscanf(line, "%63s %d %lf", id, &threads, &seconds) == 3 && threads >= 1 && threads <= 1024 && seconds > 0 && seconds <= 600
            && (strcmp(id, "read") == 0 || strcmp(id, "write") == 0))
            run_round(&subjects[strcmp(id, "write") == 0], threads, seconds);
        else
            puts("error a request is: SUBJECT THREADS SECONDS");
        fflush(stdout);
    }
    pmemblk_close(pool);
    return 0;
}
