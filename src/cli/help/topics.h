/* Topics of `help` that belong to no kernel and no subcommand. */
#ifndef TRM_CLI_HELP_TOPICS_H
#define TRM_CLI_HELP_TOPICS_H

typedef struct trm__cli_topic {
  const char *name, *summary, *text;
} trm__cli_topic;
extern const trm__cli_topic trm__cli_topics[]; /* ends with a name of NULL */

/** Find a topic by its name; NULL: there is none. Pure. */
const trm__cli_topic *trm__cli_topic_find(const char *name);
void trm__cli_topic_print(const trm__cli_topic *);

#endif
