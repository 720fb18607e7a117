#include "base/value.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static void *member(const trm_option *row, const void *values) {
  return (char *)values + row->offset;
}

static bool is_number(const trm_option *row) {
  return row->type != TRM_TEXT && row->type != TRM_FLAG && !row->choices;
}

/* -- choices --------------------------------------------------------------- */

/* Return the k-th of "plain|stream"; NULL after the last. Free with free(). */
static char *choice(const trm_option *row, int k) {
  const char *at = row->choices;
  while (k-- > 0 && (at = strchr(at, '|'))) at++;
  if (!at) return NULL;
  char *word = trm__base_strdup(at);
  word[strcspn(word, "|")] = 0;
  return word;
}

static int choice_place(const trm_option *row, const char *text) {
  char *word;
  for (int k = 0; (word = choice(row, k)); k++) {
    bool same = !strcmp(word, text);
    free(word);
    if (same) return k;
  }
  return -1;
}

static char *choices_in_words(const char *choices) {
  char *copy = trm__base_strdup(choices), *rest = copy, *word;
  char *all = trm__base_strdup("");
  while ((word = strsep(&rest, "|"))) {
    const char *joint = !*all ? "" : rest ? ", " : " or ";
    char *longer = trm__base_format("%s%s%s", all, joint, word);
    free(all);
    all = longer;
  }
  free(copy);
  return all;
}

/* -- expected values ------------------------------------------------------- */

static char *range_in_words(const trm_option *row) {
  const char *blank = row->unit ? " " : "", *unit = row->unit ? row->unit : "";
  trm__base_text min = trm__base_text_limit(row->min),
                 max = trm__base_text_limit(row->max);
  if (row->min == row->max)
    return trm__base_format("any number%s%s", row->unit ? " of " : "", unit);
  if (row->min > row->max)
    return trm__base_format("%s%s%s or more", min.s, blank, unit);
  return trm__base_format("%s to %s%s%s", min.s, max.s, blank, unit);
}

char *trm__base_value_expected(const trm_option *row) {
  if (row->choices) return choices_in_words(row->choices);
  if (row->type == TRM_FLAG) return trm__base_strdup("true or false");
  if (row->type == TRM_TEXT)
    return trm__base_strdup(row->unit ? row->unit : "a text");
  return range_in_words(row);
}

static char *number_in_words(const trm_option *row) {
  return trm__base_format(
      "a %s%s%s%s%s%s", row->type == TRM_F64 ? "number" : "whole number",
      row->unit ? " (unit: " : "", row->unit ? row->unit : "",
      row->unit ? ")" : "", row->default_text ? ", such as " : "",
      row->default_text ? row->default_text : "");
}

/* -- reading --------------------------------------------------------------- */

static trm_status refuse(const char *label, const char *what, char *expected,
                         trm__base_error *error) {
  trm__base_error_set(error, TRM_EOPTION, "%s: %s; expected %s", label, what,
                      expected);
  free(expected);
  return TRM_EOPTION;
}

static trm_status refuse_number(const trm_option *row, const char *text,
                                size_t length, const char *label,
                                trm__base_error *error) {
  char what[96] = "not a number";
  if (!*text)
    strcpy(what, "value missing");
  else if (length)
    snprintf(what, sizeof what, "\"%.40s\" after the number", text + length);
  return refuse(label, what, number_in_words(row), error);
}

/* Length of the decimal number at the beginning; 0: none. Words like inf, nan
 * and 0x10 are not numbers. */
static size_t number_length(const char *text) {
  const char *p = text + (*text == '-' || *text == '+');
  size_t digits = strspn(p, "0123456789"), more = 0;
  p += digits;
  if (*p == '.') more = strspn(p + 1, "0123456789"), p += 1 + more;
  if (digits + more == 0) return 0;
  if (*p == 'e' || *p == 'E') {
    const char *e = p + 1 + (p[1] == '-' || p[1] == '+');
    size_t n = strspn(e, "0123456789");
    if (n) p = e + n;
  }
  return (size_t)(p - text);
}

/* 64-bit whole numbers are exact in a long double with a 64-bit mantissa; where
 * long double is only a double, plain digits are still read exactly. */
static bool read_whole(const char *text, bool is_signed, int64_t *result) {
  bool plain = strspn(text, "+-0123456789") == strlen(text);
  errno = 0;
  if (plain && is_signed)
    *result = strtoll(text, NULL, 10);
  else if (plain && *text != '-')
    *result = (int64_t)strtoull(text, NULL, 10);
  if (plain && (is_signed || *text != '-')) return errno != ERANGE;
  long double value = strtold(text, NULL);
  if (value != floorl(value)) return false;
  long double top = is_signed ? 0x1p63L : 0x1p64L;
  if (value >= top || value < (is_signed ? -0x1p63L : 0.0L)) return false;
  *result = is_signed ? (int64_t)value : (int64_t)(uint64_t)value;
  return true;
}

static bool in_range(const trm_option *row, double value) {
  if (row->min == row->max) return true;
  return value >= row->min && (row->max < row->min || value <= row->max);
}

static trm_status out_of_range(const trm_option *row, const char *label,
                               trm__base_error *error) {
  return refuse(label, "out of range", trm__base_value_expected(row), error);
}

static trm_status read_i64(const trm_option *row, const char *text,
                           const char *label, int64_t *value,
                           trm__base_error *error) {
  if (strtold(text, NULL) != floorl(strtold(text, NULL)))
    return refuse(label, "not a whole number", number_in_words(row), error);
  if (!read_whole(text, row->type != TRM_U64, value))
    return out_of_range(row, label, error);
  if (row->type == TRM_I32 && (*value > INT32_MAX || *value < INT32_MIN))
    return out_of_range(row, label, error);
  double rounded =
      row->type == TRM_U64 ? (double)(uint64_t)*value : (double)*value;
  return in_range(row, rounded) ? TRM_OK : out_of_range(row, label, error);
}

static trm_status read_number(const trm_option *row, const char *text, void *to,
                              const char *label, trm__base_error *error) {
  size_t length = number_length(text);
  if (!length || text[length])
    return refuse_number(row, text, length, label, error);
  if (row->type == TRM_F64) {
    double value = strtod(text, NULL);
    if (!isfinite(value) || !in_range(row, value))
      return out_of_range(row, label, error);
    *(double *)to = value;
    return TRM_OK;
  }
  int64_t value;
  TRM_TRY(read_i64(row, text, label, &value, error));
  if (row->type == TRM_I32)
    *(int32_t *)to = (int32_t)value;
  else
    *(int64_t *)to = value; /* of a uint64_t: its bits */
  return TRM_OK;
}

static trm_status read_choice(const trm_option *row, const char *text, void *to,
                              const char *label, trm__base_error *error) {
  int place = choice_place(row, text);
  if (place < 0)
    return refuse(label, "no such choice", trm__base_value_expected(row),
                  error);
  if (row->type == TRM_TEXT)
    *(const char **)to = text;
  else
    *(int32_t *)to = place;
  return TRM_OK;
}

static trm_status read_flag(const char *text, bool *to, const char *label,
                            trm__base_error *error) {
  static const char *const words[] = {"false", "true", "no", "yes",
                                      "off",   "on",   "0",  "1"};
  for (int i = 0; i < 8; i++)
    if (!strcmp(text, words[i])) {
      *to = i & 1;
      return TRM_OK;
    }
  return refuse(label, "not a boolean", trm__base_strdup("true or false"),
                error);
}

trm_status trm__base_value_read(const trm_option *row, const char *text,
                                void *values, const char *label,
                                trm__base_error *error) {
  void *to = member(row, values);
  if (row->choices) return read_choice(row, text, to, label, error);
  if (row->type == TRM_FLAG) return read_flag(text, to, label, error);
  if (is_number(row)) return read_number(row, text, to, label, error);
  *(const char **)to = text;
  return TRM_OK;
}

/* -- writing --------------------------------------------------------------- */

char *trm__base_value_text(const trm_option *row, const void *values) {
  const void *from = member(row, values);
  if (row->choices && row->type == TRM_I32) {
    char *word = choice(row, *(const int32_t *)from);
    return word ? word : trm__base_strdup("?");
  }
  switch ((int)row->type) {
    case TRM_F64:
      return trm__base_strdup(trm__base_text_f64(*(const double *)from).s);
    case TRM_I64:
      return trm__base_format("%" PRId64, *(const int64_t *)from);
    case TRM_U64:
      return trm__base_format("%" PRIu64, *(const uint64_t *)from);
    case TRM_I32:
      return trm__base_format("%d", *(const int32_t *)from);
    case TRM_FLAG:
      return trm__base_strdup(*(const bool *)from ? "true" : "false");
  }
  const char *text = *(const char *const *)from;
  return trm__base_strdup(text ? text : "");
}

cJSON *trm__base_value_json(const trm_option *row, const void *values) {
  char *text = trm__base_value_text(row, values);
  cJSON *json = is_number(row) || row->type == TRM_FLAG
                    ? cJSON_CreateRaw(text)
                    : cJSON_CreateString(text);
  free(text);
  return json;
}
