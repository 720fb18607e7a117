/* Options of every type from a command line, a configuration file and a checkpoint. The
 * first byte chooses; words of a command line end with a newline. */
#include "fuzz/fuzz.h"

#include "base/options.h"

struct values {
  double real;
  int64_t wide;
  int narrow, choice;
  uint64_t natural;
  bool flag;
  const char *text, *one_of;
};

static const trm_option table[] = {
    TRM_OPT(struct values, real, .default_text = "0.2", .unit = "s", .max = 5),
    TRM_OPT(struct values, wide, .default_text = "64", .min = 1, .max = -1),
    TRM_OPT(struct values, narrow, .min = -5, .max = 5, .may_change = true),
    TRM_OPT(struct values, choice, .choices = "auto|plain|stream"),
    TRM_OPT(struct values, natural, .default_text = "1"),
    TRM_OPT(struct values, flag, .default_text = "true"),
    TRM_OPT(struct values, text, .unit = "FILE", .may_change = true),
    TRM_OPT(struct values, one_of, .choices = "a|b"),
    TRM_OPT_END};

static void read_words(trm__base_options *o, char *text, trm__base_error *e) {
  char *word[64], *rest = text, *one;
  int n = 0;
  while (n < 64 && (one = strsep(&rest, "\n"))) word[n++] = one;
  trm__base_options_args(o, n, word, e);
}

static void write_all(trm__base_options *o) {
  trm__base_error error = {TRM_OK, ""};
  cJSON *json = trm__base_options_json(o, false);
  cJSON *typed = trm__base_options_json(o, true);
  char *line = trm__base_json_line(json), *echo = trm__base_options_echo(o);
  /* what is written is read again, and is the same */
  trm__base_options *again =
      trm__base_options_new(table, sizeof(struct values));
  if (trm__base_options_stored(again, line, &error)) abort();
  if (trm__base_options_compare(o, line, &error)) abort();
  trm__base_options_free(&again);
  free(line);
  free(echo);
  cJSON_Delete(json);
  cJSON_Delete(typed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 1) return 0;
  trm__base_error error = {TRM_OK, ""};
  trm__base_options *o = trm__base_options_new(table, sizeof(struct values));
  char *text = fuzz_text(data + 1, size - 1);
  switch (data[0]) {
    case 'a':
      read_words(o, text, &error);
      break;
    case 'c':
      trm__base_options_config(o, "file", text, &error);
      break;
    case 's':
      trm__base_options_stored(o, text, &error);
      break;
    default:
      trm__base_options_compare(o, text, &error);
  }
  if (!error.status) write_all(o);
  free(text);
  trm__base_options_free(&o);
  return 0;
}
