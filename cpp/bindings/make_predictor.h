#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bindings.h"
#include "predictor_object.h"

namespace hrnet_native::bindings {

/// What Predictor.from_bytes hands to the constructor in place of a directory.
struct PythonModelBytes {
  py::bytes program, params, config, native;
};

/// None: the model that ships with the package.
using ModelArgument = std::optional<std::variant<PythonModelBytes, std::filesystem::path>>;

/// Python's constructor: words and numbers to options, the model to its files, and the core's constructor.
std::unique_ptr<PredictorObject> MakePredictor(
    const ModelArgument& model, const std::string& device, const std::string& backend, const std::string& precision,
    const std::string& memory, int num_threads, int num_instances, int max_batch_size, int max_queue_size,
    std::int64_t max_queue_delay_us, int top_k, const std::vector<int>& warmup, bool verify, const std::string& exif,
    const std::optional<std::array<std::uint8_t, 3>>& background, bool allow_truncated, bool fast_decode,
    const ImageLimits& image_limits, int device_id, int gpu_memory_pool_mb, const py::object& tensorrt,
    const std::optional<std::filesystem::path>& cache_dir);

}  // namespace hrnet_native::bindings
