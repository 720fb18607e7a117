#include "study/report/pictures/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "study/report/html.h"
#include "study/report/pictures/colours.h"

extern char **environ;

/* -- scripts --------------------------------------------------------------- */

void trm__study_plot_head(FILE *script, int width, int height, int font,
                          bool png) {
  fputs("set encoding utf8\nset terminal ", script);
  if (png)
    fprintf(script,
            "pngcairo size %d,%d fontscale 1.5 linewidth 2 pointscale 3",
            2 * width, 2 * height);
  else
    fprintf(script, "svg size %d,%d", width, height);
  fprintf(script, " noenhanced font 'Arial,%d' background '#ffffff'\n", font);
}

static void put_quoted(FILE *script, const char *text, const char *doubled) {
  fputc('\'', script);
  for (; *text; text++) {
    if ((unsigned char)*text < 32) continue;
    if (strchr(doubled, *text)) fputc(*text, script);
    fputc(*text, script);
  }
  fputc('\'', script);
}

void trm__study_plot_quoted(FILE *script, const char *text) {
  put_quoted(script, text, "'");
}

void trm__study_plot_tic(FILE *script, const char *text) {
  put_quoted(script, text, "'%");
}

/* Where a text is too long it ends in three dots, between two letters. */
void trm__study_plot_short(FILE *script, const char *text, int letters) {
  int n = 0;
  size_t end = 0;
  for (; text[end]; end++)
    if ((text[end] & 0xc0) != 0x80 && n++ == letters) break;
  char *cut =
      trm__base_format("%.*s%s", (int)end, text, text[end] ? "..." : "");
  trm__study_plot_quoted(script, cut);
  free(cut);
}

/* Sans-serif letters are some 0.58 of their height wide. */
double trm__study_plot_width(const char *text, int size) {
  double n = 0;
  for (const char *c = text; *c; c++) n += (*c & 0xc0) != 0x80; /* UTF-8 */
  return 0.58 * size * n;
}

/* -- gnuplot --------------------------------------------------------------- */

/* The last line that it said, which is the one that tells. */
static void explain(FILE *said, trm__base_error *error, const char *otherwise) {
  char line[256], last[256] = "";
  rewind(said);
  while (fgets(line, sizeof line, said))
    if (*trm__base_text_trim(line)) snprintf(last, sizeof last, "%s", line);
  trm__base_error_set(error, TRM_EFILE, "gnuplot: %s",
                      *last ? last : otherwise);
}

static int spawn_gnuplot(FILE *script, int picture, FILE *said, pid_t *child) {
  posix_spawn_file_actions_t files;
  char *argv[] = {"gnuplot", "-d", NULL};
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, fileno(script), 0);
  posix_spawn_file_actions_adddup2(&files, picture, 1);
  posix_spawn_file_actions_adddup2(&files, fileno(said), 2);
  int failure = posix_spawnp(child, argv[0], &files, NULL, argv, environ);
  posix_spawn_file_actions_destroy(&files);
  return failure;
}

/* Script in, picture out. */
static void gnuplot(FILE *script, int picture, trm__base_error *error) {
  FILE *said = tmpfile();
  pid_t child;
  int status = -1;
  fflush(script);
  lseek(fileno(script), 0, SEEK_SET);
  int failure = said ? spawn_gnuplot(script, picture, said, &child) : errno;
  if (failure == ENOENT)
    trm__base_error_set(
        error, TRM_EFILE,
        "gnuplot is not in PATH; install it (Debian: gnuplot-nox)");
  else if (failure)
    trm__base_error_set(error, TRM_EFILE, "gnuplot does not start: %s",
                        strerror(failure));
  else if (waitpid(child, &status, 0) < 0 || status)
    explain(said, error, "it failed without a message");
  if (said) fclose(said);
}

bool trm__study_plot_draw(FILE *script, const char *path,
                          trm__base_error *error) {
  trm__base_atomic_file file;
  int failure = trm__base_atomic_file_open(&file, path);
  if (!failure) {
    gnuplot(script, fileno(file.to), error);
    if (lseek(fileno(file.to), 0, SEEK_END) <= 0)
      trm__base_error_set(error, TRM_EFILE, "%s: gnuplot drew nothing", path);
  }
  int later = trm__base_atomic_file_close(&file, !error->status);
  if (failure || later)
    trm__base_error_set(error, TRM_EFILE, "%s: %s", path,
                        strerror(failure ? failure : later));
  return !error->status;
}

bool trm__study_plot_absent(void) {
  const char *path = getenv("PATH");
  char *all = trm__base_strdup(path ? path : "/bin:/usr/bin"), *rest = all,
       *one;
  bool found = false;
  while ((one = strsep(&rest, ":")) && !found) {
    char *file = trm__base_format("%s/gnuplot", *one ? one : ".");
    found = !access(file, X_OK);
    free(file);
  }
  free(all);
  return !found;
}

/* -- pictures in pages ----------------------------------------------------- */

/* "rgb( 51,  34, 136)" or "#332288": the colour's place in the list; -1: none. */
static int colour_at(const char *text, size_t *length) {
  unsigned r, g, b;
  int end = 0;
  char hex[8];
  if (sscanf(text, "rgb(%u,%u,%u)%n", &r, &g, &b, &end) < 3 || !end) return -1;
  if (r > 255 || g > 255 || b > 255) return -1;
  snprintf(hex, sizeof hex, "#%02x%02x%02x", r & 255, g & 255, b & 255);
  *length = (size_t)end;
  for (int i = 0; i < TRM__COLOUR_COUNT; i++)
    if (!strcmp(hex, trm__study_colour_light[i])) return i;
  return strcmp(hex, "#000000") ? -1 : TRM__COLOUR_ink;
}

static bool begins(const char *text, const char *with) {
  return !strncmp(text, with, strlen(with));
}

/* One piece of gnuplot's output, as the page wants it; how much was read. */
static size_t put_piece(FILE *page, const char *svg, const char *name) {
  size_t length;
  int colour = *svg == 'r' ? colour_at(svg, &length) : -1;
  if (colour >= 0) {
    fprintf(page, "var(--%s)", trm__study_colour_name[colour]);
    return length;
  }
  if (begins(svg, "<g id=\"gnuplot_plot")) {
    const char *end = strstr(svg, "</title>");
    fputs("<g>", page);
    return end ? (size_t)(end - svg) + 8 : 1;
  }
  if (begins(svg, "<filter")) {
    const char *end = strstr(svg, "</filter>");
    return end ? (size_t)(end - svg) + 9 : 1;
  }
  if (begins(svg, "id='gp") || begins(svg, "xlink:href='#gp")) {
    size_t n = strcspn(svg, "g");
    fprintf(page, "%s%s-", *svg == 'i' ? "id='" : "href='#", name);
    return n;
  }
  fputc(*svg, page);
  return 1;
}

/* Groups without content, of which gnuplot writes many. */
static const char *skip_empty(const char *svg) {
  while (begins(svg, "<g fill=")) {
    const char *end = strchr(svg, '\n');
    if (!end || !begins(end + 1, "</g>\n")) break;
    svg = end + 6;
  }
  return svg;
}

void trm__study_plot_inline(FILE *page, const char *svg, const char *name,
                            const char *alt) {
  const char *box = strstr(svg, "viewBox="),
             *from = strstr(svg, "<g id=\"gnuplot_canvas\">");
  if (!box || !from) return;
  fprintf(page, "<svg id=\"%s\" role=\"img\" %.*s aria-label=\"", name,
          (int)strcspn(box, "\n"), box);
  trm__study_html_text(page, alt);
  fputs("\">\n<g>", page);
  from = strchr(from, '>') + 1;
  const char *ground = strstr(from, "<rect"); /* the page has one of its own */
  if (ground && begins(from + strspn(from, " \n"), "<rect"))
    from = strchr(ground, '\n');
  while (*from) {
    if (*from == '\n') {
      const char *next = skip_empty(from + 1);
      if (next > from + 1) {
        from = next - 1;
        continue;
      }
    }
    from += put_piece(page, from, name);
  }
}
