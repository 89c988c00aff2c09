/* A pair of per-CPU increments by restartable sequences (Linux 4.18, glibc 2.35, x86-64). */
#include "subjects.h"

#if defined(__linux__) && defined(__x86_64__) && __has_include(<sys/rseq.h>)
#include <sys/rseq.h>
#include <stddef.h>

#define MAX_CPUS 1024
static struct { int64_t count; char padding[56]; } counters[MAX_CPUS] __attribute__((aligned(64)));

static inline struct rseq *this_rseq(void)
{
    return (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);
}

/* Adds to the counter of the CPU it runs on; 0 if it was interrupted before the add took effect. */
static inline __attribute__((always_inline)) int try_add(struct rseq *rseq, int64_t n)
{
    uint32_t cpu = *(volatile uint32_t *)&rseq->cpu_id_start;
    __asm__ goto(
        ".pushsection __rseq_cs, \"aw\"\n\t"
        ".balign 32\n"
        "3:\n\t"
        ".long 0, 0\n\t"             /* version, flags */
        ".quad 1f, 2f - 1f, 4f\n\t"  /* start, length, abort */
        ".popsection\n\t"
        "leaq 3b(%%rip), %%rax\n\t"
        "movq %%rax, %[cs]\n"
        "1:\n\t"
        "cmpl %[cpu], %[current]\n\t"
        "jne 5f\n\t"
        "addq %[n], %[counter]\n"
        "2:\n\t"
        ".pushsection __rseq_abort, \"ax\"\n\t"
        ".byte 0x0f, 0xb9, 0x3d\n\t" /* makes the signature an undefined instruction's operand */
        ".long %c[signature]\n"
        "4:\n"
        "5:\n\t"
        "jmp %l[interrupted]\n\t"
        ".popsection"
        :
        : [cs] "m"(rseq->rseq_cs), [cpu] "r"(cpu), [current] "m"(rseq->cpu_id), [n] "er"(n),
          [counter] "m"(counters[cpu].count), [signature] "i"(RSEQ_SIG)
        : "rax", "memory", "cc"
        : interrupted);
    return 1;
interrupted:
    return 0;
}

static int64_t rseq_pair(void)
{
    struct rseq *rseq = this_rseq();
    int64_t done = 0;
    for (int i = 0; i < CHUNK; i++) {
        while (!try_add(rseq, 1))
            ;
        done++;
        while (!try_add(rseq, -1))
            ;
    }
    return done;
}

const struct subject c_rseq = { "c-rseq-increment", NULL, NULL, rseq_pair, CHUNK };
int has_rseq(void) { return __rseq_size != 0 && (int32_t)this_rseq()->cpu_id >= 0; }
#else
const struct subject c_rseq = { "c-rseq-increment", NULL, NULL, NULL, 0 };
int has_rseq(void) { return 0; }
#endif
