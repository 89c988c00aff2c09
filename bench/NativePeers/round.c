#define _GNU_SOURCE
#include "round.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct worker {
    const struct subject *subject;
    int64_t duration;
    int64_t operations;
    int64_t nanoseconds;
    int wrong;
    int index;
    pthread_t thread;
};

static atomic_int arrived;
static int expected_arrivals;

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/*
 * Puts the calling thread on the index-th processor of those that its creator may use, round and round, as the .NET
 * loops do. Where that fails the thread stays free.
 */
static void pin_to_processor(int index)
{
#ifdef __linux__
    cpu_set_t allowed, one;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        return;
    int left = index % CPU_COUNT(&allowed);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &allowed) && left-- == 0) {
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            sched_setaffinity(0, sizeof one, &one);
            return;
        }
    }
#else
    (void)index;
#endif
}

static void *work(void *argument)
{
    struct worker *self = argument;
    pin_to_processor(self->index);
    const struct subject *subject = self->subject;
    if (subject->enter_thread)
        subject->enter_thread();
    /* Spins: a thread that is still waking up while another one runs would flatter it. */
    atomic_fetch_add(&arrived, 1);
    while (atomic_load(&arrived) < expected_arrivals)
        ;
    int64_t start = now(), elapsed;
    do {
        self->wrong |= subject->chunk() != subject->expected;
        self->operations += CHUNK;
        elapsed = now() - start;
    } while (elapsed < self->duration);
    self->nanoseconds = elapsed;
    if (subject->leave_thread)
        subject->leave_thread();
    return NULL;
}

void run_round(const struct subject *subject, int threads, double seconds)
{
    struct worker *workers = calloc(threads, sizeof *workers);
    double nanoseconds = 0, operations = 0, per_second = 0;
    int wrong = 0;
    if (!workers) {
        puts("error no memory");
        return;
    }
    atomic_store(&arrived, 0);
    expected_arrivals = threads;
    for (int i = 0; i < threads; i++) {
        workers[i].subject = subject;
        workers[i].index = i;
        workers[i].duration = (int64_t)(seconds * 1e9);
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            fputs("cannot create a thread\n", stderr);
            exit(1);
        }
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        nanoseconds += workers[i].nanoseconds;
        operations += workers[i].operations;
        per_second += workers[i].operations * 1e9 / workers[i].nanoseconds;
        wrong |= workers[i].wrong;
    }
    free(workers);
    if (wrong)
        puts("error an operation gave a wrong result");
    else
        printf("%.6f %.1f\n", nanoseconds / operations, per_second);
}
