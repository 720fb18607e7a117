/* Options: a table of trm_option and the struct that it describes.
 *
 * Values come from four sources, in increasing priority: the defaults of the
 * table, a checkpoint, a configuration file, the command line. The order of
 * reading does not matter. Each value is stored as it was typed, so that a run
 * can be repeated from its echo. In names '-' and '_' are equivalent. */
#ifndef TRM_BASE_OPTIONS_H
#define TRM_BASE_OPTIONS_H

#include <stdio.h>

#include "base/text.h"
#include "base/value.h"

typedef enum trm__base_option_source {
  TRM__FROM_DEFAULT,
  TRM__FROM_CHECKPOINT,
  TRM__FROM_CONFIG,
  TRM__FROM_COMMAND
} trm__base_option_source;

typedef struct trm__base_option_value {
  char *text; /* as typed; NULL: not given, and no default */
  trm__base_option_source source;
  bool in_config; /* set in the configuration file */
} trm__base_option_value;

typedef struct trm__base_options {
  const trm_option *table;        /* borrowed; may be empty */
  int n;                          /* rows */
  void *values;                   /* the struct */
  trm__base_option_value *value;  /* of each row */
  struct trm__base_options *next; /* further options of the same command line */
  void *texts;                    /* all texts that values refer to */
} trm__base_options;

/** Make the struct and fill it with the defaults. An invalid default ends the
 * program.
 * \param table ends with TRM_OPT_END, or is NULL */
trm__base_options *trm__base_options_new(const trm_option *table,
                                         size_t struct_size);
/** Free these options, but not those of `next`, and set the pointer to NULL;
 * accepts NULL. */
void trm__base_options_free(trm__base_options **);

/* The readers also search the rows of `next`. They fail with TRM_EOPTION or
 * TRM_EUSAGE. */

/** Read "--name value", "--name=value", "--flag", "--no-flag". */
trm_status trm__base_options_args(trm__base_options *, int argc, char **argv,
                                  trm__base_error *);

/** Read lines "name = value" with # comments.
 * \param file name for messages */
trm_status trm__base_options_config(trm__base_options *, const char *file,
                                    const char *text, trm__base_error *);

/** Could the values of a checkpoint, a JSON object of texts, be taken? */
trm_status trm__base_options_check(const trm__base_options *, const char *json,
                                   trm__base_error *);

/** Take the values of a checkpoint for all options that are not given
 * otherwise; none if one of them cannot be taken. */
trm_status trm__base_options_stored(trm__base_options *, const char *json,
                                    trm__base_error *);

/** Reject values that differ from those of a checkpoint and may not change,
 * with a message that names both. Fails with TRM_ERESUME. */
trm_status trm__base_options_compare(const trm__base_options *,
                                     const char *json, trm__base_error *);

/** Update the texts of members that changed since they were read. */
void trm__base_options_refresh(trm__base_options *);

/** Was an option given on the command line or in the configuration file? */
bool trm__base_options_given(const trm__base_options *, const char *name);

/** Return one JSON object of these options, without `next`.
 * \param typed true: numbers as numbers; false: all as texts, as
 * trm__base_options_stored reads them */
cJSON *trm__base_options_json(const trm__base_options *, bool typed);

/** Return the options that have a value as "n=64 nu=0.2"; free with free(). */
char *trm__base_options_echo(const trm__base_options *);

/** Print the help. */
void trm__base_options_help(const trm__base_options *, FILE *);

/** Return the table as JSON: an array of objects {name, type, default, unit,
 * help, choices [], min, max, weak, sides, rtol, may_change}, without those
 * that do not apply. */
cJSON *trm__base_options_describe(const trm__base_options *);

/** Return the name as users type it: "min-size" for the row min_size. */
trm__base_text trm__base_option_name(const trm_option *);

#endif
