/* Output of a run for other programs and for people: fields, pictures. */
#ifndef TRM_RUN_REPORT_OUTPUT_H
#define TRM_RUN_REPORT_OUTPUT_H

#include "store/store.h"

/** Write all fields except scratch to PATH, and an XDMF file for ParaView in the same
 * folder: a.xdmf for a.h5. Collective. Fails with TRM_EFILE. */
trm_status trm__run_output(trm_run *, const char *path,
                           const trm__store_stamp *);

/** Return the name of the XDMF file for PATH; free with free(). Pure. */
char *trm__run_output_sidecar(const char *path);

/** Draw the first field of role output (else the first evolving, else the first
 * constant one) as a PNG: a curve for one dimension, the field itself for
 * two, its middle slice for more. Collective. Fails with TRM_EFILE, or with TRM_EINPUT
 * if there is no field to draw. */
trm_status trm__run_picture(trm_run *, const char *path);

#endif
