#include "meter/ledger.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "meter/ledger_rank.h"

enum { PARTS = 8 };

static const char *const part_text[PARTS] = {
#define TRM__PART(name, text) text,
    TRM__PARTS(TRM__PART)
#undef TRM__PART
};

static const char part_fill[PARTS + 1] = "#tsrwxc.";

/* The parts in their order, to walk over. */
static void parts_list(const trm__meter_parts *parts, double list[PARTS]) {
  int i = 0;
#define TRM__PART(name, text) list[i++] = parts->name;
  TRM__PARTS(TRM__PART)
#undef TRM__PART
}

/* -- parts ----------------------------------------------------------------- */

static double positive(double value) {
  return value > 0 ? value : 0;
}

static double least(double a, double b) {
  return a < b ? a : b;
}

/* Time outside calls and checkpoints. */
static double busy(const trm__meter_ledger_rank *r) {
  return positive(r->wall - r->spent.calls - r->spent.checkpoint);
}

static double waited(const trm__meter_ledger_rank *r) {
  return least(positive(r->waiting), positive(r->spent.calls));
}

/* Cores of a rank that are idle in calls: not used by other threads. */
static double idle_in_calls(const trm__meter_ledger_rank *r) {
  double others = positive(r->spent.others.calls);
  if (!(r->spent.calls > 0)) return r->threads;
  return positive(r->threads - others / r->spent.calls);
}

static double serial_loss(const trm__meter_ledger_rank *r) {
  return positive((r->threads - 1) * positive(r->spent.serial) -
                  r->spent.others.serial);
}

static void add_rank(trm__meter_parts *p, const trm__meter_ledger_rank *r,
                     double longest) {
  const trm__comm_spent *s = &r->spent;
  double threads = r->threads, waiting = waited(r), idle = idle_in_calls(r);
  double uneven = least(waiting, positive(longest - busy(r)));
  p->useful += positive(s->useful);
  p->thread_imbalance +=
      positive(threads * s->region - s->region_useful - s->others.region);
  p->serial += serial_loss(r);
  p->rank_imbalance += idle * uneven;
  p->waiting += idle * (waiting - uneven);
  p->transfer += idle * positive(s->calls - waiting);
  p->checkpoint += positive(threads * s->checkpoint - s->others.checkpoint);
}

static double sum_of(const trm__meter_parts *parts) {
  double list[PARTS], sum = 0;
  parts_list(parts, list);
  for (int i = 0; i < PARTS; i++) sum += list[i];
  return sum;
}

static void scale(trm__meter_parts *parts, double by) {
#define TRM__PART(name, text) parts->name *= by;
  TRM__PARTS(TRM__PART)
#undef TRM__PART
}

/* The rest is outside. As clocks are read one after the other, parts may exceed
 * the total a little: they are then scaled down. */
static void close_sum(trm__meter_parts *parts, double total) {
  double explained = sum_of(parts);
  if (explained > total && explained > 0) scale(parts, total / explained);
  parts->outside = positive(total - sum_of(parts));
}

/* -- efficiencies ---------------------------------------------------------- */

/* Part of a whole, 0 to 1; 1 if the whole is 0. */
static double fraction(double part, double whole) {
  if (!(whole > 0)) return 1;
  return least(positive(part / whole), 1);
}

typedef struct sums { /* over the ranks; core seconds but for the first three */
  double wall, busy, busiest; /* seconds: longest, sum, longest */
  double outside_calls, serial, balance, fork, useful;
} sums;

static sums sums_of(int ranks, const trm__meter_ledger_rank rank[]) {
  sums s = {0, 0, 0, 0, 0, 0, 0, 0};
  for (int r = 0; r < ranks; r++) {
    const trm__comm_spent *spent = &rank[r].spent;
    const struct trm__others *others = &spent->others;
    double threads = rank[r].threads, b = busy(&rank[r]);
    double balance =
        positive(threads * spent->region_longest - spent->region_useful);
    double fork = threads * positive(spent->region - spent->region_longest);
    s.wall = fmax(s.wall, positive(rank[r].wall - spent->checkpoint));
    s.busy += b;
    s.busiest = fmax(s.busiest, b);
    s.outside_calls += threads * b;
    s.serial += serial_loss(&rank[r]);
    s.balance += positive(balance - others->region);
    s.fork += positive(fork - positive(others->region - balance));
    s.useful += positive(spent->useful - others->calls - others->checkpoint);
  }
  return s;
}

static trm__meter_efficiencies efficiencies(int ranks,
                                            const trm__meter_ledger_rank rank[],
                                            double ideal_share) {
  sums s = sums_of(ranks, rank);
  trm__meter_efficiencies e;
  double ideal = fmax(least(ideal_share, 1) * s.wall, s.busiest);
  double left = s.outside_calls;
  e.load_balance = fraction(s.busy / ranks, s.busiest);
  e.serialisation = fraction(s.busiest, ideal);
  e.transfer = fraction(ideal, s.wall);
  e.mpi = e.load_balance * e.serialisation * e.transfer;
  e.openmp_serial = fraction(left - s.serial, left);
  left -= s.serial;
  e.openmp_balance = fraction(left - s.balance, left);
  left -= s.balance;
  e.openmp_fork = fraction(left - s.fork, left);
  left -= s.fork;
  e.openmp_outside = fraction(s.useful, left);
  e.openmp =
      e.openmp_serial * e.openmp_balance * e.openmp_fork * e.openmp_outside;
  e.parallel = e.openmp * e.mpi;
  return e;
}

trm__meter_ledger trm__meter_ledger_of(int ranks,
                                       const trm__meter_ledger_rank rank[],
                                       double ideal_share) {
  trm__meter_ledger ledger = {.ranks = ranks};
  double longest = 0;
  for (int r = 0; r < ranks; r++) {
    ledger.cores += rank[r].threads;
    ledger.wall = fmax(ledger.wall, rank[r].wall);
    longest = fmax(longest, busy(&rank[r]));
  }
  ledger.total = ledger.wall * ledger.cores;
  for (int r = 0; r < ranks; r++) add_rank(&ledger.parts, &rank[r], longest);
  close_sum(&ledger.parts, ledger.total);
  ledger.efficiency = efficiencies(ranks, rank, ideal_share);
  return ledger;
}

/* -- for people ------------------------------------------------------------ */

/* Cells of a bar, so that they sum to its width: whole ones first, then one
 * each where most of a cell is left. */
static void cells_of(const double list[PARTS], double total, int width,
                     int cells[PARTS]) {
  double rest[PARTS];
  int left = width;
  for (int i = 0; i < PARTS; i++) {
    double exact = total > 0 ? list[i] / total * width : 0;
    cells[i] = (int)exact;
    if (cells[i] > left) cells[i] = left;
    rest[i] = exact - cells[i];
    left -= cells[i];
  }
  for (; left > 0; left--) {
    int most = PARTS - 1;
    for (int i = 0; i < PARTS; i++)
      if (rest[i] > rest[most]) most = i;
    cells[most]++;
    rest[most] -= 1;
  }
}

/* Core seconds with `digits` digits, and no exponent. */
static trm__base_text seconds_text(double value, int digits) {
  trm__base_text t;
  if (value < pow(10, digits - 1))
    snprintf(t.s, sizeof t.s, "%#.*g", digits, value);
  else
    snprintf(t.s, sizeof t.s, "%.0f", value);
  return t;
}

static void print_bar(const double list[PARTS], double total, FILE *to,
                      int width) {
  int cells[PARTS];
  cells_of(list, total, width, cells);
  for (int i = 0; i < PARTS; i++)
    for (int k = 0; k < cells[i]; k++) fputc(part_fill[i], to);
  fputc('\n', to);
}

void trm__meter_ledger_print(const trm__meter_ledger *ledger, FILE *to,
                             int indent, int width) {
  double list[PARTS];
  parts_list(&ledger->parts, list);
  fprintf(to, "%*s", indent, "");
  print_bar(list, ledger->total, to, width);
  for (int i = 0; i < PARTS; i++)
    fprintf(to, "%*s%c %-17s %5.1f %%  %s core s\n", indent, "", part_fill[i],
            part_text[i], ledger->total > 0 ? 100 * list[i] / ledger->total : 0,
            seconds_text(list[i], 4).s);
}

/* What could avoid each loss, as the subject of a sentence. */
static const char *const remedy[PARTS] = {
    NULL,
    "equal work on all threads of a rank",
    "using all threads where only one works now",
    "equal work on all ranks",
    "posting sends earlier",
    "a network that costs nothing, or overlapped communication,",
    "no checkpoints",
    "work sites around the unexplained time would show what it is; without it"};

static int largest_loss(const double list[PARTS]) {
  int most = 1;
  for (int i = 2; i < PARTS; i++)
    if (list[i] > list[most]) most = i;
  return most;
}

static char *gain_of(int part, double times) {
  if (part == PARTS - 1)
    return trm__base_format("%s the steps could be up to %.2f times faster",
                            remedy[part], times);
  return trm__base_format("%s could make the steps up to %.2f times faster",
                          remedy[part], times);
}

char *trm__meter_ledger_shared(const trm__meter_ledger *ledger) {
  double list[PARTS];
  parts_list(&ledger->parts, list);
  return trm__base_format(
      "Of %s core seconds %.0f %% were useful. Threads share cores: the losses "
      "include waiting for a core, and say nothing about the kernel.",
      seconds_text(ledger->total, 3).s,
      ledger->total > 0 ? 100 * list[0] / ledger->total : 0);
}

char *trm__meter_ledger_sentence(const trm__meter_ledger *ledger) {
  double list[PARTS], total = ledger->total;
  parts_list(&ledger->parts, list);
  if (!(total > 0)) return trm__base_strdup("No time was spent in steps.");
  int part = largest_loss(list);
  double loss = list[part] / total;
  char *head =
      trm__base_format("Of %s core seconds %.0f %% were useful",
                       seconds_text(total, 3).s, 100 * list[0] / total);
  char *gain = gain_of(part, loss < 1 ? 1 / (1 - loss) : HUGE_VAL);
  char *text;
  if (100 * loss < 0.5)
    text = trm__base_format("%s; no loss reaches 0.5 %%.", head);
  else if (loss < 1)
    text = trm__base_format("%s; the largest loss is %s, %.*f %%: %s.", head,
                            part_text[part], 100 * loss < 10, 100 * loss, gain);
  else
    text = trm__base_format("%s; all of it is %s.", head, part_text[part]);
  free(head);
  free(gain);
  return text;
}

/* -- JSON ------------------------------------------------------------------ */

cJSON *trm__meter_ledger_json(const trm__meter_ledger *ledger) {
  cJSON *json = cJSON_CreateObject();
  trm__base_json_f64(json, "total", ledger->total);
  trm__base_json_f64(json, "wall", ledger->wall);
  trm__base_json_f64(json, "cores", ledger->cores);
  trm__base_json_i64(json, "ranks", ledger->ranks);
  cJSON *parts = cJSON_AddObjectToObject(json, "parts");
#define TRM__PART(name, text) \
  trm__base_json_f64(parts, #name, ledger->parts.name);
  TRM__PARTS(TRM__PART)
#undef TRM__PART
  cJSON *efficiency = cJSON_AddObjectToObject(json, "efficiency");
#define TRM__EFFICIENCY(name) \
  trm__base_json_f64(efficiency, #name, ledger->efficiency.name);
  TRM__EFFICIENCIES(TRM__EFFICIENCY)
#undef TRM__EFFICIENCY
  return json;
}

static bool read_number(const cJSON *object, const char *name, double *value) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
  if (!cJSON_IsNumber(item)) return false;
  *value = item->valuedouble;
  return true;
}

bool trm__meter_ledger_read(const cJSON *json, trm__meter_ledger *ledger) {
  const cJSON *parts = cJSON_GetObjectItemCaseSensitive(json, "parts");
  const cJSON *rates = cJSON_GetObjectItemCaseSensitive(json, "efficiency");
  double ranks;
  *ledger = (trm__meter_ledger){.ranks = 0};
  bool good = read_number(json, "total", &ledger->total) &&
              read_number(json, "wall", &ledger->wall) &&
              read_number(json, "cores", &ledger->cores) &&
              read_number(json, "ranks", &ranks);
#define TRM__PART(name, text) \
  good = good && read_number(parts, #name, &ledger->parts.name);
  TRM__PARTS(TRM__PART)
#undef TRM__PART
#define TRM__EFFICIENCY(name) \
  good = good && read_number(rates, #name, &ledger->efficiency.name);
  TRM__EFFICIENCIES(TRM__EFFICIENCY)
#undef TRM__EFFICIENCY
  if (good) ledger->ranks = (int)ranks;
  return good;
}
