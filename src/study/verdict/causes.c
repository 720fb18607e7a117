/* Each limit in a sentence with its figures, and the experiment that comes next. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/program.h"
#include "study/verdict/judge.h"
#include "launch/process.h"

static const trm__evidence *last_of(const trm__case *c) {
  return &c->evidence[c->n - 1];
}

static trm__base_text per(double part, double whole) {
  return trm__base_text_duration(whole > 0 ? part / whole : 0);
}

/* As much work here in core seconds of the base's. */
static double dearer(const trm__case *c) {
  const trm__evidence *b = &c->evidence[0], *e = last_of(c);
  double before = b->ledger.parts.useful / b->work;
  return before > 0 ? e->ledger.parts.useful / e->work / before : 1;
}

/* -- causes ----------------------------------------------------------------- */

static char *slow_rank(const trm__case *c) {
  const trm__meter_spread *u = &last_of(c)->balance.useful;
  const trm__meter_balance *b = &last_of(c)->balance;
  bool stated = b->per_counted.rank >= 0 || b->per_update.rank >= 0;
  return trm__base_format(
      "One slow rank limits it: rank %d works %s, and the slowest of the "
      "others works %s%s.",
      u->rank, trm__base_text_duration(u->max).s,
      trm__base_text_duration(u->second).s, stated ? ", for no more work" : "");
}

static char *serial(const trm__case *c) {
  const trm__losses *l = &c->losses[c->n - 1];
  const trm__evidence *e = last_of(c);
  trm__site_seen s = trm__site_seen_named(e, l->site);
  if (l->site && l->one_rank)
    return trm__base_format(
        "A serial section limits it: %s %s in the site \"%s\" (%s) "
        "while the others wait.",
        trm__base_text_count(s.ranks, "rank").s,
        s.ranks == 1 ? "works" : "work", l->site,
        trm__base_text_duration(s.max).s);
  if (l->site)
    return trm__base_format(
        "A serial section limits it: every rank repeats the site "
        "\"%s\", which takes %s %s and %s %s.",
        l->site, trm__base_text_duration(s.mean).s, trm__judge_where(e).s,
        trm__base_text_duration(
            trm__site_seen_named(&c->evidence[0], l->site).mean)
            .s,
        trm__judge_where(&c->evidence[0]).s);
  return trm__base_strdup(
      "Serial sections limit it: one thread of a rank works while its "
      "others idle.");
}

static char *small_messages(const trm__case *c) {
  const trm__evidence *e = last_of(c);
  return trm__base_format(
      "Many small messages limit it: the ranks send %.0f a step in all, of %s "
      "on average, which take %s each.",
      e->sent / e->steps, trm__base_text_bytes(e->sent_bytes / e->sent).s,
      per(e->messages.transfer + e->messages.waiting, e->sent).s);
}

static char *latency(const trm__case *c) {
  const trm__evidence *e = last_of(c);
  const trm__group *g = &e->collectives;
  return trm__base_format(
      "Reductions bound by latency limit it: each step makes %.0f collective "
      "calls, which take %s each.",
      g->calls / e->ranks / e->steps,
      per(g->transfer + g->waiting, g->calls).s);
}

static char *memory(const trm__case *c) {
  const trm__evidence *e = last_of(c), *b = &c->evidence[0];
  trm__base_text rate = trm__base_text_rate(e->bytes_per_s, "B"),
                 before = trm__base_text_rate(b->bytes_per_s, "B");
  char *roof =
      e->memory && e->fraction > 0
          ? trm__base_format(", %.0f %% of the roofline", 100 * e->fraction)
          : trm__base_strdup("");
  char *text = trm__base_format(
      "Memory bandwidth limits it: the cores move %s %s%s, after %s %s, and as "
      "much work takes %.2f times the core time.",
      rate.s, trm__judge_where(e).s, roof, before.s, trm__judge_where(b).s,
      dearer(c));
  free(roof);
  return text;
}

static char *slower_cores(const trm__case *c) {
  return trm__base_format(
      "The cores are slower together: as much work takes %.2f times the "
      "core time that it took %s, and no count of bytes says that memory is "
      "why.",
      dearer(c), trm__judge_where(&c->evidence[0]).s);
}

static char *imbalance(const trm__case *c) {
  const trm__meter_balance *b = &last_of(c)->balance;
  if (b->ranks == 0)
    return trm__base_strdup("Imbalance between ranks limits it.");
  return trm__base_format(
      "Imbalance that grows with the ranks limits it: %s they work from %s to "
      "%s, rank %d longest%s.",
      trm__judge_where(last_of(c)).s, trm__base_text_duration(b->useful.min).s,
      trm__base_text_duration(b->useful.max).s, b->useful.rank,
      b->updates.rank >= 0 ? ", for shares that are as large" : "");
}

static char *division(const trm__case *c) {
  const trm__meter_spread *u = &last_of(c)->balance.updates;
  return trm__base_format(
      "Uneven division of the problem limits it: rank %d has %.2f times "
      "the updates of the median rank, and the ranks work as unequally "
      "long.",
      u->rank, u->median > 0 ? u->max / u->median : 0);
}

/* What the doctor found, without its advice, which is the next experiment. */
static char *shared(const trm__case *c, const char *what) {
  const char *said = last_of(c)->said ? last_of(c)->said : "";
  return trm__base_format("%s limit it%s%s%s, and the point %s does not count.",
                          what, *said ? " (" : "", said, *said ? ")" : "",
                          trm__judge_where(last_of(c)).s);
}

/* What a message should take. */
static double fair(const trm__evidence *e) {
  return e->per_message + e->sent_bytes / e->sent * e->per_byte;
}

static char *transfer(const trm__case *c) {
  const trm__evidence *e = last_of(c);
  const trm__group *g = &e->collectives;
  if (!(e->sent > 0) || g->transfer > e->messages.transfer)
    return trm__base_format(
        "Transfer in collective calls limits it: each step makes %.3g of them, "
        "which take %s each.",
        g->calls / e->ranks / e->steps, per(g->transfer, g->calls).s);
  return trm__base_format(
      "Transfer of messages limits it: the ranks send %.3g a step in all, of "
      "%s on average, which take %s each; the network alone would take %s.",
      e->sent / e->steps, trm__base_text_bytes(e->sent_bytes / e->sent).s,
      per(e->messages.transfer, e->sent).s, trm__base_text_duration(fair(e)).s);
}

static char *waiting(const trm__case *c) {
  const trm__evidence *e = last_of(c);
  double seconds = e->messages.waiting + e->collectives.waiting;
  return trm__base_format(
      "Chains of waiting limit it: each rank waits %s a step for ranks "
      "that are no busier than itself.",
      per(seconds, e->ranks * e->steps).s);
}

/* The site with the slowest thread; without a name where no thread is slower on the
 * whole than would explain the loss. */
static trm__site_seen slowest_thread(const trm__case *c) {
  const trm__evidence *e = last_of(c);
  trm__site_seen worst = {.name = NULL};
  for (int i = 0; i < trm__sites_seen(e); i++) {
    trm__site_seen s = trm__site_seen_at(e, i);
    if (!worst.name || s.max - s.mean > worst.max - worst.mean) worst = s;
  }
  if ((worst.max - worst.mean) * e->cores <
      0.5 * e->ledger.parts.thread_imbalance)
    worst.name = NULL;
  return worst;
}

static char *thread_imbalance(const trm__case *c) {
  trm__site_seen s = slowest_thread(c);
  if (!s.name)
    return trm__base_strdup(
        "Threads that wait for one another limit it, now for one, now for "
        "another: "
        "forks and joins of short regions, or threads without a core at "
        "times.");
  return trm__base_format(
      "Imbalance between threads limits it: in the site \"%s\" the "
      "slowest thread works %s, the mean is %s.",
      s.name, trm__base_text_duration(s.max).s,
      trm__base_text_duration(s.mean).s);
}

char *trm__judge_cause(const trm__case *c) {
  switch (c->limit) {
    case TRM__LIMIT_SLOW_RANK:
      return slow_rank(c);
    case TRM__LIMIT_SERIAL:
      return serial(c);
    case TRM__LIMIT_SMALL_MESSAGES:
      return small_messages(c);
    case TRM__LIMIT_SHARED_CORE:
      return shared(c, "Ranks or threads that share a core");
    case TRM__LIMIT_STRADDLE:
      return shared(c, "Threads that sit across two ranks' cores");
    case TRM__LIMIT_MEMORY:
      return memory(c);
    case TRM__LIMIT_SLOWER_CORES:
      return slower_cores(c);
    case TRM__LIMIT_IMBALANCE:
      return imbalance(c);
    case TRM__LIMIT_CHECKPOINTS:
      return trm__base_format(
          "Checkpoints that are taken too often limit it: they take %s of the "
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
          "Work outside sites limits it: it is what no site and no call "
          "explains.");
    default:
      return NULL;
  }
}

/* -- next ------------------------------------------------------------------- */

/* How much rarer, so that a twentieth of the time is left for them. */
static char *rarer(const trm__case *c) {
  double times = c->lost / (1 - c->lost) / 0.05;
  return trm__base_format(
      "write checkpoints %.0f times as far apart (--every), so that they take "
      "5 %% at most",
      times > 2 ? times : 2);
}

/* What launches the last point, as a shell reads it.
 * \param launcher as a study has it; NULL: the default
 * \param more of the run's options; NULL: none */
static char *command(const trm__case *c, const char *launcher,
                     const char *more) {
  const trm__evidence *e = last_of(c);
  int n = 0, given = e->config ? e->config->n_words : 0;
  char **word = trm__base_calloc((size_t)given + 6, sizeof *word);
  word[n++] = trm__base_strdup(trm__program_path());
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
  char *line = trm__words_line(words ? words : word);
  trm__words_free(words);
  trm__words_free(word);
  return line;
}

/* What binds, of the kind of launcher that the study has. */
static char *bound(const trm__case *c) {
  bool slurm = c->launcher && (!strcmp(c->launcher, "slurm") ||
                               !strncmp(c->launcher, "srun ", 5));
  char *line = command(c, slurm ? "slurm" : NULL, NULL);
  char *text = trm__base_format(
      "give each rank cores of its own, as `%s%s` does",
      last_of(c)->threads > 1 ? "OMP_PLACES=cores OMP_PROC_BIND=close " : "",
      line);
  free(line);
  return text;
}

/* Is it memory? Elsewhere there is more of it, or less is asked of it. */
static char *more_memory(const trm__case *c) {
  const trm__evidence *e = last_of(c);
  if (e->mode == TRM__MODE_MEMORY)
    return trm__base_format(
        "measure sizes between %s and %s, to find where the "
        "caches end",
        trm__judge_place(&c->evidence[0]).s, trm__judge_place(e).s);
  return trm__base_format(
      "measure %sa size that stays in the caches (`%s study %s --mode "
      "memory` finds it): if that scales, memory is the reason",
      e->mode == TRM__MODE_THREADS ? ""
                                   : "the same ranks on twice the hosts, or ",
      trm__program_path(), c->kernel);
}

static char *of_rank(const trm__case *c) {
  int rank = last_of(c)->balance.useful.rank;
  return trm__base_format(
      "measure the same point with the ranks on other cores: if rank %d stays "
      "the slow one its data are the reason, else the core or its host",
      rank);
}

static char *of_site(const trm__case *c) {
  const trm__losses *l = &c->losses[c->n - 1];
  if (!l->site)
    return trm__base_strdup(
        "put TRM_PARALLEL where TRM_WORK is, for the site that takes most, and "
        "measure the same point again");
  return trm__base_format(
      "share the work of \"%s\" out among all ranks, and measure the same "
      "point again",
      l->site);
}

static char *traced(const trm__case *c, const char *what) {
  char *line = command(c, c->launcher, "--trace=t.json");
  char *text = trm__base_format("run `%s`, which shows %s", line, what);
  free(line);
  return text;
}

/* "n=12 ny=8" of "n=10 ny=7" on 4 ranks: of what the ranks divide each one gets as
 * much, however it is cut. NULL: sizes are not known, or such already. */
static char *even_sizes(const trm__evidence *e) {
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

static char *evenly(const trm__case *c) {
  const trm__evidence *e = last_of(c);
  char *sizes = even_sizes(e);
  char *text =
      sizes ? trm__base_format(
                  "measure %s, the nearest size that %d divides, so that every "
                  "rank gets as much",
                  sizes, e->ranks)
            : trm__base_strdup(
                  "measure a size, or a number of ranks, of which every rank "
                  "gets as much");
  free(sizes);
  return text;
}

/* Messages that take much longer than the network needs lie there: nobody takes
 * them. */
static char *moved(const trm__case *c) {
  const trm__evidence *e = last_of(c);
  if (e->sent > 0 && e->messages.transfer > 5 * e->sent * fair(e))
    return traced(c,
                  "which ranks compute, or have no core, while messages wait "
                  "for them");
  return trm__base_strdup(
      "measure a larger size, in which messages grow less than the work, or "
      "post the messages before the work that does not need them");
}

char *trm__judge_next(const trm__case *c) {
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
                    "which site differs between ranks: shares weighed by cost "
                    "would be equal");
    case TRM__LIMIT_CHECKPOINTS:
      return rarer(c);
    case TRM__LIMIT_LATENCY:
      return trm__base_strdup(
          "put several reductions into one call, or measure a larger size: "
          "the share should fall as the work of a rank grows");
    case TRM__LIMIT_DIVISION:
      return evenly(c);
    case TRM__LIMIT_THREAD_IMBALANCE:
      return trm__base_strdup(
          slowest_thread(c).name
              ? "give the loops of that site schedule(dynamic) "
                "or (static, 1), and measure the same point "
                "again"
              : "measure a larger size: if the share falls, the "
                "regions are too short; if not, try "
                "OMP_PROC_BIND=close on a quiet machine");
    case TRM__LIMIT_TRANSFER:
      return moved(c);
    case TRM__LIMIT_WAITING:
      return traced(c, "who waits for whom");
    case TRM__LIMIT_OUTSIDE:
      return trm__base_strdup(
          "put work sites around what has none, which shows what it is");
    default:
      return NULL;
  }
}
