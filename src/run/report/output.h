/* What a run leaves for other programs and for people: fields, pictures. */
#ifndef TRM_RUN_REPORT_OUTPUT_H
#define TRM_RUN_REPORT_OUTPUT_H

#include "store/store.h"

/** Write all fields but scratch to PATH, and a description in XDMF beside it
 * that ParaView opens: a.h5 has a.xdmf. Collective. Fails with TRM_EFILE. */
trm_status trm__run_output(trm_run *, const char *path,
                           const trm__store_stamp *);

/** Name of the description beside PATH; free(). */
char *trm__run_output_sidecar(const char *path);

/** Draw the first field of role output (else the first evolving, else the first
 * constant one) as a PNG: a curve if it has one dimension, the field itself if
 * two, its middle slice if more. Collective. Fails with TRM_EFILE, TRM_EINPUT if there is no
 * field to draw. */
trm_status trm__run_picture(trm_run *, const char *path);

#endif
