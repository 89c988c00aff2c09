/* Lower bounds in C: what the protocol's fast path, a restartable sequence and an atomic cost without a runtime. */
#include "subjects.h"

#include <stdatomic.h>
#include <stddef.h>

#define NO_STRIPE 0xffffL /* The library takes 2^31 - 1; any bound below all addresses costs the same. */

/* The fast path of the protocol on a thread-local area: two loads of the mode word around a plain add. What the shipped
 * put does when the second load differs is a call here too, else the compiler drops that comparison. */
static _Thread_local int64_t area[16];
static _Atomic int64_t word = 64;

static inline __attribute__((always_inline)) int count(int64_t n)
{
    int64_t mode = atomic_load_explicit(&word, memory_order_acquire);
    intptr_t stripe = (intptr_t)area + mode;
    if (__builtin_expect(stripe <= NO_STRIPE, 0))
        return 0;
    *(volatile int64_t *)stripe += n;
    atomic_signal_fence(memory_order_seq_cst);
    return atomic_load_explicit(&word, memory_order_acquire) == mode;
}

static __attribute__((noinline)) void slow_put(void) { atomic_fetch_sub(&word, 0); }

static int64_t two_checks(void)
{
    int64_t done = 0;
    for (int i = 0; i < CHUNK; i++) {
        if (count(1)) {
            done++;
            if (!count(-1))
                slow_put();
        }
    }
    return done;
}

static _Atomic int64_t shared_count = 1;

static int64_t contended_atomic(void)
{
    int64_t done = 0;
    for (int i = 0; i < CHUNK; i++) {
        done += atomic_fetch_add(&shared_count, 1) > 0;
        atomic_fetch_sub(&shared_count, 1);
    }
    return done;
}

static _Thread_local _Atomic int64_t private_count = 1;

static int64_t uncontended_atomic(void)
{
    int64_t done = 0;
    for (int i = 0; i < CHUNK; i++) {
        done += atomic_fetch_add(&private_count, 1) > 0;
        atomic_fetch_sub(&private_count, 1);
    }
    return done;
}

const struct subject c_floor_two_checks = { "c-floor-two-checks", NULL, NULL, two_checks, CHUNK };
const struct subject c_atomic_contended = { "c-atomic-shared", NULL, NULL, contended_atomic, CHUNK };
const struct subject c_atomic_uncontended = { "c-atomic-private", NULL, NULL, uncontended_atomic, CHUNK };
