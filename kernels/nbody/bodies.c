/* Bodies from files. Rank 0 reads and checks text, which is then moved to the
 * ranks that own the bodies; all ranks read HDF5. */
#include "nbody.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { COLUMNS = 7, NAME = 4200 };
static const char *const names[COLUMNS] = {"x",  "y",  "z", "vx",
                                           "vy", "vz", "m"};

static trm_field **member(nbody_fields *f, int column) {
  if (column < NBODY_DIMS) return &f->x[column];
  return column < COLUMNS - 1 ? &f->v[column - NBODY_DIMS] : &f->m;
}

trm_status nbody_fields_new(trm_run *run, const trm_layout *l,
                            nbody_fields *f) {
  for (int c = 0; c < COLUMNS; c++)
    TRM_TRY(trm_field_new(run, l, names[c], TRM_F64,
                          c < COLUMNS - 1 ? TRM_EVOLVING : TRM_CONSTANT,
                          member(f, c)));
  return TRM_OK;
}

/* -- text ------------------------------------------------------------------ */

typedef struct reader {
  trm_run *run;
  const char *path, *at; /* at: position in the text, which ends with \0 */
  int64_t line, n;
  double *to[COLUMNS]; /* NULL: only count and check */
} reader;

static trm_status load(trm_run *run, const char *path, char **text) {
  struct stat what;
  *text = NULL;
  if (!stat(path, &what) && !S_ISREG(what.st_mode))
    return trm_fail(
        run, TRM_EINPUT,
        "--input %s: not a regular file; expected text with x y z vx "
        "vy vz m per line",
        path);
  FILE *file = fopen(path, "rb");
  long size = -1;
  if (file && !fseek(file, 0, SEEK_END)) size = ftell(file);
  if (size >= 0) rewind(file);
  *text = size >= 0 ? malloc((size_t)size + 1) : NULL;
  bool good = *text && fread(*text, 1, (size_t)size, file) == (size_t)size;
  int error = errno;
  if (file) fclose(file);
  if (!good) {
    free(*text);
    *text = NULL;
    return trm_fail(run, TRM_EINPUT, "--input %s: %s", path, strerror(error));
  }
  (*text)[size] = 0;
  if (strlen(*text) == (size_t)size) return TRM_OK;
  bool hdf5 = !memcmp(*text, "\211HDF", 4);
  free(*text);
  *text = NULL;
  return trm_fail(
      run, TRM_EINPUT,
      hdf5 ? "--input %s: is HDF5; use FILE.h5:/GROUP, the group with "
             "the datasets x y z vx vy vz m"
           : "--input %s: not text; expected x y z vx vy vz m per line",
      path);
}

static bool is_gap(char c) {
  return c == ' ' || c == '\t' || c == ',' || c == ';' || c == '\r';
}

static void skip_gap(reader *r) {
  while (is_gap(*r->at)) r->at++;
}

static bool at_end(const reader *r) {
  return *r->at == '\n' || *r->at == '#' || !*r->at;
}

static trm_status bad_word(const reader *r, int column, const char *what) {
  int n = 0;
  while (n < 40 && !is_gap(r->at[n]) && r->at[n] != '\n' && r->at[n]) n++;
  return trm_fail(r->run, TRM_EINPUT,
                  "--input %s:%" PRId64 ": %s is \"%.*s\"; expected %s",
                  r->path, r->line, names[column], n, r->at, what);
}

static trm_status bad_count(const reader *r, const char *have) {
  return trm_fail(r->run, TRM_EINPUT,
                  "--input %s:%" PRId64
                  ": %s; expected 7 numbers: x y z vx vy vz m",
                  r->path, r->line, have);
}

static trm_status read_number(reader *r, int column) {
  char *end;
  if (at_end(r)) {
    char have[40];
    snprintf(have, sizeof have, "only %d numbers", column);
    return bad_count(r, have);
  }
  double value = strtod(r->at, &end);
  bool whole = end > r->at && (is_gap(*end) || strchr("\n#", *end));
  if (!whole || !isfinite(value)) return bad_word(r, column, "a finite number");
  if (column == COLUMNS - 1 && value < 0)
    return bad_word(r, column, "a mass of 0 or more");
  if (r->to[column]) r->to[column][r->n] = value;
  r->at = end;
  skip_gap(r);
  return TRM_OK;
}

/* A heading: the first line, if it begins with the name of the first column. */
static bool is_heading(const reader *r) {
  return r->n == 0 && (*r->at == 'x' || *r->at == 'X') && is_gap(r->at[1]);
}

static trm_status read_line(reader *r) {
  skip_gap(r);
  if (!at_end(r) && !is_heading(r)) {
    for (int c = 0; c < COLUMNS; c++) TRM_TRY(read_number(r, c));
    if (!at_end(r)) return bad_count(r, "more than 7 columns");
    r->n++;
  }
  r->at += strcspn(r->at, "\n");
  if (*r->at) r->at++;
  return TRM_OK;
}

static trm_status read_text(reader *r) {
  char *text;
  TRM_TRY(load(r->run, r->path, &text));
  trm_status status = TRM_OK;
  r->at = text + (strncmp(text, "\xef\xbb\xbf", 3) ? 0 : 3); /* UTF-8's mark */
  for (r->line = 1; status == TRM_OK && *r->at; r->line++)
    status = read_line(r);
  free(text);
  if (status == TRM_OK && r->n == 0)
    status = trm_fail(
        r->run, TRM_EINPUT,
        "--input %s: no bodies; expected x y z vx vy vz m per line", r->path);
  return status;
}

static trm_status count_text(trm_run *run, const char *path, int64_t *n) {
  reader r = {.run = run, .path = path};
  trm_status status = run->rank == 0 ? read_text(&r) : TRM_OK;
  TRM_TRY(trm_agree(run, status));
  *n = r.n;
  trm_bcast(run->comm, n, sizeof *n, 0);
  return TRM_OK;
}

static trm_status fill_text(trm_run *run, const char *path, nbody_fields *f) {
  reader r = {.run = run, .path = path};
  int64_t n = 0;
  TRM_TRY(count_text(run, path, &n)); /* it may have changed */
  if (n != f->m->layout->n[0])
    return trm_fail(run, TRM_EINPUT,
                    "--input %s: the file changed while it was read", path);
  for (int c = 0; c < COLUMNS; c++) r.to[c] = (*member(f, c))->data;
  return trm_agree(run, run->rank == 0 ? read_text(&r) : TRM_OK);
}

static trm_status from_text(trm_run *run, const char *path,
                            const trm_layout *layout, nbody_fields *f) {
  const trm_layout *one;
  TRM_TRY(trm_slices(run, run->rank == 0 ? layout->n[0] : 0, &one));
  TRM_TRY(nbody_fields_new(run, one, f));
  TRM_TRY(fill_text(run, path, f));
  for (int c = 0; c < COLUMNS; c++)
    TRM_TRY(trm_relayout(run, *member(f, c), layout));
  trm_layout_drop(run, &one);
  return TRM_OK;
}

/* -- HDF5 ------------------------------------------------------------------ */

static bool is_hdf5(const char *input) {
  return strstr(input, ":/") != NULL;
}

static void dataset_name(char name[NAME], const char *group,
                         const char *dataset) {
  size_t n = strlen(group);
  snprintf(name, NAME, "%s%s%s", group, group[n - 1] == '/' ? "" : "/",
           dataset);
}

static trm_status find_length(trm_run *run, const char *group,
                              const char *dataset, int64_t *n) {
  char name[NAME];
  trm_dataset found;
  dataset_name(name, group, dataset);
  TRM_TRY(trm_dataset_look(run, name, &found));
  if (found.dims != 1 || found.n[0] < 1 || found.type == TRM_C128)
    return trm_fail(run, TRM_EINPUT,
                    "--input %s: %d dimensions, %" PRId64
                    " of %s; expected 1 dimension of real numbers",
                    name, found.dims, found.n[0], trm_type_name(found.type));
  *n = found.n[0];
  return TRM_OK;
}

/* The dataset of masses may be named m or mass. */
static const char *mass_name(trm_run *run, const char *group) {
  int64_t n;
  return find_length(run, group, "mass", &n) == TRM_OK ? "mass" : "m";
}

static trm_status count_hdf5(trm_run *run, const char *group, int64_t *n) {
  const char *mass = mass_name(run, group);
  TRM_TRY(find_length(run, group, names[0], n));
  for (int c = 1; c < COLUMNS; c++) {
    const char *name = c < COLUMNS - 1 ? names[c] : mass;
    int64_t length;
    TRM_TRY(find_length(run, group, name, &length));
    if (length != *n)
      return trm_fail(run, TRM_EINPUT,
                      "--input %s: %" PRId64 " of %s and %" PRId64
                      " of x; expected as many",
                      group, length, name, *n);
  }
  return TRM_OK;
}

static trm_status from_hdf5(trm_run *run, const char *group,
                            const trm_layout *layout, nbody_fields *f) {
  const char *mass = mass_name(run, group);
  char name[NAME];
  TRM_TRY(nbody_fields_new(run, layout, f));
  /* a checkpoint holds all but the masses */
  for (int c = trm_resuming(run) ? COLUMNS - 1 : 0; c < COLUMNS; c++) {
    dataset_name(name, group, c < COLUMNS - 1 ? names[c] : mass);
    TRM_TRY(trm_dataset_read(run, name, *member(f, c)));
  }
  double least = trm_min_at(run, f->m).value;
  if (least >= 0) return TRM_OK;
  return trm_fail(run, TRM_EINPUT,
                  "--input %s: a mass is %g; expected 0 or more", name, least);
}

/* -- both formats ---------------------------------------------------------- */

trm_status nbody_count(trm_run *run, const char *input, int64_t *n) {
  if (strlen(input) > NAME - 100)
    return trm_fail(run, TRM_EINPUT,
                    "--input: the name has more than %d characters",
                    NAME - 100);
  return is_hdf5(input) ? count_hdf5(run, input, n) : count_text(run, input, n);
}

trm_status nbody_read(trm_run *run, const char *input, const trm_layout *layout,
                      nbody_fields *f) {
  return is_hdf5(input) ? from_hdf5(run, input, layout, f)
                        : from_text(run, input, layout, f);
}
