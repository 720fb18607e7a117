#include "study/report/html.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/lines.h"
#include "base/memory.h"
#include "study/report/pictures/colours.h"

/* Control characters are no part of HTML; a broken UTF-8 byte shows as such. */
void trm__study_html_text(FILE *to, const char *text) {
  for (; *text; text++) switch (*text) {
      case '<':
        fputs("&lt;", to);
        break;
      case '>':
        fputs("&gt;", to);
        break;
      case '&':
        fputs("&amp;", to);
        break;
      case '"':
        fputs("&quot;", to);
        break;
      case '\'':
        fputs("&#39;", to);
        break;
      default:
        if ((unsigned char)*text >= 32 || *text == '\n') fputc(*text, to);
    }
}

static void print_list(FILE *to, const char *format, va_list args) {
  char *text = NULL;
  if (vasprintf(&text, format, args) < 0) return;
  trm__study_html_text(to, text);
  free(text);
}

void trm__study_html_print(FILE *to, const char *format, ...) {
  va_list args;
  va_start(args, format);
  print_list(to, format, args);
  va_end(args);
}

void trm__study_html_put(FILE *to, const char *tag, const char *format, ...) {
  va_list args;
  va_start(args, format);
  fprintf(to, "<%s>", tag);
  print_list(to, format, args);
  fprintf(to, "</%.*s>\n", (int)strcspn(tag, " "), tag);
  va_end(args);
}

void trm__study_html_cell(FILE *to, const char *text, const char *small) {
  fputs("<td>", to);
  if (text) trm__study_html_text(to, text);
  if (small && *small) {
    fputs("<small>", to);
    trm__study_html_text(to, small);
    fputs("</small>", to);
  }
  fputs("</td>", to);
}

extern const char *const trm__study_page_css[]; /* page.css */

void trm__study_html_head(FILE *to, const char *title) {
  fputs(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n"
      "<link rel=\"icon\" href=\"data:,\">\n",
      to);
  trm__study_html_put(to, "title", "%s", title);
  fputs("<style>\n", to);
  trm__study_plot_css(to);
  trm__base_lines_print(to, trm__study_page_css);
  fputs("</style>\n</head>\n<body>\n", to);
}

void trm__study_html_foot(FILE *to) {
  fputs("</body>\n</html>\n", to);
}
