#include "make_predictor.h"

#include <pybind11/stl.h>

#include <memory>
#include <utility>

#include "arguments.h"
#include "gil.h"
#include "hrnet_native/error.h"
#include "image_argument.h"
#include "image_limits.h"
#include "python_call.h"
#include "words.h"

namespace hrnet_native::bindings {
namespace {

/// Hands a message to Python's logger "hrnet_native". Called on the thread that constructs the predictor.
void LogToPython(LogLevel level, const std::string& message) {
  const GilHeld gil;
  try {
    const py::object number = Attribute("logging", level == LogLevel::kDebug ? "DEBUG" : "WARNING");
    CallMethod(Call("logging", "getLogger", "hrnet_native"), "log", number, "%s", message);
  } catch (py::error_already_set& error) {
    error.discard_as_unraisable("hrnet_native logging");
  }
}

std::unique_ptr<PredictorObject> LoadBytes(const PythonModelBytes& bytes, const PredictorOptions& options) {
  const ModelBytes files{bytes.program, bytes.params, bytes.config, bytes.native};
  const GilReleased no_gil;
  return std::make_unique<PredictorObject>(Predictor::FromBytes(files, options));
}

/// `model`: a path, a published model's name or None.
std::unique_ptr<PredictorObject> LoadFiles(const py::object& model, const py::object& device, const py::object& backend,
                                           const py::object& cache_dir, PredictorOptions options) {
  const py::tuple files = Call("hrnet_native._model_directory", "find_files", model, device, backend, cache_dir);
  const std::filesystem::path directory = ToPath("model", files[0]);
  options.native_file = ToOptional("native_file", files[1], ToPath).value_or("");
  const GilReleased no_gil;
  return std::make_unique<PredictorObject>(Predictor(directory, options));
}

/// From hrnet_native.TensorRtOptions, or None for the defaults.
TensorRtOptions ToTensorRtOptions(const py::object& options) {
  if (options.is_none()) return {};
  if (!IsInstance(options, Attribute("hrnet_native.tensorrt_options", "TensorRtOptions"))) {
    RaiseTypeError("tensorrt must be a TensorRtOptions, not " + TypeName(options));
  }
  return {ToInteger<int>("tensorrt.workspace_mb", options.attr("workspace_mb")),
          ToInteger<int>("tensorrt.min_subgraph_size", options.attr("min_subgraph_size")),
          ToInteger<int>("tensorrt.optimal_batch_size", options.attr("optimal_batch_size")),
          options.attr("build").cast<bool>()};
}

/// `model`: PythonModelBytes, the path or the name of a model, or None for the one that ships with the package.
std::unique_ptr<PredictorObject> MakePredictor(
    const py::object& model, const py::object& device, const py::object& backend, const py::object& precision,
    const py::object& memory, const py::object& num_threads, const py::object& num_instances, bool strict_budget,
    bool private_runtime, const py::object& max_batch_size, const py::object& max_queue_size,
    const py::object& max_queue_delay_us, const py::object& top_k, const py::object& warmup, bool verify,
    const py::object& exif, const py::object& background, bool allow_truncated, bool fast_decode,
    const py::object& image_limits, const py::object& device_id, const py::object& gpu_memory_pool_mb,
    const py::object& tensorrt, const py::object& cache_dir) {
  PredictorOptions options;
  options.device = ToWord("device", device, DeviceWords());
  options.backend = ToWord("backend", backend, BackendWords());
  options.precision = ToWord("precision", precision, PrecisionWords());
  options.memory = ToWord("memory", memory, MemoryWords());
  options.num_threads = ToInteger<int>("num_threads", num_threads);
  options.num_instances = ToInteger<int>("num_instances", num_instances);
  options.strict_budget = strict_budget;
  options.private_runtime = private_runtime;
  options.max_batch_size = ToInteger<int>("max_batch_size", max_batch_size);
  options.max_queue_size = ToInteger<int>("max_queue_size", max_queue_size);
  options.max_queue_delay =
      std::chrono::microseconds(ToInteger<std::int64_t>("max_queue_delay_us", max_queue_delay_us));
  options.top_k = ToInteger<int>("top_k", top_k);
  options.image = {ToWord("exif", exif, ExifWords()), ToBackground(background), allow_truncated, fast_decode,
                   ToImageLimits("image_limits", image_limits)};
  options.warmup = ToIntegers("warmup", warmup);
  options.verify = verify;
  options.log = LogToPython;
  options.device_id = ToInteger<int>("device_id", device_id);
  options.gpu_memory_pool_mb = ToInteger<int>("gpu_memory_pool_mb", gpu_memory_pool_mb);
  options.tensorrt = ToTensorRtOptions(tensorrt);
  options.cache_dir = ToOptional("cache_dir", cache_dir, ToPath).value_or("");
  if (py::isinstance<PythonModelBytes>(model)) return LoadBytes(model.cast<const PythonModelBytes&>(), options);
  ToOptional("model", model, ToPath);  // throws where it is none
  return LoadFiles(model, device, backend, cache_dir, std::move(options));
}

}  // namespace

void AddConstructor(DocumentedClass<PredictorObject>& predictor) {
  const PredictorOptions defaults;
  predictor.Constructor(
      &MakePredictor, Arg("model") = py::none(), Arg("device") = "cpu", py::kw_only(), Arg("backend") = "auto",
      Arg("precision") = "fp32", Arg("memory") = "normal", Arg("num_threads") = defaults.num_threads,
      Arg("num_instances") = defaults.num_instances, Arg("strict_budget") = defaults.strict_budget,
      Arg("private_runtime") = defaults.private_runtime, Arg("max_batch_size") = defaults.max_batch_size,
      Arg("max_queue_size") = defaults.max_queue_size, Arg("max_queue_delay_us") = defaults.max_queue_delay.count(),
      Arg("top_k") = defaults.top_k, Arg("warmup") = py::tuple(), Arg("verify") = defaults.verify,
      Arg("exif") = "apply", Arg("background") = py::none(), Arg("allow_truncated") = false, Arg("fast_decode") = false,
      Arg("image_limits") = py::none(), Arg("device_id") = defaults.device_id,
      Arg("gpu_memory_pool_mb") = defaults.gpu_memory_pool_mb, Arg("tensorrt") = py::none(),
      Arg("cache_dir") = py::none());
}

py::object ToPython(const TensorRtOptions& options) {
  return Call("hrnet_native.tensorrt_options", "TensorRtOptions", options.workspace_mb, options.min_subgraph_size,
              options.optimal_batch_size, options.build);
}

}  // namespace hrnet_native::bindings
