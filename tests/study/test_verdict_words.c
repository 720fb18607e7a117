/* TEST timeout=60 */
/* The verdict in words: figures, what cannot be known, what to do next. */
#include "judged.h"

#include <errno.h>

#include "study/verdict/words.h"

static void check_recorded_words(void) {
  says(read_recorded("shared_core"), TRM__LIMIT_SHARED_CORE,
       "Bottleneck: ranks or threads share a core (ranks 0-1 on vm: 2 threads "
       "may only use core 0). The point on 2 ranks is therefore excluded.");
  says(read_recorded("shared_core"), TRM__LIMIT_SHARED_CORE,
       "Next: give each rank its own cores, as `mpirun --map-by slot:PE=1 "
       "--bind-to core -n 2 build/trireme run compute --threads=1` does.");
  says(read_recorded("straddle"), TRM__LIMIT_STRADDLE,
       "as `OMP_PLACES=cores OMP_PROC_BIND=close mpirun --map-by slot:PE=2 "
       "--bind-to core -n 2 build/trireme run compute --threads=2` does.");
  says(read_recorded("division"), TRM__LIMIT_DIVISION,
       "Next: measure n=12, the nearest size divisible by 4, so that every "
       "rank gets the same amount.");
  /* its speed-up is of the steps, which have no checkpoints in them */
  says(read_recorded("checkpoints"), TRM__LIMIT_CHECKPOINTS,
       " than on 1 rank, checkpoints excluded (parallel efficiency 77 %).");
  says(read_recorded("checkpoints"), TRM__LIMIT_CHECKPOINTS,
       "without it the run could be up to ");
  says(read_recorded("slow_rank"), TRM__LIMIT_SLOW_RANK,
       "without it the time loop could be up to ");
  const int ranks[] = {1, 2, 4};
  synthetic two = {.work = 1, .slow = 1, .calls = 1e5, .transfer = 0.1};
  says(synthetic_study(&two, 3, ranks, 1), TRM__LIMIT_SLOW_RANK,
       " Another 17 % of the core time is lost to latency of reductions.");
}

/* -- what cannot be known ------------------------------------------------------ */

static void set(trm__study *s, int launch, const char *name, cJSON *value) {
  cJSON_ReplaceItemInObjectCaseSensitive(s->launch[launch].result, name, value);
}

static void check_unknown(void) {
  const int ranks[] = {1, 2, 4};
  synthetic good = {.work = 1}, bad = {.work = 1, .slow = 1};
  says(synthetic_study(&good, 3, ranks, 1), TRM__LIMIT_NONE,
       "planted is 4 times faster on 4 ranks than on 1 rank (parallel "
       "efficiency 100 %).");
  says(synthetic_study(&good, 1, ranks, 1), TRM__LIMIT_NONE,
       "it does not show how planted scales");
  says(synthetic_study(&bad, 1, ranks + 2, 1), TRM__LIMIT_NONE,
       "it does not show how planted scales");
  says(synthetic_study(&bad, 2, ranks, 1), TRM__LIMIT_SLOW_RANK,
       "Two points show a loss but not how it grows.");

  /* threads that wait in turns, none the slower on the whole */
  synthetic forks = {.work = 1, .thread_imbalance = 1};
  says(synthetic_study(&forks, 2, ranks, 4), TRM__LIMIT_THREAD_IMBALANCE,
       "In the site \"sweep\" the slowest thread works 250 ms, the mean is 125 "
       "ms");
  trm__study s = synthetic_study(&forks, 2, ranks, 4);
  cJSON *meter = cJSON_GetObjectItem(s.launch[1].result, "meter");
  cJSON_ReplaceItemInObject(meter, "sites", cJSON_CreateArray());
  says(s, TRM__LIMIT_THREAD_IMBALANCE, "each time for a different one");
}

static void again(trm__study *s, const synthetic *m, int ranks) {
  recorded_add(s, TRM__MODE_STRONG, synthetic_result(m, ranks, 1));
}

/* Other processes, or the host, may be the reason: where half of the launches saw
 * them, and of what they change. */
static void check_noise(void) {
  const int ranks[] = {1, 2, 4};
  synthetic bad = {.work = 1, .slow = 1},
            checkpoints = {.work = 1, .checkpoint = 0.5};
  for (int loaded = 1; loaded < 4; loaded++) {
    trm__study s = synthetic_study(&bad, 3, ranks, 1);
    for (int i = 0; i < 2; i++) again(&s, &bad, 4);
    for (int i = 2; i < 5; i++) s.launch[i].load = s.launch[i].steal = 0;
    for (int i = 0; i < loaded; i++) s.launch[i + 2].load = 0.4;
    verdict v = judge(s);
    well_said(&v);
    bool said = strstr(v.judged.text,
                       "Before the launches on 4 ranks other processes used 40 "
                       "% of the cores, which would look the same; repeat the "
                       "study on a quiet machine before acting on this.");
    CHECK__REPORT(said == (loaded > 1), "%d of 3: %s", loaded, v.judged.text);
    forget(&v);
  }
  trm__study s = synthetic_study(&bad, 3, ranks, 1);
  s.launch[2].load = 0.06;
  s.launch[2].steal = 0.2;
  says(s, TRM__LIMIT_SLOW_RANK,
       "While the launches on 4 ranks ran the hypervisor took away 20 % of the "
       "cores, which would look the same");
  s = synthetic_study(&checkpoints, 3, ranks, 1);
  s.launch[2].load = 0.4;
  verdict v = judge(s);
  CHECK(!strstr(v.judged.text, "look the same"));
  forget(&v);
}

/* More ranks than cores: such points are left out. */
static void check_left_out(void) {
  const int ranks[] = {1, 2, 4};
  synthetic bad = {.work = 1, .slow = 1};
  trm__study s = synthetic_study(&bad, 3, ranks, 1);
  set(&s, 2, "origin", cJSON_CreateString("oversubscribed"));
  verdict v = judge(s);
  CHECK_INT(v.judged.point, 1);
  CHECK(strstr(v.judged.text, "more threads than cores was excluded") != NULL);
  forget(&v);
  s = synthetic_study(&bad, 3, ranks, 1);
  set(&s, 2, "origin", cJSON_CreateString("oversubscribed"));
  set(&s, 2, "verified", cJSON_CreateFalse());
  v = judge(s);
  well_said(&v);
  CHECK(!strstr(v.judged.text, "more threads than cores was excluded"));
  CHECK(strstr(v.judged.text,
               "The point on 4 ranks is excluded (a wrong result).") != NULL);
  forget(&v);
  s = synthetic_study(&bad, 3, ranks, 1);
  for (int i = 0; i < 3; i++)
    set(&s, i, "origin", cJSON_CreateString("oversubscribed"));
  says(s, TRM__LIMIT_NONE,
       "No point of this series is valid (they have more threads than cores)");
  s = synthetic_study(&bad, 2, ranks, 1);
  for (int i = 0; i < 2; i++) {
    set(&s, i, "origin", cJSON_CreateString("oversubscribed"));
    set(&s, i, "verified", cJSON_CreateFalse());
  }
  says(s, TRM__LIMIT_NONE, "No point of this series is valid (a wrong result)");
}

static trm__study failing(int n, int failed, const char *last) {
  const int ranks[] = {1, 2, 4};
  synthetic bad = {.work = 1, .slow = 1};
  trm__study s = synthetic_study(&bad, n, ranks, 1);
  s.launch[failed].status = 1;
  s.launch[failed].last = trm__base_strdup(last);
  return s;
}

/* A point that failed is none, whatever it said. */
static void check_failures(void) {
  verdict v = judge(failing(3, 2, ""));
  CHECK_INT(v.judged.point, 1);
  well_said(&v);
  CHECK(strstr(v.judged.text,
               "The point on 4 ranks is excluded (exit status 1). Next: fix "
               "that, and run") != NULL);
  forget(&v);
  v = judge(failing(1, 0, ""));
  CHECK_INT(v.judged.point, -1);
  CHECK(strstr(v.judged.text, "valid (exit status 1)") != NULL);
  well_said(&v);
  forget(&v);

  const char *talk = "no memory. Ask for more. Or less. Or none. Or go. Bye.";
  says(failing(3, 2, talk), TRM__LIMIT_SLOW_RANK,
       "is excluded (exit status 1: no memory...). Next: ");
  says(failing(1, 0, talk), TRM__LIMIT_NONE,
       "valid (exit status 1: no memory...), so");
  char *line =
      trm__base_format("%0200d", 0); /* letters of two bytes behind them */
  for (int i = 0; i < 200; i += 2) memcpy(line + i, "\xc3\xa4", 2);
  v = judge(failing(3, 2, line));
  well_said(&v);
  const char *open = strstr(v.judged.text, "(exit status 1: "),
             *shut = open ? strstr(open, "\xc3\xa4...)") : NULL;
  CHECK__REPORT(shut && shut - open < 130, "%s", v.judged.text);
  forget(&v);
  free(line);
}

/* A budget that was too short is no defect: what to do is one command. */
static void check_starved(void) {
  const int ranks[] = {1, 2, 4};
  synthetic bad = {.work = 1, .slow = 1};
  for (int left = 0; left < 3; left++) {
    trm__study s = synthetic_study(&bad, 3, ranks, 1);
    while (s.launches > left) cJSON_Delete(s.launch[--s.launches].result);
    s.dir = trm__base_strdup("there");
    s.budget = 600;
    verdict v = judge(s);
    well_said(&v);
    CHECK__REPORT(strstr(v.judged.text, "fix") == NULL, "%s", v.judged.text);
    CHECK__REPORT(strstr(v.judged.text,
                         "Next: resume it with `build/trireme study -o there "
                         "--budget 20min`.") != NULL,
                  "%s", v.judged.text);
    if (left)
      CHECK(strstr(v.judged.text,
                   left == 1 ? "2 points did not fit" : "1 point did not fit"));
    forget(&v);
  }
}

/* One that was ended early for the budget's sake is starved, one that ended itself
 * is not, whatever it said. */
static void check_cut(void) {
  const char *words = "the budget leaves it at most 4 s";
  for (int cut = 0; cut < 2; cut++) {
    trm__study s = failing(3, 2, words);
    s.launch[2].cut = cut;
    verdict v = judge(s);
    well_said(&v);
    const char *want =
        cut ? "1 point did not fit in the budget. Next: resume it with "
            : "The point on 4 ranks is excluded (";
    CHECK__REPORT(strstr(v.judged.text, want), "want \"%s\": %s", want,
                  v.judged.text);
    forget(&v);
  }
  trm__study s = failing(3, 2, words);
  s.dir = trm__base_strdup("a folder");
  s.launch[2].cut = true;
  says(s, TRM__LIMIT_SLOW_RANK, "`build/trireme study -o 'a folder'`.");
}

static trm__study chains(const char *launcher) {
  const int ranks[] = {1, 2};
  synthetic m = {
      .work = 1, .messages = 100, .message_bytes = 1e3, .chain = 0.5};
  trm__study s = synthetic_study(&m, 2, ranks, 4);
  if (launcher) s.launcher = trm__base_strdup(launcher);
  trm__study_config *c = &s.config[1];
  c->words = trm__base_grow(c->words, 3, sizeof(char *));
  c->words[0] = trm__base_strdup("--n=64");
  c->words[1] = trm__base_strdup("--input=a file");
  c->words[2] = NULL;
  c->n_words = 2;
  return s;
}

/* What is to be tried is a command that a shell takes as it stands, by the launcher
 * of the study. */
static void check_commands(void) {
  const int ranks[] = {1, 2};
  synthetic small = {
      .work = 1, .messages = 1e6, .message_bytes = 16, .transfer = 0.5};
  says(chains(NULL), TRM__LIMIT_WAITING,
       "Next: run `mpirun --map-by slot:PE=4 --bind-to core -n 2 build/trireme "
       "run "
       "planted --n=64 '--input=a file' --threads=4 --trace=t.json`, which "
       "shows who waits for whom.");
  says(chains("slurm"), TRM__LIMIT_WAITING,
       "Next: run `srun --mpi=pmix --kill-on-bad-exit -n 2 -c 4 "
       "--cpu-bind=cores build/trireme run planted --n=64 ");
  says(chains("mine -np {ranks} sh -c 'cd /x && {command}'"),
       TRM__LIMIT_WAITING,
       "Next: run `mine -np 2 sh -c 'cd /x && build/trireme run planted --n=64 "
       "'\\''--input=a file'\\'' --threads=4 --trace=t.json'`, which");
  says(synthetic_study(&small, 2, ranks, 1), TRM__LIMIT_SMALL_MESSAGES,
       " per step in total, of 16 B");
  trm__study s = read_recorded("shared_core");
  s.launcher = trm__base_strdup("mpirun --bind-to none -n {ranks} {command}");
  says(s, TRM__LIMIT_SHARED_CORE,
       "as `mpirun --map-by slot:PE=1 --bind-to core -n 2 build/trireme run");
  for (int i = 0; i < 2; i++) {
    s = read_recorded("shared_core");
    s.launcher = trm__base_strdup(i ? "srun -n {ranks} {command}" : "slurm");
    says(s, TRM__LIMIT_SHARED_CORE,
         "as `srun --mpi=pmix --kill-on-bad-exit -n 2 -c 1 --cpu-bind=cores "
         "build/trireme run compute");
  }
}

/* Of what the doctor found it quotes what is about cores. */
static void check_doctor(void) {
  trm__study s = read_recorded("shared_core");
  cJSON *result = s.launch[1].result;
  cJSON *said = cJSON_GetObjectItem(result, "doctor_said");
  cJSON_InsertItemInArray(said, 0,
                          cJSON_Parse("{\"code\":\"blas_threads\",\"found\":"
                                      "\"BLAS: no; want 2\",\"want\":\"1\"}"));
  cJSON_InsertItemInArray(cJSON_GetObjectItem(result, "doctor"), 0,
                          cJSON_CreateString("blas_threads"));
  says(s, TRM__LIMIT_SHARED_CORE,
       "share a core (ranks 0-1 on vm: 2 threads may only use core 0). The");
  s = read_recorded("shared_core"); /* of an earlier version */
  set(&s, 1, "doctor_said", cJSON_Parse("[\"some words\"]"));
  says(s, TRM__LIMIT_SHARED_CORE,
       "Bottleneck: ranks or threads share a core. The point on 2 ranks");
}

/* The nearest sizes that the ranks divide, as far as they are known. */
static void check_sizes(void) {
  static const char *const label[][2] = {
      {"n=10", "measure n=12, the nearest"},
      {"n=1e2 ny=7", "measure n=100 ny=8, the nearest"},
      {"n=1", "measure n=4, the nearest"},
      {"n=12", "measure a size, or a number of ranks, for which"},
      {"n=0.5", "measure a size, or a number of ranks, for which"},
      {"n=10 file=a", "measure a size, or a number of ranks, for which"},
      {"n = 10", "measure a size, or a number of ranks, for which"},
      {"", "measure a size, or a number of ranks, for which"}};
  for (size_t i = 0; i < sizeof label / sizeof *label; i++) {
    trm__study s = read_recorded("division");
    for (int k = 0; k < s.configs; k++) {
      free(s.config[k].label);
      s.config[k].label = trm__base_strdup(label[i][0]);
    }
    says(s, TRM__LIMIT_DIVISION, label[i][1]);
  }
}

/* -- intervals ----------------------------------------------------------------- */

static void stands(double low, double mid, double high, const char *want) {
  trm__study_evidence e[2] = {{.ranks = 1, .threads = 1, .cores = 1},
                              {.ranks = 2, .threads = 1, .cores = 2}};
  trm__study_losses losses[2] = {{.site = NULL}};
  trm__study_case c = {.kernel = "heat",
                       .n = 2,
                       .evidence = e,
                       .losses = losses,
                       .won = 1,
                       .speedup = mid,
                       .speedup_low = low,
                       .speedup_high = high};
  char *text = trm__study_case_text(&c);
  CHECK(strstr(text, want) == text);
  if (strstr(text, want) != text) fprintf(stderr, "%s\n", text);
  free(text);
}

static void check_intervals(void) {
  stands(1.79, 1.8, 1.81,
         "heat is 1.8 times faster on 2 ranks than on 1 rank (parallel");
  stands(1.5, 1.8, 1.9,
         "heat is 1.8 times [1.5 to 1.9] faster on 2 ranks than on 1 rank (");
  stands(0.5, 0.625, 0.8,
         "heat is 1.6 times [1.25 to 2] slower on 2 ranks than on 1 rank (");
  stands(0.9, 1.1, 1.3,
         "Whether heat is faster on 2 ranks than on 1 rank is not shown: the "
         "speed-up is 1.1 [0.9 to 1.3] (parallel efficiency 55 %).");
}

int main(void) {
  program_invocation_name = (char[]){"build/trireme"};
  check_recorded_words();
  check_unknown();
  check_noise();
  check_left_out();
  check_failures();
  check_starved();
  check_cut();
  check_commands();
  check_doctor();
  check_sizes();
  check_intervals();
  return check_done();
}
