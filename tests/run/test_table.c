/* TEST */
/* What can be wrong with a kernel, in one line each: its table, and what its hooks
 * return. No MPI is started. */
#include "check.h"

#include "comm/run.h"
#include "run/session/hook.h"
#include "run/session/told.h"
#include "run/session/idle.h"
#include "run/setup/table.h"

struct options {
  int64_t n;
  double nu;
  int variant;
  bool walls;
  const char *input;
};
struct other {
  char much[400];
  int64_t far;
};

static trm_status setup(trm_run *run, void *state, const void *options) {
  (void)run, (void)state, (void)options;
  return TRM_OK;
}
static trm_status advance(trm_run *run, void *state, int64_t steps) {
  (void)run, (void)state, (void)steps;
  return TRM_OK;
}

enum { N, NU, VARIANT, WALLS, INPUT, END };
static const trm_option good_options[] = {
    TRM_OPT(struct options, n, .default_text = "64", .min = 4, .max = 1e6),
    TRM_OPT(struct options, nu, .default_text = "0.2", .max = 0.25),
    TRM_OPT(struct options, variant, .choices = "plain|stream"),
    TRM_OPT(struct options, walls, .default_text = "true"),
    TRM_OPT(struct options, input, .unit = "FILE"),
    TRM_OPT_END};

typedef struct fixture { /* a good kernel, to be spoilt */
  trm_option options[END + 1];
  trm_kernel kernel;
  trm_listed list[3];
} fixture;

static void fill(fixture *f) {
  memcpy(f->options, good_options, sizeof f->options);
  f->kernel = (trm_kernel){.summary = "a good one",
                           .options = f->options,
                           .options_size = sizeof(struct options),
                           .setup = setup,
                           .advance = advance};
  f->list[0] = (trm_listed){"good", &f->kernel};
  f->list[1] = f->list[2] = (trm_listed)TRM_LIST_END;
}

static void refused(const fixture *f, const char *message) {
  trm__base_error error = {TRM_OK, ""};
  CHECK_INT(trm_status_exit(trm__run_table_check(f->list, &error)), 2);
  CHECK_TEXT(error.text, message);
  CHECK(!strchr(error.text, '\n'));
}

/* -- kernels --------------------------------------------------------------- */

static void missing(void) {
  fixture f;
  fill(&f);
  trm__base_error error = {TRM_OK, ""};
  CHECK_STATUS(trm__run_table_check(f.list, &error), TRM_OK);
  f.kernel.options = NULL; /* nor do unit, work, state: all are done without */
  CHECK_STATUS(trm__run_table_check(f.list, &error), TRM_OK);
  f.kernel.setup = NULL;
  refused(&f,
          "kernel good: .setup is missing; add the function that declares the "
          "fields");
  fill(&f);
  f.kernel.advance = NULL;
  refused(&f,
          "kernel good: .advance is missing; add the function that makes the "
          "steps");
  fill(&f);
  f.kernel.summary = NULL;
  refused(&f,
          "kernel good: .summary is missing; add one line that says what it "
          "computes");
  fill(&f);
  f.kernel.rtol = -1;
  refused(
      &f,
      "kernel good: .rtol or .message_slack is negative; expected 0 or more");
}

static void listed(void) {
  fixture f;
  fill(&f);
  f.list[1] = f.list[0];
  refused(&f, "kernel good: is listed twice; list each name once");
  f.list[1] = (trm_listed){"next", NULL};
  refused(&f, "kernel next: is NULL; use TRM_LISTED(name)");
  f.list[1] = (trm_listed){"-n", &f.kernel};
  refused(&f,
          "kernel -n: not a valid name (expected a letter, then letters, "
          "digits, _ or -, at most 63 characters)");
}

/* -- options --------------------------------------------------------------- */

static void named(const char *name, const char *message) {
  fixture f;
  fill(&f);
  f.options[VARIANT].name = name;
  refused(&f, message);
}

static void names(void) {
  named("steps",
        "kernel good: option steps: --steps is an option of every run; use "
        "another name");
  named("verify-disk",
        "kernel good: option verify-disk: --verify-disk is an option of every "
        "run; use another name");
  named("no_verify",
        "kernel good: option no_verify: --no-verify is an option of every run; "
        "use another name");
  named("help",
        "kernel good: option help: --help is an option of every run; use "
        "another name");
  named("no_walls",
        "kernel good: option no_walls: --no-walls switches option walls off; "
        "use another name");
  named("n",
        "kernel good: option n: occurs twice in the table ('-' and '_' are the "
        "same); use each name once");
  named("a b",
        "kernel good: option a b: not a valid name (expected a letter, then "
        "letters, digits, _ or -, at most 63 characters)");
  static const char *const own[] = {"threads", "seed",   "checkpoint", "every",
                                    "keep",    "resume", "output",     "result",
                                    "config",  "trace",  "quiet"};
  for (unsigned i = 0; i < sizeof own / sizeof *own; i++) {
    fixture f;
    trm__base_error error = {TRM_OK, ""};
    fill(&f);
    f.options[INPUT].name = own[i];
    CHECK_STATUS(trm__run_table_check(f.list, &error), TRM_EUSAGE);
    CHECK(strstr(error.text, own[i]) && strstr(error.text, "kernel good"));
  }
}

static void members(void) {
  fixture f;
  fill(&f);
  f.kernel.options_size = 0;
  refused(&f,
          "kernel good: option n: its member is at bytes 0 to 8, .options_size "
          "is 0; set .options_size to sizeof(the struct that TRM_OPT names)");
  fill(&f);
  f.options[NU] = (trm_option)TRM_OPT(struct other, far);
  refused(&f,
          "kernel good: option far: its member is at bytes 400 to 408, "
          ".options_size is 32; set .options_size to sizeof(the struct that "
          "TRM_OPT names)");
  fill(&f);
  f.options[NU].offset = f.options[N].offset;
  refused(&f,
          "kernel good: option nu: has the same member as option n; use a "
          "separate member of the same struct");
  fill(&f);
  f.options[NU].type = TRM_F32;
  refused(&f,
          "kernel good: option nu: has type f32; use TRM_OPT with a member of "
          "type double, int64_t, int, uint64_t, bool or const char *");
}

static void choices(void) {
  fixture f;
  fill(&f);
  f.options[NU].choices = "a|b";
  refused(&f,
          "kernel good: option nu: .choices with a member of type f64; use an "
          "int or a const char *");
  fill(&f);
  f.options[VARIANT].choices = "a||b";
  refused(&f,
          "kernel good: option variant: .choices = \"a||b\" has an empty word; "
          "use different words separated by |");
  f.options[VARIANT].choices = "a|b|";
  refused(&f,
          "kernel good: option variant: .choices = \"a|b|\" has an empty word; "
          "use different words separated by |");
  f.options[VARIANT].choices = "a|ab|a";
  refused(&f,
          "kernel good: option variant: .choices = \"a|ab|a\" has a word "
          "twice; use different words separated by |");
}

static void defaults(void) {
  fixture f;
  fill(&f);
  f.options[N].default_text = "64k";
  refused(&f,
          "kernel good: option n: .default_text = \"64k\": \"k\" after the "
          "number; expected a whole number");
  f.options[N].default_text = "3";
  refused(&f,
          "kernel good: option n: .default_text = \"3\": out of range; "
          "expected 4 to 1e6");
  fill(&f);
  f.options[VARIANT].default_text = "fast";
  refused(&f,
          "kernel good: option variant: .default_text = \"fast\": no such "
          "choice; expected plain or stream");
  fill(&f);
  f.options[NU].max = NAN;
  refused(&f, "kernel good: option nu: .min or .max is NaN; expected numbers");
  fill(&f);
  f.options[NU].weak = INFINITY;
  refused(&f,
          "kernel good: option nu: .weak is not finite; expected an exponent");
}

static void sides(void) {
  static const char *const bad[][2] = {
      {"nz", "nz"}, {"n nu", "nu"}, {"variant", "variant"}};
  char message[200];
  fixture f;
  for (int i = 0; i < 3; i++) {
    fill(&f);
    f.options[N].sides = bad[i][0];
    snprintf(message, sizeof message,
             "kernel good: option n: .sides names \"%s\", which is not an "
             "integer option of this table; use names such as \"nz ny nx\"",
             bad[i][1]);
    refused(&f, message);
  }
  f.options[N].sides = "n n n n n";
  refused(&f,
          "kernel good: option n: .sides = \"n n n n n\": expected 1 to 4 "
          "integer options, in the row of another integer option");
  f.options[N].sides = " n  n ";
  trm__base_error error = {TRM_OK, ""};
  CHECK_STATUS(trm__run_table_check(f.list, &error), TRM_OK);
}

/* -- hooks ----------------------------------------------------------------- */

typedef struct fake {
  struct trm__comm_run own;
  trm_run run;
} fake;

static trm_run *fresh(fake *f, int64_t ended) {
  memset(f, 0, sizeof *f);
  f->run.own = &f->own;
  trm__run_told_of(&f->run)->ended = ended;
  trm_fail(&f->run, TRM_EINPUT, "what the hook said");
  return &f->run;
}

static void hook_says(int status, const char *message) {
  fake f;
  trm_run *run = fresh(&f, TRM__NOT_ENDED);
  trm_status got = trm__run_hook_status(run, "k", "verify", (trm_status)status);
  CHECK_STATUS(got, message ? TRM_EUSAGE : (trm_status)status);
  CHECK_TEXT(trm_message(run), message ? message : "what the hook said");
  trm__comm_states_free(run);
}

static void hooks(void) {
  hook_says(TRM_OK, NULL);
  hook_says(TRM_EVERIFY, NULL);
  hook_says(TRM_ECHECKPOINT, NULL);
  hook_says(TRM_EFILE, NULL);
  hook_says(TRM_DONE,
            "kernel k: verify returned TRM_DONE, which a hook must not return; "
            "use TRM_OK or a failure such as TRM_EINPUT");
  hook_says(TRM_STOPPED,
            "kernel k: verify returned TRM_STOPPED, which a hook must not "
            "return; use TRM_OK or a failure such as TRM_EINPUT");
  hook_says(TRM_EINTERRUPTED,
            "kernel k: verify returned TRM_EINTERRUPTED, which a hook must not "
            "return; use TRM_OK or a failure such as TRM_EINPUT");
  hook_says(-3,
            "kernel k: verify returned -3, which is not a trm_status; use "
            "TRM_OK or a failure such as TRM_EINPUT");
  hook_says(TRM_STATUS_COUNT,
            "kernel k: verify returned 13, which is not a trm_status; use "
            "TRM_OK or a failure such as TRM_EINPUT");
}

static void advance_says(int64_t ended, trm_status status,
                         const char *message) {
  fake f;
  trm_run *run = fresh(&f, ended);
  trm_status got = trm__run_hook_advance(run, "k", 7, status);
  CHECK_STATUS(got, message ? TRM_EUSAGE : status);
  CHECK_TEXT(trm_message(run), message ? message : "what the hook said");
  trm__comm_states_free(run);
}

static void advances(void) {
  advance_says(TRM__NOT_ENDED, TRM_OK, NULL);
  advance_says(TRM__NOT_ENDED, TRM_EMEMORY, NULL);
  advance_says(0, TRM_DONE, NULL);
  advance_says(7, TRM_DONE, NULL);
  advance_says(3, TRM_EINPUT, NULL);
  advance_says(-3, TRM_DONE,
               "kernel k: advance ended the run after -3 of 7 steps; use "
               "trm_ended(run, k) with k from 0 to 7");
  advance_says(8, TRM_DONE,
               "kernel k: advance ended the run after 8 of 7 steps; use "
               "trm_ended(run, k) with k from 0 to 7");
  advance_says(TRM__NOT_ENDED, TRM_DONE,
               "kernel k: advance returned TRM_DONE; use `return "
               "trm_ended(run, k)` with the k steps made");
  advance_says(3, TRM_OK,
               "kernel k: advance called trm_ended but returned TRM_OK; use "
               "`return trm_ended(run, k)`");
  advance_says(TRM__NOT_ENDED, TRM_STOPPED,
               "kernel k: advance returned TRM_STOPPED, which a hook must not "
               "return; use TRM_OK or a failure such as TRM_EINPUT");
}

/* -- idle ranks ------------------------------------------------------------ */

static void idle(void) {
  CHECK(!trm__run_idle_text(&(trm__run_idle){0, 5, -1}, 5));
  char *text = trm__run_idle_text(&(trm__run_idle){2, 3, 4}, 5);
  CHECK_TEXT(text,
             "2 of 5 ranks own nothing (ranks 3 to 4); use a "
             "larger problem, or 3 ranks");
  free(text);
  text = trm__run_idle_text(&(trm__run_idle){2, 3, 9}, 13);
  CHECK_TEXT(text,
             "2 of 13 ranks own nothing (ranks from 3 to 9); use a larger "
             "problem, or 11 ranks");
  free(text);
  text = trm__run_idle_text(&(trm__run_idle){1, 2, 2}, 3);
  CHECK_TEXT(
      text,
      "1 of 3 ranks own nothing (rank 2); use a larger problem, or 2 ranks");
  free(text);
}

int main(void) {
  missing();
  listed();
  names();
  members();
  choices();
  defaults();
  sides();
  hooks();
  advances();
  idle();
  return check_done();
}
