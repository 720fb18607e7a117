/* Text: numbers as people read them, durations as they type them, and what a
 * misspelt word was meant to be. Pure functions. */
#ifndef TRM_BASE_TEXT_H
#define TRM_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A short text that a function returns by value. */
typedef struct trm__base_text {
  char s[64];
} trm__base_text;

/** "1.50 GiB" from bytes. */
trm__base_text trm__base_text_bytes(double bytes);
/** "2.31 G cell/s" from a rate and the unit of what is counted; "5.1 GB/s". */
trm__base_text trm__base_text_rate(double per_second, const char *unit);
/** "1 h 02 min", "3 min 07 s", "4.21 s", "15.2 ms" from seconds. */
trm__base_text trm__base_text_duration(double seconds);
/** "1 thread", "2 threads": a count with its noun. */
trm__base_text trm__base_text_count(int64_t n, const char *noun);
/** Shortest text that reads back as the same number: "0.1", "1e+06". */
trm__base_text trm__base_text_f64(double value);
/** The number as a user would type a limit: "1e6", "1000", "0.25". */
trm__base_text trm__base_text_limit(double value);

/** Seconds from "30s", "10min", "10m", "2h", "1.5d" or "30 s". */
bool trm__base_text_seconds(const char *, double *seconds);

/** Read a share: "3%", "3 %" or 0.03; a number alone is below 1. */
bool trm__base_text_share(const char *, double *share);

/** Number of edits (insert, delete, change, swap of neighbours) from a to b;
 * '-' and '_' are the same letter, upper and lower case too. */
int trm__base_text_distance(const char *a, const char *b);

/** Are both the same name? '-' and '_' are the same letter. */
bool trm__base_text_same_name(const char *a, const char *b);

/* The nearest of some words, for "did you mean". */
typedef struct trm__base_nearest {
  const char *typed, *word; /* borrowed; word is NULL when nothing is near */
  int distance;
} trm__base_nearest;
/** Offer one more candidate. Begin with {.typed = TYPED}. */
void trm__base_nearest_offer(trm__base_nearest *, const char *candidate);

/** Print words, wrapped at 78 columns and indented from the second line on; \n
 * behind the last. Not pure.  \param at column where the first word begins */
void trm__base_text_wrap(FILE *, const char *, int indent, int at);

/** Cut blanks off both ends, in place. */
char *trm__base_text_trim(char *);

/** Does a name end so, and has more before it? Pure. */
bool trm__base_text_ends(const char *name, const char *end);

#endif
