#include "launch/script.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/program.h"
#include "base/text.h"
#include "launch/template.h"

static const double MIB = 1 << 20;

const trm_option trm__launch_site_table[] = {
    TRM_OPT(trm__launch_site, partition, .unit = "NAME", .help = "or queue"),
    TRM_OPT(trm__launch_site, account, .unit = "NAME", .help = "or project"),
    TRM_OPT(trm__launch_site, modules, .unit = "WORDS", .help = "to load"),
    TRM_OPT(trm__launch_site, launcher, .default_text = "auto",
            .choices = "auto|srun|mpirun", .help = "auto: whichever works"),
    TRM_OPT(trm__launch_site, directive, .unit = "WORDS",
            .help = "one more line for the batch system, such as --qos=long"),
    TRM_OPT(trm__launch_site, cores, .min = 1, .max = 1e6, .help = "of a host"),
    TRM_OPT(trm__launch_site, memory, .unit = "GiB", .min = 0.1, .max = 1e6,
            .help = "memory of a host for jobs"),
    TRM_OPT(trm__launch_site, max_time, .unit = "24h",
            .help = "longest time that a job may request"),
    TRM_OPT(trm__launch_site, machine, .unit = "FILE",
            .help = "machine file of its hosts, by the subcommand machine"),
    TRM_OPT_END};

/* -- the reasons ----------------------------------------------------------- */

/* "# label   text", wrapped. */
static void print_reason(const char *label, const char *rest) {
  printf("# %-8s ", label);
  while (strlen(rest) > 76) {
    int cut = 76;
    while (cut > 0 && rest[cut] != ' ') cut--;
    if (cut == 0) break;
    printf("%.*s\n#          ", cut, rest);
    rest += cut + 1;
  }
  puts(rest);
}

/* -- directives ------------------------------------------------------------ */

/* Whole minutes, at least 2, within the limit of the site. */
static double minutes(const trm__launch_script *s) {
  return fmin(fmax(ceil(s->time / 60), 2), floor(s->most / 60));
}

/* "6:05" from minutes */
static trm__base_text clock_text(double m) {
  trm__base_text text;
  snprintf(text.s, sizeof text.s, "%.0f:%02.0f", floor(m / 60), fmod(m, 60));
  return text;
}

/* Seconds of warning before the end. */
static double warning(const trm__launch_script *s) {
  return fmin(120, 15 * minutes(s));
}

/* MiB per core, as Slurm and LSF count. */
static double core_mib(const trm__launch_script *s) {
  return ceil(s->memory / s->threads / MIB);
}

static void line(const char *head, const char *key, const char *value) {
  if (value) printf("#%s %s%s\n", head, key, value);
}

static void print_slurm(const trm__launch_script *s) {
  bool resumable = s->checkpoint != NULL;
  printf("#SBATCH --job-name=%s\n", s->name);
  line("SBATCH", "--partition=", s->site->partition);
  line("SBATCH", "--account=", s->site->account);
  if (s->hosts > 0)
    printf("#SBATCH --nodes=%d\n#SBATCH --ntasks-per-node=%d\n", s->hosts,
           s->per_host);
  printf(
      "#SBATCH --ntasks=%d\n#SBATCH --cpus-per-task=%d\n"
      "#SBATCH --hint=nomultithread\n",
      s->ranks, s->threads);
  if (s->memory > 0) printf("#SBATCH --mem-per-cpu=%.0fM\n", core_mib(s));
  printf("#SBATCH --time=%s:00\n", clock_text(minutes(s)).s);
  if (resumable)
    printf(
        "#SBATCH --signal=B:USR1@%.0f\n#SBATCH --requeue\n"
        "#SBATCH --open-mode=append\n",
        warning(s));
  puts("#SBATCH --output=%x-%j.out");
  line("SBATCH", "", s->site->directive);
}

static void print_pbs(const trm__launch_script *s) {
  int hosts = s->hosts > 0 ? s->hosts : s->ranks;
  int here = s->hosts > 0 ? s->per_host : 1;
  printf("#PBS -N %s\n", s->name);
  line("PBS", "-q ", s->site->partition);
  line("PBS", "-A ", s->site->account);
  printf("#PBS -l select=%d:ncpus=%d:mpiprocs=%d:ompthreads=%d", hosts,
         here * s->threads, here, s->threads);
  if (s->memory > 0) printf(":mem=%.0fmb", ceil(here * s->memory / MIB));
  printf("\n#PBS -l walltime=%s:00\n", clock_text(minutes(s)).s);
  /* PBS does not rerun it: the script submits a successor */
  puts(s->checkpoint ? "#PBS -j oe\n#PBS -r n" : "#PBS -j oe");
  line("PBS", "", s->site->directive);
}

static void print_lsf(const trm__launch_script *s) {
  printf("#BSUB -J %s\n", s->name);
  line("BSUB", "-q ", s->site->partition);
  line("BSUB", "-P ", s->site->account);
  printf("#BSUB -n %d\n", s->ranks);
  if (s->hosts > 0) printf("#BSUB -R \"span[ptile=%d]\"\n", s->per_host);
  printf("#BSUB -R \"affinity[core(%d)]\"\n", s->threads);
  if (s->memory > 0)
    printf("#BSUB -R \"rusage[mem=%.0fMB/task]\"\n", ceil(s->memory / MIB));
  printf("#BSUB -W %s\n", clock_text(minutes(s)).s);
  if (s->checkpoint)
    printf("#BSUB -r -Q \"75\"\n#BSUB -wa USR1 -wt %.0f\n",
           fmax(floor(warning(s) / 60), 1));
  puts("#BSUB -o %J.out");
  line("BSUB", "", s->site->directive);
}

/* -- the body -------------------------------------------------------------- */

static void print_word(const char *word) {
  char *quoted = trm__launch_quoted(word);
  fputs(quoted, stdout);
  free(quoted);
}

static void print_words(char *const *word) {
  for (; *word; word++) {
    putchar(' ');
    print_word(*word);
  }
  putchar('\n');
}

static void print_settings(const trm__launch_script *s) {
  static const char *const launchers[] = {NULL, "srun", "mpirun"};
  const char *launcher = launchers[s->site->launcher];
  printf("modules=");
  print_word(s->site->modules ? s->site->modules : "");
  printf("\nTRIREME_RANKS=%d TRIREME_THREADS=%d", s->ranks, s->threads);
  printf(" TRIREME_NODES=");
  if (s->hosts > 0) printf("%d", s->hosts);
  /* only Slurm tells a job when it ends */
  printf("\nTRIREME_WALLTIME=");
  if (s->batch != TRM__LAUNCH_BATCH_SLURM) printf("%.0f", 60 * minutes(s));
  printf("\nTRIREME=");
  print_word(s->driver);
  putchar('\n');
  if (launcher) printf("TRIREME_LAUNCHER=%s\n", launcher);
  if (s->batch == TRM__LAUNCH_BATCH_PBS)
    puts("cd \"$PBS_O_WORKDIR\" || exit 3");
}

static void print_run(const trm__launch_script *s) {
  const char *directory = s->checkpoint;
  if (directory) {
    fputs("run_until_done ", stdout);
    print_word(directory);
  } else {
    fputs("run_once", stdout);
  }
  printf(" %s", s->name);
  print_words(s->word);
}

void trm__launch_script_print(const trm__launch_script *s) {
  static void (*const directives[])(const trm__launch_script *) = {
      print_slurm, print_pbs, print_lsf};
  printf("#!/bin/bash\n# Printed by: %s", trm__base_program_path());
  print_words(s->whole + 1);
  puts("#");
  for (int i = 0; i < s->reasons; i++)
    print_reason(s->reason[i].label, s->reason[i].text);
  directives[s->batch](s);
  print_settings(s);
  puts("\n# -- what follows is jobs/lib.sh of Trireme ----------------------");
  for (const char *const *l = trm__launch_job_lib; *l; l++) puts(*l);
  puts("\n# -- the run ------------------------------------------------------");
  print_run(s);
}
