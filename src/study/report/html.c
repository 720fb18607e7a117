#include "study/report/html.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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

static const char style[] =
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:1180px;padding:1.5rem 1rem 3rem;"
    "background:var(--paper);color:var(--ink);"
    "font:16px/1.5 system-ui,-apple-system,'Segoe UI',Arial,sans-serif}\n"
    "h1{font-size:1.75rem;line-height:1.2;margin:0 0 .25rem}\n"
    "h2{font-size:1.2rem;margin:2.2rem 0 .6rem;padding-top:.5rem;"
    "border-top:1px solid var(--grid)}\n"
    "h3{font-size:1rem;margin:1rem 0 .2rem}\n"
    "p{margin:.4rem 0;max-width:75ch;overflow-wrap:anywhere}\n"
    ".under,figcaption,small{color:var(--muted)}\n"
    ".note{color:var(--muted);font-size:.875rem}\n"
    ".verdict{border-left:4px solid var(--series_1);padding:.3rem 0 .3rem "
    "1rem;margin:1.2rem 0;font-size:1.08rem}\n"
    ".figures{display:grid;gap:.6rem 1.4rem;margin:1rem 0;"
    "grid-template-columns:repeat(auto-fill,minmax(10rem,1fr))}\n"
    ".figures dt{color:var(--muted);font-size:.85rem}\n"
    ".figures dd{margin:0;font-size:1.5rem;line-height:1.25}\n"
    ".figures dd small{display:block;font-size:.8rem}\n"
    ".pictures{display:grid;gap:1rem 1.6rem;"
    "grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr))}\n"
    "figure{margin:0;min-width:0;max-width:640px}\n"
    "figcaption{font-size:.875rem;line-height:1.4}\n"
    "svg{display:block;width:100%;height:auto}\n"
    "svg text{font-family:system-ui,-apple-system,'Segoe UI',Arial,"
    "sans-serif}\n"
    ".box{overflow-x:auto;background-repeat:no-repeat;"
    "background-size:2.4rem 100%,2.4rem 100%,.5rem 100%,.5rem 100%;"
    "background-position:0 0,100% 0,0 0,100% 0;"
    "background-attachment:local,local,scroll,scroll;background-image:"
    "linear-gradient(90deg,var(--paper) 40%,transparent),"
    "linear-gradient(270deg,var(--paper) 40%,transparent),"
    "linear-gradient(90deg,var(--faint),transparent),"
    "linear-gradient(270deg,var(--faint),transparent)}\n"
    ".box:focus-visible{outline:2px solid var(--series_1)}\n"
    "table{border-collapse:collapse;font-size:.875rem;line-height:1.35;"
    "font-variant-numeric:tabular-nums}\n"
    "th,td{text-align:left;vertical-align:top;padding:.35rem .9rem .35rem 0;"
    "border-bottom:1px solid var(--grid);white-space:nowrap}\n"
    "thead th{color:var(--muted);font-weight:600;vertical-align:bottom;"
    "white-space:normal;min-width:4.5em}\n"
    "tbody th{font-weight:600}\n"
    "td small{display:block;font-size:.9em;white-space:nowrap}\n"
    "td.formula{white-space:normal;min-width:11rem}\n"
    "td.wide{white-space:normal;min-width:16rem;max-width:34rem;"
    "overflow-wrap:anywhere}\n"
    "tr:has(+.remark)>*{border-bottom:0;padding-bottom:0}\n"
    ".remark td{color:var(--muted);padding:.1rem 0 .35rem 1rem;"
    "white-space:normal;overflow-wrap:anywhere}\n"
    ".stay{display:inline-block;position:sticky;left:0;"
    "max-width:min(46rem,100vw - 4rem)}\n"
    "tr.out td,tr.out th{color:var(--muted)}\n"
    ".mark{display:inline-block;width:.7em;height:.7em;margin-right:.45em;"
    "border-radius:50%}\n"
    "dl.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);"
    "gap:.2rem 1.2rem;margin:.4rem 0;font-size:.875rem}\n"
    "dl.facts dt{color:var(--muted)}\n"
    "dl.facts dd{margin:0;overflow-wrap:anywhere}\n"
    "code{font-family:ui-monospace,'DejaVu Sans Mono',monospace;"
    "font-size:.92em}\n"
    "@media print{:root{font-size:9.5pt}body{max-width:none;padding:0;"
    "font-size:1rem}figure,tr{break-inside:avoid}h2,h3{break-after:avoid}"
    ".pictures{grid-template-columns:1fr 1fr}"
    "figure:only-child{grid-column:1/-1}"
    ".figures{grid-template-columns:repeat(auto-fill,minmax(6.5rem,1fr))}"
    ".box{overflow:visible;background:none}"
    ".mark{print-color-adjust:exact;-webkit-print-color-adjust:exact}"
    "table{font-size:7.2pt}th,td,td small{white-space:normal}"
    "th,td{padding-right:.5rem}}\n";

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
  fputs(style, to);
  fputs("</style>\n</head>\n<body>\n", to);
}

void trm__study_html_foot(FILE *to) {
  fputs("</body>\n</html>\n", to);
}
