/* The picture of where the core time of each point goes. */
#ifndef TRM_STUDY_REPORT_PICTURES_LEDGER_H
#define TRM_STUDY_REPORT_PICTURES_LEDGER_H

#include "study/report/pictures/picture.h"

void trm__study_draw_ledger(const trm__study_report *,
                            const trm__study_picture *, FILE *, bool);
/** Rows of the ledger's picture; 0: no point has a ledger. */
int trm__study_ledger_rows(const trm__study_report *, trm__study_mode,
                           int *height);

#endif
