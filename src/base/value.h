/* Values of options: one text into one member of a struct and back, as a row of
 * a table of options says. Numbers are read strictly: nothing may be stuck to
 * them, whole numbers may be written 1e6. */
#ifndef TRM_BASE_VALUE_H
#define TRM_BASE_VALUE_H

#include <trireme/option.h>

#include "base/error.h"
#include "base/json.h"

/** Read a text into the member that a row describes. A TRM_TEXT member points
 * to `text` afterwards.  \param label what the message begins with: "--n=64k"
 * \return TRM_OK or TRM_EOPTION, explained in the error */
trm_status trm__base_value_read(const trm_option *, const char *text,
                                void *values, const char *label,
                                trm__base_error *);

/** Shortest text that reads back as the member's value; free with free(). */
char *trm__base_value_text(const trm_option *, const void *values);

/** The member's value as JSON: a number, true, false or a text. */
cJSON *trm__base_value_json(const trm_option *, const void *values);

/** What is wanted, in words: "4 to 1e6 cells", "plain or stream"; free(). */
char *trm__base_value_wanted(const trm_option *);

#endif
