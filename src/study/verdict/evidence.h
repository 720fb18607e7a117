/* What the result of a point says, as far as a verdict needs it. Pure. */
#ifndef TRM_STUDY_VERDICT_EVIDENCE_H
#define TRM_STUDY_VERDICT_EVIDENCE_H

#include "base/text.h"
#include "meter/balance.h"
#include "study/run/points.h"

typedef struct
    trm__study_call_times { /* calls of one kind; seconds summed over the ranks */
  double calls, waiting, transfer;
} trm__study_call_times;

typedef struct trm__study_evidence { /* of one point */
  int point;                         /* its index */
  trm__study_mode mode;
  int ranks, threads, cores;
  const char *label; /* of its sizes */
  const trm__study_config *config;
  double steps, work;         /* steps made; updates, or what stands for them */
  trm__meter_ledger ledger;   /* total 0: not known */
  trm__meter_balance balance; /* ranks 0: not known */
  trm__study_call_times collectives, messages;
  double sent, sent_bytes;         /* point to point, checkpoints apart */
  double pairs;                    /* of ranks that send one another */
  double per_message, per_byte;    /* what they cost; seconds */
  double bytes_per_s, flops_per_s; /* reached; 0: not known */
  bool memory;                     /* the roofline says that memory binds */
  double fraction;                 /* of what binds; 0: not known */
  bool shared, straddles;          /* cores: as the doctor found */
  const char *said;                /* by the doctor, of these; NULL: nothing */
  double load, steal;              /* as the point has them */
  const cJSON *sites;
} trm__study_evidence;

trm__study_evidence trm__study_evidence_of(const trm__study *,
                                           const trm__study_points *,
                                           int point);

/* One site, as a result has it. */
typedef struct trm__study_site {
  const char *name;
  int ranks; /* that were in it; 0: not known */
  double mean, max,
      amount; /* seconds, in the loop; flops, or bytes where there are none */
} trm__study_site;
int trm__study_sites(const trm__study_evidence *);
trm__study_site trm__study_site_at(const trm__study_evidence *, int i);
/** The site of a name; name NULL: there is none. */
trm__study_site trm__study_site_named(const trm__study_evidence *,
                                      const char *name);

/** "4 ranks", "2 ranks x 2 threads", "n=256": where a point stands among those of
 * its mode. */
trm__base_text trm__study_evidence_place(const trm__study_evidence *);
/** "on 4 ranks", "at n=256". */
trm__base_text trm__study_evidence_where(const trm__study_evidence *);

#endif
