/* concurrencykit's epoch: begin, read of a protected pointer, end. */
#include "subjects.h"

#include <ck_epoch.h>
#include <ck_pr.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

static ck_epoch_t epoch;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local ck_epoch_record_t *record;
static int64_t one = 1;
static int64_t *protected_pointer = &one;

static void start(void) { ck_epoch_init(&epoch); }

static void enter(void)
{
    pthread_once(&once, start);
    record = ck_epoch_recycle(&epoch, NULL);
    if (!record) {
        record = aligned_alloc(64, (sizeof *record + 63) / 64 * 64);
        if (!record)
            abort();
        ck_epoch_register(&epoch, record, NULL);
    }
}

static void leave(void) { ck_epoch_unregister(record); }

static int64_t chunk(void)
{
    int64_t sum = 0;
    for (int i = 0; i < CHUNK; i++) {
        ck_epoch_begin(record, NULL);
        sum += *(int64_t *)ck_pr_load_ptr(&protected_pointer);
        ck_epoch_end(record, NULL);
    }
    return sum;
}

const struct subject ck_epoch_subject = { "ck-epoch", enter, leave, chunk, CHUNK };
