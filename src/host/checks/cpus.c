#include "host/checks/cpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void trm__host_cpus_add(trm__host_cpus *set, int cpu) {
  if (cpu >= 0 && cpu < TRM__CPUS)
    set->word[cpu / 64] |= UINT64_C(1) << cpu % 64;
}

bool trm__host_cpus_has(const trm__host_cpus *set, int cpu) {
  return cpu >= 0 && cpu < TRM__CPUS && set->word[cpu / 64] >> cpu % 64 & 1;
}

int trm__host_cpus_count(const trm__host_cpus *set) {
  int n = 0;
  for (int i = 0; i < TRM__CPU_WORDS; i++)
    n += __builtin_popcountll(set->word[i]);
  return n;
}

bool trm__host_cpus_same(const trm__host_cpus *a, const trm__host_cpus *b) {
  return !memcmp(a, b, sizeof *a);
}

bool trm__host_cpus_within(const trm__host_cpus *inner,
                           const trm__host_cpus *outer) {
  for (int i = 0; i < TRM__CPU_WORDS; i++)
    if (inner->word[i] & ~outer->word[i]) return false;
  return true;
}

bool trm__host_cpus_overlap(const trm__host_cpus *a, const trm__host_cpus *b) {
  for (int i = 0; i < TRM__CPU_WORDS; i++)
    if (a->word[i] & b->word[i]) return true;
  return false;
}

void trm__host_cpus_join(trm__host_cpus *set, const trm__host_cpus *other) {
  for (int i = 0; i < TRM__CPU_WORDS; i++) set->word[i] |= other->word[i];
}

void trm__host_cpus_remove(trm__host_cpus *set, const trm__host_cpus *other) {
  for (int i = 0; i < TRM__CPU_WORDS; i++) set->word[i] &= ~other->word[i];
}

int trm__host_cpus_next(const trm__host_cpus *set, int from) {
  if (from < 0) from = 0;
  for (int i = from / 64; i < TRM__CPU_WORDS; i++) {
    uint64_t word = set->word[i];
    if (i == from / 64) word &= ~UINT64_C(0) << from % 64;
    if (word) return i * 64 + __builtin_ctzll(word);
  }
  return -1;
}

/* "3" or "3-5", of what begins at `from`; \return the next that is in the
 * set. */
static int print_range(const trm__host_cpus *set, int from, char *text,
                       size_t size) {
  int to = from;
  while (trm__host_cpus_has(set, to + 1)) to++;
  if (to > from)
    snprintf(text, size, "%d-%d", from, to);
  else
    snprintf(text, size, "%d", from);
  return trm__host_cpus_next(set, to + 1);
}

char *trm__host_cpus_text(const char *noun, const trm__host_cpus *set) {
  char list[120] = "";
  for (int cpu = trm__host_cpus_next(set, 0); cpu >= 0;) {
    char range[24];
    cpu = print_range(set, cpu, range, sizeof range);
    if (strlen(list) + strlen(range) + 8 > sizeof list) {
      strcat(list, ", ...");
      break;
    }
    if (*list) strcat(list, ", ");
    strcat(list, range);
  }
  return trm__base_format("%s%s %s", noun,
                          trm__host_cpus_count(set) == 1 ? "" : "s", list);
}
