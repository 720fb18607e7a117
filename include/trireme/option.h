/* Options: the table from which a command line is parsed, checked, documented
 * and stored. A kernel hands one over; the driver's subcommands have theirs. */
#ifndef TRIREME_OPTION_H
#define TRIREME_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <trireme/type.h>

typedef struct trm_option { /* one row of a kernel's table of options */
  const char *name;         /* --name; set by TRM_OPT to the member's; of a
                                  kernel: none that every run has */
  const char *default_text; /* default, as a user would type it */
  const char *unit, *help;
  const char *choices; /* "plain|stream": the first is the reference;
                                  the member is an int (its place) or text */
  double min, max;     /* inclusive; equal means unlimited */
  double weak;         /* weak scaling: value grows as ranks^weak */
  const char *sides;   /* "nz ny nx": integer options of this table, the
                                  sides of a grid, slowest first; 0 stands for
                                  this row's value, less for no such side. They
                                  grow as trm_grid cuts them, so that each rank
                                  keeps the shape of its share */
  double rtol;         /* choices agree within it; 0: to the bit */
  bool may_change;     /* on resume */
  trm_type type;       /* both set by TRM_OPT */
  size_t offset;
} trm_option;

/* The type of a member of struct options: double, int64_t, int, uint64_t, bool,
 * const char *. */
#define TRM__OPT_TYPE(member) \
  _Generic((member), double: TRM_F64, int64_t: TRM_I64, int: TRM_I32,          \
           uint64_t: TRM_U64, bool: TRM_FLAG, const char *: TRM_TEXT)
#define TRM_OPT(options, member, ...)                               \
  {                                                                 \
    .name = #member, .type = TRM__OPT_TYPE(((options *)0)->member), \
    .offset = offsetof(options, member), __VA_ARGS__                \
  }
#define TRM_OPT_END \
  { .name = NULL }

#endif
