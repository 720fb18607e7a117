/* Values of options: convert a text to a member of a struct and back, as a row
 * of a table of options describes. Numbers are read strictly, without trailing
 * text; whole numbers may be written as 1e6. */
#ifndef TRM_BASE_VALUE_H
#define TRM_BASE_VALUE_H

#include <trireme/option.h>

#include "base/error.h"
#include "base/json.h"

/** Read a text into the member that a row describes. A TRM_TEXT member then
 * points to `text`.
 * \param label beginning of the message: "--n=64k"
 * \return TRM_OK, or TRM_EOPTION with a message in the error */
trm_status trm__base_value_read(const trm_option *, const char *text,
                                void *values, const char *label,
                                trm__base_error *);

/** Return the shortest text that reads back as the member's value; free with
 * free(). */
char *trm__base_value_text(const trm_option *, const void *values);

/** Return the member's value as JSON: a number, true, false or a text. */
cJSON *trm__base_value_json(const trm_option *, const void *values);

/** Describe the accepted values: "4 to 1e6 cells", "plain or stream"; free with
 * free(). */
char *trm__base_value_expected(const trm_option *);

#endif
