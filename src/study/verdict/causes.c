/* Each limit in a sentence with its figures, and the experiment that comes next. */
#include "study/verdict/causes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/program.h"
#include "launch/template.h"

static const trm__study_evidence *last_of(const trm__study_case *c) {
  return &c->evidence[c->n - 1];
}

static trm__base_text per(double part, double whole) {
  return trm__base_text_duration(whole > 0 ? part / whole : 0);
}

/* As much work here in core seconds of the base's. */
static double extra_cost(const trm__study_case *c) {
  const trm__study_evidence *b = &c->evidence[0], *e = last_of(c);
  double before = b->ledger.parts.useful / b->work;
  return before > 0 ? e->ledger.parts.useful / e->work / before : 1;
}

/* -- causes ----------------------------------------------------------------- */

static char *slow_rank(const trm__study_case *c) {
  const trm__meter_spread *u = &last_of(c)->balance.useful;
  const trm__meter_balance *b = &last_of(c)->balance;
  bool stated = b->per_counted.rank >= 0 || b->per_update.rank >= 0;
  return trm__base_format(
      "Bottleneck: one slow rank. Rank %d works %s, the slowest of the others "
      "%s%s.",
      u->rank, trm__base_text_duration(u->max).s,
      trm__base_text_duration(u->second).s,
      stated ? ", with no more work" : "");
}

static char *serial(const trm__study_case *c) {
  const trm__study_losses *l = &c->losses[c->n - 1];
  const trm__study_evidence *e = last_of(c);
  trm__study_site s = trm__study_site_named(e, l->site);
  if (l->site && l->one_rank)
    return trm__base_format(
        "Bottleneck: a serial section. %s %s in the site \"%s\" (%s) while the "
        "others wait.",
        trm__base_text_count(s.ranks, "rank").s,
        s.ranks == 1 ? "works" : "work", l->site,
        trm__base_text_duration(s.max).s);
  if (l->site)
    return trm__base_format(
        "Bottleneck: a serial section. Every rank repeats the site \"%s\", "
        "which takes %s %s and %s %s.",
        l->site, trm__base_text_duration(s.mean).s,
        trm__study_evidence_where(e).s,
        trm__base_text_duration(
            trm__study_site_named(&c->evidence[0], l->site).mean)
            .s,
        trm__study_evidence_where(&c->evidence[0]).s);
  return trm__base_strdup(
      "Bottleneck: serial sections. One thread of a rank works while its "
      "others are idle.");
}

static char *small_messages(const trm__study_case *c) {
  const trm__study_evidence *e = last_of(c);
  return trm__base_format(
      "Bottleneck: many small messages. The ranks send %.0f per step in total, "
      "of %s on average, which take %s each.",
      e->sent / e->steps, trm__base_text_bytes(e->sent_bytes / e->sent).s,
      per(e->messages.transfer + e->messages.waiting, e->sent).s);
}

static char *latency(const trm__study_case *c) {
  const trm__study_evidence *e = last_of(c);
  const trm__study_call_times *g = &e->collectives;
  return trm__base_format(
      "Bottleneck: latency of reductions. Each step makes %.0f collective "
      "calls, which take %s each.",
      g->calls / e->ranks / e->steps,
      per(g->transfer + g->waiting, g->calls).s);
}

static char *memory(const trm__study_case *c) {
  const trm__study_evidence *e = last_of(c), *b = &c->evidence[0];
  trm__base_text rate = trm__base_text_rate(e->bytes_per_s, "B"),
                 before = trm__base_text_rate(b->bytes_per_s, "B");
  char *roof =
      e->memory && e->fraction > 0
          ? trm__base_format(", %.0f %% of the roofline", 100 * e->fraction)
          : trm__base_strdup("");
  char *text = trm__base_format(
      "Bottleneck: memory bandwidth. The cores move %s %s%s, compared with %s "
      "%s, and the same work takes %.2f times the core time.",
      rate.s, trm__study_evidence_where(e).s, roof, before.s,
      trm__study_evidence_where(b).s, extra_cost(c));
  free(roof);
  return text;
}

static char *slower_cores(const trm__study_case *c) {
  return trm__base_format(
      "Bottleneck: cores slow each other down. The same work takes %.2f times "
      "the core time that it took %s, and no byte count shows that memory is "
      "the reason.",
      extra_cost(c), trm__study_evidence_where(&c->evidence[0]).s);
}

static char *imbalance(const trm__study_case *c) {
  const trm__meter_balance *b = &last_of(c)->balance;
  if (b->ranks == 0)
    return trm__base_strdup("Bottleneck: imbalance between ranks.");
  return trm__base_format(
      "Bottleneck: imbalance that grows with the ranks. %s they work between "
      "%s and %s, rank %d longest%s.",
      trm__study_evidence_where(last_of(c)).s,
      trm__base_text_duration(b->useful.min).s,
      trm__base_text_duration(b->useful.max).s, b->useful.rank,
      b->updates.rank >= 0 ? ", although their parts are equally large" : "");
}

static char *division(const trm__study_case *c) {
  const trm__meter_spread *u = &last_of(c)->balance.updates;
  return trm__base_format(
      "Bottleneck: uneven division of the problem. Rank %d has %.2f times the "
      "updates of the median rank, and working times differ accordingly.",
      u->rank, u->median > 0 ? u->max / u->median : 0);
}

/* What the doctor found, without its advice, which is the next experiment. */
static char *shared(const trm__study_case *c, const char *what) {
  const char *said = last_of(c)->said ? last_of(c)->said : "";
  return trm__base_format(
      "Bottleneck: %s%s%s%s. The point %s is therefore excluded.", what,
      *said ? " (" : "", said, *said ? ")" : "",
      trm__study_evidence_where(last_of(c)).s);
}

/* What a message should take. */
static double fair(const trm__study_evidence *e) {
  return e->per_message + e->sent_bytes / e->sent * e->per_byte;
}

static char *transfer(const trm__study_case *c) {
  const trm__study_evidence *e = last_of(c);
  const trm__study_call_times *g = &e->collectives;
  if (!(e->sent > 0) || g->transfer > e->messages.transfer)
    return trm__base_format(
        "Bottleneck: transfer in collective calls. Each step makes %.3g of "
        "them, which take %s each.",
        g->calls / e->ranks / e->steps, per(g->transfer, g->calls).s);
  return trm__base_format(
      "Bottleneck: transfer of messages. The ranks send %.3g per step in "
      "total, of %s on average, which take %s each; the network alone would "
      "take %s.",
      e->sent / e->steps, trm__base_text_bytes(e->sent_bytes / e->sent).s,
      per(e->messages.transfer, e->sent).s, trm__base_text_duration(fair(e)).s);
}

static char *waiting(const trm__study_case *c) {
  const trm__study_evidence *e = last_of(c);
  double seconds = e->messages.waiting + e->collectives.waiting;
  return trm__base_format(
      "Bottleneck: propagated delays. Ranks wait %s per step for partners that "
      "have no more work than they do.",
      per(seconds, e->ranks * e->steps).s);
}

/* The site with the slowest thread; without a name where no thread is slower on the
 * whole than would explain the loss. */
static trm__study_site slowest_thread(const trm__study_case *c) {
  const trm__study_evidence *e = last_of(c);
  trm__study_site worst = {.name = NULL};
  for (int i = 0; i < trm__study_sites(e); i++) {
    trm__study_site s = trm__study_site_at(e, i);
    if (!worst.name || s.max - s.mean > worst.max - worst.mean) worst = s;
  }
  if ((worst.max - worst.mean) * e->cores <
      0.5 * e->ledger.parts.thread_imbalance)
    worst.name = NULL;
  return worst;
}

static char *thread_imbalance(const trm__study_case *c) {
  trm__study_site s = slowest_thread(c);
  if (!s.name)
    return trm__base_strdup(
        "Bottleneck: threads wait for one another, each time for a different "
        "one: forks and joins of short regions, or threads without a core at "
        "times.");
  return trm__base_format(
      "Bottleneck: imbalance between threads. In the site \"%s\" the slowest "
      "thread works %s, the mean is %s.",
      s.name, trm__base_text_duration(s.max).s,
      trm__base_text_duration(s.mean).s);
}

char *trm__study_case_cause(const trm__study_case *c) {
  switch (c->limit) {
    case TRM__LIMIT_SLOW_RANK:
      return slow_rank(c);
    case TRM__LIMIT_SERIAL:
      return serial(c);
    case TRM__LIMIT_SMALL_MESSAGES:
      return small_messages(c);
    case TRM__LIMIT_SHARED_CORE:
      return shared(c, "ranks or threads share a core");
    case TRM__LIMIT_STRADDLE:
      return shared(c, "threads of one rank use the cores of two");
    case TRM__LIMIT_MEMORY:
      return memory(c);
    case TRM__LIMIT_SLOWER_CORES:
      return slower_cores(c);
    case TRM__LIMIT_IMBALANCE:
      return imbalance(c);
    case TRM__LIMIT_CHECKPOINTS:
      return trm__base_format(
          "Bottleneck: checkpoints that are too frequent. They take %s of the "
          "run's %s.",
          trm__base_text_duration(last_of(c)->ledger.parts.checkpoint /
                                  last_of(c)->ledger.cores)
              .s,
          trm__base_text_duration(last_of(c)->ledger.wall).s);
    case TRM__LIMIT_LATENCY:
      return latency(c);
    case TRM__LIMIT_DIVISION:
      return division(c);
    case TRM__LIMIT_THREAD_IMBALANCE:
      return thread_imbalance(c);
    case TRM__LIMIT_TRANSFER:
      return transfer(c);
    case TRM__LIMIT_WAITING:
      return waiting(c);
    case TRM__LIMIT_OUTSIDE:
      return trm__base_strdup(
          "Bottleneck: work outside sites, that is, time that no site and no "
          "call explains.");
    default:
      return NULL;
  }
}

/* -- next ------------------------------------------------------------------- */

/* How much rarer, so that a twentieth of the time is left for them. */
static char *rarer(const trm__study_case *c) {
  double times = c->lost / (1 - c->lost) / 0.05;
  return trm__base_format(
      "write checkpoints %.0f times less often (--every), so that they take at "
      "most 5 %% of the time",
      times > 2 ? times : 2);
}

/* What launches the last point, as a shell reads it.
 * \param launcher as a study has it; NULL: the default
 * \param more of the run's options; NULL: none */
static char *command(const trm__study_case *c, const char *launcher,
                     const char *more) {
  const trm__study_evidence *e = last_of(c);
  int n = 0, given = e->config ? e->config->n_words : 0;
  char **word = trm__base_calloc((size_t)given + 6, sizeof *word);
  word[n++] = trm__base_strdup(trm__base_program_path());
  word[n++] = trm__base_strdup("run");
  word[n++] = trm__base_strdup(c->kernel);
  for (int i = 0; i < given; i++)
    word[n++] = trm__base_strdup(e->config->words[i]);
  word[n++] = trm__base_format("--threads=%d", e->threads);
  if (more) word[n++] = trm__base_strdup(more);
  trm__base_error error = {TRM_OK, ""};
  char **words = trm__launch_words(
      trm__launch_template_on(e->cores, launcher, e->ranks, e->threads),
      e->ranks, e->threads, word, &error);
  char *line = trm__launch_words_line(words ? words : word);
  trm__launch_words_free(words);
  trm__launch_words_free(word);
  return line;
}

/* What binds, of the kind of launcher that the study has. */
static char *bound(const trm__study_case *c) {
  bool slurm = c->launcher && (!strcmp(c->launcher, "slurm") ||
                               !strncmp(c->launcher, "srun ", 5));
  char *line = command(c, slurm ? "slurm" : NULL, NULL);
  char *text = trm__base_format(
      "give each rank its own cores, as `%s%s` does",
      last_of(c)->threads > 1 ? "OMP_PLACES=cores OMP_PROC_BIND=close " : "",
      line);
  free(line);
  return text;
}

/* Is it memory? Elsewhere there is more of it, or less is asked of it. */
static char *more_memory(const trm__study_case *c) {
  const trm__study_evidence *e = last_of(c);
  if (e->mode == TRM__MODE_MEMORY)
    return trm__base_format(
        "measure sizes between %s and %s, to find where the caches end",
        trm__study_evidence_place(&c->evidence[0]).s,
        trm__study_evidence_place(e).s);
  return trm__base_format(
      "measure %sa size that stays in the caches (`%s study %s --mode "
      "memory` finds it): if that scales, memory is the reason",
      e->mode == TRM__MODE_THREADS ? ""
                                   : "the same ranks on twice the hosts, or ",
      trm__base_program_path(), c->kernel);
}

static char *of_rank(const trm__study_case *c) {
  int rank = last_of(c)->balance.useful.rank;
  return trm__base_format(
      "measure the same point with the ranks on other cores: if rank %d "
      "remains the slow one its data are the reason, otherwise the core or its "
      "host",
      rank);
}

static char *of_site(const trm__study_case *c) {
  const trm__study_losses *l = &c->losses[c->n - 1];
  if (!l->site)
    return trm__base_strdup(
        "replace TRM_WORK by TRM_PARALLEL in the site that takes longest, and "
        "measure the same point again");
  return trm__base_format(
      "distribute the work of \"%s\" over all ranks, and measure the same "
      "point again",
      l->site);
}

static char *traced(const trm__study_case *c, const char *what) {
  char *line = command(c, c->launcher, "--trace=t.json");
  char *text = trm__base_format("run `%s`, which shows %s", line, what);
  free(line);
  return text;
}

/* "n=12 ny=8" of "n=10 ny=7" on 4 ranks: of what the ranks divide each one gets as
 * much, however it is cut. NULL: sizes are not known, or such already. */
static char *even_sizes(const trm__study_evidence *e) {
  char *text = NULL, *end = NULL;
  bool changed = false;
  for (const char *at = e->label; at && *at; at = end + strspn(end, " ")) {
    size_t name = strcspn(at, "= ");
    double size = at[name] == '=' ? strtod(at + name + 1, &end) : 0;
    bool whole = size >= 1 && size < 1e15 && size == floor(size);
    if (!whole || (*end && *end != ' ')) {
      free(text);
      return NULL;
    }
    double even = e->ranks * fmax(floor(size / e->ranks + 0.5), 1);
    char *longer = trm__base_format("%s%s%.*s=%.0f", text ? text : "",
                                    text ? " " : "", (int)name, at, even);
    changed = changed || even != size;
    free(text);
    text = longer;
  }
  if (changed) return text;
  free(text);
  return NULL;
}

static char *evenly(const trm__study_case *c) {
  const trm__study_evidence *e = last_of(c);
  char *sizes = even_sizes(e);
  char *text = sizes ? trm__base_format(
                           "measure %s, the nearest size divisible by %d, so "
                           "that every rank gets the same amount",
                           sizes, e->ranks)
                     : trm__base_strdup(
                           "measure a size, or a number of ranks, for which "
                           "every rank gets the same amount");
  free(sizes);
  return text;
}

/* Messages that take much longer than the network needs lie there: nobody takes
 * them. */
static char *moved(const trm__study_case *c) {
  const trm__study_evidence *e = last_of(c);
  if (e->sent > 0 && e->messages.transfer > 5 * e->sent * fair(e))
    return traced(
        c,
        "which ranks compute, or have no core, while messages wait for them");
  return trm__base_strdup(
      "measure a larger size, in which messages grow less than the work, or "
      "post the messages before the work that does not need them");
}

char *trm__study_case_next(const trm__study_case *c) {
  switch (c->limit) {
    case TRM__LIMIT_SLOW_RANK:
      return of_rank(c);
    case TRM__LIMIT_SERIAL:
      return of_site(c);
    case TRM__LIMIT_SMALL_MESSAGES:
      return trm__base_strdup(
          "send one message to each partner instead of many, or measure a "
          "larger size: the share should fall as the work of a rank grows");
    case TRM__LIMIT_SHARED_CORE:
    case TRM__LIMIT_STRADDLE:
      return bound(c);
    case TRM__LIMIT_MEMORY:
    case TRM__LIMIT_SLOWER_CORES:
      return more_memory(c);
    case TRM__LIMIT_IMBALANCE:
      return traced(c,
                    "which site differs between ranks: parts weighted by cost "
                    "would be equal");
    case TRM__LIMIT_CHECKPOINTS:
      return rarer(c);
    case TRM__LIMIT_LATENCY:
      return trm__base_strdup(
          "combine several reductions in one call, or measure a larger size: "
          "the share should fall as the work of a rank grows");
    case TRM__LIMIT_DIVISION:
      return evenly(c);
    case TRM__LIMIT_THREAD_IMBALANCE:
      return trm__base_strdup(
          slowest_thread(c).name
              ? "give the loops of that site schedule(dynamic) or (static, 1), "
                "and measure the same point again"
              : "measure a larger size: if the share falls, the regions are "
                "too short; if not, try OMP_PROC_BIND=close on a quiet "
                "machine");
    case TRM__LIMIT_TRANSFER:
      return moved(c);
    case TRM__LIMIT_WAITING:
      return traced(c, "who waits for whom");
    case TRM__LIMIT_OUTSIDE:
      return trm__base_strdup(
          "put work sites around code that has none, to see what it is");
    default:
      return NULL;
  }
}
