#include "run/session/told.h"
#include "run/report/progress.h"

#include <string.h>
#include <unistd.h>

#include "comm/run.h"

static const double EVERY = 10; /* seconds between two lines */
static const double SOON = 0.4; /* seconds between two rewrites */

trm__run_progress trm__run_progress_begin(const trm__run_session *s) {
  double now = trm_now();
  bool terminal = isatty(STDERR_FILENO);
  return (trm__run_progress){.on = s->run->rank == 0 && !s->want->quiet,
                             .terminal = terminal,
                             .began = now,
                             .shown = now,
                             .first = s->step};
}

static void append(char *line, size_t size, const char *text) {
  size_t n = strlen(line);
  if (n + 1 < size) snprintf(line + n, size - n, "%s%s", n ? "  " : "", text);
}

static void say_done(const trm__run_session *s, char *line, size_t size) {
  char text[80];
  if (s->end > 0)
    snprintf(text, sizeof text, "%3.0f %%  step %lld of %lld",
             100 * (double)s->step / (double)s->end, (long long)s->step,
             (long long)s->end);
  else
    snprintf(text, sizeof text, "step %lld", (long long)s->step);
  append(line, size, text);
}

static void say_rate(const trm__run_progress *p, const trm__run_session *s,
                     char *line, size_t size) {
  char text[100];
  double steps = (double)(s->step - p->first);
  double rate = steps / (trm_now() - p->began);
  if (!(rate > 0)) return;
  if (s->updates_per_step > 0)
    append(line, size,
           trm__base_text_rate(rate * s->updates_per_step,
                               trm__run_command_unit(s->kernel))
               .s);
  else
    append(line, size, trm__base_text_rate(rate, "step").s);
  if (s->end < 0) return;
  double left = (double)(s->end - s->step) / rate;
  snprintf(text, sizeof text, "%s left", trm__base_text_duration(left).s);
  append(line, size, text);
}

static void say_gauges(const trm__run_session *s, char *line, size_t size) {
  const trm__run_told *own = trm__run_told_of(s->run);
  char text[100];
  for (int i = 0; i < own->ngauges; i++) {
    snprintf(text, sizeof text, "%.40s %.4g", own->gauges[i].name,
             own->gauges[i].value);
    append(line, size, text);
  }
}

void trm__run_progress_show(trm__run_progress *p, const trm__run_session *s) {
  double now = trm_now();
  if (!p->on || now - p->shown < (p->terminal ? SOON : EVERY)) return;
  p->shown = now;
  char line[400] = "";
  append(line, sizeof line, s->command->name);
  say_done(s, line, sizeof line);
  say_rate(p, s, line, sizeof line);
  say_gauges(s, line, sizeof line);
  fprintf(stderr, p->terminal ? "\r%.118s\033[K" : "%s\n", line);
  p->drawn = p->terminal;
}

void trm__run_progress_end(trm__run_progress *p) {
  if (p->drawn) fputs("\r\033[K", stderr);
  p->drawn = false;
}
