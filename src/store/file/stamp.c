#include "store/file/stamp.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/h5.h"

enum { VERSION = 1 }; /* of both formats */
static const char *const formats[] = {"trireme.checkpoint/1",
                                      "trireme.output/1"};

const char *trm__store_stamp_format(bool output) {
  return formats[output];
}

void trm__store_stamp_clear(trm__store_stamp *stamp) {
  free(stamp->options);
  *stamp = (trm__store_stamp){0};
}

void trm__store_stamp_copy(trm__store_stamp *to, const trm__store_stamp *from) {
  char *options = from->options ? trm__base_strdup(from->options) : NULL;
  *to = *from;
  to->options = options;
}

bool trm__store_stamp_put(hid_t file, const trm__store_stamp *s, bool output) {
  int complete = s->complete;
  return trm__store_h5_put_text(file, "format", formats[output]) &&
         trm__store_h5_put_text(file, "kernel", s->kernel) &&
         trm__store_h5_put_text(file, "run_id", s->run_id) &&
         trm__store_h5_put_text(file, "build", s->build) &&
         trm__store_h5_put_text(file, "written", s->written) &&
         trm__store_h5_put_text(file, "options",
                                s->options ? s->options : "{}") &&
         trm__store_h5_put(file, "step", H5T_NATIVE_INT64, &s->step) &&
         trm__store_h5_put(file, "seconds", H5T_NATIVE_DOUBLE, &s->seconds) &&
         trm__store_h5_put(file, "seed", H5T_NATIVE_UINT64, &s->seed) &&
         trm__store_h5_put(file, "ranks", H5T_NATIVE_INT, &s->ranks) &&
         trm__store_h5_put(file, "threads", H5T_NATIVE_INT, &s->threads) &&
         trm__store_h5_put(file, "complete", H5T_NATIVE_INT, &complete);
}

/* -- reading --------------------------------------------------------------- */

/* The version of a format: 0 if it is none of ours. */
static int version_of(const char *format, bool *output) {
  for (int i = 0; i < 2; i++) {
    size_t n = (size_t)(strchr(formats[i], '/') + 1 - formats[i]);
    const char *digits = format + n;
    if (strncmp(format, formats[i], n) || !*digits) continue;
    if (strspn(digits, "0123456789") != strlen(digits)) continue;
    *output = i == 1;
    return strlen(digits) < 9 ? atoi(digits) : INT_MAX;
  }
  return 0;
}

bool trm__store_stamp_is_ours(hid_t file) {
  char format[64];
  bool output;
  return trm__store_h5_get_text(file, "format", format, sizeof format) &&
         version_of(format, &output) > 0;
}

/* \return NULL, or the name of the attribute that is missing or wrong */
static const char *get_texts(hid_t file, trm__store_stamp *s) {
  const struct {
    const char *name;
    char *text;
    size_t size;
  } texts[] = {{"kernel", s->kernel, sizeof s->kernel},
               {"run_id", s->run_id, sizeof s->run_id},
               {"build", s->build, sizeof s->build},
               {"written", s->written, sizeof s->written}};
  for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++)
    if (!trm__store_h5_get_text(file, texts[i].name, texts[i].text,
                                texts[i].size))
      return texts[i].name;
  s->options = trm__store_h5_get_long_text(file, "options");
  return s->options ? NULL : "options";
}

static const char *get_numbers(hid_t file, trm__store_stamp *s) {
  int complete = 0;
  const struct {
    const char *name;
    hid_t type;
    void *value;
  } numbers[] = {{"step", H5T_NATIVE_INT64, &s->step},
                 {"seconds", H5T_NATIVE_DOUBLE, &s->seconds},
                 {"seed", H5T_NATIVE_UINT64, &s->seed},
                 {"ranks", H5T_NATIVE_INT, &s->ranks},
                 {"threads", H5T_NATIVE_INT, &s->threads},
                 {"complete", H5T_NATIVE_INT, &complete}};
  for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (!trm__store_h5_get(file, numbers[i].name, numbers[i].type,
                           numbers[i].value))
      return numbers[i].name;
  s->complete = complete != 0;
  return NULL;
}

trm_status trm__store_stamp_get(hid_t file, const char *path,
                                trm__store_stamp *s, bool *output, bool *newer,
                                trm__base_error *error) {
  char format[64];
  if (!trm__store_h5_get_text(file, "format", format, sizeof format))
    return trm__base_error_set(error, TRM_ECHECKPOINT,
                               "%s: not written by Trireme: it has no "
                               "attribute \"format\"",
                               path);
  int version = version_of(format, output);
  *newer = version > VERSION;
  if (*newer)
    return trm__base_error_set(
        error, TRM_ECHECKPOINT,
        "%s: written by a newer version of Trireme (format %s; this version "
        "reads %s)",
        path, format, formats[*output]);
  if (version != VERSION)
    return trm__base_error_set(error, TRM_ECHECKPOINT,
                               "%s: not written by Trireme: its format is "
                               "\"%s\"",
                               path, format);
  const char *missing = get_texts(file, s);
  if (!missing) missing = get_numbers(file, s);
  if (!missing) return TRM_OK;
  return trm__base_error_set(
      error, TRM_ECHECKPOINT,
      "%s: its attribute \"%s\" is missing or of another kind", path, missing);
}
