/* Options: the table from which a command line is parsed, checked, documented
 * and stored. Each kernel supplies one; subcommands have their own. */
#ifndef TRIREME_OPTION_H
#define TRIREME_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <trireme/type.h>

/* Types of members of an options struct */
#define TRM__OPT_TYPES(X) \
  X(double, TRM_F64)      \
  X(int64_t, TRM_I64)     \
  X(int, TRM_I32)         \
  X(uint64_t, TRM_U64)    \
  X(bool, TRM_FLAG)       \
  X(const char *, TRM_TEXT)

#ifdef __cplusplus
template <class T>
struct trm__base_option_type; /* no option can be of another type */
#define TRM__OPT_TRAIT(ctype, type)         \
  template <>                               \
  struct trm__base_option_type<ctype> {     \
    static constexpr trm_type value = type; \
  };
TRM__OPT_TYPES(TRM__OPT_TRAIT)
#undef TRM__OPT_TRAIT

extern "C" {
#endif

typedef struct trm_option { /* one row of a kernel's table of options */
  /* --name; TRM_OPT sets the member's. A kernel must not use the name of an
   * option that every run has. */
  const char *name;
  const char *default_text; /* as a user would type it */
  /* "plain|stream"; the first is the reference. The member is an int (position)
   * or text. */
  const char *choices;
  const char *unit;
  double min, max; /* inclusive; equal: no limits; max < min: no maximum */
  double weak;     /* weak scaling: the value grows as ranks^weak */
  /* "nz ny nx": integer options of this table that are the sides of a grid,
   * slowest first. A side of 0 takes this row's value; a negative one means
   * that there is no such side. In weak scaling the sides grow as trm_grid
   * divides them, so that the blocks keep their shape. */
  const char *sides;
  double rtol;     /* relative tolerance between choices; 0: bit-identical */
  bool may_change; /* may differ on resume */
  const char *help;
  trm_type type; /* set by TRM_OPT, like offset */
  size_t offset;
} trm_option;

#ifdef __cplusplus
#define TRM__OPT_TYPE(member) trm__base_option_type<decltype(member)>::value
#define TRM_OPT(options, member, ...)              \
  {                                                \
    .name = #member __VA_OPT__(, ) __VA_ARGS__,    \
    .type = TRM__OPT_TYPE(((options *)0)->member), \
    .offset = offsetof(options, member)            \
  }
#else
#define TRM__OPT_CASE(ctype, type) , ctype : type
#define TRM__OPT_TYPE(member)      _Generic((member)TRM__OPT_TYPES(TRM__OPT_CASE))
#define TRM_OPT(options, member, ...)                               \
  {                                                                 \
    .name = #member, .type = TRM__OPT_TYPE(((options *)0)->member), \
    .offset = offsetof(options, member), __VA_ARGS__                \
  }
#endif
#define TRM_OPT_END \
  { .name = NULL }

#ifdef __cplusplus
}
#endif

#endif
