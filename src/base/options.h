/* Options: a table of trm_option with the struct that it describes.
 *
 * Values come from four sources: the defaults of the table, a checkpoint, a
 * configuration file, the command line; the later one wins, in whatever order
 * they are read. Each value is remembered as it was typed, so that a run can be
 * repeated from its echo. In names '-' and '_' are the same letter. */
#ifndef TRM_BASE_OPTIONS_H
#define TRM_BASE_OPTIONS_H

#include <stdio.h>

#include "base/text.h"
#include "base/value.h"

typedef enum trm__base_option_source {
  TRM__FROM_DEFAULT,
  TRM__FROM_SET, /* a checkpoint */
  TRM__FROM_CONFIG,
  TRM__FROM_COMMAND
} trm__base_option_source;

typedef struct trm__base_option_value {
  char *text; /* as typed; NULL: neither given nor with a default */
  trm__base_option_source source;
  bool in_config; /* a line of the configuration file names it */
} trm__base_option_value;

typedef struct trm__base_options {
  const trm_option *table;        /* borrowed; may be empty */
  int n;                          /* rows */
  void *values;                   /* the struct */
  trm__base_option_value *value;  /* of each row */
  struct trm__base_options *next; /* read with this one: one command line */
  void *texts;                    /* all that was ever typed */
} trm__base_options;

/** Make the struct and fill it with the defaults. A default that the table
 * itself refuses ends the program.  \param table ends with TRM_OPT_END, or is
 * NULL */
trm__base_options *trm__base_options_new(const trm_option *table,
                                         size_t struct_size);
/** Free these options, not those of `next`; takes NULL and clears. */
void trm__base_options_free(trm__base_options **);

/* The readers search the rows of `next` too. They fail with TRM_EOPTION or
 * TRM_EUSAGE. */

/** Read "--name value", "--name=value", "--flag", "--no-flag". */
trm_status trm__base_options_args(trm__base_options *, int argc, char **argv,
                                  trm__base_error *);

/** Read lines "name = value" with # comments.  \param file for messages */
trm_status trm__base_options_config(trm__base_options *, const char *file,
                                    const char *text, trm__base_error *);

/** Take the values of a checkpoint, a JSON object of texts, for all that is not
 * given otherwise. */
trm_status trm__base_options_stored(trm__base_options *, const char *json,
                                    trm__base_error *);

/** Refuse values that differ from those of a checkpoint and may not change;
 * with both values. Fails with TRM_ERESUME. */
trm_status trm__base_options_compare(const trm__base_options *,
                                     const char *json, trm__base_error *);

/** Write the texts anew for members that were changed since they were read. */
void trm__base_options_refresh(trm__base_options *);

/** Was it given on the command line or in the configuration file? */
bool trm__base_options_given(const trm__base_options *, const char *name);

/** One JSON object of these options alone.  \param typed numbers as numbers;
 * else all as texts, as trm__base_options_stored reads them */
cJSON *trm__base_options_json(const trm__base_options *, bool typed);

/** "n=64 nu=0.2": those options that have a value; free with free(). */
char *trm__base_options_echo(const trm__base_options *);

/** Print the table for people. */
void trm__base_options_help(const trm__base_options *, FILE *);

/** The table for programs: an array of objects {name, type, default, unit,
 * help, choices [], min, max, weak, sides, may_change}; what does not apply is left
 * out. */
cJSON *trm__base_options_describe(const trm__base_options *);

/** "min-size" for the row min_size. */
trm__base_text trm__base_option_name(const trm_option *);

#endif
