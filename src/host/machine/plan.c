/* Which subjects to measure, and for how long. */
#include "host/machine/machine.h"

#include <string.h>

#include "base/text.h"

static const struct {
  const char *name;
  double share;
} subjects[] = {
#define TRM__SUBJECT(id, name, share) {name, share},
    TRM__SUBJECTS(TRM__SUBJECT)
#undef TRM__SUBJECT
};

const char *trm__host_subject_name(trm__host_subject subject) {
  return subjects[subject].name;
}

double trm__host_plan_share(unsigned wanted, trm__host_subject subject,
                            double left) {
  double sum = 0;
  for (int s = (int)subject; s < TRM__SUBJECT_COUNT; s++)
    if (wanted >> s & 1 || s == (int)subject) sum += subjects[s].share;
  return left > 0 ? left * subjects[subject].share / sum : 0;
}

static trm_status unknown(const char *word, trm__base_error *error) {
  trm__base_nearest nearest = {.typed = word};
  for (int s = 0; s < TRM__SUBJECT_COUNT; s++)
    trm__base_nearest_offer(&nearest, subjects[s].name);
  return trm__base_error_set(
      error, TRM_EOPTION, "--only: unknown subject \"%s\"; use %s", word,
      nearest.word ? nearest.word
                   : "some of memory,cache,flops,network,disk,noise");
}

trm_status trm__host_plan_read(const char *only, unsigned *wanted,
                               trm__base_error *error) {
  *wanted = only ? 0 : (1u << TRM__SUBJECT_COUNT) - 1;
  for (const char *at = only; at; at = strchr(at, ',')) {
    char word[32];
    at += *at == ',';
    int n = (int)strcspn(at, ","), s = 0;
    snprintf(word, sizeof word, "%.*s", n, at);
    while (s < TRM__SUBJECT_COUNT && strcmp(word, subjects[s].name)) s++;
    if (s == TRM__SUBJECT_COUNT) return unknown(word, error);
    *wanted |= 1u << s;
  }
  return TRM_OK;
}
