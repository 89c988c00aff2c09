/* A libpmemblk pool from the command line: the judge of what the library makes of pools.
 * build: cc -o pmdk pmdk.c -lpmemblk
 * usage: pmdk create FILE SECTOR BYTES | write FILE SECTOR NUMBER TEXT | read FILE SECTOR NUMBER | zero | error FILE SECTOR NUMBER
 *        | check FILE SECTOR | sectors FILE SECTOR */
#include <libpmemblk.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fill(char *sector, size_t size, const char *text)
{
    size_t length = strlen(text) + 1;
    for (size_t i = 0; i < size; i++)
        sector[i] = i % length == length - 1 ? '\n' : text[i % length];
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 64;
    const char *verb = argv[1], *file = argv[2];
    size_t size = strtoull(argv[3], NULL, 0);
    if (strcmp(verb, "check") == 0)
        return pmemblk_check(file, size) == 1 ? 0 : 1;
    PMEMblkpool *pool = strcmp(verb, "create") == 0 ? pmemblk_create(file, size, strtoull(argv[4], NULL, 0), 0644) : pmemblk_open(file, size);
    if (pool == NULL) {
        perror(pmemblk_errormsg());
        return 1;
    }
    int failed = 0;
    long long number = argc > 4 ? strtoll(argv[4], NULL, 0) : 0;
    char *sector = malloc(size);
    if (strcmp(verb, "write") == 0) {
        fill(sector, size, argv[5]);
        failed = pmemblk_write(pool, sector, number);
    } else if (strcmp(verb, "read") == 0) {
        failed = pmemblk_read(pool, sector, number);
        if (!failed)
            fwrite(sector, 1, size, stdout);
    } else if (strcmp(verb, "zero") == 0) {
        failed = pmemblk_set_zero(pool, number);
    } else if (strcmp(verb, "error") == 0) {
        failed = pmemblk_set_error(pool, number);
    } else if (strcmp(verb, "sectors") == 0) {
        printf("%zu\n", pmemblk_nblock(pool));
    }
    pmemblk_close(pool);
    return failed ? 2 : 0;
}
