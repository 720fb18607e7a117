/* Numbers as people read them. Pure. */
#ifndef TRM_STUDY_REPORT_NUMBERS_H
#define TRM_STUDY_REPORT_NUMBERS_H

#include "base/text.h"
#include "study/statistics/stat.h"

/** "2.9 to 3.1" of an interval, by some format of one value; "": no interval. A level
 * that is not 95 % stands behind. */
typedef trm__base_text trm__study_number_text(double);
trm__base_text trm__study_interval_text(const trm__study_interval *,
                                        trm__study_number_text *);
trm__base_text trm__study_value_text(double);    /* "0.0342" */
trm__base_text trm__study_ratio_text(double);    /* "3.40" */
trm__base_text trm__study_percent_text(double);  /* "86 %" */
trm__base_text trm__study_fraction_text(double); /* "0.034" */

trm__base_text trm__study_time_text(double seconds); /* "12.0 ms" */
/** "11.9 to 12.1 ms" of an interval of seconds; "": no interval. */
trm__base_text trm__study_times_text(const trm__study_interval *);

/** The unit for times of about this many seconds: "ms", and what to multiply by. */
const char *trm__study_time_unit(double seconds, double *factor);

#endif
