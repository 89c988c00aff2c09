/* Everything that peers.c can run. */
#ifndef SUBJECTS_H
#define SUBJECTS_H

#include "round.h"

extern const struct subject c_floor_two_checks, c_atomic_contended, c_atomic_uncontended, c_rseq;
int has_rseq(void);

#ifdef HAVE_URCU
extern const struct subject urcu_memb, urcu_qsbr, urcu_bp;
#endif
#ifdef HAVE_CK
extern const struct subject ck_epoch_subject;
#endif

#endif
