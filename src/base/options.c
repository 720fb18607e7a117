#include "base/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* Texts live as long as their options, because members point to them. */
typedef struct text_block {
  struct text_block *next;
  char text[];
} text_block;

static char *copy_text(trm__base_options *o, const char *text) {
  size_t n = strlen(text) + 1;
  text_block *block = trm__base_calloc(1, sizeof *block + n);
  memcpy(block->text, text, n);
  block->next = o->texts;
  o->texts = block;
  return block->text;
}

trm__base_text trm__base_option_name(const trm_option *row) {
  trm__base_text name;
  snprintf(name.s, sizeof name.s, "%s", row->name);
  for (char *p = name.s; *p; p++)
    if (*p == '_') *p = '-';
  return name;
}

static void set_default(trm__base_options *o, int i) {
  const trm_option *row = &o->table[i];
  trm__base_error error = {TRM_OK, ""};
  if (!row->default_text) return;
  o->value[i].text = copy_text(o, row->default_text);
  char label[128];
  snprintf(label, sizeof label, "default of option %s", row->name);
  if (!trm__base_value_read(row, o->value[i].text, o->values, label, &error))
    return;
  trm__base_error_print("%s", error.text);
  abort();
}

trm__base_options *trm__base_options_new(const trm_option *table,
                                         size_t struct_size) {
  trm__base_options *o = trm__base_calloc(1, sizeof *o);
  o->table = table;
  while (table && table[o->n].name) o->n++;
  o->values = trm__base_calloc(1, struct_size);
  o->value = trm__base_calloc((size_t)o->n, sizeof *o->value);
  for (int i = 0; i < o->n; i++) set_default(o, i);
  return o;
}

void trm__base_options_free(trm__base_options **pointer) {
  trm__base_options *o = *pointer;
  if (!o) return;
  for (text_block *b = o->texts, *next; b; b = next) {
    next = b->next;
    free(b);
  }
  free(o->value);
  free(o->values);
  free(o);
  *pointer = NULL;
}

/* -- search ---------------------------------------------------------------- */

static int row_of(const trm__base_options *o, const char *name) {
  for (int i = 0; i < o->n; i++)
    if (trm__base_text_same_name(o->table[i].name, name)) return i;
  return -1;
}

/* Find the row of a name in these options or the next ones; -1: none. */
static int find(trm__base_options *o, const char *name,
                trm__base_options **in) {
  for (; o; o = o->next) {
    int i = row_of(o, name);
    if (i < 0) continue;
    *in = o;
    return i;
  }
  return -1;
}

/* Report an unknown option with the nearest name, or where to find the list. */
static trm_status unknown(const trm__base_options *o, const char *where,
                          const char *dashes, const char *name,
                          trm__base_error *error) {
  trm__base_nearest nearest = {.typed =
                                   name + (strncmp(name, "no-", 3) ? 0 : 3)};
  for (; o; o = o->next)
    for (int i = 0; i < o->n; i++)
      trm__base_nearest_offer(&nearest, o->table[i].name);
  if (!nearest.word)
    return trm__base_error_set(
        error, TRM_EOPTION,
        "%s%s%s: no such option; the help lists all options", where, dashes,
        name);
  trm_option row = {.name = nearest.word};
  return trm__base_error_set(
      error, TRM_EOPTION, "%s%s%s: no such option; did you mean %s%s?", where,
      dashes, name, dashes, trm__base_option_name(&row).s);
}

/* -- setting --------------------------------------------------------------- */

/* Storage for the member of a single row, at offset 0. */
typedef union member_storage {
  double f;
  int64_t i;
  const char *t;
  bool b;
} member_storage;

static trm_option detached_row(const trm_option *row) {
  trm_option detached = *row;
  detached.offset = 0;
  return detached;
}

/* Values from a source of lower priority are checked but do not override. */
static trm_status set(trm__base_options *o, int i, const char *text,
                      trm__base_option_source source, const char *label,
                      trm__base_error *error) {
  const trm_option *row = &o->table[i];
  member_storage unused;
  trm_option detached = detached_row(row);
  TRM_TRY(trm__base_value_read(&detached, text, &unused, label, error));
  if (source < o->value[i].source) return TRM_OK;
  o->value[i].text = copy_text(o, text);
  o->value[i].source = source;
  return trm__base_value_read(row, o->value[i].text, o->values, label, error);
}

/* Does a text (NULL: none) denote the value of the member? */
static bool is_same_value(const trm_option *row, const char *text,
                          const void *values) {
  member_storage given = {.i = 0};
  trm_option detached = detached_row(row);
  trm__base_error ignored = {TRM_OK, ""};
  if (text && trm__base_value_read(&detached, text, &given, "", &ignored))
    return false;
  char *a = trm__base_value_text(&detached, &given),
       *b = trm__base_value_text(row, values);
  bool same = !strcmp(a, b);
  free(a);
  free(b);
  return same;
}

/* -- the command line ------------------------------------------------------ */

static trm_status given_twice(const trm__base_options *o, int i,
                              const char *second, trm__base_error *error) {
  return trm__base_error_set(
      error, TRM_EUSAGE, "--%s is given twice: %s and %s; give it once",
      trm__base_option_name(&o->table[i]).s, o->value[i].text, second);
}

static trm_status set_arg(trm__base_options *o, int i, const char *text,
                          trm__base_error *error) {
  if (o->value[i].source == TRM__FROM_COMMAND)
    return given_twice(o, i, text, error);
  char *label =
      trm__base_format("--%s=%s", trm__base_option_name(&o->table[i]).s, text);
  trm_status status = set(o, i, text, TRM__FROM_COMMAND, label, error);
  free(label);
  return status;
}

static bool is_yes_or_no(const char *word) {
  static const char *const words[] = {"true", "false", "yes",
                                      "no",   "on",    "off"};
  for (int i = 0; i < 6; i++)
    if (!strcmp(word, words[i])) return true;
  return false;
}

/* Is a word an option? "-1" and "-" are values. */
static bool is_option(const char *word) {
  return word[0] == '-' && word[1] == '-';
}

static trm_status missing(const trm__base_options *o, int i,
                          trm__base_error *error) {
  char *expected = trm__base_value_expected(&o->table[i]);
  trm__base_error_set(error, TRM_EUSAGE, "--%s: value missing; expected %s",
                      trm__base_option_name(&o->table[i]).s, expected);
  free(expected);
  return TRM_EUSAGE;
}

/* Read one option at argv[*at] and advance *at past it. */
static trm_status read_arg(trm__base_options *first, int argc, char **argv,
                           int *at, trm__base_error *error) {
  char *name = copy_text(first, argv[(*at)++] + 2), *value = strchr(name, '=');
  if (value) *value++ = 0;
  trm__base_options *o;
  int i = find(first, name, &o);
  if (i < 0 && !value && !strncmp(name, "no-", 3)) {
    i = find(first, name + 3, &o);
    if (i >= 0 && o->table[i].type == TRM_FLAG)
      return set_arg(o, i, "false", error);
    i = -1;
  }
  if (i < 0) return unknown(first, "", "--", name, error);
  bool more = *at < argc, flag = o->table[i].type == TRM_FLAG;
  if (!value && flag)
    value = more && is_yes_or_no(argv[*at]) ? argv[(*at)++] : "true";
  if (!value && (!more || is_option(argv[*at]))) return missing(o, i, error);
  return set_arg(o, i, value ? value : argv[(*at)++], error);
}

trm_status trm__base_options_args(trm__base_options *o, int argc, char **argv,
                                  trm__base_error *error) {
  for (int at = 0; at < argc;) {
    if (!is_option(argv[at]) || !argv[at][2])
      return trm__base_error_set(
          error, TRM_EUSAGE,
          "\"%s\": not an option; write options as --name value", argv[at]);
    TRM_TRY(read_arg(o, argc, argv, &at, error));
  }
  return TRM_OK;
}

/* -- the configuration file ------------------------------------------------ */

/* Remove a comment: a # at the beginning or after a blank. */
static void cut_comment(char *line) {
  for (char *p = line; *p; p++)
    if (*p == '#' && (p == line || p[-1] == ' ' || p[-1] == '\t')) {
      *p = 0;
      return;
    }
}

static char *unquote(char *value) {
  size_t n = strlen(value);
  if (n < 2 || value[0] != '"' || value[n - 1] != '"') return value;
  value[n - 1] = 0;
  return value + 1;
}

typedef struct config_line {
  const char *file;
  int number;
} config_line;

static trm_status set_config(trm__base_options *first, const config_line *at,
                             const char *name, const char *value,
                             trm__base_error *error) {
  char where[300];
  snprintf(where, sizeof where, "%.200s:%d: ", at->file, at->number);
  trm__base_options *o;
  int i = find(first, name, &o);
  if (i < 0) return unknown(first, where, "", name, error);
  if (o->value[i].in_config)
    return trm__base_error_set(error, TRM_EUSAGE,
                               "%s%s is set twice in this file", where, name);
  o->value[i].in_config = true;
  char *label = trm__base_format("%s%s = %s", where, name, value);
  trm_status status = set(o, i, value, TRM__FROM_CONFIG, label, error);
  free(label);
  return status;
}

static trm_status read_line(trm__base_options *first, const config_line *at,
                            char *line, trm__base_error *error) {
  cut_comment(line);
  line = trm__base_text_trim(line);
  if (!*line) return TRM_OK;
  char *value = strchr(line, '=');
  if (!value)
    return trm__base_error_set(
        error, TRM_EUSAGE,
        "%s:%d: \"%.80s\": expected name = value, or # and a comment", at->file,
        at->number, line);
  *value++ = 0;
  char *name = trm__base_text_trim(line);
  return set_config(first, at, name, unquote(trm__base_text_trim(value)),
                    error);
}

trm_status trm__base_options_config(trm__base_options *o, const char *file,
                                    const char *text, trm__base_error *error) {
  char *copy = trm__base_strdup(trm__base_text_past_mark(text)), *rest = copy,
       *line;
  config_line at = {.file = file};
  trm_status status = TRM_OK;
  while (status == TRM_OK && (line = strsep(&rest, "\n"))) {
    at.number++;
    status = read_line(o, &at, line, error);
  }
  free(copy);
  return status;
}

/* -- checkpoints ----------------------------------------------------------- */

static trm_status stored_object(const char *json, cJSON **object,
                                trm__base_error *error) {
  *object = cJSON_Parse(json);
  if (cJSON_IsObject(*object)) return TRM_OK;
  cJSON_Delete(*object);
  return trm__base_error_set(error, TRM_ERESUME,
                             "the checkpoint's options are not readable");
}

/* Check one value of a checkpoint, or take it. */
static trm_status read_stored(trm__base_options *first, const cJSON *item,
                              bool take, trm__base_error *error) {
  trm__base_options *o;
  member_storage unused;
  int i = find(first, item->string, &o);
  if (i < 0)
    return trm__base_error_set(error, TRM_ERESUME,
                               "the checkpoint has an unknown option: %s",
                               item->string);
  char label[160];
  snprintf(label, sizeof label, "the checkpoint's option %.100s", item->string);
  const char *text = cJSON_GetStringValue(item);
  if (!text)
    return trm__base_error_set(error, TRM_ERESUME, "%s is not a text", label);
  if (take) return set(o, i, text, TRM__FROM_CHECKPOINT, label, error);
  trm_option row = detached_row(&o->table[i]);
  return trm__base_value_read(&row, text, &unused, label, error);
}

static trm_status read_all_stored(trm__base_options *o, const char *json,
                                  bool take, trm__base_error *error) {
  cJSON *object;
  TRM_TRY(stored_object(json, &object, error));
  trm_status status = TRM_OK;
  for (cJSON *item = object->child; item && status == TRM_OK; item = item->next)
    status = read_stored(o, item, take, error);
  cJSON_Delete(object);
  return status;
}

trm_status trm__base_options_check(const trm__base_options *o, const char *json,
                                   trm__base_error *error) {
  return read_all_stored((trm__base_options *)o, json, false, error);
}

trm_status trm__base_options_stored(trm__base_options *o, const char *json,
                                    trm__base_error *error) {
  TRM_TRY(trm__base_options_check(o, json, error));
  return read_all_stored(o, json, true, error);
}

static trm_status compare_one(const trm__base_options *first, const cJSON *item,
                              trm__base_error *error) {
  trm__base_options *o;
  int i = find((trm__base_options *)first, item->string, &o);
  const char *text = cJSON_GetStringValue(item);
  if (i < 0 || !text) return TRM_OK;
  const trm_option *row = &o->table[i];
  if (row->may_change || is_same_value(row, text, o->values)) return TRM_OK;
  char *now = trm__base_value_text(row, o->values);
  trm__base_error_set(error, TRM_ERESUME,
                      "--%s=%s: the checkpoint was made with %s; this option "
                      "may not change on resume",
                      trm__base_option_name(row).s, now, text);
  free(now);
  return TRM_ERESUME;
}

trm_status trm__base_options_compare(const trm__base_options *o,
                                     const char *json, trm__base_error *error) {
  cJSON *object;
  TRM_TRY(stored_object(json, &object, error));
  trm_status status = TRM_OK;
  for (cJSON *item = object->child; item && status == TRM_OK; item = item->next)
    status = compare_one(o, item, error);
  cJSON_Delete(object);
  return status;
}

/* -- echo ------------------------------------------------------------------ */

void trm__base_options_refresh(trm__base_options *o) {
  for (int i = 0; i < o->n; i++) {
    if (is_same_value(&o->table[i], o->value[i].text, o->values)) continue;
    char *text = trm__base_value_text(&o->table[i], o->values);
    o->value[i].text = copy_text(o, text);
    free(text);
  }
}

bool trm__base_options_given(const trm__base_options *o, const char *name) {
  int i = row_of(o, name);
  return i >= 0 && o->value[i].source >= TRM__FROM_CONFIG;
}

cJSON *trm__base_options_json(const trm__base_options *o, bool typed) {
  cJSON *object = cJSON_CreateObject();
  for (int i = 0; i < o->n; i++) {
    if (!o->value[i].text) continue;
    cJSON *item = typed ? trm__base_value_json(&o->table[i], o->values)
                        : cJSON_CreateString(o->value[i].text);
    cJSON_AddItemToObject(object, o->table[i].name, item);
  }
  return object;
}

char *trm__base_options_echo(const trm__base_options *o) {
  char *all = trm__base_strdup("");
  for (int i = 0; i < o->n; i++) {
    if (!o->value[i].text || !*o->value[i].text) continue;
    char *longer = trm__base_format("%s%s%s=%s", all, *all ? " " : "",
                                    trm__base_option_name(&o->table[i]).s,
                                    o->value[i].text);
    free(all);
    all = longer;
  }
  return all;
}

/* -- description in JSON --------------------------------------------------- */

static void describe_text(cJSON *json, const char *name, const char *text) {
  if (text) cJSON_AddStringToObject(json, name, text);
}

static void describe_choices(cJSON *json, const char *choices) {
  char *copy = trm__base_strdup(choices), *rest = copy, *word;
  cJSON *array = cJSON_AddArrayToObject(json, "choices");
  while ((word = strsep(&rest, "|")))
    cJSON_AddItemToArray(array, cJSON_CreateString(word));
  free(copy);
}

static cJSON *describe(const trm_option *row) {
  cJSON *json = cJSON_CreateObject();
  describe_text(json, "name", row->name);
  describe_text(json, "type",
                row->choices ? "choice" : trm_type_name(row->type));
  describe_text(json, "default", row->default_text);
  describe_text(json, "unit", row->unit);
  describe_text(json, "help", row->help);
  if (row->choices) describe_choices(json, row->choices);
  if (row->min != row->max) trm__base_json_f64(json, "min", row->min);
  if (row->min < row->max) trm__base_json_f64(json, "max", row->max);
  if (row->weak != 0) trm__base_json_f64(json, "weak", row->weak);
  describe_text(json, "sides", row->sides);
  if (row->rtol > 0) trm__base_json_f64(json, "rtol", row->rtol);
  cJSON_AddBoolToObject(json, "may_change", row->may_change);
  return json;
}

cJSON *trm__base_options_describe(const trm__base_options *o) {
  cJSON *array = cJSON_CreateArray();
  for (int i = 0; i < o->n; i++)
    cJSON_AddItemToArray(array, describe(&o->table[i]));
  return array;
}

/* -- help ------------------------------------------------------------------ */

/* Format an option with its default, "--n 64", or with a placeholder. */
static char *help_head(const trm_option *row) {
  trm__base_text name = trm__base_option_name(row);
  if (row->type == TRM_FLAG)
    return trm__base_format(
        "--%s%s",
        row->default_text && !strcmp(row->default_text, "true") ? "no-" : "",
        name.s);
  if (row->default_text && *row->default_text)
    return trm__base_format("--%s %s", name.s, row->default_text);
  if (row->type != TRM_TEXT) return trm__base_format("--%s N", name.s);
  return trm__base_format("--%s %s", name.s, row->unit ? row->unit : "TEXT");
}

/* Format the help and, in brackets, the accepted values if they add
 * information. */
static char *help_tail(const trm_option *row) {
  bool number = row->type != TRM_TEXT && row->type != TRM_FLAG;
  bool has_range =
      row->choices || (number && (row->min != row->max || row->unit));
  char *expected =
      has_range ? trm__base_value_expected(row) : trm__base_strdup("");
  char *tail =
      trm__base_format("%s%s%s%s", row->help ? row->help : "",
                       *expected ? " [" : "", expected, *expected ? "]" : "");
  free(expected);
  return tail;
}

static int help_width(const trm__base_options *o) {
  int width = 0;
  for (int i = 0; i < o->n; i++) {
    char *head = help_head(&o->table[i]);
    int length = (int)strlen(head);
    if (length > width) width = length;
    free(head);
  }
  return width;
}

void trm__base_options_help(const trm__base_options *o, FILE *to) {
  int width = help_width(o), column = 2 + width + 3;
  for (int i = 0; i < o->n; i++) {
    char *head = help_head(&o->table[i]), *tail = help_tail(&o->table[i]);
    fprintf(to, "  %-*s %c ", width, head, o->table[i].may_change ? '*' : ' ');
    trm__base_text_wrap(to, tail, column, column);
    free(head);
    free(tail);
  }
}
