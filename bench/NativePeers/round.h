/* One round of one subject: threads that start together, loop for a given time, and count what they did. */
#ifndef ROUND_H
#define ROUND_H

#include <stdint.h>

/* Operations between two looks at the clock: the same number as in the .NET loops. */
#define CHUNK 16384

struct subject {
    const char *id;
    void (*enter_thread)(void); /* Outside the measured time; may be null. */
    void (*leave_thread)(void);
    int64_t (*chunk)(void);     /* Runs CHUNK operations; returns a sum over their results. */
    int64_t expected;           /* What the chunk must return. */
};

/* Prints "nanosecondsPerOperation operationsPerSecond", or "error ..." if an operation gave a wrong result. */
void run_round(const struct subject *subject, int threads, double seconds);

#endif
