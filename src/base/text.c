#include "base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

trm__base_text trm__base_text_bytes(double bytes) {
  static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  int i = 0;
  while (i < 5 && fabs(bytes) >= 1024) bytes /= 1024, i++;
  trm__base_text t;
  int digits = i == 0 ? 0 : bytes < 10 ? 2 : bytes < 100 ? 1 : 0;
  snprintf(t.s, sizeof t.s, "%.*f %s", digits, bytes, units[i]);
  return t;
}

trm__base_text trm__base_text_rate(double rate, const char *unit) {
  static const char *const prefixes[] = {"", "k", "M", "G", "T", "P", "E"};
  int i = 0;
  while (i < 6 && fabs(rate) >= 1000) rate /= 1000, i++;
  trm__base_text t;
  snprintf(t.s, sizeof t.s, "%.3g %s%s%.30s/s", rate, prefixes[i],
           *prefixes[i] && strcmp(unit, "B") ? " " : "", unit);
  return t;
}

trm__base_text trm__base_text_duration(double s) {
  trm__base_text t;
  if (!(s >= 0)) s = 0;
  long long whole = (long long)(s < 9e15 ? s + 0.5 : 9e15);
  if (s < 1e-3)
    snprintf(t.s, sizeof t.s, "%.3g us", s * 1e6);
  else if (s < 1)
    snprintf(t.s, sizeof t.s, "%.3g ms", s * 1e3);
  else if (s < 59.995)
    snprintf(t.s, sizeof t.s, "%.3g s", s);
  else if (whole < 3600)
    snprintf(t.s, sizeof t.s, "%lld min %02lld s", whole / 60, whole % 60);
  else if (whole < 86400)
    snprintf(t.s, sizeof t.s, "%lld h %02lld min", whole / 3600,
             whole % 3600 / 60);
  else
    snprintf(t.s, sizeof t.s, "%lld d %02lld h", whole / 86400,
             whole % 86400 / 3600);
  return t;
}

trm__base_text trm__base_text_count(int64_t n, const char *noun) {
  trm__base_text t;
  size_t length = strlen(noun);
  bool takes_es = length > 2 && !strcmp(noun + length - 2, "ch");
  snprintf(t.s, sizeof t.s, "%lld %.30s%s", (long long)n, noun,
           n == 1     ? ""
           : takes_es ? "es"
                      : "s");
  return t;
}

trm__base_text trm__base_text_f64(double value) {
  trm__base_text t;
  for (int digits = 1; digits <= 17; digits++) {
    snprintf(t.s, sizeof t.s, "%.*g", digits, value);
    if (strtod(t.s, NULL) == value) break;
  }
  return t;
}

trm__base_text trm__base_text_limit(double value) {
  trm__base_text t;
  double tens = value > 0 ? log10(value) : 0;
  if (value >= 1e5 && tens == floor(tens))
    snprintf(t.s, sizeof t.s, "1e%d", (int)tens);
  else if (fabs(value) < 1e15 && value == floor(value))
    snprintf(t.s, sizeof t.s, "%.0f", value);
  else
    snprintf(t.s, sizeof t.s, "%.6g", value);
  return t;
}

/* A number and its unit; moves on. */
static bool read_part(const char **at, double *seconds, double *unit) {
  static const struct {
    const char *name;
    double seconds;
  } units[] = {{"s", 1},    {"sec", 1},     {"m", 60},    {"min", 60},
               {"h", 3600}, {"hour", 3600}, {"d", 86400}, {"day", 86400}};
  char *end;
  if (!isdigit((unsigned char)**at) && **at != '.') return false;
  double value = strtod(*at, &end);
  while (*end == ' ') end++;
  size_t n = 0;
  while (isalpha((unsigned char)end[n])) n++;
  for (unsigned i = 0; i < sizeof units / sizeof *units; i++)
    if (strlen(units[i].name) == n && !strncmp(end, units[i].name, n)) {
      *unit = units[i].seconds;
      *seconds = value * *unit;
      for (end += n; *end == ' ';) end++;
      *at = end;
      return isfinite(*seconds);
    }
  return false;
}

/* As Slurm writes times: minutes:seconds, hours:minutes:seconds, days-hours,
 * days-hours:minutes, days-hours:minutes:seconds (sbatch(1), --time). */
static bool read_slurm_time(const char *text, double *seconds) {
  static const double with_days[] = {3600, 60, 1}, without[] = {60, 1},
                      longer[] = {3600, 60, 1};
  if (strspn(text, "0123456789:-") != strlen(text)) return false;
  const char *dash = strchr(text, '-'), *at = dash ? dash + 1 : text;
  int colons = 0, part = 0;
  for (const char *c = at; *c; c++) colons += *c == ':';
  if (dash == text || strchr(at, '-') || colons > 2 || (!dash && !colons))
    return false;
  const double *unit = dash ? with_days : colons == 1 ? without : longer;
  double sum = dash ? 86400 * strtod(text, NULL) : 0;
  for (char *end;; at = end + 1, part++) {
    if (!isdigit((unsigned char)*at)) return false;
    sum += unit[part] * strtod(at, &end);
    if (!*end) break;
  }
  *seconds = sum;
  return true;
}

bool trm__base_text_seconds(const char *text, double *seconds) {
  double sum = 0, before = INFINITY;
  if (read_slurm_time(text, seconds)) return true;
  do {
    double part, unit;
    if (!read_part(&text, &part, &unit) || unit >= before) return false;
    sum += part;
    before = unit;
  } while (*text);
  *seconds = sum;
  return true;
}

static char fold(char c) {
  return c == '_' ? '-' : (char)tolower((unsigned char)c);
}

static int min3(int a, int b, int c) {
  int m = a < b ? a : b;
  return m < c ? m : c;
}

enum { LONGEST = 63 }; /* longer words are not compared */

/* Damerau-Levenshtein distance, optimal string alignment. */
int trm__base_text_distance(const char *a, const char *b) {
  int n = (int)strlen(a), m = (int)strlen(b);
  if (n > LONGEST || m > LONGEST) return n > m ? n : m;
  int d[LONGEST + 1][LONGEST + 1];
  for (int i = 0; i <= n; i++) d[i][0] = i;
  for (int j = 0; j <= m; j++) d[0][j] = j;
  for (int i = 1; i <= n; i++)
    for (int j = 1; j <= m; j++) {
      char x = fold(a[i - 1]), y = fold(b[j - 1]);
      d[i][j] =
          min3(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (x != y));
      if (i > 1 && j > 1 && x == fold(b[j - 2]) && fold(a[i - 2]) == y &&
          d[i - 2][j - 2] + 1 < d[i][j])
        d[i][j] = d[i - 2][j - 2] + 1;
    }
  return d[n][m];
}

bool trm__base_text_same_name(const char *a, const char *b) {
  for (; *a && *b; a++, b++)
    if (*a != *b && !(strchr("-_", *a) && strchr("-_", *b))) return false;
  return *a == *b;
}

/* Near enough: up to a third of the letters differ, or one word is a prefix of
 * the other. */
void trm__base_nearest_offer(trm__base_nearest *nearest,
                             const char *candidate) {
  size_t typed = strlen(nearest->typed), length = strlen(candidate);
  size_t shorter = typed < length ? typed : length;
  int distance = trm__base_text_distance(nearest->typed, candidate);
  int allowed = (int)(typed > length ? typed : length) / 3;
  bool beginning = shorter >= 3 && !strncmp(nearest->typed, candidate, shorter);
  if (distance > (allowed > 1 ? allowed : 1) && !beginning) return;
  if (nearest->word && nearest->distance <= distance) return;
  nearest->word = candidate;
  nearest->distance = distance;
}

void trm__base_text_wrap(FILE *to, const char *text, int indent, int at) {
  enum { WIDTH = 78 };
  for (const char *word = text; *word;) {
    int n = (int)strcspn(word, " "), blank = word > text;
    if (blank && at + 1 + n > WIDTH) {
      fprintf(to, "\n%*s", indent, "");
      at = indent;
    } else if (blank)
      fputc(' ', to);
    fprintf(to, "%.*s", n, word);
    at += blank + n;
    word += n;
    word += *word == ' ';
  }
  fputc('\n', to);
}

char *trm__base_text_trim(char *text) {
  while (isspace((unsigned char)*text)) text++;
  size_t n = strlen(text);
  while (n && isspace((unsigned char)text[n - 1])) text[--n] = 0;
  return text;
}

bool trm__base_text_share(const char *text, double *share) {
  char *end;
  *share = strtod(text, &end);
  if (end == text || !isfinite(*share) || *share < 0) return false;
  while (*end == ' ') end++;
  if (!strcmp(end, "%")) {
    *share /= 100;
    return true;
  }
  return !*end && *share < 1;
}

bool trm__base_text_ends(const char *name, const char *end) {
  size_t n = strlen(name), m = strlen(end);
  return n > m && !strcmp(name + n - m, end);
}

const char *trm__base_text_past_mark(const char *text) {
  static const char mark[] = "\xef\xbb\xbf";
  return strncmp(text, mark, strlen(mark)) ? text : text + strlen(mark);
}
