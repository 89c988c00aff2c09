/*
 * Runs rounds on request, so that one driver can alternate these subjects with those of other languages.
 * Reads lines "SUBJECT THREADS SECONDS" and answers each with "NANOSECONDS_PER_OPERATION OPERATIONS_PER_SECOND"
 * or "error WHY"; "list" answers the subjects on one line; ends with its input.
 */
#include "subjects.h"

#include <stdio.h>
#include <string.h>

static const struct subject *const subjects[] = {
    &c_floor_two_checks, &c_atomic_contended, &c_atomic_uncontended, &c_rseq,
#ifdef HAVE_URCU
    &urcu_memb, &urcu_qsbr, &urcu_bp,
#endif
#ifdef HAVE_CK
    &ck_epoch_subject,
#endif
};

#define COUNT (sizeof subjects / sizeof *subjects)

static int is_available(const struct subject *subject) { return subject != &c_rseq || has_rseq(); }

static void list(void)
{
    for (size_t i = 0; i < COUNT; i++) {
        if (is_available(subjects[i]))
            printf("%s ", subjects[i]->id);
    }
    putchar('\n');
}

static void run(const char *id, int threads, double seconds)
{
    for (size_t i = 0; i < COUNT; i++) {
        if (strcmp(subjects[i]->id, id) == 0 && is_available(subjects[i])) {
            run_round(subjects[i], threads, seconds);
            return;
        }
    }
    printf("error no subject %s\n", id);
}

int main(void)
{
    char line[256], id[64];
    int threads;
    double seconds;
    while (fgets(line, sizeof line, stdin)) {
        if (strncmp(line, "list", 4) == 0)
            list();
        else if (sscanf(line, "%63s %d %lf", id, &threads, &seconds) == 3 && threads >= 1 && threads <= 1024 && seconds > 0 && seconds <= 600)
            run(id, threads, seconds);
        else
            puts("error a request is: SUBJECT THREADS SECONDS");
        fflush(stdout);
    }
    return 0;
}
