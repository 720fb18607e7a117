/* TEST timeout=150 */
/* Contracts: traffic that depends on what a file holds is stated by facts, traffic
 * that depends on data at run time; a run that sends other than its kernel states
 * says so in one line, and its result says what. The program starts itself. */
#include <unistd.h>

#include <trireme/kernel.h>

#include "check.h"

/* -- a kernel whose traffic is in a file and in its data ------------------- */

enum { MODEL, RUN_TIME };             /* how its messages are stated */
enum { NOTHING, BCAST, RANK, FACTS }; /* what it conceals */
enum { LOUD = 100000, TAG = 5 };      /* doubles */

struct options {
  const char *input;
  int how, conceal;
};
struct state {
  const struct options *o;
  trm_field *x;
  int64_t sends; /* messages of each step, from the file */
  double *loud;
};

static const trm_option options[] = {
    TRM_OPT(struct options, input, .default_text = "",
            .help = "holds a number of messages"),
    TRM_OPT(struct options, how, .default_text = "model",
            .choices = "model|run_time", .help = "its messages are stated"),
    TRM_OPT(struct options, conceal, .default_text = "nothing",
            .choices = "nothing|bcast|rank|facts",
            .help = "sends other than it states"),
    TRM_OPT_END};

static trm_status resolve(trm_run *run, void *opts) {
  const struct options *o = opts;
  int64_t sends = 0;
  long long read = 0;
  FILE *file = run->rank == 0 ? fopen(o->input, "r") : NULL;
  if (file && fscanf(file, "%lld", &read) == 1) sends = read;
  if (file) fclose(file);
  trm_bcast(run->comm, &sends, sizeof sends, 0);
  trm_fact(run, "sends", -1);
  trm_fact(run, "sends", sends);
  trm_fact(run, "of rank", o->conceal == FACTS ? run->rank : 7);
  return TRM_OK;
}

static trm_status setup(trm_run *run, void *state, const void *opts) {
  struct state *s = state;
  const trm_layout *line;
  void *loud;
  s->o = opts;
  TRM_TRY(trm_grid(run, 1, &(int64_t){10}, 0, NULL, &line));
  TRM_TRY(trm_alloc(run, "loud", 8 * LOUD, &loud));
  s->loud = loud;
  FILE *file = fopen(s->o->input, "r");
  long long read = 0;
  if (file && fscanf(file, "%lld", &read) == 1) s->sends = read;
  if (file) fclose(file);
  return trm_field_new(run, line, "x", TRM_F64, TRM_EVOLVING, &s->x);
}

/* Messages around the ring, more in some steps. */
static int64_t sends_of(const struct state *s, int64_t step) {
  return s->o->how == MODEL ? s->sends : s->sends + step % 3;
}

static void pass_on(trm_run *run, int64_t n) {
  int p = run->ranks;
  double out = 0, in;
  for (int64_t i = 0; i < n; i++)
    trm_sendrecv(run->comm, &out, sizeof out, (run->rank + 1) % p, &in,
                 sizeof in, (run->rank + p - 1) % p, TAG);
}

static trm_status advance(trm_run *run, void *state, int64_t steps) {
  struct state *s = state;
  for (int64_t k = 0; k < steps; k++) {
    int64_t n = sends_of(s, run->step + k);
    bool last = run->rank == run->ranks - 1, honest = s->o->conceal != RANK;
    pass_on(run, n);
    trm_sum(run, s->x);
    trm_max_at(run, s->x);
    trm_agree(run, TRM_OK); /* the library's own: not in the contract */
    if (s->o->conceal == BCAST) trm_bcast(run->comm, s->loud, 8 * LOUD, 0);
    if (s->o->how == RUN_TIME && run->ranks > 1 && (honest || !last))
      trm_state_traffic(run, &(trm_traffic){.messages = n, .bytes = 8 * n});
  }
  return TRM_OK;
}

static void work(const void *opts, const trm_span *span, trm_work *w) {
  const struct options *o = opts;
  trm_traffic sum = trm_reduce_traffic(TRM_REDUCE_SUM),
              extreme = trm_reduce_traffic(TRM_REDUCE_EXTREME);
  w->updates = (double)span->steps;
  trm_work_add_traffic(w, &sum, span->steps);
  trm_work_add_traffic(w, &extreme, span->steps);
  if (o->how != MODEL || span->ranks == 1) return;
  w->messages = span->steps * trm_fact_of(span, "sends", 1000);
  w->message_bytes = 8 * w->messages;
}

TRM_KERNEL(talk) = {.summary = "sends what a file and its data say",
                    .unit = "step",
                    .options = options,
                    .options_size = sizeof(struct options),
                    .state_size = sizeof(struct state),
                    .setup = setup,
                    .advance = advance,
                    .work = work,
                    .resolve = resolve};

/* -- the test -------------------------------------------------------------- */

typedef struct outcome {
  int status, broken; /* exit status; lines that begin with "  contract" */
  char said[4000], result[8000];
} outcome;

static outcome launch(const char *self, const char *dir, int ranks,
                      const char *words) {
  char command[1000], path[200];
  outcome o = {0};
  snprintf(path, sizeof path, "%s/r.jsonl", dir);
  unlink(path);
  snprintf(command, sizeof command,
           "ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0:fast_unwind_on_malloc=1 "
           "timeout -k 5 60 mpirun -n %d %s run talk --threads 1 --steps 7 "
           "--input %s/input --result %s %s </dev/null 2>&1",
           ranks, self, dir, path, words);
  FILE *from = popen(command, "r");
  size_t n = from ? fread(o.said, 1, sizeof o.said - 1, from) : 0;
  o.said[n] = 0;
  o.status = from ? WEXITSTATUS(pclose(from)) : -1;
  for (char *at = o.said; (at = strstr(at, "\n  contract")); at++) o.broken++;
  FILE *file = fopen(path, "r");
  if (file && !fgets(o.result, sizeof o.result, file)) o.result[0] = 0;
  if (file) fclose(file);
  return o;
}

static void expect_text(const char *words, const char *text, const char *want) {
  CHECK__REPORT(strstr(text, want) != NULL, "%s: \"%s\" is not in: %s", words,
                want, text);
}

/* 7 steps: messages of the ring, 568 bytes of a sum, 2 x 8 of an extreme */
static void expect_kept(const char *self, const char *dir, int ranks,
                        const char *words, int64_t messages) {
  char want[300];
  outcome o = launch(self, dir, ranks, words);
  CHECK_INT(o.status, 0);
  CHECK__REPORT(o.broken == 0, "%s: %s", words, o.said);
  snprintf(want, sizeof want,
           "\"messages\":%lld,\"message_bytes\":%lld,\"calls\":{\"barrier\":0,"
           "\"bcast\":0,\"allreduce\":%d,\"allgather\":0},\"call_bytes\":{"
           "\"barrier\":0,\"bcast\":0,\"allreduce\":%d,\"allgather\":0}",
           (long long)messages, (long long)(8 * messages), 21 * ranks,
           7 * (568 + 16) * ranks);
  char *stated = strstr(o.result, "\"stated\":{"),
       *counted = strstr(o.result, "\"counted\":{");
  CHECK(stated && counted);
  expect_text(words, stated ? stated + 10 : "", want);
  expect_text(words, counted ? counted : "", want);
  expect_text(words, o.result, "\"ranks_that_differ\":0");
  expect_text(words, o.result, "\"facts\":{\"sends\":4,\"of rank\":7}");
}

static void expect_broken(const char *self, const char *dir, int ranks,
                          const char *words, const char *line, int differ) {
  char want[100];
  outcome o = launch(self, dir, ranks, words);
  CHECK_INT(o.status, 0);
  CHECK_INT(o.broken, 1);
  /* lines are wrapped at blanks */
  for (char *c = o.said; *c; c++)
    if (*c == '\n') *c = ' ';
  char *from = o.said, *to = o.said;
  for (; *from; from++)
    if (*from != ' ' || from[1] != ' ') *to++ = *from;
  *to = 0;
  expect_text(words, o.said, line);
  snprintf(want, sizeof want, "\"ranks_that_differ\":%d", differ);
  expect_text(words, o.result, want);
}

static void facts_without_run(void) {
  trm_span span = {4, 1, 1, 0, 10, NULL};
  CHECK_INT(trm_fact_of(&span, "sends", 1000), 1000);
}

static void all(const char *self) {
  char dir[] = "/tmp/trireme.XXXXXX", command[300];
  if (!mkdtemp(dir)) exit(1);
  snprintf(command, sizeof command, "echo 4 >%s/input", dir);
  CHECK_INT(system(command), 0);
  expect_kept(self, dir, 3, "", 3 * 7 * 4);
  /* steps 0 to 6: 4, 5, 6, 4, 5, 6, 4 */
  expect_kept(self, dir, 3, "--how run_time", 3 * 34);
  expect_broken(
      self, dir, 3, "--conceal bcast",
      "contract broken: 3 of 3 ranks sent other than stated: 21 bcast "
      "calls of 5600000 bytes, stated 0 of 0",
      3);
  expect_broken(self, dir, 3, "--how run_time --conceal rank",
                "contract broken: 1 of 3 ranks sent other than stated: 102 "
                "messages of 816 bytes, stated 68 of 544",
                1);
  outcome o = launch(self, dir, 3, "--conceal facts");
  CHECK_INT(o.status, 2);
  expect_text("--conceal facts", o.said,
              "talk: the ranks stored different facts");
  snprintf(command, sizeof command, "rm -rf %s", dir);
  CHECK_INT(system(command), 0);
}

int main(int argc, char **argv) {
  static const trm_listed kernels[] = {TRM_LISTED(talk), TRM_LIST_END};
  if (argc > 1) return trm_main(argc, argv, kernels);
  facts_without_run();
  all(argv[0]);
  return check_done();
}
