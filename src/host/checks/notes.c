#include "host/checks/notes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { LINES = 4, NAMES = 4 }; /* lines per code; hosts per line */

static const struct {
  const char *name, *right;
  bool warns;
} findings[] = {
#define ROW(name, warning, right) {#name, right, warning},
    TRM__FINDINGS(ROW)
#undef ROW
};

const char *trm__host_finding_name(trm__host_finding_code code) {
  return findings[code].name;
}

const char *trm__host_finding_expected(trm__host_finding_code code) {
  return findings[code].right;
}

bool trm__host_finding_is_warning(trm__host_finding_code code) {
  return findings[code].warns;
}

/* -- notes ----------------------------------------------------------------- */

static void add(trm__host_notes *notes, trm__host_note new, int rank) {
  trm__host_note *note = notes->list, *end = note + notes->n;
  while (note < end &&
         (note->code != new.code || note->host != new.host ||
          strcmp(note->what, new.what) || strcmp(note->right, new.right)))
    note++;
  if (note == end) {
    size_t n = (size_t)notes->n++;
    notes->list = trm__base_grow(notes->list, n + 1, sizeof *notes->list);
    note = &notes->list[n];
    *note = new;
  } else {
    free(new.what);
    free(new.right);
  }
  if (note->n > 0 && note->rank[note->n - 1] == rank) return;
  note->rank =
      trm__base_grow(note->rank, (size_t)note->n + 1, sizeof *note->rank);
  note->rank[note->n++] = rank;
}

void trm__host_note_rank(trm__host_notes *notes, trm__host_finding_code code,
                         int rank, char *what, char *right) {
  add(notes, (trm__host_note){code, false, what, right, 0, NULL}, rank);
}

void trm__host_note_host(trm__host_notes *notes, trm__host_finding_code code,
                         int rank, char *what, char *right) {
  add(notes, (trm__host_note){code, true, what, right, 0, NULL}, rank);
}

/* -- where ----------------------------------------------------------------- */

/* "rank 3", "ranks 0-3, 7": shortened if long. */
static char *ranks_text(const trm__host_note *note) {
  char list[80] = "";
  for (int i = 0; i < note->n;) {
    int from = note->rank[i++], to = from;
    while (i < note->n && note->rank[i] == to + 1) to = note->rank[i++];
    char range[32];
    if (to > from)
      snprintf(range, sizeof range, "%d-%d", from, to);
    else
      snprintf(range, sizeof range, "%d", from);
    if (strlen(list) + strlen(range) + 8 > sizeof list) {
      strcat(list, ", ...");
      break;
    }
    if (*list) strcat(list, ", ");
    strcat(list, range);
  }
  return trm__base_format("rank%s %s on ", note->n == 1 ? "" : "s", list);
}

/* "node1, node2 and 5 more"; ranks may be in any order of hosts. */
static char *hosts_text(const trm__host_notes *notes,
                        const trm__host_note *note) {
  char *text = NULL, *seen = trm__base_calloc((size_t)notes->ranks, 1);
  int n = 0;
  for (int i = 0; i < note->n; i++) {
    const trm__host_facts *f = &notes->facts[note->rank[i]];
    if (seen[f->host]) continue;
    seen[f->host] = 1;
    if (n++ >= NAMES) continue;
    char *longer =
        trm__base_format("%s%s%s", text ? text : "", text ? ", " : "", f->name);
    free(text);
    text = longer;
  }
  free(seen);
  if (n <= NAMES) return text;
  char *longer = trm__base_format("%s and %d more", text, n - NAMES);
  free(text);
  return longer;
}

static trm__host_finding finding_of(const trm__host_notes *notes,
                                    const trm__host_note *note, int more) {
  char *ranks = note->host ? trm__base_strdup("") : ranks_text(note);
  char *hosts = hosts_text(notes, note), others[48] = "";
  if (more > 0) snprintf(others, sizeof others, " (and %d more like it)", more);
  trm__host_finding f = {.code = note->code};
  f.found = trm__base_format("%s%s: %s", ranks, hosts, note->what);
  f.want = trm__base_format("%s%s", note->right, others);
  f.line = trm__base_format("%s; use %s", f.found, f.want);
  free(ranks);
  free(hosts);
  return f;
}

/* -- lines ----------------------------------------------------------------- */

static void add_lines(const trm__host_notes *notes, trm__host_finding_code code,
                      trm__host_findings *found) {
  int left = 0, said = 0;
  for (int i = 0; i < notes->n; i++) left += notes->list[i].code == code;
  for (int i = 0; i < notes->n && said < LINES; i++) {
    const trm__host_note *note = &notes->list[i];
    if (note->code != code) continue;
    int more = ++said == LINES ? left - LINES : 0;
    found->list =
        trm__base_grow(found->list, (size_t)found->n + 1, sizeof *found->list);
    found->list[found->n++] = finding_of(notes, note, more);
    found->warnings += findings[code].warns;
  }
}

void trm__host_notes_end(trm__host_notes *notes, trm__host_findings *found) {
  for (int code = 0; code < TRM__FINDING_COUNT; code++)
    add_lines(notes, (trm__host_finding_code)code, found);
  for (int i = 0; i < notes->n; i++) {
    free(notes->list[i].what);
    free(notes->list[i].right);
    free(notes->list[i].rank);
  }
  free(notes->list);
  notes->list = NULL;
  notes->n = 0;
}

void trm__host_findings_clear(trm__host_findings *found) {
  for (int i = 0; i < found->n; i++) {
    free(found->list[i].line);
    free(found->list[i].found);
    free(found->list[i].want);
  }
  free(found->list);
  *found = (trm__host_findings){.n = 0};
}
