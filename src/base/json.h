/* JSON: additions to cJSON. cJSON stores numbers as doubles, so integers are
 * written as raw text, which keeps those beyond 2^53 exact. NaN and infinities,
 * which JSON cannot represent, are written as null. Objects are printed on one
 * line. */
#ifndef TRM_BASE_JSON_H
#define TRM_BASE_JSON_H

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>

/** Add a member to an object; a number reads back as the same bits. */
void trm__base_json_i64(cJSON *object, const char *name, int64_t);
void trm__base_json_u64(cJSON *object, const char *name, uint64_t);
void trm__base_json_f64(cJSON *object, const char *name, double);
/** Make an array element from a number. */
cJSON *trm__base_json_number(double);

/** Return a member of an object; NULL: no such member, or not an object. */
const cJSON *trm__base_json_at(const cJSON *object, const char *name);
/** Return the value of a member; `otherwise`, or "", if it is missing, of
 * another type, or a number that no such integer represents. */
double trm__base_json_f64_at(const cJSON *object, const char *name,
                             double otherwise);
int64_t trm__base_json_i64_at(const cJSON *object, const char *name,
                              int64_t otherwise);
int trm__base_json_int_at(const cJSON *object, const char *name, int otherwise);
const char *trm__base_json_text_at(const cJSON *object, const char *name);

/** Print on one line without a newline; free with free(). A byte of a text that
 * is not UTF-8 becomes \\xHH, so that every reader takes the line. */
char *trm__base_json_line(const cJSON *);
/** The same with texts byte for byte, to be read back by cJSON alone. */
char *trm__base_json_exact_line(const cJSON *);

#endif
