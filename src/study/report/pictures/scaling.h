/* Pictures of speed-up, efficiency, rates and laws. */
#ifndef TRM_STUDY_REPORT_PICTURES_SCALING_H
#define TRM_STUDY_REPORT_PICTURES_SCALING_H

#include "study/report/pictures/picture.h"

void trm__study_draw_speedup(const trm__study_report *,
                             const trm__study_picture *, FILE *, bool);
void trm__study_draw_efficiency(const trm__study_report *,
                                const trm__study_picture *, FILE *, bool);
void trm__study_draw_memory(const trm__study_report *,
                            const trm__study_picture *, FILE *, bool);
void trm__study_draw_time(const trm__study_report *, const trm__study_picture *,
                          FILE *, bool);
void trm__study_draw_law(const trm__study_report *, const trm__study_picture *,
                         FILE *, bool);

#endif
