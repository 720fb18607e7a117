/* What is compared, and how both forms of `trireme compare` print and write it. */
#ifndef TRM_CLI_COMPARE_OUTPUT_H
#define TRM_CLI_COMPARE_OUTPUT_H

#include <cjson/cJSON.h>

#include "base/error.h"
#include "cli/command.h"
#include "study/statistics/sequential.h"

typedef struct trm__cli_comparison {
  const trm__cli *cli;
  const char *side[2];  /* as typed: commands or directories */
  trm__study_rule rule; /* most: 0 for studies */
  bool counted;         /* --repeat gave a number */
  int ranks, threads;   /* threads 0: not set */
  const char *launcher; /* NULL: none */
  double budget;        /* seconds; 0: none */
  uint64_t seed;
  bool wall, quiet;
  const char *output; /* file of the JSON line; NULL */
} trm__cli_comparison;

/** Print "  label     text", wrapped. */
void trm__cli_compare_print(const char *label, const char *text);

/** Print the outcome of the gate.  \param like "pairs like these" */
void trm__cli_compare_print_gate(const trm__study_rule *, const char *like,
                                 const trm__study_check *);

/** Return the members of the line that both forms have. Free with cJSON_Delete. */
cJSON *trm__cli_compare_json(const trm__cli_comparison *,
                             const trm__study_interval *ratio,
                             const trm__study_check *);
trm_status trm__cli_compare_append(const char *path, const cJSON *,
                                   trm__base_error *);

#endif
