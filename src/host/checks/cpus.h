/* Sets of processors, or of cores. A core has the number of its lowest hardware
 * thread. All functions are Pure. */
#ifndef TRM_HOST_CHECKS_CPUS_H
#define TRM_HOST_CHECKS_CPUS_H

#include <stdbool.h>
#include <stdint.h>

enum { TRM__CPUS = 2048, TRM__CPU_WORDS = TRM__CPUS / 64 };

typedef struct trm__host_cpus {
  uint64_t word[TRM__CPU_WORDS];
} trm__host_cpus;

/** Add one; numbers from TRM__CPUS on are ignored. */
void trm__host_cpus_add(trm__host_cpus *, int cpu);
bool trm__host_cpus_has(const trm__host_cpus *, int cpu);
int trm__host_cpus_count(const trm__host_cpus *);
bool trm__host_cpus_same(const trm__host_cpus *, const trm__host_cpus *);
/** Is `inner` a subset of `outer`? */
bool trm__host_cpus_within(const trm__host_cpus *inner,
                           const trm__host_cpus *outer);
bool trm__host_cpus_overlap(const trm__host_cpus *, const trm__host_cpus *);
void trm__host_cpus_join(trm__host_cpus *, const trm__host_cpus *);
void trm__host_cpus_remove(trm__host_cpus *, const trm__host_cpus *);
/** The lowest member >= `from`; -1: none. */
int trm__host_cpus_next(const trm__host_cpus *, int from);

/** "core 0", "cores 0-3, 8": a noun and the set, shortened if long; free with
 * free(). */
char *trm__host_cpus_text(const char *noun, const trm__host_cpus *);

#endif
