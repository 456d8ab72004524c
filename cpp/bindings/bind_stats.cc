#include <pybind11/stl.h>

#include "bindings.h"
#include "hrnet_native/stats.h"

namespace hrnet_native::bindings {

void RegisterStats(py::module_& module) {
  py::class_<StageStats>(module, "StageStats")
      .def_readonly("count", &StageStats::count)
      .def_readonly("total_ns", &StageStats::total_ns)
      .def_readonly("p50_ns", &StageStats::p50_ns)
      .def_readonly("p90_ns", &StageStats::p90_ns)
      .def_readonly("p99_ns", &StageStats::p99_ns);
  py::class_<RejectStats>(module, "RejectStats")
      .def_readonly("queue_full", &RejectStats::queue_full)
      .def_readonly("deadline_exceeded", &RejectStats::deadline_exceeded)
      .def_readonly("cancelled", &RejectStats::cancelled)
      .def_readonly("closed", &RejectStats::closed)
      .def_readonly("bad_input", &RejectStats::bad_input)
      .def_readonly("internal", &RejectStats::internal);
  py::class_<Stats>(module, "Stats")
      .def_readonly("inference_count", &Stats::inference_count)
      .def_readonly("execution_count", &Stats::execution_count)
      .def_readonly("mean_batch_size", &Stats::mean_batch_size)
      .def_property_readonly("batch_sizes", [](const Stats& stats) { return py::tuple(py::cast(stats.batch_sizes)); })
      .def_readonly("decode", &Stats::decode)
      .def_readonly("preprocess", &Stats::preprocess)
      .def_readonly("queue", &Stats::queue)
      .def_readonly("infer", &Stats::infer)
      .def_readonly("postprocess", &Stats::postprocess)
      .def_readonly("total", &Stats::total)
      .def_readonly("rejected", &Stats::rejected)
      .def_readonly("queue_size", &Stats::queue_size)
      .def_readonly("file_bytes", &Stats::file_bytes)
      .def_readonly("weights_bytes", &Stats::weights_bytes)
      .def_readonly("arena_bytes", &Stats::arena_bytes);
}

}  // namespace hrnet_native::bindings
