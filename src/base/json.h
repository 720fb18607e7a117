/* JSON: what cJSON lacks. It keeps numbers as doubles, so integers beyond 2^53
 * are written as raw text; NaN and infinities, which JSON has no words for, are
 * written as null. Objects here are printed on one line. */
#ifndef TRM_BASE_JSON_H
#define TRM_BASE_JSON_H

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>

/** Add a member to an object; a number is written so that it reads back as the
 * same bits. */
void trm__base_json_i64(cJSON *object, const char *name, int64_t);
void trm__base_json_u64(cJSON *object, const char *name, uint64_t);
void trm__base_json_f64(cJSON *object, const char *name, double);
/** The same as elements of an array. */
cJSON *trm__base_json_number(double);

/** A member of an object; NULL: there is none, or no object. */
const cJSON *trm__base_json_at(const cJSON *object, const char *name);
/** Its value; `otherwise`, or "": it is none of that kind. */
double trm__base_json_f64_at(const cJSON *object, const char *name,
                             double otherwise);
int64_t trm__base_json_i64_at(const cJSON *object, const char *name,
                              int64_t otherwise);
const char *trm__base_json_text_at(const cJSON *object, const char *name);

/** Text of one line without a newline; free with free(). */
char *trm__base_json_line(const cJSON *);

#endif
