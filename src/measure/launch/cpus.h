/* Sets of processors, or of cores: a core is named by the lowest of the hardware
 * threads that share it. Pure functions. */
#ifndef TRM_MEASURE_LAUNCH_CPUS_H
#define TRM_MEASURE_LAUNCH_CPUS_H

#include <stdbool.h>
#include <stdint.h>

enum { TRM__CPUS = 2048, TRM__CPU_WORDS = TRM__CPUS / 64 };

typedef struct trm__cpus {
  uint64_t word[TRM__CPU_WORDS];
} trm__cpus;

/** Add one; those beyond TRM__CPUS are left out. */
void trm__cpus_add(trm__cpus *, int cpu);
bool trm__cpus_has(const trm__cpus *, int cpu);
int trm__cpus_count(const trm__cpus *);
bool trm__cpus_same(const trm__cpus *, const trm__cpus *);
bool trm__cpus_within(const trm__cpus *inner, const trm__cpus *outer);
bool trm__cpus_meet(const trm__cpus *, const trm__cpus *);
void trm__cpus_join(trm__cpus *, const trm__cpus *);
/** The lowest that is not below `from`; -1: none. */
int trm__cpus_next(const trm__cpus *, int from);
/** Read the kernel's way to write a set, "0-3,8"; false: it is none. */
bool trm__cpus_read(const char *text, trm__cpus *);

/** "core 0", "cores 0-3, 8": a noun and the set, cut where it is long; free with
 * free(). */
char *trm__cpus_text(const char *noun, const trm__cpus *);

#endif
