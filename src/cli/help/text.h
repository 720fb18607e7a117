/* The help texts: src/cli/help/commands/NAME.txt and topics/NAME.txt. The first line of
 * a topic is its summary. In a text {program} and {name} stand for the path and the name
 * of the program, and a word in braces on a line of its own for what the subcommand
 * prints there, such as {options}. */
#ifndef TRM_CLI_HELP_TEXT_H
#define TRM_CLI_HELP_TEXT_H

#include "base/lines.h"
#include "cli/command.h"

extern const trm__base_lines trm__cli_text_topics[];
extern const trm__base_lines trm__cli_text_commands[];

/** Print the whole topic. \return false: there is none of this name */
bool trm__cli_text_topic(const char *name);

/** Print the text of a subcommand. */
void trm__cli_text_command(const trm__cli_command *);

/** Print the part on one verb: from the line `COMMAND VERB ...` up to the next one.
 * \return false: it has no such verb */
bool trm__cli_text_verb(const trm__cli_command *, const char *verb);

/** List the verbs of a subcommand, "ls, show, diff"; "": it has none. */
void trm__cli_text_verbs(const trm__cli_command *, char *list, size_t room);

#endif
