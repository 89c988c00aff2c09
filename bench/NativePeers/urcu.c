/* liburcu: read lock, read of a protected pointer, read unlock, all inlined. */
#define _LGPL_SOURCE
#include "subjects.h"

#include <stddef.h>
#include <urcu/urcu-bp.h>
#include <urcu/urcu-memb.h>
#include <urcu/urcu-qsbr.h>

static int64_t one = 1;
static int64_t *protected_pointer = &one;

#define FLAVOUR(flavour, after)                                   \
    static int64_t flavour##_chunk(void)                          \
    {                                                             \
        int64_t sum = 0;                                          \
        for (int i = 0; i < CHUNK; i++) {                         \
            flavour##_read_lock();                                \
            sum += *rcu_dereference(protected_pointer);           \
            flavour##_read_unlock();                              \
            after;                                                \
        }                                                         \
        return sum;                                               \
    }                                                             \
    static void flavour##_enter(void) { flavour##_register_thread(); } \
    static void flavour##_leave(void) { flavour##_unregister_thread(); }

FLAVOUR(urcu_memb, (void)0)
FLAVOUR(urcu_bp, (void)0)
/* Its read lock is empty; what it costs is to announce a quiescent state, here after every section. */
FLAVOUR(urcu_qsbr, urcu_qsbr_quiescent_state())

const struct subject urcu_memb = { "urcu-memb", urcu_memb_enter, urcu_memb_leave, urcu_memb_chunk, CHUNK };
const struct subject urcu_bp = { "urcu-bp", urcu_bp_enter, urcu_bp_leave, urcu_bp_chunk, CHUNK };
const struct subject urcu_qsbr = { "urcu-qsbr", urcu_qsbr_enter, urcu_qsbr_leave, urcu_qsbr_chunk, CHUNK };
