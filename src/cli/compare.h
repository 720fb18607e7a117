/* What the two forms of `trireme compare` share: commands, and studies. */
#ifndef TRM_CLI_COMPARE_H
#define TRM_CLI_COMPARE_H

#include "base/options.h"
#include "cli/cli.h"
#include "study/run/compare.h"

typedef struct trm__comparison {
  const trm__cli *cli;
  const char *side[2];  /* as typed: commands or directories */
  trm__rule rule;       /* most: 0 for studies */
  bool counted;         /* --repeat gave a number */
  int ranks, threads;   /* threads 0: as it is */
  const char *launcher; /* NULL: none, the commands as they stand */
  double budget;        /* seconds; 0: none */
  uint64_t seed;
  bool wall, quiet;
  const char *output; /* file of the JSON line; NULL */
} trm__comparison;

/** Compare two commands, two studies: print it, append the JSON line. *alarm: B is
 * slower than the gate allows. Fail with an error. */
trm_status trm__compare_commands(const trm__comparison *, bool *alarm,
                                 trm__base_error *);
trm_status trm__compare_directories(const trm__comparison *, bool *alarm,
                                    trm__base_error *);

/** Print "  label     text", wrapped. */
void trm__compare_say(const char *label, const char *text);

/** Say how the gate went.  \param like "pairs like these" */
void trm__compare_say_gate(const trm__rule *, const char *like,
                           const trm__look *);

/** The line's members that both forms have. Free with cJSON_Delete. */
cJSON *trm__compare_json(const trm__comparison *, const trm__interval *ratio,
                         const trm__look *);
trm_status trm__compare_append(const char *path, const cJSON *,
                               trm__base_error *);

#endif
