/* TEST */
/* Options: what is read, what is refused and in which words, what is echoed. */
#include "check.h"

#include "base/options.h"

struct options {
  int64_t n;
  double nu;
  int variant;
  uint64_t key;
  bool periodic, min_size;
  const char *input;
};

static const trm_option table[] = {
    TRM_OPT(struct options, n, .default_text = "64", .unit = "cells", .min = 4,
            .max = 1e6, .help = "cells along each side"),
    TRM_OPT(struct options, nu, .default_text = "0.2", .max = 0.25,
            .may_change = true),
    TRM_OPT(struct options, variant, .default_text = "plain",
            .choices = "plain|stream|fma"),
    TRM_OPT(struct options, key, .default_text = "1"),
    TRM_OPT(struct options, periodic, .default_text = "true"),
    TRM_OPT(struct options, min_size),
    TRM_OPT(struct options, input, .unit = "FILE.h5:/dataset"),
    TRM_OPT_END};

struct common {
  int64_t steps;
};
static const trm_option common_table[] = {
    TRM_OPT(struct common, steps, .min = 0, .max = -1, .may_change = true),
    TRM_OPT_END};

typedef struct fixture {
  trm__base_options *o, *common;
  struct options *v;
  struct common *c;
  trm__base_error error;
} fixture;

static fixture fresh(void) {
  fixture f = {
      .o = trm__base_options_new(table, sizeof(struct options)),
      .common = trm__base_options_new(common_table, sizeof(struct common))};
  f.o->next = f.common;
  f.v = f.o->values;
  f.c = f.common->values;
  return f;
}

static void gone(fixture *f) {
  trm__base_options_free(&f->o);
  trm__base_options_free(&f->common);
}

static trm_status args(fixture *f, const char *line) {
  char copy[256], *argv[16], *rest = copy, *word;
  int argc = 0;
  snprintf(copy, sizeof copy, "%s", line);
  while ((word = strsep(&rest, " ")))
    if (*word) argv[argc++] = word;
  return trm__base_options_args(f->o, argc, argv, &f->error);
}

static void accepts(void) {
  fixture f = fresh();
  CHECK_INT(f.v->n, 64);
  CHECK_SAME(f.v->nu, 0.2);
  CHECK(f.v->periodic && !f.v->input);
  CHECK_STATUS(args(&f,
                    "--n 1e3 --nu=.125 --variant stream --no-periodic "
                    "--min-size --input -1 --steps=0 "
                    "--key 18446744073709551615"),
               TRM_OK);
  CHECK_INT(f.v->n, 1000);
  CHECK_SAME(f.v->nu, 0.125);
  CHECK_INT(f.v->variant, 1);
  CHECK(!f.v->periodic && f.v->min_size);
  CHECK_TEXT(f.v->input, "-1");
  CHECK_HEX(f.v->key, UINT64_MAX);
  CHECK(trm__base_options_given(f.common, "steps") &&
        trm__base_options_given(f.o, "n"));
  char *echo = trm__base_options_echo(f.o);
  CHECK_TEXT(echo,
             "n=1e3 nu=.125 variant=stream key=18446744073709551615 "
             "periodic=false min-size=true input=-1");
  free(echo);
  gone(&f);
}

static const struct {
  const char *line, *message;
} refused[] = {
    {"--n 64k",
     "--n=64k: \"k\" after the number; expected a whole number (unit: "
     "cells), such as 64"},
    {"--n 1e3x",
     "--n=1e3x: \"x\" after the number; expected a whole number (unit: "
     "cells), such as 64"},
    {"--n 0x10",
     "--n=0x10: \"x10\" after the number; expected a whole number "
     "(unit: cells), such as 64"},
    {"--nu nan", "--nu=nan: not a number; expected a number, such as 0.2"},
    {"--nu=", "--nu=: value missing; expected a number, such as 0.2"},
    {"--n 6.5",
     "--n=6.5: not a whole number; expected a whole number (unit: cells), "
     "such as 64"},
    {"--n 3", "--n=3: out of range; expected 4 to 1e6 cells"},
    {"--n 1e30", "--n=1e30: out of range; expected 4 to 1e6 cells"},
    {"--nu 0.3", "--nu=0.3: out of range; expected 0 to 0.25"},
    {"--steps -1", "--steps=-1: out of range; expected 0 or more"},
    {"--key -1", "--key=-1: out of range; expected any number"},
    {"--variant fast",
     "--variant=fast: no such choice; expected plain, stream or fma"},
    {"--periodic=maybe",
     "--periodic=maybe: not a boolean; expected true or false"},
    {"--varaint plain", "--varaint: no such option; did you mean --variant?"},
    {"--no-perodic", "--no-perodic: no such option; did you mean --periodic?"},
    {"--min_sise 1", "--min_sise: no such option; did you mean --min-size?"},
    {"--setps 3", "--setps: no such option; did you mean --steps?"},
    {"--zzzzzzzz 3", "--zzzzzzzz: no such option; the help lists all options"},
    {"--n 64 --n=32", "--n is given twice: 64 and 32; give it once"},
    {"--n", "--n: value missing; expected 4 to 1e6 cells"},
    {"--input --n 5", "--input: value missing; expected FILE.h5:/dataset"},
    {"64", "\"64\": not an option; write options as --name value"},
};

static void refuses(void) {
  for (unsigned i = 0; i < sizeof refused / sizeof *refused; i++) {
    fixture f = fresh();
    trm_status status = args(&f, refused[i].line);
    CHECK_INT(trm_status_exit(status), 2);
    CHECK_TEXT(f.error.text, refused[i].message);
    gone(&f);
  }
}

static void reads_config(void) {
  fixture f = fresh();
  CHECK_STATUS(args(&f, "--n 100"), TRM_OK);
  CHECK_STATUS(
      trm__base_options_config(f.o, "a.conf",
                               "# all\n\n n = 200 # cells\nmin-size = yes\n"
                               "input = \"a b#c\"\r\nsteps=3",
                               &f.error),
      TRM_OK);
  CHECK_INT(f.v->n, 100);
  CHECK(f.v->min_size);
  CHECK_TEXT(f.v->input, "a b#c");
  CHECK_INT(f.c->steps, 3);
  gone(&f);
}

static void refuses_config(void) {
  static const struct {
    const char *text, *message;
  } bad[] = {{"\nn 64\n",
              "a.conf:2: \"n 64\": expected name = value, or # and a comment"},
             {"n = 64k",
              "a.conf:1: n = 64k: \"k\" after the number; expected a whole "
              "number (unit: cells), such as 64"},
             {"perodic = true",
              "a.conf:1: perodic: no such option; did you mean periodic?"},
             {"n = 5\nn = 6", "a.conf:2: n is set twice in this file"}};
  for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
    fixture f = fresh();
    CHECK(trm__base_options_config(f.o, "a.conf", bad[i].text, &f.error) !=
          TRM_OK);
    CHECK_TEXT(f.error.text, bad[i].message);
    gone(&f);
  }
}

static char *stored(fixture *f) {
  cJSON *json = trm__base_options_json(f->o, false);
  char *line = trm__base_json_line(json);
  cJSON_Delete(json);
  return line;
}

static void resumes(void) {
  fixture a = fresh(), b = fresh(), c = fresh();
  args(&a, "--n 1e2 --nu 0.1 --variant fma");
  char *json = stored(&a);
  args(&b, "--nu 0.15 --variant fma");
  CHECK_STATUS(trm__base_options_stored(b.o, json, &b.error), TRM_OK);
  CHECK_STATUS(trm__base_options_compare(b.o, json, &b.error), TRM_OK);
  CHECK_INT(b.v->n, 100);
  CHECK_SAME(b.v->nu, 0.15);
  args(&c, "--n 101");
  CHECK_STATUS(trm__base_options_stored(c.o, json, &c.error), TRM_OK);
  CHECK_STATUS(trm__base_options_compare(c.o, json, &c.error), TRM_ERESUME);
  CHECK_TEXT(c.error.text,
             "--n=101: the checkpoint was made with 1e2; this option may "
             "not change on resume");
  CHECK_STATUS(
      trm__base_options_stored(c.o, "{\"m\":\"1\"}", &(trm__base_error){0}),
      TRM_ERESUME);
  CHECK_STATUS(trm__base_options_stored(c.o, "[]", &(trm__base_error){0}),
               TRM_ERESUME);
  free(json);
  gone(&a);
  gone(&b);
  gone(&c);
}

static void echoes_resolved(void) {
  fixture f = fresh();
  args(&f, "--nu 2e-1");
  f.v->n = 1234567;
  f.v->nu = 0.1 + 0.1;
  f.v->variant = 2;
  f.v->input = "in.h5:/a";
  trm__base_options_refresh(f.o);
  char *echo = trm__base_options_echo(f.o);
  CHECK_TEXT(echo,
             "n=1234567 nu=2e-1 variant=fma key=1 periodic=true "
             "input=in.h5:/a");
  free(echo);
  cJSON *json = trm__base_options_json(f.o, true);
  char *line = trm__base_json_line(json);
  CHECK_TEXT(line,
             "{\"n\":1234567,\"nu\":0.2,\"variant\":\"fma\",\"key\":1,"
             "\"periodic\":true,\"input\":\"in.h5:/a\"}");
  free(line);
  cJSON_Delete(json);
  gone(&f);
}

static void speaks(void) {
  CHECK_TEXT(trm__base_text_bytes(1.5 * (1 << 30)).s, "1.50 GiB");
  CHECK_TEXT(trm__base_text_bytes(512).s, "512 B");
  CHECK_TEXT(trm__base_text_rate(2.31e9, "cell").s, "2.31 G cell/s");
  CHECK_TEXT(trm__base_text_rate(12, "step").s, "12 step/s");
  CHECK_TEXT(trm__base_text_duration(3720).s, "1 h 02 min");
  CHECK_TEXT(trm__base_text_duration(187).s, "3 min 07 s");
  CHECK_TEXT(trm__base_text_duration(0.0152).s, "15.2 ms");
  CHECK_TEXT(trm__base_text_count(1, "rank").s, "1 rank");
  CHECK_TEXT(trm__base_text_count(2, "launch").s, "2 launches");
  CHECK_TEXT(trm__base_text_f64(0.1).s, "0.1");
  CHECK_SAME(strtod(trm__base_text_f64(1.0 / 3).s, NULL), 1.0 / 3);
  CHECK_INT(trm__base_text_distance("setps", "steps"), 1);
  CHECK_INT(trm__base_text_distance("", "steps"), 5);
  double s = 0;
  CHECK(trm__base_text_share("3%", &s) && s == 0.03);
  CHECK(trm__base_text_share("3 %", &s) && s == 0.03);
  CHECK(trm__base_text_share("0.03", &s) && s == 0.03);
  CHECK(trm__base_text_share("150%", &s) && s == 1.5);
  CHECK(!trm__base_text_share("3", &s) && !trm__base_text_share("-3%", &s) &&
        !trm__base_text_share("%", &s) && !trm__base_text_share("3%x", &s));
  CHECK(trm__base_text_seconds("30s", &s) && s == 30);
  CHECK(trm__base_text_seconds("1.5 h", &s) && s == 5400);
  CHECK(!trm__base_text_seconds("30", &s) && !trm__base_text_seconds("s", &s) &&
        !trm__base_text_seconds("30q", &s));
}

static void json_is_exact(void) {
  cJSON *o = cJSON_CreateObject();
  trm__base_json_i64(o, "a", INT64_MIN);
  trm__base_json_u64(o, "b", UINT64_MAX);
  trm__base_json_f64(o, "c", NAN);
  trm__base_json_f64(o, "d", 0.1);
  cJSON_AddStringToObject(o, "e", "a\n\"b\"");
  char *line = trm__base_json_line(o);
  CHECK_TEXT(line,
             "{\"a\":-9223372036854775808,\"b\":18446744073709551615,"
             "\"c\":null,\"d\":0.1,\"e\":\"a\\n\\\"b\\\"\"}");
  free(line);
  cJSON_Delete(o);
}

int main(void) {
  accepts();
  refuses();
  reads_config();
  refuses_config();
  resumes();
  echoes_resolved();
  speaks();
  json_is_exact();
  return check_done();
}
