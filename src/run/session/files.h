/* The files that a run is to write, checked before the first step. */
#ifndef TRM_RUN_SESSION_FILES_H
#define TRM_RUN_SESSION_FILES_H

#include "run/session/session.h"

/** Check names, endings and permissions of the output files. Collective. */
trm_status trm__run_files_check(trm__run_session *);

/** Check that no output file is an input or a checkpoint of this run; needs
 * options that are complete. Collective. */
trm_status trm__run_files_check_inputs(trm__run_session *);

#endif
