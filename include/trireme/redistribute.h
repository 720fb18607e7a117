/* Redistribution: from any layout to any other of the same global shape.
 *
 * The transposition of an FFT, the move from blocks to block-cyclic, a restart
 * on another rank count: all are this one function. It works in rounds of a
 * bounded buffer, over point-to-point messages to those ranks alone that share
 * elements. An element with several owners is sent by the lowest and received
 * by all. */
#ifndef TRIREME_REDISTRIBUTE_H
#define TRIREME_REDISTRIBUTE_H

#include <trireme/field.h>

/** Copy all elements of `from` to `to`: same type and global shape, layouts of
 * one run. Halos stay. Collective. Fails with TRM_EMEMORY. */
trm_status trm_redistribute(trm_run *, const trm_field *from, trm_field *to);

#endif
