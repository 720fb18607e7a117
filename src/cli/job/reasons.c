#include "cli/job/reasons.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"

/* Frees the text later. */
static void reason(trm__cli_job_request *job, const char *label, char *text) {
  trm__launch_script *s = &job->script;
  for (char *c = text; *c; c++)
    if (iscntrl((unsigned char)*c)) *c = '?'; /* in a file name */
  s->reason[s->reasons++] = (trm__launch_reason){label, text};
}

static void say_hosts(trm__cli_job_request *job) {
  const trm__run_estimate *n = &job->estimate;
  if (n->hosts < 1) {
    reason(job, "hosts",
           trm__base_strdup(
               "left to the batch system: neither a machine file nor a "
               "site file describes them"));
    return;
  }
  char *memory =
      job->host.memory > 0
          ? trm__base_format(" and %s for jobs",
                             trm__base_text_bytes(job->host.memory).s)
          : trm__base_strdup("");
  reason(job, "hosts",
         trm__base_format("%d with %s each: hosts have %s%s (%s)", n->hosts,
                          trm__base_text_count(n->per_host, "rank").s,
                          trm__base_text_count(job->host.cores, "core").s,
                          memory, job->known_from));
  free(memory);
}

static void say_memory(trm__cli_job_request *job) {
  const trm__run_estimate *n = &job->estimate;
  if (n->resident > 0)
    reason(
        job, "memory",
        trm__base_format(
            "%s per rank: %s by the work model, plus %.0f %%, plus %s "
            "for the program and MPI",
            trm__base_text_bytes(n->memory).s,
            trm__base_text_bytes(n->resident).s, 100 * (TRM__ESTIMATE_MORE - 1),
            trm__base_text_bytes(TRM__ESTIMATE_PROGRAM).s));
  else
    reason(job, "memory",
           trm__base_strdup("left to the site: there is no work model"));
}

static void say_sample(trm__cli_job_request *job) {
  if (job->estimate.sampled)
    reason(job, "model",
           trm__base_format("estimated from the work of %d of the %d ranks: "
                            "the kernel states no plan",
                            job->estimate.sampled, job->estimate.ranks));
}

/* Each job spends time to start and end. */
static void say_jobs(trm__cli_job_request *job) {
  double useful =
      fmax(job->script.time - TRM__ESTIMATE_ENDS, job->script.time / 2);
  if (job->command->want->checkpoint)
    reason(job, "jobs",
           trm__base_format("about %.0f jobs of %s",
                            ceil(job->estimate.seconds / useful),
                            trm__base_text_duration(job->script.time).s));
  else
    reason(
        job, "warning",
        trm__base_strdup("less time than estimated: without --checkpoint DIR a "
                         "run that does not finish in time is lost"));
}

static void say_time(trm__cli_job_request *job) {
  const trm__run_estimate *n = &job->estimate;
  char *why =
      n->seconds > 0
          ? trm__base_format(
                "%s: %lld steps take %s at %s, times %g because kernels stay "
                "below it, plus %s to start and end",
                trm__base_text_duration(n->seconds).s, (long long)n->steps,
                trm__base_text_duration(n->attainable).s,
                trm__meter_roof_name(n->roof), TRM__ESTIMATE_SLOWER,
                trm__base_text_duration(TRM__ESTIMATE_ENDS).s)
          : trm__base_strdup("not known");
  if (job->asked > job->script.time)
    reason(
        job, "time",
        trm__base_format("the limit of the site (requested: %s); estimated: %s",
                         trm__base_text_duration(job->asked).s, why));
  else if (job->asked > 0)
    reason(job, "time", trm__base_format("as requested; estimated: %s", why));
  else if (job->guessed)
    reason(job, "time",
           trm__base_format("a default, not an estimate: %s", job->guessed));
  else
    reason(job, "time", trm__base_strdup(why));
  free(why);
  if (n->seconds > job->script.time) say_jobs(job);
}

void trm__cli_job_explain(trm__cli_job_request *job) {
  say_hosts(job);
  say_sample(job);
  say_memory(job);
  say_time(job);
}

void trm__cli_job_clear(trm__cli_job_request *job) {
  for (int i = 0; i < job->script.reasons; i++)
    free(job->script.reason[i].text);
  job->script.reasons = 0;
  free(job->guessed);
  job->guessed = NULL;
}
