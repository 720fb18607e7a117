/* The sketch: a few random projections of the evolving fields, to compare results that
 * are not equal bit by bit. */
#ifndef TRM_RUN_REPORT_SKETCH_H
#define TRM_RUN_REPORT_SKETCH_H

#include <trireme/run.h>

enum { TRM__SKETCH = 8 };

/** Project on vectors of random signs. The result is the same for every rank count and
 * layout: sums are exact and rounded once. Collective. */
void trm__run_sketch(trm_run *, double sketch[TRM__SKETCH]);

#endif
