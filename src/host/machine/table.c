/* The machine as a text table. */
#include "host/machine/machine.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static trm__base_text value_text(double value, const char *unit) {
  trm__base_text t = {"-"};
  if (!(value > 0)) return t;
  if (!strcmp(unit, "s")) {
    if (value >= 1e-6) return trm__base_text_duration(value);
    snprintf(t.s, sizeof t.s, "%.3g ns", value * 1e9);
    return t;
  }
  const char *slash = strchr(unit, '/');
  if (!slash)
    snprintf(t.s, sizeof t.s, "%.2f %%", value * 100);
  else {
    char what[16];
    snprintf(what, sizeof what, "%.*s", (int)(slash - unit), unit);
    return trm__base_text_rate(value, what);
  }
  return t;
}

static void print_cell(FILE *to, const trm_figure *f, const char *unit) {
  fprintf(to, "  %13s", value_text(f->best, unit).s);
  if (f->best > 0)
    fprintf(to, " %13s %4.0f %%", value_text(f->median, unit).s,
            100 * f->spread);
  else
    fprintf(to, " %13s %6s", "-", "");
}

static void print_ceilings(FILE *to, const trm_machine *m) {
  trm_machine copy = *m;
  if (!(m->triad.all.best > 0) && !(m->fma_f64.all.best > 0)) return;
  fprintf(to, "\n%-16s  %34s  %34s\n", "", "one core: best, median, spread",
          "all: best, median, spread");
  for (int i = 0; i + 1 < TRM__FIGURE_COUNT; i++) {
    const trm__host_figure_row *row = &trm__host_figure_rows[i];
    const trm_figure *one = trm__host_figure_in(&copy, i);
    if (!strstr(row->name, ".one") || !(one->best > 0)) continue;
    fprintf(to, "  %-14s", row->words);
    print_cell(to, one, row->unit);
    print_cell(to, trm__host_figure_in(&copy, i + 1), row->unit);
    fputc('\n', to);
  }
}

static void print_ladder(FILE *to, const trm_machine *m) {
  if (!m->rungs) return;
  fprintf(to, "\n%-16s  %34s  %34s\n", "one core reads",
          "bandwidth: best, median, spread", "latency: best, median, spread");
  for (int i = 0; i < m->rungs; i++) {
    fprintf(to, "  %-14s", trm__base_text_bytes(m->ladder[i].bytes).s);
    print_cell(to, &m->ladder[i].bandwidth, "B/s");
    print_cell(to, &m->ladder[i].latency, "s");
    fputc('\n', to);
  }
}

static void print_row(FILE *to, const char *words, const trm_figure *f,
                      const char *unit) {
  if (!(f->best > 0)) return;
  fprintf(to, "  %-22s", words);
  print_cell(to, f, unit);
  fputc('\n', to);
}

static void print_loggp(FILE *to, const char *words, const trm_loggp *p) {
  if (!(p->to > 0)) return;
  fprintf(to, "  %-11s L %s, o %s (send %s, receive %s), ", words,
          value_text(p->latency, "s").s, value_text(p->overhead, "s").s,
          value_text(p->overhead_send, "s").s,
          value_text(p->overhead_receive, "s").s);
  fprintf(to, "g %s, G %s per KiB (R^2 %.4f)\n", value_text(p->gap, "s").s,
          value_text(1024 * p->gap_per_byte, "s").s, p->fit);
  fprintf(to,
          "  %-11s of %lld to %lld bytes; one message: %s per KiB "
          "(R^2 %.4f)\n",
          "", (long long)p->from, (long long)p->to,
          value_text(1024 * p->message_per_byte, "s").s, p->message_fit);
}

static void print_messages(FILE *to, const trm_machine *m) {
  for (int i = 0; i < m->sizes; i++) {
    const trm_figure *f = &m->message[i].time;
    if (i > 3 && i % 2 && i + 1 < m->sizes) continue;
    char words[96];
    snprintf(words, sizeof words, "ping-pong %s",
             trm__base_text_bytes((double)m->message[i].bytes).s);
    fprintf(to, "  %-22s", words);
    print_cell(to, f, "s");
    fprintf(to, "  %s\n",
            value_text((double)m->message[i].bytes / f->best, "B/s").s);
  }
  print_row(to, "messages of 8 B", &m->message_rate, "message/s");
}

static void print_eager(FILE *to, const trm_machine *m) {
  if (m->eager_limit < 0)
    fprintf(to, "  no eager limit: sends never wait for their receive\n");
  else
    fprintf(to,
            "  eager up to %lld bytes: larger sends wait for their receive\n",
            (long long)m->eager_limit);
  if (m->buffered_limit != m->eager_limit)
    fprintf(to, "  up to %lld bytes also while the receiver is outside MPI\n",
            (long long)m->buffered_limit);
  if (m->curve_switch >= 0)
    fprintf(to, "  the times above bend most after %lld bytes\n",
            (long long)m->curve_switch);
}

static void print_network(FILE *to, const trm_machine *m) {
  if (m->ranks < 2) {
    fprintf(to, "\nnetwork: not measured with 1 rank; use 2 or more\n");
    return;
  }
  if (!m->sizes) return;
  fprintf(to, "\n%-22s  %34s\n",
          m->hosts > 1 ? "between two hosts" : "messages",
          "best, median, spread");
  print_messages(to, m);
  print_eager(to, m);
  if (m->eager.to > 0 || m->rendezvous.to > 0)
    fputs(
        "  LogGP: L latency, o overhead of a call, g time between messages, "
        "G per byte\n",
        to);
  print_loggp(to, "eager", &m->eager);
  print_loggp(to, "rendezvous", &m->rendezvous);
  for (int i = 0; i < m->collectives; i++) {
    char words[96];
    snprintf(words, sizeof words, "%s %s", m->collective[i].name,
             m->collective[i].bytes
                 ? trm__base_text_bytes((double)m->collective[i].bytes).s
                 : "");
    print_row(to, words, &m->collective[i].time, "s");
  }
}

static void print_rest(FILE *to, const trm_machine *m) {
  if (m->disk_write.best > 0) {
    fprintf(to, "\n%-22s  %34s\n", "disk", "best, median, spread");
    print_row(to, "write + fsync", &m->disk_write, "B/s");
    print_row(to, "read, uncached", &m->disk_read, "B/s");
  }
  if (!(m->noise.quantum > 0)) return;
  fprintf(to, "\nclock    resolution %s, %s per reading\n",
          value_text(m->clock_resolution, "s").s,
          value_text(m->clock_cost, "s").s);
  fprintf(to,
          "noise    work of %s takes %s on average: %.2f %% is lost; the "
          "median is\n         late by %.2f %%, 1 in 100 by %.1f %%, the "
          "latest by %s\n",
          value_text(m->noise.quantum, "s").s, value_text(m->noise.mean, "s").s,
          100 * m->noise.lost, 100 * m->noise.p50, 100 * m->noise.p99,
          value_text(m->noise.longest * m->noise.quantum, "s").s);
}

/* -- hosts ----------------------------------------------------------------- */

static void print_host(FILE *to, const trm__host_node *host) {
  static const char *const shown[] = {"triad.all",    "triad_stream.all",
                                      "fma_f64.all",  "dgemm.all",
                                      "link_latency", "link_bandwidth"};
  fprintf(to, "  %-16.16s", host->name);
  for (int s = 0; s < 6; s++)
    for (int i = 0; i < TRM__FIGURE_COUNT; i++)
      if (!strcmp(trm__host_figure_rows[i].name, shown[s]))
        fprintf(
            to, "  %14s",
            value_text(host->figure[i].median, trm__host_figure_rows[i].unit)
                .s);
  fputc('\n', to);
}

static const char *scope(const char *name) {
  return strstr(name, ".one")   ? " on one core"
         : strstr(name, ".all") ? " in all"
                                : "";
}

static void print_slow(FILE *to, const trm__host_machine_file *f,
                       const trm__host_slow_hosts_state *s, const char *than) {
  const trm__host_figure_row *row = &trm__host_figure_rows[s->figure];
  fprintf(to, "slow: %s, %s%s: %s, %.0f %% behind %s (%s)\n",
          f->host[s->host].name, row->words, scope(row->name),
          value_text(s->value, row->unit).s, s->percent, than,
          value_text(s->other, row->unit).s);
}

static void print_hosts(FILE *to, const trm__host_machine_file *f) {
  enum { MOST = 64 };
  trm__host_slow_hosts_state slow[MOST];
  if (f->machine.hosts < 2) return;
  fprintf(to, "\n%-18s  %14s  %14s  %14s  %14s  %14s  %14s\n", "host: medians",
          "triad", "triad, stream", "fma, double", "dgemm", "link latency",
          "link bandwidth");
  for (int h = 0; h < f->machine.hosts; h++) print_host(to, &f->host[h]);
  int n = trm__host_slow_hosts(f->machine.hosts, f->host, slow, MOST);
  if (!n) fprintf(to, "no host is slower than the others\n");
  for (int i = 0; i < n; i++) print_slow(to, f, &slow[i], "the other hosts");
}

static void print_since(FILE *to, const trm__host_machine_file *f,
                        const trm__host_machine_file *earlier) {
  enum { MOST = 64 };
  trm__host_slow_hosts_state slow[MOST];
  int n =
      trm__host_slow_since(f->machine.hosts, f->host, earlier->machine.hosts,
                           earlier->host, slow, MOST);
  fprintf(to, "\ncompared with %s, of %s: %s\n", earlier->machine.file,
          earlier->machine.written, n ? "slower" : "nothing is slower");
  for (int i = 0; i < n; i++) print_slow(to, f, &slow[i], "then");
}

void trm__host_machine_print(FILE *to, const trm__host_machine_file *f,
                             const trm__host_machine_file *earlier) {
  const trm_machine *m = &f->machine;
  fprintf(to, "%s, %s of memory, %s\n", m->processor,
          trm__base_text_bytes(m->memory_bytes).s, m->mpi);
  fprintf(to, "%s x %s on %s; %s per host\n",
          trm__base_text_count(m->ranks, "rank").s,
          trm__base_text_count(m->threads, "thread").s,
          trm__base_text_count(m->hosts, "host").s,
          trm__base_text_count(m->cores, "core").s);
  print_ceilings(to, m);
  print_ladder(to, m);
  print_network(to, m);
  print_rest(to, m);
  print_hosts(to, f);
  if (earlier) print_since(to, f, earlier);
}
