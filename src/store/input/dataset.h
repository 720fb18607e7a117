/* Settings of trm_dataset_read (trireme/kernel.h). */
#ifndef TRM_STORE_INPUT_DATASET_H
#define TRM_STORE_INPUT_DATASET_H

struct trm_run;

/** Give missing cells and NaN of all inputs this value. Local. */
void trm__store_input_fill(struct trm_run *, double value);

/** Let a second process look at inputs first, on which HDF5 may crash.
 * \param program as for trm__store_checkpoint_examine  Local. */
void trm__store_input_program(struct trm_run *, const char *program);

/** Do with an input what may take HDF5 down: what the second process does. No
 * MPI. */
void trm__store_input_try(const char *where);

#endif
