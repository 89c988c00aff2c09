/* The scans of docs/cost-model.md on the library's layout, without a runtime: banks of 256 threads; for each run of 512 references
 * the threads' pages side by side, a page and a line apart; the hazard lines of a bank before its first run. For cost-model.sh,
 * which counts the lines that a scan loads by a simulated cache; the pages are counted here, by the faults of their first touch.
 *
 *   scan THREADS PLACES HAZARDS     scans so many places (every other word of a thread's page), and the hazard lines if that is 1
 *   scan THREADS PLACES small|huge  counts once on each place in every thread, then scans them one by one, again and again, and
 *                                   prints what a scan takes, with pages of 4 KiB or, where they fit, of 2 MiB
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

enum { rounds = 20, bank_threads = 256, line = 64, run_slots = 512, stride = run_slots * 8 + line };

static const size_t huge_page = 2 << 20, hazard_bytes = (size_t)bank_threads * line, run_bytes = (size_t)bank_threads * stride;
static size_t banks, runs;
static char **bases;

/* One pass, thread by thread: as the library's AddCounts does, and its Sum with one place. */
__attribute__((noinline)) static uint64_t scan_counts(size_t threads, const size_t *places, size_t count)
{
    uint64_t sum = 0;
    for (size_t thread = 0; thread < threads; thread++) {
        const char *area = bases[thread / bank_threads] + thread % bank_threads * stride;
        for (size_t i = 0; i < count; i++)
            sum += __atomic_load_n((const uint64_t *)(area + places[i]), __ATOMIC_ACQUIRE);
    }
    return sum;
}

__attribute__((noinline)) static uint64_t scan_hazards(size_t threads)
{
    uint64_t named = 0;
    for (size_t thread = 0; thread < threads; thread++) {
        const uint64_t *hazards = (const uint64_t *)(bases[thread / bank_threads] + thread % bank_threads * line);
        named += __atomic_load_n(hazards + 3, __ATOMIC_ACQUIRE) == 1;
        named += __atomic_load_n(hazards + 7, __ATOMIC_ACQUIRE) == 1;
    }
    return named;
}

static long faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

static double microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static int time_scans(size_t threads, const size_t *places, size_t count)
{
    for (size_t thread = 0; thread < threads; thread++)
        for (size_t i = 0; i < count; i++)
            *(uint64_t *)(bases[thread / bank_threads] + thread % bank_threads * stride + places[i]) = 1;
    double start = 0;
    for (size_t round = 0; round <= rounds; round++) {
        if (round == 1)
            start = microseconds(); /* The first warms up. */
        for (size_t i = 0; i < count; i++)
            if (scan_counts(threads, places + i, 1) != threads)
                return fputs("miscounted\n", stderr), 1;
    }
    printf("%.1f us a scan\n", (microseconds() - start) / rounds / count);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 1;
    int huge = !strcmp(argv[3], "huge"), timed = huge || !strcmp(argv[3], "small");
    size_t threads = strtoul(argv[1], NULL, 10), count = strtoul(argv[2], NULL, 10);
    int with_hazards = argv[3][0] == '1';
    runs = (count * 2 + run_slots - 1) / run_slots;
    banks = (threads + bank_threads - 1) / bank_threads;
    bases = malloc(banks * sizeof *bases);
    size_t *places = malloc(count * sizeof *places);
    for (size_t i = 0; i < count; i++)
        places[i] = hazard_bytes + i * 2 / run_slots * run_bytes + i * 2 % run_slots * 8;
    for (size_t bank = 0; bank < banks; bank++) {
        size_t bytes = hazard_bytes + runs * run_bytes;
        if (huge)
            bytes = (bytes + huge_page - 1) / huge_page * huge_page;
        char *memory = mmap(NULL, bytes + huge_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED)
            return perror("mmap"), 1;
        bases[bank] = huge ? (char *)(((uintptr_t)memory + huge_page - 1) / huge_page * huge_page) : memory;
        madvise(bases[bank], bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    }
    if (timed)
        return time_scans(threads, places, count);
    long before = faults();
    uint64_t result = scan_counts(threads, places, count);
    if (with_hazards)
        result += scan_hazards(threads);
    printf("%ld\n", faults() - before);
    return result != 0;
}
