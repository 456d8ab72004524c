#pragma once

#include <memory>

#include "bindings.h"
#include "predictor_object.h"

namespace hrnet_native::bindings {

/// What Predictor.from_bytes hands to the constructor in place of a directory.
struct PythonModelBytes {
  py::bytes program, params, config, native;
};

/// Python's constructor: words and numbers to options, the model to its files, and the core's constructor. `model`:
/// PythonModelBytes, the path or the name of a model, or None for the one that ships with the package.
std::unique_ptr<PredictorObject> MakePredictor(const py::object& model, const py::object& device,
                                               const py::object& backend, const py::object& precision,
                                               const py::object& memory, const py::object& num_threads,
                                               const py::object& num_instances, const py::object& max_batch_size,
                                               const py::object& max_queue_size, const py::object& max_queue_delay_us,
                                               const py::object& top_k, const py::object& warmup, bool verify,
                                               const py::object& exif, const py::object& background,
                                               bool allow_truncated, bool fast_decode, const py::object& image_limits,
                                               const py::object& device_id, const py::object& gpu_memory_pool_mb,
                                               const py::object& tensorrt, const py::object& cache_dir);

/// The options in use as hrnet_native.TensorRtOptions.
py::object ToPython(const TensorRtOptions& options);

}  // namespace hrnet_native::bindings
