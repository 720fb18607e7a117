/* The script that `trireme job` prints. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/program.h"
#include "cli/job.h"

static const double MIB = 1 << 20;

/* -- the reasons ----------------------------------------------------------- */

/* "# label   text", wrapped. */
static void reason(const char *label, char *owned) {
  const char *rest = owned;
  for (char *c = owned; *c; c++)
    if (iscntrl((unsigned char)*c)) *c = '?'; /* of a file's name */
  printf("# %-8s ", label);
  while (strlen(rest) > 76) {
    int cut = 76;
    while (cut > 0 && rest[cut] != ' ') cut--;
    if (cut == 0) break;
    printf("%.*s\n#          ", cut, rest);
    rest += cut + 1;
  }
  puts(rest);
  free(owned);
}

static void say_hosts(const trm__job *job) {
  const trm__run_estimate *n = &job->need;
  if (n->hosts < 1) {
    reason("hosts",
           trm__base_strdup("as the batch system likes: no machine file "
                            "and no site file says what they have"));
    return;
  }
  char *memory =
      job->host.memory > 0
          ? trm__base_format(" and %s for jobs",
                             trm__base_text_bytes(job->host.memory).s)
          : trm__base_strdup("");
  reason("hosts",
         trm__base_format("%d with %s each: hosts have %s%s (%s)", n->hosts,
                          trm__base_text_count(n->per_host, "rank").s,
                          trm__base_text_count(job->host.cores, "core").s,
                          memory, job->known_from));
  free(memory);
}

static void say_memory(const trm__job *job) {
  const trm__run_estimate *n = &job->need;
  if (n->resident > 0)
    reason(
        "memory",
        trm__base_format(
            "%s for a rank: %s by the work model, %.0f %% more, and "
            "%s for the program and MPI",
            trm__base_text_bytes(n->memory).s,
            trm__base_text_bytes(n->resident).s, 100 * (TRM__ESTIMATE_MORE - 1),
            trm__base_text_bytes(TRM__ESTIMATE_PROGRAM).s));
  else
    reason("memory",
           trm__base_strdup("left to the site: there is no work model"));
}

static void say_sample(const trm__job *job) {
  if (job->need.sampled)
    reason("model", trm__base_format(
                        "estimated from the work of %d of the %d ranks: the "
                        "kernel states no plan",
                        job->need.sampled, job->need.ranks));
}

/* Each of them begins and ends, however short it is. */
static void say_slots(const trm__job *job) {
  double useful = fmax(job->time - TRM__ESTIMATE_ENDS, job->time / 2);
  if (job->command->want->checkpoint)
    reason("slots", trm__base_format("about %.0f of %s",
                                     ceil(job->need.seconds / useful),
                                     trm__base_text_duration(job->time).s));
  else
    reason("beware",
           trm__base_strdup("less time than estimated: without "
                            "--checkpoint DIR a run that does not end in "
                            "time is lost"));
}

static void say_time(const trm__job *job) {
  const trm__run_estimate *n = &job->need;
  char *why =
      n->seconds > 0
          ? trm__base_format(
                "%s: %lld steps take %s at %s, %g times that as kernels "
                "fall short of it, and %s to begin and to end",
                trm__base_text_duration(n->seconds).s, (long long)n->steps,
                trm__base_text_duration(n->attainable).s,
                trm__meter_roof_name(n->roof), TRM__ESTIMATE_SLOWER,
                trm__base_text_duration(TRM__ESTIMATE_ENDS).s)
          : trm__base_strdup("not known");
  if (job->asked > job->time)
    reason("time",
           trm__base_format("the site allows no more (asked for: %s); "
                            "estimated: %s",
                            trm__base_text_duration(job->asked).s, why));
  else if (job->asked > 0)
    reason("time", trm__base_format("as asked for; estimated: %s", why));
  else
    reason("time", trm__base_strdup(why));
  free(why);
  if (n->seconds > job->time) say_slots(job);
}

/* -- directives ------------------------------------------------------------ */

/* Whole ones, at least 2, as far as the site allows. */
static double minutes(const trm__job *job) {
  return fmin(fmax(ceil(job->time / 60), 2), floor(job->most / 60));
}

/* "6:05" from minutes */
static trm__base_text clock_text(double m) {
  trm__base_text text;
  snprintf(text.s, sizeof text.s, "%.0f:%02.0f", floor(m / 60), fmod(m, 60));
  return text;
}

/* Seconds of warning before the end. */
static double warning(const trm__job *job) {
  return fmin(120, 15 * minutes(job));
}

/* MiB of a core: what Slurm and LSF count by. */
static double core_mib(const trm__job *job) {
  return ceil(job->need.memory / job->need.threads / MIB);
}

static void line(const char *head, const char *key, const char *value) {
  if (value) printf("#%s %s%s\n", head, key, value);
}

static void print_slurm(const trm__job *job) {
  const trm__run_estimate *n = &job->need;
  bool slots = job->command->want->checkpoint != NULL;
  printf("#SBATCH --job-name=%s\n", job->command->name);
  line("SBATCH", "--partition=", job->site->partition);
  line("SBATCH", "--account=", job->site->account);
  if (n->hosts > 0)
    printf("#SBATCH --nodes=%d\n#SBATCH --ntasks-per-node=%d\n", n->hosts,
           n->per_host);
  printf(
      "#SBATCH --ntasks=%d\n#SBATCH --cpus-per-task=%d\n"
      "#SBATCH --hint=nomultithread\n",
      n->ranks, n->threads);
  if (n->resident > 0) printf("#SBATCH --mem-per-cpu=%.0fM\n", core_mib(job));
  printf("#SBATCH --time=%s:00\n", clock_text(minutes(job)).s);
  if (slots)
    printf(
        "#SBATCH --signal=B:USR1@%.0f\n#SBATCH --requeue\n"
        "#SBATCH --open-mode=append\n",
        warning(job));
  puts("#SBATCH --output=%x-%j.out");
  line("SBATCH", "", job->site->directive);
}

static void print_pbs(const trm__job *job) {
  const trm__run_estimate *n = &job->need;
  int hosts = n->hosts > 0 ? n->hosts : n->ranks;
  int here = n->hosts > 0 ? n->per_host : 1;
  printf("#PBS -N %s\n", job->command->name);
  line("PBS", "-q ", job->site->partition);
  line("PBS", "-A ", job->site->account);
  printf("#PBS -l select=%d:ncpus=%d:mpiprocs=%d:ompthreads=%d", hosts,
         here * n->threads, here, n->threads);
  if (n->resident > 0) printf(":mem=%.0fmb", ceil(here * n->memory / MIB));
  printf("\n#PBS -l walltime=%s:00\n", clock_text(minutes(job)).s);
  /* not run again by itself: the script submits a successor */
  puts(job->command->want->checkpoint ? "#PBS -j oe\n#PBS -r n" : "#PBS -j oe");
  line("PBS", "", job->site->directive);
}

static void print_lsf(const trm__job *job) {
  const trm__run_estimate *n = &job->need;
  printf("#BSUB -J %s\n", job->command->name);
  line("BSUB", "-q ", job->site->partition);
  line("BSUB", "-P ", job->site->account);
  printf("#BSUB -n %d\n", n->ranks);
  if (n->hosts > 0) printf("#BSUB -R \"span[ptile=%d]\"\n", n->per_host);
  printf("#BSUB -R \"affinity[core(%d)]\"\n", n->threads);
  if (n->resident > 0)
    printf("#BSUB -R \"rusage[mem=%.0fMB/task]\"\n", ceil(n->memory / MIB));
  printf("#BSUB -W %s\n", clock_text(minutes(job)).s);
  if (job->command->want->checkpoint)
    printf("#BSUB -r -Q \"75\"\n#BSUB -wa USR1 -wt %.0f\n",
           fmax(floor(warning(job) / 60), 1));
  puts("#BSUB -o %J.out");
  line("BSUB", "", job->site->directive);
}

/* -- the body -------------------------------------------------------------- */

/* A word that the shell takes as it is, in one line. */
static void print_word(const char *word) {
  bool plain = *word != 0, control = false;
  for (const char *c = word; *c; c++) {
    if (!isalnum((unsigned char)*c) && !strchr("-_=./:,+@%", *c)) plain = false;
    if (iscntrl((unsigned char)*c)) control = true;
  }
  if (plain) {
    fputs(word, stdout);
    return;
  }
  fputs(control ? "$'" : "'", stdout);
  for (const char *c = word; *c; c++)
    if (iscntrl((unsigned char)*c))
      printf("\\%03o", (unsigned)(unsigned char)*c);
    else if (*c == '\'')
      fputs(control ? "\\'" : "'\\''", stdout);
    else if (*c == '\\' && control)
      fputs("\\\\", stdout);
    else
      putchar(*c);
  putchar('\'');
}

static void print_words(char *const *word) {
  for (; *word; word++) {
    putchar(' ');
    print_word(*word);
  }
  putchar('\n');
}

static void print_settings(const trm__job *job) {
  const trm__run_estimate *n = &job->need;
  static const char *const launchers[] = {NULL, "srun", "mpirun"};
  const char *launcher = launchers[job->site->launcher];
  printf("modules=");
  print_word(job->site->modules ? job->site->modules : "");
  printf("\nTRIREME_RANKS=%d TRIREME_THREADS=%d", n->ranks, n->threads);
  printf(" TRIREME_NODES=");
  if (n->hosts > 0) printf("%d", n->hosts);
  /* Slurm knows when a job ends; the others do not tell it */
  printf("\nTRIREME_WALLTIME=");
  if (job->batch != TRM__BATCH_SLURM) printf("%.0f", 60 * minutes(job));
  printf("\nTRIREME=");
  print_word(job->driver);
  putchar('\n');
  if (launcher) printf("TRIREME_LAUNCHER=%s\n", launcher);
  if (job->batch == TRM__BATCH_PBS) puts("cd \"$PBS_O_WORKDIR\" || exit 3");
}

static void print_run(const trm__job *job) {
  const char *sets = job->command->want->checkpoint;
  if (sets) {
    fputs("run_until_done ", stdout);
    print_word(sets);
  } else {
    fputs("run_once", stdout);
  }
  printf(" %s", job->command->name);
  print_words(job->word);
}

void trm__job_print(const trm__job *job) {
  static void (*const directives[])(const trm__job *) = {print_slurm, print_pbs,
                                                         print_lsf};
  printf("#!/bin/bash\n# Printed by: %s", trm__program_path());
  print_words(job->whole + 1);
  puts("#");
  say_hosts(job);
  say_sample(job);
  say_memory(job);
  say_time(job);
  directives[job->batch](job);
  print_settings(job);
  puts("\n# -- what follows is jobs/lib.sh of Trireme ----------------------");
  for (const char *const *l = trm__job_lib; *l; l++) puts(*l);
  puts("\n# -- the run ------------------------------------------------------");
  print_run(job);
}
