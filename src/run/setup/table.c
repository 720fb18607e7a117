#include "run/setup/table.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "run/setup/command.h"

typedef struct place { /* the position of the check */
  const char *kernel;
  const trm_option *options; /* the whole table; NULL: none */
  size_t size;               /* of the struct */
  trm__base_error *error;
} place;

/* Frees `why`. */
static trm_status wrong(const place *at, const trm_option *row, char *why) {
  if (row)
    trm__base_error_set(at->error, TRM_EUSAGE, "kernel %s: option %s: %s",
                        at->kernel, row->name, why);
  else
    trm__base_error_set(at->error, TRM_EUSAGE, "kernel %s: %s", at->kernel,
                        why);
  free(why);
  return TRM_EUSAGE;
}

/* -- names ----------------------------------------------------------------- */

static bool is_name(const char *name) {
  size_t n = 0;
  if (!isalpha((unsigned char)name[0])) return false;
  while (isalnum((unsigned char)name[n]) || (name[n] && strchr("_-", name[n])))
    n++;
  return !name[n] && n < sizeof(trm__base_text);
}

static const trm_option *row_of(const trm_option *rows, const char *name) {
  for (; rows && rows->name; rows++)
    if (trm__base_text_same_name(rows->name, name)) return rows;
  return NULL;
}

/* Is it an option of every run, or --help? */
static bool is_of_the_run(const char *name) {
  return row_of(trm__run_common_table, name) ||
         trm__base_text_same_name(name, "help");
}

static trm_status check_name(const place *at, const trm_option *row) {
  const char *name = row->name;
  if (!is_name(name))
    return wrong(
        at, row,
        trm__base_strdup("not a valid name (expected a letter, then letters, "
                         "digits, _ or -, at most 63 characters)"));
  const char *negated =
      !strncmp(name, "no_", 3) || !strncmp(name, "no-", 3) ? name + 3 : "";
  const trm_option *flag = row_of(at->options, negated);
  if (is_of_the_run(name) || is_of_the_run(negated))
    return wrong(
        at, row,
        trm__base_format("--%s is an option of every run; use another name",
                         trm__base_option_name(row).s));
  if (flag && flag->type == TRM_FLAG)
    return wrong(
        at, row,
        trm__base_format("--%s switches option %s off; use another name",
                         trm__base_option_name(row).s, flag->name));
  if (row_of(at->options, name) != row)
    return wrong(at, row,
                 trm__base_strdup("occurs twice in the table ('-' and '_' are "
                                  "the same); use each name once"));
  return TRM_OK;
}

/* -- members --------------------------------------------------------------- */

/* Size of an option's member; 0: not a type of options. */
static size_t member_size(trm_type type) {
  switch ((int)type) {
    case TRM_F64:
    case TRM_I64:
    case TRM_U64:
    case TRM_I32:
      return trm_type_size(type);
    case TRM_TEXT:
      return sizeof(const char *);
    case TRM_FLAG:
      return sizeof(bool);
  }
  return 0;
}

static bool overlap(const trm_option *a, const trm_option *b) {
  return a->offset < b->offset + member_size(b->type) &&
         b->offset < a->offset + member_size(a->type);
}

static trm_status check_member(const place *at, const trm_option *row) {
  size_t bytes = member_size(row->type), end = row->offset + bytes;
  if (!bytes)
    return wrong(
        at, row,
        trm__base_format("has type %s; use TRM_OPT with a member of type "
                         "double, int64_t, int, uint64_t, bool or "
                         "const char *",
                         trm_type_name(row->type)));
  if (end > at->size || row->offset % bytes)
    return wrong(
        at, row,
        trm__base_format("its member is at bytes %zu to %zu, .options_size "
                         "is %zu; set .options_size to sizeof(the struct that "
                         "TRM_OPT names)",
                         row->offset, end, at->size));
  for (const trm_option *other = at->options; other < row; other++)
    if (overlap(other, row))
      return wrong(at, row,
                   trm__base_format("has the same member as option %s; use a "
                                    "separate member of the same struct",
                                    other->name));
  return TRM_OK;
}

/* -- choices, limits, the default ------------------------------------------ */

/* Does the word, of n letters, occur before? */
static bool said_before(const char *choices, const char *word, size_t n) {
  for (const char *c = choices; c < word; c += strcspn(c, "|") + 1)
    if (strcspn(c, "|") == n && !strncmp(c, word, n)) return true;
  return false;
}

static trm_status check_choices(const place *at, const trm_option *row) {
  const char *word = row->choices;
  if (!word) return TRM_OK;
  if (row->type != TRM_I32 && row->type != TRM_TEXT)
    return wrong(
        at, row,
        trm__base_format(
            ".choices with a member of type %s; use an int or a const char *",
            trm_type_name(row->type)));
  for (;; word++) {
    size_t n = strcspn(word, "|");
    if (n == 0 || said_before(row->choices, word, n))
      return wrong(
          at, row,
          trm__base_format(
              ".choices = \"%s\" has %s; use different words separated by |",
              row->choices, n ? "a word twice" : "an empty word"));
    word += n;
    if (!*word) return TRM_OK;
  }
}

static trm_status check_numbers(const place *at, const trm_option *row) {
  if (isnan(row->min) || isnan(row->max))
    return wrong(at, row,
                 trm__base_strdup(".min or .max is NaN; expected numbers"));
  if (!isfinite(row->weak))
    return wrong(at, row,
                 trm__base_strdup(".weak is not finite; expected an exponent"));
  if (!(row->rtol >= 0))
    return wrong(at, row,
                 trm__base_strdup(".rtol is negative; expected 0 or more"));
  return TRM_OK;
}

static trm_status check_default(const place *at, const trm_option *row) {
  union {
    double f;
    int64_t i;
    const char *t;
    bool b;
  } unused;
  trm_option alone = *row;
  trm__base_error why = {TRM_OK, ""};
  alone.offset = 0;
  alone.default_text = NULL; /* not to be given as an example */
  if (!row->default_text) return TRM_OK;
  char *label = trm__base_format(".default_text = \"%s\"", row->default_text);
  trm__base_value_read(&alone, row->default_text, &unused, label, &why);
  free(label);
  return why.status ? wrong(at, row, trm__base_strdup(why.text)) : TRM_OK;
}

/* -- sides ----------------------------------------------------------------- */

static bool is_whole(const trm_option *row) {
  return (row->type == TRM_I32 || row->type == TRM_I64 ||
          row->type == TRM_U64) &&
         !row->choices;
}

static trm_status check_sides(const place *at, const trm_option *row) {
  if (!row->sides) return TRM_OK;
  char *copy = trm__base_strdup(row->sides), *rest = copy, *name, *bad = NULL;
  int n = 0;
  while (!bad && (name = strsep(&rest, " "))) {
    const trm_option *side = row_of(at->options, name);
    if (!*name) continue;
    n++;
    if (!side || !is_whole(side)) bad = name;
  }
  char *why = NULL;
  if (bad)
    why = trm__base_format(
        ".sides names \"%s\", which is not an integer option of this table; "
        "use names such as \"nz ny nx\"",
        bad);
  else if (n < 1 || n > TRM_DIMS || !is_whole(row))
    why = trm__base_format(
        ".sides = \"%s\": expected 1 to %d integer options, in the row of "
        "another integer option",
        row->sides, TRM_DIMS);
  free(copy);
  return why ? wrong(at, row, why) : TRM_OK;
}

/* -- kernels --------------------------------------------------------------- */

static trm_status check_option(const place *at, const trm_option *row) {
  TRM_TRY(check_name(at, row));
  TRM_TRY(check_member(at, row));
  TRM_TRY(check_choices(at, row));
  TRM_TRY(check_numbers(at, row));
  TRM_TRY(check_default(at, row));
  return check_sides(at, row);
}

/* Of the kernel, where it was compiled. */
static size_t size_of(const trm_listed *row) {
  return row->kernel->size ? row->kernel->size : row->size;
}

/* The least has what every kernel needs. */
static trm_status check_size(const place *at, size_t size) {
  const size_t least = offsetof(trm_kernel, verify), most = sizeof(trm_kernel);
  if (size >= least && size <= most && size % _Alignof(trm_kernel) == 0)
    return TRM_OK;
  return wrong(
      at, NULL,
      trm__base_format("its size is %zu bytes, this library takes %zu to %zu; "
                       "use TRM_LISTED, and compile with the headers of this "
                       "library",
                       size, least, most));
}

static trm_status check_hooks(const place *at, const trm_kernel *k) {
  if (!k->summary || !*k->summary)
    return wrong(
        at, NULL,
        trm__base_strdup(
            ".summary is missing; add one line that says what it computes"));
  if (!k->setup)
    return wrong(at, NULL,
                 trm__base_strdup(".setup is missing; add the function that "
                                  "declares the fields"));
  if (!k->advance)
    return wrong(at, NULL,
                 trm__base_strdup(".advance is missing; add the function that "
                                  "makes the steps"));
  if (!(k->rtol >= 0) || !(k->message_slack >= 0))
    return wrong(
        at, NULL,
        trm__base_strdup(
            ".rtol or .message_slack is negative; expected 0 or more"));
  return TRM_OK;
}

static trm_status check_listed(const trm_listed *kernels, const trm_listed *k,
                               trm__base_error *error) {
  place at = {.kernel = k->name, .error = error};
  if (!is_name(k->name))
    return wrong(
        &at, NULL,
        trm__base_strdup("not a valid name (expected a letter, then letters, "
                         "digits, _ or -, at most 63 characters)"));
  for (const trm_listed *other = kernels; other < k; other++)
    if (!strcmp(other->name, k->name))
      return wrong(&at, NULL,
                   trm__base_strdup("is listed twice; list each name once"));
  if (!k->kernel)
    return wrong(&at, NULL, trm__base_strdup("is NULL; use TRM_LISTED(name)"));
  TRM_TRY(check_size(&at, size_of(k)));
  at.options = k->kernel->options;
  at.size = k->kernel->options_size;
  TRM_TRY(check_hooks(&at, k->kernel));
  for (const trm_option *row = at.options; row && row->name; row++)
    TRM_TRY(check_option(&at, row));
  return TRM_OK;
}

trm_status trm__run_table_check(const trm_listed *kernels,
                                trm__base_error *error) {
  for (const trm_listed *k = kernels; k->name; k++)
    TRM_TRY(check_listed(kernels, k, error));
  return TRM_OK;
}

static void copy_kernel(trm_kernel *to, const trm_listed *from) {
  const size_t size = size_of(from), most = sizeof *to;
  memcpy(to, from->kernel, size < most ? size : most);
  to->size = size;
}

trm_listed *trm__run_table_copy(const trm_listed *kernels) {
  size_t n = 0;
  while (kernels[n].name) n++;
  trm_listed *rows =
      trm__base_calloc(1, (n + 1) * sizeof *rows + n * sizeof(trm_kernel));
  trm_kernel *copies = (trm_kernel *)(rows + n + 1);
  for (size_t i = 0; i < n; i++) {
    rows[i] = kernels[i];
    if (!kernels[i].kernel) continue;
    copy_kernel(&copies[i], &kernels[i]);
    rows[i].kernel = &copies[i];
  }
  return rows;
}
