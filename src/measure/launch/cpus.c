#include "measure/launch/cpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void trm__cpus_add(trm__cpus *set, int cpu) {
  if (cpu >= 0 && cpu < TRM__CPUS)
    set->word[cpu / 64] |= UINT64_C(1) << cpu % 64;
}

bool trm__cpus_has(const trm__cpus *set, int cpu) {
  return cpu >= 0 && cpu < TRM__CPUS && set->word[cpu / 64] >> cpu % 64 & 1;
}

int trm__cpus_count(const trm__cpus *set) {
  int n = 0;
  for (int i = 0; i < TRM__CPU_WORDS; i++)
    n += __builtin_popcountll(set->word[i]);
  return n;
}

bool trm__cpus_same(const trm__cpus *a, const trm__cpus *b) {
  return !memcmp(a, b, sizeof *a);
}

bool trm__cpus_within(const trm__cpus *inner, const trm__cpus *outer) {
  for (int i = 0; i < TRM__CPU_WORDS; i++)
    if (inner->word[i] & ~outer->word[i]) return false;
  return true;
}

bool trm__cpus_meet(const trm__cpus *a, const trm__cpus *b) {
  for (int i = 0; i < TRM__CPU_WORDS; i++)
    if (a->word[i] & b->word[i]) return true;
  return false;
}

void trm__cpus_join(trm__cpus *set, const trm__cpus *other) {
  for (int i = 0; i < TRM__CPU_WORDS; i++) set->word[i] |= other->word[i];
}

int trm__cpus_next(const trm__cpus *set, int from) {
  if (from < 0) from = 0;
  for (int i = from / 64; i < TRM__CPU_WORDS; i++) {
    uint64_t word = set->word[i];
    if (i == from / 64) word &= ~UINT64_C(0) << from % 64;
    if (word) return i * 64 + __builtin_ctzll(word);
  }
  return -1;
}

bool trm__cpus_read(const char *text, trm__cpus *set) {
  *set = (trm__cpus){{0}};
  const char *at = text;
  while (*at && *at != '\n') {
    char *end;
    long from = strtol(at, &end, 10), to = from;
    if (end == at) return false;
    if (*end == '-') {
      at = end + 1;
      to = strtol(at, &end, 10);
      if (end == at) return false;
    }
    for (long cpu = from; cpu <= to && cpu < TRM__CPUS; cpu++)
      trm__cpus_add(set, (int)cpu);
    at = end + (*end == ',');
    if (at == end && *end && *end != '\n') return false;
  }
  return at != text;
}

/* "3" or "3-5", of what begins at `from`; \return the next that is in the set. */
static int print_range(const trm__cpus *set, int from, char *text,
                       size_t size) {
  int to = from;
  while (trm__cpus_has(set, to + 1)) to++;
  if (to > from)
    snprintf(text, size, "%d-%d", from, to);
  else
    snprintf(text, size, "%d", from);
  return trm__cpus_next(set, to + 1);
}

char *trm__cpus_text(const char *noun, const trm__cpus *set) {
  char list[120] = "";
  for (int cpu = trm__cpus_next(set, 0); cpu >= 0;) {
    char range[24];
    cpu = print_range(set, cpu, range, sizeof range);
    if (strlen(list) + strlen(range) + 8 > sizeof list) {
      strcat(list, ", ...");
      break;
    }
    if (*list) strcat(list, ", ");
    strcat(list, range);
  }
  return trm__format("%s%s %s", noun, trm__cpus_count(set) == 1 ? "" : "s",
                     list);
}
