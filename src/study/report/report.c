#include "study/report/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "study/report/curves.h"
#include "study/report/data/file.h"
#include "study/report/data/laws.h"
#include "study/report/data/points.h"
#include "study/report/page.h"
#include "study/report/pictures/gnuplot.h"
#include "study/report/pictures/pictures.h"

/* -- files ----------------------------------------------------------------- */

typedef void report_writer(const trm__study_report *, FILE *);

static void write_file(const trm__study_report *s, const char *dir,
                       const char *name, report_writer *write,
                       trm__base_error *error) {
  char *path = trm__base_format("%s/%s", dir, name);
  trm__study_file sink;
  if (!error->status && trm__study_file_open(&sink, path, error)) {
    write(s, sink.file);
    trm__study_file_close(&sink, error);
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

static bool draw(const trm__study_report *s, const trm__study_picture *p,
                 const char *path, bool png, trm__base_error *error) {
  FILE *script = tmpfile();
  if (!script) {
    trm__base_error_set(error, TRM_EFILE, "a temporary file: %s",
                        strerror(errno));
    return false;
  }
  p->draw(s, p, script, png);
  trm__study_plot_draw(script, path, error);
  fclose(script);
  return !error->status;
}

/* A picture that cannot be drawn is said and left out: the tables have it all.
 * \return the SVG; NULL: there is none */
static char *draw_both(const trm__study_report *s, const trm__study_picture *p,
                       const char *dir) {
  trm__base_error error = {TRM_OK, ""};
  char *svg = trm__base_format("%s/%s.svg", dir, p->name),
       *png = trm__base_format("%s/%s.png", dir, p->name), *text = NULL;
  if (draw(s, p, svg, false, &error) && draw(s, p, png, true, &error))
    text = read_file(svg);
  else
    trm__base_error_print("%s is omitted: %s", p->name, error.text);
  free(svg);
  free(png);
  return text;
}

static void write_page(const trm__study_report *s, const char *dir,
                       trm__base_error *error) {
  int n;
  trm__study_picture *pictures = trm__study_pictures_of(s, &n);
  char **svg = trm__base_calloc((size_t)n + 1, sizeof *svg);
  char *path = trm__base_format("%s/report.html", dir);
  trm__study_file sink;
  if (s->absent)
    trm__base_error_print(
        "pictures are omitted: gnuplot is not in PATH; install it (Debian: "
        "gnuplot-nox)");
  for (int i = 0; i < n && !s->absent && !error->status; i++)
    svg[i] = draw_both(s, &pictures[i], dir);
  if (!error->status && trm__study_file_open(&sink, path, error)) {
    trm__study_report_page(s, n, pictures, svg, sink.file);
    trm__study_file_close(&sink, error);
  }
  for (int i = 0; i < n; i++) free(svg[i]);
  free(svg);
  free(path);
  trm__study_pictures_free(pictures, n);
}

/* -- the whole ------------------------------------------------------------- */

bool trm__study_report_write(int n, const trm__study study[],
                             const trm_option *table, const char *dir,
                             trm__base_error *error) {
  trm__study_report scene;
  if (mkdir(dir, 0777) && errno != EEXIST) {
    trm__base_error_set(error, TRM_EFILE, "%s: %s", dir, strerror(errno));
    return false;
  }
  trm__study_report_open(&scene, n, study, table);
  write_file(&scene, dir, "points.csv", trm__study_report_csv, error);
  write_file(&scene, dir, "points.jsonl", trm__study_report_jsonl, error);
  write_file(&scene, dir, "laws.jsonl", trm__study_report_law_lines, error);
  write_file(&scene, dir, "verdict.jsonl", trm__study_report_verdict_lines,
             error);
  if (!error->status) write_page(&scene, dir, error);
  trm__study_report_clear(&scene);
  return !error->status;
}
