/* Settings of trm_dataset_read (trireme/kernel.h). */
#ifndef TRM_STORE_INPUT_DATASET_H
#define TRM_STORE_INPUT_DATASET_H

struct trm_run;

/** Give missing cells and NaN of all inputs this value. Local. */
void trm__store_input_fill(struct trm_run *, double value);

#endif
