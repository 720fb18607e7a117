#include "meter/trace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "comm/run.h"

static const double LIMIT = 64 << 20; /* bytes */

/* Largest size in the file of an event, a mark and the rest of a window; names
 * are shortened to fit. */
enum {
  NAME = 40,
  EVENT_BYTES = 480,
  MARK_BYTES = 160,
  RANK_BYTES = 512,
  WINDOW_BYTES = 256
};

typedef struct shown { /* a window in the file */
  int64_t chunk, first, steps;
  double begin, end, until; /* until: later events are left out */
  int cut;                  /* ranks whose log was full */
} shown;

struct trm__meter_trace {
  char *path, *title;
  trm__base_atomic_file file; /* rank 0 */
  FILE *to;                   /* its own */
  int error;
  bool chosen[TRM__WINDOWS];
  double part;   /* of a window, from its beginning, that is shown */
  int windows;   /* there are */
  shown *window; /* those in the file */
  int n;
  double origin; /* rank 0's clock when the first one began */
  int64_t arrows;
  bool begun; /* an event is in the file */
};

trm__meter_trace *trm__meter_trace_new(const trm_run *run, const char *path,
                                       const char *title) {
  trm__meter_trace *t = trm__base_calloc(1, sizeof *t);
  t->path = trm__base_strdup(path);
  t->title = trm__base_strdup(title);
  if (run->rank) return t;
  t->window = trm__base_calloc(TRM__WINDOWS, sizeof *t->window);
  t->error = trm__base_atomic_file_open(&t->file, path);
  t->to = t->file.to;
  if (t->to) fputs("{\"displayTimeUnit\": \"ms\",\n\"traceEvents\": [", t->to);
  return t;
}

/* -- which windows --------------------------------------------------------- */

double trm__meter_trace_size(const trm__comm_meter *m, int window) {
  double marks = 0;
  for (trm__comm_thread *t = trm__comm_threads_last(m->threads); t; t = t->next)
    marks += t->marks[window];
  return WINDOW_BYTES + m->window[window].n * (double)EVENT_BYTES +
         marks * MARK_BYTES + RANK_BYTES +
         128. * trm__comm_threads_count(m->threads);
}

static double limit(void) {
  const char *text = getenv("TRM_TRACE_LIMIT");
  double given = text ? atof(text) : 0;
  return given > 0 ? given : LIMIT;
}

static double every(int stride, int windows, const double size[]) {
  double sum = 0;
  for (int w = 0; w < windows; w += stride) sum += size[w];
  return sum;
}

void trm__meter_trace_choose(trm__meter_trace *t, int windows,
                             const double size[]) {
  int stride = 1;
  double most = limit();
  t->windows = windows;
  while (stride < windows && every(stride, windows, size) > most) stride++;
  for (int w = 0; w < windows; w += stride) t->chosen[w] = true;
  double sum = every(stride, windows, size);
  t->part = sum > most ? most / sum : 1;
}

bool trm__meter_trace_shows(const trm__meter_trace *t, int window) {
  return t->chosen[window];
}

/* -- the events of the format ---------------------------------------------- */

/* Whole nanoseconds, so that consecutive events do not overlap when printed. */
static int64_t nanoseconds(const trm__meter_trace *t, double time) {
  return llround((time - t->origin) * 1e9);
}

static void put_time(FILE *to, const char *key, int64_t ns) {
  fprintf(to, ",\"%s\":%s%lld.%03d", key, ns < 0 ? "-" : "", llabs(ns / 1000),
          abs((int)(ns % 1000)));
}

static void put_name(FILE *to, const char *name, int most) {
  fputc('"', to);
  for (int n = 0; *name && n < most; name++, n++)
    fputc((unsigned char)*name < 32 || strchr("\"\\", *name) ? '_' : *name, to);
  fputc('"', to);
}

/* Opens an event: the rest of its members and } follow. */
static void open_event(trm__meter_trace *t, const char *phase, int rank,
                       int thread, const char *name) {
  fprintf(t->to, "%s{\"ph\":\"%s\",\"pid\":%d,\"tid\":%d,\"name\":",
          t->begun ? ",\n" : "\n", phase, rank, thread);
  t->begun = true;
  put_name(t->to, name, NAME);
}

static void open_bar(trm__meter_trace *t, int rank, int thread,
                     const char *name, const char *kind, int64_t from,
                     int64_t to) {
  open_event(t, "X", rank, thread, name);
  fprintf(t->to, ",\"cat\":\"%s\"", kind);
  put_time(t->to, "ts", from);
  put_time(t->to, "dur", to - from);
}

static void close_bar(trm__meter_trace *t) {
  fputc('}', t->to);
}

/* Names of processes and rows. */
static void put_label(trm__meter_trace *t, const char *what, int rank,
                      int thread, const char *text) {
  open_event(t, "M", rank, thread, what);
  fputs(",\"args\":{\"name\":", t->to);
  put_name(t->to, text, 120);
  fputs("}}", t->to);
}

static void put_labels(trm__meter_trace *t, int ranks,
                       const trm__meter_record *record) {
  for (int r = 0; r < ranks; r++) {
    char *process = trm__base_format("rank %d on %s", r, record[r].host);
    put_label(t, "process_name", r, 0, process);
    free(process);
    for (int thread = 0; thread < record[r].rows; thread++) {
      char *row = trm__base_format("thread %d", thread);
      put_label(t, "thread_name", r, thread, row);
      free(row);
    }
  }
}

/* -- bars ------------------------------------------------------------------ */

static void put_call_part(trm__meter_trace *t, int rank,
                          const trm__comm_event *e, const char *name,
                          const char *colour, int64_t from, int64_t to) {
  if (to <= from) return;
  open_bar(t, rank, 0, name, "call", from, to);
  fprintf(t->to,
          ",\"cname\":\"%s\",\"args\":{\"call\":\"%s\",\"cause\":\"%s\"}",
          colour, trm__comm_call_name[e->call], trm__comm_cause_name[e->cause]);
  close_bar(t);
}

/* A call is first waiting, then transfer. */
static void put_call(trm__meter_trace *t, int rank, const trm__comm_event *e,
                     double waiting, int64_t from, int64_t to) {
  int64_t between = from + llround(waiting * 1e9);
  if (between > to) between = to;
  put_call_part(t, rank, e, "waiting", "terrible", from, between);
  put_call_part(t, rank, e, "transfer", "thread_state_iowait", between, to);
}

static void put_event(trm__meter_trace *t, int rank, const trm__comm_event *e,
                      double waiting, int64_t from, int64_t to) {
  bool site = e->what == TRM__EVENT_SITE || e->what == TRM__EVENT_REGION;
  if (!site && e->what != TRM__EVENT_CHECKPOINT) {
    put_call(t, rank, e, waiting, from, to);
    return;
  }
  const char *kind = e->what == TRM__EVENT_SITE     ? "site"
                     : e->what == TRM__EVENT_REGION ? "region"
                                                    : "checkpoint";
  open_bar(t, rank, 0, site ? e->name : "checkpoint", kind, from, to);
  close_bar(t);
}

/* Bars of a row follow one another. Messages posted together begin together;
 * all but the first take no time. */
static void put_rank(trm__meter_trace *t, const trm__meter_window_view *view,
                     int rank, const double *waiting, double until) {
  const trm__meter_part_events *part = &view->part[rank];
  int64_t last = nanoseconds(t, part->begin);
  for (int i = 0; i < part->n; i++) {
    const trm__comm_event *e = &part->events[i];
    int64_t from = nanoseconds(t, e->enter), to = nanoseconds(t, e->leave);
    if (e->enter > until) break;
    if (from < last) from = last;
    if (to > from) put_event(t, rank, e, waiting[i], from, to);
    if (to > last) last = to;
  }
  for (int i = 0; i < view->marks[rank]; i++) {
    const trm__meter_thread_mark *k = &view->mark[rank][i];
    if (k->enter > until) continue;
    open_bar(t, rank, k->thread, k->name, "site", nanoseconds(t, k->enter),
             nanoseconds(t, k->leave));
    close_bar(t);
  }
}

/* -- arrows ---------------------------------------------------------------- */

static void put_arrow_end(trm__meter_trace *t, bool start,
                          const trm__comm_event *sent, int rank, int64_t at) {
  open_event(t, start ? "s" : "f", rank, 0, "message");
  fprintf(t->to, ",\"cat\":\"message\",\"id\":%lld%s", (long long)t->arrows,
          start ? "" : ",\"bp\":\"e\"");
  put_time(t->to, "ts", at);
  fprintf(t->to, ",\"args\":{\"bytes\":%lld,\"tag\":%d}}",
          (long long)sent->bytes, sent->tag);
}

/* From the post of the send to the end of the wait; never back in time, where
 * clocks differ by more than the message took. */
static void put_arrow(trm__meter_trace *t, const trm__meter_window_view *view,
                      const trm__meter_message *m, double until) {
  if (m->done < 0) return;
  const trm__comm_event *sent = &view->part[m->from].events[m->send];
  const trm__comm_event *done = &view->part[m->to].events[m->done];
  if (sent->enter > until || done->enter > until) return;
  int64_t from = nanoseconds(t, sent->enter), to = nanoseconds(t, done->leave);
  if (to > nanoseconds(t, done->enter)) to--; /* still within the bar */
  if (to < from) to = from;
  put_arrow_end(t, true, sent, m->from, from);
  put_arrow_end(t, false, sent, m->to, to);
  t->arrows++;
}

/* -- windows --------------------------------------------------------------- */

static shown describe(const trm__meter_trace *t,
                      const trm__meter_window_view *view) {
  shown s = {view->chunk, view->first, view->steps, HUGE_VAL, -HUGE_VAL, 0, 0};
  for (int r = 0; r < view->ranks; r++) {
    s.begin = fmin(s.begin, view->part[r].begin);
    s.end = fmax(s.end, view->part[r].end);
    s.cut += view->part[r].cut;
  }
  s.until = s.begin + t->part * (s.end - s.begin);
  return s;
}

/* Marks stand thread by thread. */
static double fit_marks(const trm__meter_trace *t,
                        const trm__meter_window_view *view, int rank,
                        double until) {
  const trm__meter_thread_mark *mark = view->mark[rank];
  for (int i = 0, end; i < view->marks[rank]; i = end) {
    for (end = i; end < view->marks[rank];) {
      if (mark[end].thread != mark[i].thread) break;
      end++;
    }
    until = fmin(until, mark[i + (int)(t->part * (end - i))].enter);
  }
  return until;
}

/* If only the beginning of a window is shown, choose the end so early that its
 * events fit. */
static double fit(const trm__meter_trace *t, const trm__meter_window_view *view,
                  double until) {
  for (int r = 0; r < view->ranks && t->part < 1; r++) {
    const trm__meter_part_events *part = &view->part[r];
    int most = (int)(t->part * part->n);
    if (most < part->n) until = fmin(until, part->events[most].enter);
    until = fit_marks(t, view, r, until);
  }
  return until;
}

void trm__meter_trace_window(trm__meter_trace *t,
                             const trm__meter_window_view *view,
                             const trm__meter_replayed *replayed,
                             const trm__meter_record *record) {
  if (!t->to) return;
  shown s = describe(t, view);
  s.until = fit(t, view, s.until);
  if (t->n == 0) {
    t->origin = s.begin;
    put_labels(t, view->ranks, record);
  }
  for (int r = 0; r < view->ranks; r++)
    put_rank(t, view, r, replayed->waiting[r], s.until);
  for (int64_t i = 0; i < replayed->nmatches; i++)
    put_arrow(t, view, &replayed->matches[i], s.until);
  t->window[t->n++] = s;
}

/* -- the end --------------------------------------------------------------- */

static void put_windows(trm__meter_trace *t) {
  for (int i = 0; i < t->n; i++) {
    const shown *s = &t->window[i];
    fprintf(t->to, "%s{\"chunk\":%lld,\"first_step\":%lld,\"steps\":%lld",
            i ? ",\n" : "\n", (long long)s->chunk, (long long)s->first,
            (long long)s->steps);
    put_time(t->to, "begin", nanoseconds(t, s->begin));
    put_time(t->to, "end", nanoseconds(t, s->end));
    put_time(t->to, "shown_until", nanoseconds(t, s->until));
    fprintf(t->to, ",\"ranks_cut\":%d}", s->cut);
  }
}

static void put_end(trm__meter_trace *t, int64_t made) {
  int64_t steps = 0;
  for (int i = 0; i < t->n; i++) steps += t->window[i].steps;
  fputs("\n],\n\"otherData\": {\"title\":", t->to);
  put_name(t->to, t->title, 120);
  fprintf(t->to,
          ",\n\"shown\":\"%d windows, %lld of %lld steps\""
          ",\"steps\":%lld,\"steps_made\":%lld,\"windows_recorded\":%d"
          ",\"windows\":[",
          t->n, (long long)steps, (long long)made, (long long)steps,
          (long long)made, t->windows);
  put_windows(t);
  fputs("]}}\n", t->to);
}

/* Ends the file; errno of the first thing that failed, else 0. */
static int finish(trm__meter_trace *t, int64_t made) {
  if (t->to) put_end(t, made);
  int later = trm__base_atomic_file_close(&t->file, true);
  return t->error ? t->error : later;
}

trm_status trm__meter_trace_close(trm_run *run, trm__meter_trace **pointer,
                                  int64_t made) {
  trm__meter_trace *t = *pointer;
  trm_status status = TRM_OK;
  if (!t) return TRM_OK;
  int error = run->rank == 0 ? finish(t, made) : 0;
  if (error)
    status = trm_fail(run, TRM_EFILE, "--trace=%s: %s; no timeline was written",
                      t->path, strerror(error));
  free(t->path);
  free(t->title);
  free(t->window);
  free(t);
  *pointer = NULL;
  return trm_agree(run, status);
}
