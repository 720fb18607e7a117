/* Text: numbers and durations in readable form, and suggestions for misspelt
 * words. Pure functions. */
#ifndef TRM_BASE_TEXT_H
#define TRM_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A short text, returned by value. */
typedef struct trm__base_text {
  char s[64];
} trm__base_text;

/** Format bytes: "1.50 GiB". */
trm__base_text trm__base_text_bytes(double bytes);
/** Format a rate with the unit of what is counted: "2.31 G cell/s", "5.1 GB/s".
 */
trm__base_text trm__base_text_rate(double per_second, const char *unit);
/** Format seconds: "1 h 02 min", "3 min 07 s", "4.21 s", "15.2 ms". */
trm__base_text trm__base_text_duration(double seconds);
/** Format a count with its noun: "1 thread", "2 threads". */
trm__base_text trm__base_text_count(int64_t n, const char *noun);
/** Format the shortest text that reads back as the same number: "0.1", "1e+06".
 */
trm__base_text trm__base_text_f64(double value);
/** Format a number as a user would type a limit: "1e6", "1000", "0.25". */
trm__base_text trm__base_text_limit(double value);

/** Read seconds from "30s", "10min", "10m", "2h", "1.5d", "30 s", "1h30m", or a
 * time as Slurm takes it: "90:00" (minutes), "1:30:00", "1-12", "1-12:30:00". */
bool trm__base_text_seconds(const char *, double *seconds);

/** Read a fraction: "3%", "3 %" or 0.03; a bare number must be below 1. */
bool trm__base_text_share(const char *, double *fraction);

/** Count the edits (insert, delete, change, swap of neighbours) from a to b;
 * '-' and '_' are equal, and so are upper and lower case. */
int trm__base_text_distance(const char *a, const char *b);

/** Are both the same name? '-' and '_' are equal. */
bool trm__base_text_same_name(const char *a, const char *b);

/* The nearest of several words, for "did you mean". */
typedef struct trm__base_nearest {
  const char *typed, *word; /* borrowed; word is NULL: none is near */
  int distance;
} trm__base_nearest;
/** Offer one more candidate. Begin with {.typed = TYPED}. */
void trm__base_nearest_offer(trm__base_nearest *, const char *candidate);

/** Print words, wrapped at 78 columns, indented from the second line on, with
 * \n at the end. Not pure.
 * \param at column where the first word begins */
void trm__base_text_wrap(FILE *, const char *, int indent, int at);

/** Remove blanks from both ends, in place. */
char *trm__base_text_trim(char *);

/** Return the text after the byte order mark that some editors put in front of
 * UTF-8. Pure. */
const char *trm__base_text_past_mark(const char *);

/** Does a name end with `end`, after at least one other character? Pure. */
bool trm__base_text_ends(const char *name, const char *end);

#endif
