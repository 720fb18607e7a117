/* The digest of data: a sum of hashes, one for each element, so it does not
 * depend on order or decomposition. Pure functions, no run. */
#ifndef TRM_ARRAY_DIGEST_H
#define TRM_ARRAY_DIGEST_H

#include <stdint.h>

#include <trireme/type.h>

/** Digest n elements in memory whose global row-major indices are first,
 * first+1, ...
 * \param stride elements from one to the next in memory */
uint64_t trm__array_digest_run(trm_type, const void *data, int64_t stride,
                               int64_t n, uint64_t first);

/** Digest bytes, e.g. names and options (FNV-1a, then mixed). */
uint64_t trm__array_digest_bytes(const void *, int64_t bytes, uint64_t seed);

#endif
