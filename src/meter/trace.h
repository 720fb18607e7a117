/* The timeline of a run: its windows in the Chrome trace format, which Perfetto
 * opens. Ranks are processes and their threads rows; sites, waiting, transfers
 * and checkpoints are bars, messages arrows. Rank 0 writes windows as they
 * arrive to FILE.part, which is then renamed. */
#ifndef TRM_METER_TRACE_H
#define TRM_METER_TRACE_H

#include "meter/gather.h"

typedef struct trm__meter_trace trm__meter_trace;

/** Begin a timeline. Local; on all ranks, the file is rank 0's.
 * \param title of the run */
trm__meter_trace *trm__meter_trace_new(const trm_run *, const char *path,
                                       const char *title);

/** Bytes that a window of this rank takes at most. Pure. */
double trm__meter_trace_size(const trm__comm_meter *, int window);

/** Choose windows, spread evenly, that fit into the file: 64 MiB, or
 * $TRM_TRACE_LIMIT bytes. If not even one fits, its beginning is shown.
 * \param size of all ranks together */
void trm__meter_trace_choose(trm__meter_trace *, int windows,
                             const double size[]);

/** Is this window in the timeline? The same on all ranks. */
bool trm__meter_trace_shows(const trm__meter_trace *, int window);

/** Write a window. Rank 0.  \param record of all ranks */
void trm__meter_trace_window(trm__meter_trace *, const trm__meter_window_view *,
                             const trm__meter_replayed *,
                             const trm__meter_record *record);

/** End the file and rename it; takes NULL and clears. Collective. Fails with
 * TRM_EFILE.  \param made steps made by the run */
trm_status trm__meter_trace_close(trm_run *, trm__meter_trace **, int64_t made);

#endif
