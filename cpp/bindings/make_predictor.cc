#include "make_predictor.h"

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <utility>

#include "hrnet_native/error.h"
#include "hrnet_native/predictor.h"
#include "words.h"

namespace hrnet_native::bindings {
namespace {

Backend ParseBackend(const std::string& word) {
  return ParseWord("backend", word,
                   WordsOf({Backend::kAuto, Backend::kNative, Backend::kOneDnn, Backend::kOpenVino, Backend::kCpu,
                            Backend::kCuda, Backend::kTensorRt}));
}

Device ParseDevice(const std::string& word) {
  return ParseWord<Device>("device", word, {{"cpu", Device::kCpu}, {"gpu", Device::kGpu}});
}

Precision ParsePrecision(const std::string& word) {
  return ParseWord<Precision>(
      "precision", word,
      {{"fp32", Precision::kFp32}, {"fp16", Precision::kFp16}, {"bf16", Precision::kBf16}, {"int8", Precision::kInt8}});
}

/// Hands a message to Python's logger "hrnet_native". Called on the thread that constructs the predictor.
void LogToPython(LogLevel level, const std::string& message) {
  const py::gil_scoped_acquire gil;
  try {
    const py::module_ logging = py::module_::import("logging");
    const py::object number = logging.attr(level == LogLevel::kDebug ? "DEBUG" : "WARNING");
    logging.attr("getLogger")("hrnet_native").attr("log")(number, "%s", message);
  } catch (py::error_already_set& error) {
    error.discard_as_unraisable("hrnet_native logging");
  }
}

/// A model directory: the one in the package, the one given, or the one that a published model's name stands for.
std::filesystem::path FindDirectory(const std::optional<std::filesystem::path>& model,
                                    const std::optional<std::filesystem::path>& cache_dir) {
  const py::object directory =
      !model ? py::object(py::module_::import("hrnet_native.default_model").attr("DIRECTORY"))
      : std::filesystem::exists(*model)
          ? py::cast(*model)
          : py::object(py::module_::import("hrnet_native._model_directory").attr("find_named")(*model, cache_dir));
  return directory.cast<std::filesystem::path>();
}

std::unique_ptr<PredictorObject> Load(const ModelArgument& model, const std::string& device, const std::string& backend,
                                      const std::optional<std::filesystem::path>& cache_dir, PredictorOptions options) {
  if (model && std::holds_alternative<PythonModelBytes>(*model)) {
    const auto& bytes = std::get<PythonModelBytes>(*model);
    const ModelBytes files{bytes.program, bytes.params, bytes.config, bytes.native};
    const py::gil_scoped_release nogil;
    return std::make_unique<PredictorObject>(Predictor::FromBytes(files, options));
  }
  const std::filesystem::path directory =
      FindDirectory(model ? std::optional(std::get<std::filesystem::path>(*model)) : std::nullopt, cache_dir);
  const py::object native_file =
      py::module_::import("hrnet_native.compiler.first_use").attr("native_file")(directory, device, backend, cache_dir);
  if (!native_file.is_none()) options.native_file = native_file.cast<std::filesystem::path>();
  const py::gil_scoped_release nogil;
  return std::make_unique<PredictorObject>(Predictor(directory, options));
}

Memory ParseMemory(const std::string& word) {
  return ParseWord<Memory>("memory", word, {{"normal", Memory::kNormal}, {"low", Memory::kLow}});
}

/// From hrnet_native.TensorRtOptions, or None for the defaults.
TensorRtOptions ParseTensorRt(const py::object& options) {
  if (options.is_none()) return {};
  return {options.attr("workspace_mb").cast<int>(), options.attr("min_subgraph_size").cast<int>(),
          options.attr("optimal_batch_size").cast<int>(), options.attr("build").cast<bool>()};
}

}  // namespace

std::unique_ptr<PredictorObject> MakePredictor(
    const ModelArgument& model, const std::string& device, const std::string& backend, const std::string& precision,
    const std::string& memory, int num_threads, int num_instances, int max_batch_size, int max_queue_size,
    std::int64_t max_queue_delay_us, int top_k, const std::vector<int>& warmup, bool verify, const std::string& exif,
    const std::optional<std::array<std::uint8_t, 3>>& background, bool allow_truncated, bool fast_decode,
    const ImageLimits& image_limits, int device_id, int gpu_memory_pool_mb, const py::object& tensorrt,
    const std::optional<std::filesystem::path>& cache_dir) {
  PredictorOptions options;
  options.device = ParseDevice(device);
  options.backend = ParseBackend(backend);
  options.precision = ParsePrecision(precision);
  options.memory = ParseMemory(memory);
  options.num_threads = num_threads;
  options.num_instances = num_instances;
  options.max_batch_size = max_batch_size;
  options.max_queue_size = max_queue_size;
  options.max_queue_delay = std::chrono::microseconds(max_queue_delay_us);
  options.top_k = top_k;
  options.image = {ParseExif(exif), background, allow_truncated, fast_decode, image_limits};
  options.warmup = warmup;
  options.verify = verify;
  options.log = LogToPython;
  options.device_id = device_id;
  options.gpu_memory_pool_mb = gpu_memory_pool_mb;
  options.tensorrt = ParseTensorRt(tensorrt);
  options.cache_dir = cache_dir.value_or("");
  return Load(model, device, backend, cache_dir, std::move(options));
}

}  // namespace hrnet_native::bindings
