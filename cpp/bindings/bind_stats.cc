#include <pybind11/stl.h>

#include "documented_class.h"
#include "hrnet_native/stats.h"
#include "registration.h"

namespace hrnet_native::bindings {

void RegisterStats(py::module_& module) {
  DocumentedClass<StageStats>(module, "StageStats")
      .Field("count", &StageStats::count)
      .Field("total_ns", &StageStats::total_ns)
      .Field("p50_ns", &StageStats::p50_ns)
      .Field("p90_ns", &StageStats::p90_ns)
      .Field("p99_ns", &StageStats::p99_ns)
      .ReprOfProperties();
  DocumentedClass<RejectStats>(module, "RejectStats")
      .Field("queue_full", &RejectStats::queue_full)
      .Field("deadline_exceeded", &RejectStats::deadline_exceeded)
      .Field("cancelled", &RejectStats::cancelled)
      .Field("closed", &RejectStats::closed)
      .Field("bad_input", &RejectStats::bad_input)
      .Field("internal", &RejectStats::internal)
      .ReprOfProperties();
  DocumentedClass<Stats>(module, "Stats")
      .Field("inference_count", &Stats::inference_count)
      .Field("execution_count", &Stats::execution_count)
      .Field("mean_batch_size", &Stats::mean_batch_size)
      .Property("batch_sizes", [](const Stats& stats) { return py::tuple(py::cast(stats.batch_sizes)); })
      .Field("decode", &Stats::decode)
      .Field("preprocess", &Stats::preprocess)
      .Field("queue", &Stats::queue)
      .Field("infer", &Stats::infer)
      .Field("postprocess", &Stats::postprocess)
      .Field("total", &Stats::total)
      .Field("rejected", &Stats::rejected)
      .Field("queue_size", &Stats::queue_size)
      .Field("file_bytes", &Stats::file_bytes)
      .Field("weights_bytes", &Stats::weights_bytes)
      .Field("arena_bytes", &Stats::arena_bytes)
      .ReprOfProperties();
}

}  // namespace hrnet_native::bindings
