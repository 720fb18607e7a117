/* Results of launches: read, timed, and compared: are two of them answers to the same
 * problem, and the same answer? */
#ifndef TRM_STUDY_RUN_ANSWER_H
#define TRM_STUDY_RUN_ANSWER_H

#include <cjson/cJSON.h>
#include <trireme/option.h>

/** The last line of a file that is a result: a blank line or one that is cut off
 * does not hide the one before. NULL: there is none; free with cJSON_Delete() */
cJSON *trm__study_answer_read(const char *path);

/** Steps that a launch made, and seconds of each; not finite without steps. */
double trm__study_answer_steps(const cJSON *);
double trm__study_answer_seconds(const cJSON *);

/** Compare kernel, steps, and the fingerprint; where the kernel has an rtol, or an
 * option that differs has one, the sketch within it. Pure.
 * \param table options of the kernel; NULL: not known
 * \return NULL: the same; else what differs, with both values; free with free() */
char *trm__study_answer_differs(const cJSON *a, const cJSON *b,
                                const trm_option *table);

/** Largest difference of the sketches of two results over their largest entry;
 * infinite: they cannot be compared. Pure. */
double trm__study_answer_distance(const cJSON *a, const cJSON *b);

#endif
