#include "study/report/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "study/report/scene.h"

/* -- files ----------------------------------------------------------------- */

bool trm__sink_open(trm__sink *s, const char *path, trm__base_error *error) {
  int failure = trm__base_atomic_file_open(&s->aside, path);
  s->file = s->aside.to;
  if (!failure) return true;
  trm__base_error_set(error, TRM_EFILE, "%s: %s", path, strerror(failure));
  trm__base_atomic_file_close(&s->aside, false);
  return false;
}

void trm__sink_close(trm__sink *s, trm__base_error *error) {
  char *path = trm__base_strdup(s->aside.path);
  int failure = trm__base_atomic_file_close(&s->aside, !error->status);
  if (failure)
    trm__base_error_set(error, TRM_EFILE, "%s: %s", path, strerror(failure));
  free(path);
}

typedef void writer(const trm__scene *, FILE *);

static void write_file(const trm__scene *s, const char *dir, const char *name,
                       writer *write, trm__base_error *error) {
  char *path = trm__base_format("%s/%s", dir, name);
  trm__sink sink;
  if (!error->status && trm__sink_open(&sink, path, error)) {
    write(s, sink.file);
    trm__sink_close(&sink, error);
  }
  free(path);
}

static char *read_file(const char *path) {
  FILE *file = fopen(path, "re");
  struct stat what;
  if (!file) return NULL;
  char *text = NULL;
  if (!fstat(fileno(file), &what)) {
    text = trm__base_calloc((size_t)what.st_size + 1, 1);
    text[fread(text, 1, (size_t)what.st_size, file)] = 0;
  }
  fclose(file);
  return text;
}

/* -- pictures -------------------------------------------------------------- */

static bool draw(const trm__scene *s, const trm__run_picture *p,
                 const char *path, bool png, trm__base_error *error) {
  FILE *script = tmpfile();
  if (!script) {
    trm__base_error_set(error, TRM_EFILE, "a temporary file: %s",
                        strerror(errno));
    return false;
  }
  p->draw(s, p, script, png);
  trm__plot_draw(script, path, error);
  fclose(script);
  return !error->status;
}

/* A picture that cannot be drawn is said and left out: the tables have it all.
 * \return the SVG; NULL: there is none */
static char *draw_both(const trm__scene *s, const trm__run_picture *p,
                       const char *dir) {
  trm__base_error error = {TRM_OK, ""};
  char *svg = trm__base_format("%s/%s.svg", dir, p->name),
       *png = trm__base_format("%s/%s.png", dir, p->name), *text = NULL;
  if (draw(s, p, svg, false, &error) && draw(s, p, png, true, &error))
    text = read_file(svg);
  else
    trm__error_print("%s is left out: %s", p->name, error.text);
  free(svg);
  free(png);
  return text;
}

static void write_page(const trm__scene *s, const char *dir,
                       trm__base_error *error) {
  int n;
  trm__run_picture *pictures = trm__pictures_of(s, &n);
  char **svg = trm__base_calloc((size_t)n + 1, sizeof *svg);
  char *path = trm__base_format("%s/report.html", dir);
  trm__sink sink;
  if (s->absent)
    trm__error_print(
        "pictures are left out: gnuplot is not there; want it "
        "installed (Debian: gnuplot-nox) and in PATH");
  for (int i = 0; i < n && !s->absent && !error->status; i++)
    svg[i] = draw_both(s, &pictures[i], dir);
  if (!error->status && trm__sink_open(&sink, path, error)) {
    trm__report_page(s, n, pictures, svg, sink.file);
    trm__sink_close(&sink, error);
  }
  for (int i = 0; i < n; i++) free(svg[i]);
  free(svg);
  free(path);
  trm__pictures_free(pictures, n);
}

/* -- the whole ------------------------------------------------------------- */

bool trm__report(int n, const trm__study study[], const trm_option *table,
                 const char *dir, trm__base_error *error) {
  trm__scene scene;
  if (mkdir(dir, 0777) && errno != EEXIST) {
    trm__base_error_set(error, TRM_EFILE, "%s: %s", dir, strerror(errno));
    return false;
  }
  trm__scene_open(&scene, n, study, table);
  write_file(&scene, dir, "points.csv", trm__report_csv, error);
  write_file(&scene, dir, "points.jsonl", trm__report_jsonl, error);
  write_file(&scene, dir, "laws.jsonl", trm__report_law_lines, error);
  write_file(&scene, dir, "verdict.jsonl", trm__report_verdict_lines, error);
  if (!error->status) write_page(&scene, dir, error);
  trm__scene_clear(&scene);
  return !error->status;
}
