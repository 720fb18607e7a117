/* The subcommands, one file each. `run`, `machine`, `doctor` and `job` start MPI. */
#ifndef TRM_CLI_COMMANDS_H
#define TRM_CLI_COMMANDS_H

#include "cli/command.h"

extern const trm__cli_command trm__cli_list;
extern const trm__cli_command trm__cli_help;
extern const trm__cli_command trm__cli_run;
extern const trm__cli_command trm__cli_study;
extern const trm__cli_command trm__cli_report;
extern const trm__cli_command trm__cli_compare;
extern const trm__cli_command trm__cli_check;
extern const trm__cli_command trm__cli_ckpt;
extern const trm__cli_command trm__cli_machine;
extern const trm__cli_command trm__cli_doctor;
extern const trm__cli_command trm__cli_roofline;
extern const trm__cli_command trm__cli_timeline;
extern const trm__cli_command trm__cli_job;
extern const trm__cli_command trm__cli_status;
extern const trm__cli_command trm__cli_version;

#endif
