/* Redistribution: copy a field from any layout to any other of the same global
 * shape.
 *
 * It serves the transposition of an FFT, the change from blocks to block-cyclic
 * and a restart on another number of ranks. It works in rounds of bounded
 * buffers, with point-to-point messages only between ranks that share elements.
 * An element with several owners is sent by the lowest and received by all. */
#ifndef TRIREME_REDISTRIBUTE_H
#define TRIREME_REDISTRIBUTE_H

#include <trireme/field.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Copy all elements of `from` to `to`, which have the same type and global
 * shape and layouts of one run. Halos are unchanged. Collective. Fails with
 * TRM_EMEMORY, or with TRM_EINPUT if types or shapes differ. */
trm_status trm_redistribute(trm_run *, const trm_field *from, trm_field *to);

#ifdef __cplusplus
}
#endif

#endif
