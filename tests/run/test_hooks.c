/* TEST timeout=180 cost=40 slow */
/* A kernel whose hooks fail where they are told to, on one rank or on all:
 * every run ends, by one line of ours and the right exit status. Without
 * arguments this program runs itself under mpirun. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <trireme/kernel.h>

#include "check.h"

enum {
  NOWHERE,
  RESOLVE,
  SETUP,
  ADVANCE,
  VERIFY,
  WRONG,
  SILENT,
  KEPT,
  NOTHING, /* neither evolving nor kept */
  STOPS,   /* says what is the run's to say */
  BACK,    /* ends before it began */
  APART    /* ends on one rank only */
};

struct options {
  int where, rank, at, ends;
};
struct state {
  const struct options *o;
  trm_field *count;
  double kept; /* with KEPT all that a checkpoint has */
};

static const trm_option options[] = {
    TRM_OPT(struct options, where, .default_text = "nowhere",
            .choices = "nowhere|resolve|setup|advance|verify|wrong|silent|kept|"
                       "nothing|stops|back|apart"),
    TRM_OPT(struct options, rank, .default_text = "-1",
            .help = "that fails; -1: all"),
    TRM_OPT(struct options, at, .default_text = "5", .help = "step that fails"),
    TRM_OPT(struct options, ends, .default_text = "9",
            .help = "step where it ends by itself"),
    TRM_OPT_END};

static trm_status maybe(trm_run *run, const struct options *o, int where) {
  if (o->where != where || (o->rank >= 0 && o->rank != run->rank))
    return TRM_OK;
  return trm_fail(run, TRM_EINPUT, "rank %d was told to fail", run->rank);
}

static trm_status resolve(trm_run *run, void *opts) {
  return maybe(run, opts, RESOLVE);
}

static trm_status setup(trm_run *run, void *state, const void *opts) {
  struct state *s = state;
  const trm_layout *line;
  s->o = opts;
  TRM_TRY(maybe(run, s->o, SETUP));
  TRM_TRY(trm_grid(run, 1, &(int64_t){10}, 0, NULL, &line));
  const int where = s->o->where;
  if (where != NOTHING) TRM_TRY(trm_keep(run, "kept", TRM_F64, 1, &s->kept));
  trm_role role =
      where == KEPT || where == NOTHING ? TRM_SCRATCH : TRM_EVOLVING;
  return trm_field_new(run, line, "count", TRM_I64, role, &s->count);
}

static bool is_here(trm_run *run, const struct options *o, int where) {
  return o->where == where && (o->rank < 0 || o->rank == run->rank);
}

/* A rank that fails leaves the others waiting for it in the sum. */
static trm_status advance(trm_run *run, void *state, int64_t steps) {
  struct state *s = state;
  int64_t *count = s->count->data;
  for (int64_t k = 0; k < steps; k++) {
    int64_t now = run->step + k;
    if (now == s->o->at) TRM_TRY(maybe(run, s->o, ADVANCE));
    if (now == s->o->at && s->o->where == SILENT) return TRM_EMEMORY;
    if (now == s->o->at && is_here(run, s->o, STOPS)) return TRM_STOPPED;
    if (now == s->o->at && s->o->where == BACK) return trm_ended(run, -3);
    for (int64_t i = 0; i < s->count->layout->count; i++) count[i]++;
    trm_gauge(run, "total", trm_sum(run, s->count));
    if (now == s->o->at && is_here(run, s->o, APART))
      return trm_ended(run, k + 1);
    if (now + 1 == s->o->ends) return trm_ended(run, k + 1);
  }
  return TRM_OK;
}

static trm_status verify(trm_run *run, void *state, trm_verdict *verdict) {
  struct state *s = state;
  TRM_TRY(maybe(run, s->o, VERIFY));
  double want = 10 * (double)run->step + (s->o->where == WRONG);
  trm_expect(verdict, "sum of counts", trm_sum(run, s->count), want, 0);
  return TRM_OK;
}

static int64_t steps(const void *opts) {
  (void)opts;
  return -1;
}

TRM_KERNEL(hooks) = {.summary = "fails where it is told to",
                     .unit = "count",
                     .options = options,
                     .options_size = sizeof(struct options),
                     .state_size = sizeof(struct state),
                     .resolve = resolve,
                     .setup = setup,
                     .advance = advance,
                     .verify = verify,
                     .steps = steps};

/* -- the test -------------------------------------------------------------- */

typedef struct outcome {
  int status, ours; /* exit status; lines that begin with the program's name */
  bool found, rate; /* the text that was looked for; a rate was printed */
} outcome;

static outcome launch(const char *self, const char *words, const char *text) {
  char command[1000], line[1000];
  snprintf(
      command, sizeof command,
      "ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0:fast_unwind_on_malloc=1 "
      "timeout -k 5 60 mpirun -n 2 %s run hooks --threads 1 %s </dev/null 2>&1",
      self, words);
  outcome o = {0};
  FILE *from = popen(command, "r");
  while (from && fgets(line, sizeof line, from)) {
    o.ours += !strncmp(line, "test_run_hooks: ", 16);
    o.found |= strstr(line, text) != NULL;
    o.rate |= !strncmp(line, "  rate", 6);
  }
  o.status = from ? WEXITSTATUS(pclose(from)) : -1;
  return o;
}

static void expect(const char *self, const char *words, int status, int ours,
                   const char *text) {
  outcome o = launch(self, words, text);
  CHECK__REPORT(o.status == status, "%s: exit status %d, want %d", words,
                o.status, status);
  CHECK__REPORT(o.ours == ours, "%s: %d lines of ours, want %d", words, o.ours,
                ours);
  CHECK__REPORT(o.found, "%s: did not say \"%s\"", words, text);
  CHECK__REPORT(o.rate == (status == 0), "%s: a rate %s", words,
                o.rate ? "of a failed run" : "is missing");
}

static void all(const char *self) {
  char dir[] = "/tmp/trireme.XXXXXX", words[200];
  expect(self, "", 0, 0, "ended by itself");
  expect(self, "--steps 4", 0, 0, "total 40");
  expect(self, "--where resolve", 2, 1,
         "test_run_hooks: rank 0 was told to fail");
  expect(self, "--where resolve --rank 1", 2, 1,
         "test_run_hooks: rank 1 was told to fail");
  expect(self, "--where setup --rank 1", 2, 1, "rank 1 was told to fail");
  expect(self, "--where advance", 2, 1,
         "test_run_hooks: rank 0 was told to fail");
  expect(self, "--where advance --rank 1", 2, 1, "rank 1 was told to fail");
  expect(self, "--where silent", 3, 1, "hooks: not enough memory");
  expect(self, "--where verify --rank 1", 2, 1, "rank 1 was told to fail");
  expect(self, "--where verify", 2, 1, "  checks      none: verify failed");
  expect(self, "--where wrong", 1, 1,
         "wrong result: sum of counts is 90, expected 91");
  expect(self, "--where stops", 2, 1,
         "test_run_hooks: kernel hooks: advance returned TRM_STOPPED, which a "
         "hook must not return; use TRM_OK or a failure");
  expect(self, "--where stops --rank 1", 2, 1,
         "kernel hooks: advance returned TRM_STOPPED");
  expect(self, "--where back --steps 20", 2, 1,
         "kernel hooks: advance ended the run after -3 of ");
  expect(self, "--where apart --rank 1 --at 0", 2, 1,
         "kernel hooks: advance ended the run after 1 step on some ranks, not "
         "at all on others");
  if (!mkdtemp(dir)) exit(1);
  snprintf(words, sizeof words, "--checkpoint %s", dir);
  expect(self, words, 0, 0, "ended by itself");
  snprintf(words, sizeof words, "--checkpoint %s --resume --steps 50", dir);
  outcome again = launch(self, words, "9 of them before this session");
  CHECK_INT(again.status, 0);
  CHECK(again.found);
  snprintf(words, sizeof words,
           "--checkpoint %s/kept --where kept --every auto", dir);
  expect(self, words, 0, 0, "a checkpoint takes 300 ms (a guess)");
  snprintf(words, sizeof words, "--checkpoint %s/none --where nothing", dir);
  expect(self, words, 2, 1,
         "kernel hooks has nothing to resume from: no field is TRM_EVOLVING");
  snprintf(words, sizeof words, "%s/none", dir);
  CHECK(access(words, F_OK) != 0);
  snprintf(words, sizeof words, "rm -rf %s", dir);
  CHECK_INT(system(words), 0);
}

int main(int argc, char **argv) {
  static const trm_listed kernels[] = {TRM_LISTED(hooks), TRM_LIST_END};
  if (argc > 1) return trm_main(argc, argv, kernels);
  all(argv[0]);
  return check_done();
}
