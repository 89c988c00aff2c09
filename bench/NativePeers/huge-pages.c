// Would huge pages make a kill cheaper with 10,000 threads? The same scan over the layout of docs/design.md, with pages of 4 KiB, with
// huge ones, and with pages of 4 KiB read ahead.
//     gcc -O2 -o huge-pages bench/NativePeers/huge-pages.c && for i in 1 2 3; do for how in small huge ahead; do ./huge-pages $how; done; done
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { THREADS = 10000, BANK_THREADS = 256, BANKS = 40, RUN_SLOTS = 512, RUNS = 2, REFERENCES = 1000, ROUNDS = 20, AHEAD = 16 };

static const long Stride = 4096 + 64, HazardBytes = BANK_THREADS * 64L, Huge = 2L << 20;

static char *banks[BANKS];

static double microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static char *first_word(int bank, int reference)
{
    return banks[bank] + HazardBytes + reference / RUN_SLOTS * BANK_THREADS * Stride + reference % RUN_SLOTS * sizeof(long);
}

static int threads_of(int bank)
{
    return bank == BANKS - 1 ? THREADS - bank * BANK_THREADS : BANK_THREADS;
}

int main(int count, char **arguments)
{
    int huge = count == 2 && !strcmp(arguments[1], "huge"), ahead = count == 2 && !strcmp(arguments[1], "ahead");
    if (!huge && !ahead && !(count == 2 && !strcmp(arguments[1], "small"))) {
        fprintf(stderr, "usage: huge-pages small|huge|ahead\n");
        return 2;
    }
    long bytes = HazardBytes + RUNS * BANK_THREADS * Stride, whole = (bytes + Huge - 1) / Huge * Huge;
    for (int bank = 0; bank < BANKS; bank++) {
        char *memory = mmap(0, whole + Huge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) {
            perror("mmap");
            return 1;
        }
        banks[bank] = (char *)(((uintptr_t)memory + Huge - 1) / Huge * Huge);
        madvise(banks[bank], whole, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
        for (int reference = 0; reference < RUNS * RUN_SLOTS; reference++)
            for (int thread = 0; thread < threads_of(bank); thread++)
                ++*(volatile long *)(first_word(bank, reference) + thread * Stride);
    }
    double all = 0;
    for (int round = 0; round < ROUNDS; round++) {
        for (int reference = 0; reference < REFERENCES; reference++) {
            double start = microseconds();
            long sum = 0;
            for (int bank = 0; bank < BANKS; bank++) {
                char *word = first_word(bank, reference), *end = word + threads_of(bank) * Stride;
                for (; word != end; word += Stride) {
                    if (ahead)
                        __builtin_prefetch(word + AHEAD * Stride);
                    sum += *(volatile long *)word;
                }
            }
            if (sum != THREADS) {
                fprintf(stderr, "counted %ld, not %d\n", sum, THREADS);
                return 1;
            }
            if (round > 0) // The first warms up.
                all += microseconds() - start;
        }
    }
    printf("%s: %.1f us a scan\n", arguments[1], all / ((ROUNDS - 1) * REFERENCES));
    return 0;
}
