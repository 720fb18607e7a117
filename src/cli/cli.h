/* The subcommands of the driver, one file each. `run`, `machine` and
 * `doctor` start MPI. */
#ifndef TRM_CLI_CLI_H
#define TRM_CLI_CLI_H

#include <trireme/kernel.h>

typedef struct trm__cli {
  const trm_listed *kernels;
  int argc; /* what follows the subcommand */
  char **argv;
  char **whole; /* the words of the whole command, as main had them */
} trm__cli;

/* Each returns the exit status. */
int trm__cli_list(const trm__cli *);
int trm__cli_help(const trm__cli *);
int trm__cli_run(const trm__cli *);
int trm__cli_study(const trm__cli *);
int trm__cli_ckpt(const trm__cli *);
int trm__cli_machine(const trm__cli *);
int trm__cli_doctor(const trm__cli *);
int trm__cli_roofline(const trm__cli *);
int trm__cli_timeline(const trm__cli *);
int trm__cli_report(const trm__cli *);
int trm__cli_compare(const trm__cli *);
int trm__cli_status(const trm__cli *);
int trm__cli_job(const trm__cli *);
int trm__cli_version(const trm__cli *);

/** Explain a subcommand that has options of its own. */
void trm__cli_run_help(void);
void trm__cli_machine_help(void);
void trm__cli_doctor_help(void);
void trm__cli_roofline_help(void);
void trm__cli_timeline_help(void);
void trm__cli_study_help(void);
void trm__cli_report_help(void);
void trm__cli_compare_help(void);
void trm__cli_job_help(void);
void trm__cli_status_help(void);

typedef struct trm__subcommand {
  const char *name, *words, *help;
  int (*call)(const trm__cli *);
  void (*explain)(void); /* its options; NULL: it has none */
  bool reads_table; /* the kernels are checked before it is called; `run` and
                            `doctor` do it once one rank can speak */
} trm__subcommand;
extern const trm__subcommand trm__subcommands[]; /* ends with a name of NULL */

/** Check the table of kernels; a fault is said on rank 0. Local.
 * \return exit status: 0, or 2 */
int trm__cli_table(const trm__cli *, int rank);

/** Say on stderr what is wrong with the words given; returns 2. */
int trm__cli_usage(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
