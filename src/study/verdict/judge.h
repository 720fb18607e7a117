/* Rooms of the verdict: what is known of a point, and what each loss is named. */
#ifndef TRM_STUDY_VERDICT_JUDGE_H
#define TRM_STUDY_VERDICT_JUDGE_H

#include "base/text.h"
#include "meter/balance.h"
#include "study/verdict/verdict.h"

/* -- judge_evidence.c: what the result of a point says ---------------------- */

typedef struct
    trm__group { /* calls of one kind; seconds summed over the ranks */
  double calls, waiting, transfer;
} trm__group;

typedef struct trm__evidence { /* of one point */
  int point;                   /* its index */
  trm__mode mode;
  int ranks, threads, cores;
  const char *label; /* of its sizes */
  const trm__config *config;
  double steps, work;         /* steps made; updates, or what stands for them */
  trm__meter_ledger ledger;   /* total 0: not known */
  trm__meter_balance balance; /* ranks 0: not known */
  trm__group collectives, messages;
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
} trm__evidence;

trm__evidence trm__evidence_of(const trm__study *, const trm__points *,
                               int point);

/* One site, as a result has it. */
typedef struct trm__site_seen {
  const char *name;
  int ranks; /* that were in it; 0: not known */
  double mean, max,
      amount; /* seconds, in the loop; flops, or bytes where there are none */
} trm__site_seen;
int trm__sites_seen(const trm__evidence *);
trm__site_seen trm__site_seen_at(const trm__evidence *, int i);
/** The site of a name; name NULL: there is none. */
trm__site_seen trm__site_seen_named(const trm__evidence *, const char *name);

/* -- judge_ranks.c, judge_calls.c: what a loss is named --------------------- */

typedef struct trm__losses {     /* at one point, against the base */
  double lost[TRM__LIMIT_COUNT]; /* core seconds */
  const char *site;              /* SERIAL: the largest; NULL: none known */
  bool one_rank;                 /* SERIAL: a site of one rank alone */
} trm__losses;

/** What waiting for other ranks, beyond chains, comes from. */
void trm__judge_imbalance(const trm__evidence *, trm__losses *);
/** What more seconds of work for as much work come from. */
void trm__judge_useful(const trm__evidence *base, const trm__evidence *,
                       trm__losses *);
/** What calls come from. */
void trm__judge_calls(const trm__evidence *, trm__losses *);
/** Is it the fixed cost of messages that counts, rather than their bytes, where
 * fewer would do? */
bool trm__judge_small(const trm__evidence *);

/** All losses of a point. */
trm__losses trm__losses_of(const trm__evidence *base, const trm__evidence *);

/* -- judge_words.c ---------------------------------------------------------- */

typedef struct trm__missing { /* points that do not count */
  int failed, starved;        /* starved: the budget left no time for them */
  trm__base_text where;       /* of the first that failed, and why */
  const char *why;            /* borrowed */
} trm__missing;

typedef struct trm__case { /* what was found, to be put in words */
  const char *kernel;
  int n; /* points judged, in rising order */
  const trm__evidence
      *evidence;             /* n; the first is what others are held against */
  const trm__losses *losses; /* n */
  trm__limiter limit;
  double lost, won; /* as in trm__judged; lost 0: not known */
  double speedup;   /* of the last over the first; NAN: not known */
  int left_out;     /* points on more cores than there are */
  trm__missing missing;
  const char *dir;      /* of the study; NULL: not known */
  double budget;        /* of the study; 0: none */
  const char *launcher; /* of the study; NULL: the default */
} trm__case;

/** At most five sentences; free with free(). */
char *trm__judge_words(const trm__case *);

/* judge_causes.c */

/** The sentence that names the cause, with its figures; free with free(). */
char *trm__judge_cause(const trm__case *);
/** The experiment to do next, told to do it, without "Next: "; free with free(). */
char *trm__judge_next(const trm__case *);

/** "4 ranks", "2 ranks x 2 threads", "n=256": where a point stands among those of
 * its mode. */
trm__base_text trm__judge_place(const trm__evidence *);
/** "on 4 ranks", "at n=256". */
trm__base_text trm__judge_where(const trm__evidence *);

#endif
