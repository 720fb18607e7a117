/* Counter-based random numbers: Philox4x32-10 (J. Salmon et al., Parallel
 * random numbers: as easy as 1, 2, 3, SC 2011).
 *
 * A number is a pure function of seed, stream and global index, so a field has
 * the same values on any number of ranks. */
#ifndef TRIREME_RANDOM_H
#define TRIREME_RANDOM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Apply the block function: 4 words of counter and 2 of key give 4 random
 * words. Pure. */
void trm_philox(const uint32_t counter[4], const uint32_t key[2],
                uint32_t out[4]);

/** Return 64 random bits. Pure.
 * \param stream 0 to 2^63-1; use a different one for each purpose in a kernel
 */
uint64_t trm_random(uint64_t seed, uint64_t stream, uint64_t index);

/** Return a number uniform in [0, 1) with 53 bits, or standard normal
 * (Box-Muller). Pure. */
double trm_random_uniform(uint64_t seed, uint64_t stream, uint64_t index);
double trm_random_normal(uint64_t seed, uint64_t stream, uint64_t index);

#ifdef __cplusplus
}
#endif

#endif
