#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <algorithm>
#include <climits>
#include <cmath>
#include <vector>

#include "bindings.h"
#include "hrnet_native/error.h"
#include "hrnet_native/predictor.h"
#include "image_argument.h"
#include "predictor_object.h"
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

Memory ParseMemory(const std::string& word) {
  return ParseWord<Memory>("memory", word, {{"normal", Memory::kNormal}, {"low", Memory::kLow}});
}

/// From hrnet_native.TensorRtOptions, or None for the defaults.
TensorRtOptions ParseTensorRt(const py::object& options) {
  if (options.is_none()) return {};
  return {options.attr("workspace_mb").cast<int>(), options.attr("min_subgraph_size").cast<int>(),
          options.attr("optimal_batch_size").cast<int>(), options.attr("build").cast<bool>()};
}

std::unique_ptr<PredictorObject> MakePredictor(
    const std::optional<std::filesystem::path>& model, const std::string& device, const std::string& backend,
    const std::string& precision, const std::string& memory, int num_threads, int num_instances, int max_batch_size,
    int max_queue_size, std::int64_t max_queue_delay_us, int top_k, const std::vector<int>& warmup,
    const std::string& exif, const std::optional<std::array<std::uint8_t, 3>>& background, bool allow_truncated,
    bool fast_decode, const ImageLimits& image_limits, int device_id, int gpu_memory_pool_mb,
    const py::object& tensorrt, const std::optional<std::filesystem::path>& cache_dir) {
  const std::filesystem::path directory = FindDirectory(model, cache_dir);
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
  options.log = LogToPython;
  options.device_id = device_id;
  options.gpu_memory_pool_mb = gpu_memory_pool_mb;
  options.tensorrt = ParseTensorRt(tensorrt);
  options.cache_dir = cache_dir.value_or("");
  const py::object native_file =
      py::module_::import("hrnet_native.compiler.first_use").attr("native_file")(directory, device, backend, cache_dir);
  if (!native_file.is_none()) options.native_file = native_file.cast<std::filesystem::path>();
  const py::gil_scoped_release nogil;
  return std::make_unique<PredictorObject>(Predictor(directory, options));
}

/// `timeout` in seconds, as everywhere in Python.
RequestOptions MakeRequestOptions(std::optional<int> top_k, std::optional<double> timeout) {
  RequestOptions options;
  options.top_k = top_k;
  if (!timeout) return options;
  if (!(*timeout > 0)) {
    throw Error(ErrorCode::kInvalidArgument,
                "timeout must be above 0 seconds, not " + std::string(py::str(py::float_(*timeout))));
  }
  constexpr double kEndless = 1e9;
  options.timeout = std::chrono::microseconds(static_cast<std::int64_t>(std::ceil(std::min(*timeout, kEndless) * 1e6)));
  return options;
}

py::object PredictOne(const Predictor& self, const ImageArgument& argument, const RequestOptions& options) {
  const Classification result = [&] {
    const py::gil_scoped_release nogil;
    return self.Predict(argument.source, options);
  }();
  return ToPython(result);
}

/// Raises the first exception among the results, with all of them in its attribute `results`.
void RaiseFirst(const py::list& results) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    const py::handle result = results[i];
    if (PyExceptionInstance_Check(result.ptr()) == 0) continue;
    Raise(py::module_::import("hrnet_native.errors").attr("at_index")(result, i, results));
  }
}

py::list PredictMany(const Predictor& self, const py::object& images, const RequestOptions& options, ColorOrder color,
                     bool raise) {
  py::list results;
  std::vector<ImageArgument> arguments;
  std::vector<std::size_t> positions;
  for (const py::handle item : py::list(images)) {
    try {
      arguments.push_back(FromPython(item, color));
      positions.push_back(results.size());
      results.append(py::none());
    } catch (...) {
      results.append(ToPythonException(std::current_exception()));
    }
  }
  std::vector<ImageSource> sources;
  sources.reserve(arguments.size());
  for (const ImageArgument& argument : arguments) sources.push_back(argument.source);
  const std::vector<Outcome> outcomes = [&] {
    const py::gil_scoped_release nogil;
    return self.Predict(sources, options);
  }();
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    results[positions[i]] =
        outcomes[i].error ? ToPythonException(outcomes[i].error) : ToPython(outcomes[i].classification);
  }
  if (raise) RaiseFirst(results);
  return results;
}

bool IsSeveral(const py::object& image) {
  if (py::isinstance<py::list>(image) || py::isinstance<py::tuple>(image)) return true;
  return py::isinstance<py::array>(image) && py::reinterpret_borrow<py::array>(image).ndim() == 4;
}

py::object Predict(const PredictorObject& self, const py::object& image, std::optional<int> top_k,
                   const std::string& color, const std::string& on_error, std::optional<double> timeout) {
  const RequestOptions options = MakeRequestOptions(top_k, timeout);
  const ColorOrder order = ParseColor(color);
  const bool raise = ParseWord<bool>("on_error", on_error, {{"raise", true}, {"return", false}});
  if (IsSeveral(image)) return PredictMany(self.core, image, options, order, raise);
  return PredictOne(self.core, FromPython(image, order), options);
}

py::array_t<float> Preprocess(const PredictorObject& self, const py::object& image, const std::string& color) {
  const ImageArgument argument = FromPython(image, ParseColor(color));
  const ModelInfo& info = self.core.model_info();
  py::array_t<float> out({info.channels, info.height, info.width});
  float* data = out.mutable_data();
  {
    const py::gil_scoped_release nogil;
    self.core.Preprocess(argument.source, data);
  }
  return out;
}

/// `out` as an array to write to. It must be the caller's own memory: no copy of it would be seen.
py::array_t<float> CheckOut(const py::object& out, py::ssize_t batch, py::ssize_t num_classes) {
  if (!py::isinstance<py::array_t<float, py::array::c_style>>(out)) {
    RaiseTypeError("out must be a C-contiguous float32 array");
  }
  auto array = py::reinterpret_borrow<py::array_t<float>>(out);
  if (array.ndim() != 2 || array.shape(0) != batch || array.shape(1) != num_classes || !array.writeable()) {
    throw Error(ErrorCode::kInvalidArgument, "out must be writable and have shape (" + std::to_string(batch) + ", " +
                                                 std::to_string(num_classes) + "), not " + ShapeText(array));
  }
  return array;
}

py::array_t<float> Infer(const PredictorObject& self, const py::array& inputs, const py::object& out,
                         std::optional<double> timeout) {
  const ModelInfo& info = self.core.model_info();
  const RequestOptions options = MakeRequestOptions(std::nullopt, timeout);
  if (!py::isinstance<py::array_t<float>>(inputs)) RaiseTypeError("inputs must be float32, not " + DtypeText(inputs));
  if (inputs.ndim() != 4 || inputs.shape(0) < 1 || inputs.shape(0) > INT_MAX || inputs.shape(1) != info.channels ||
      inputs.shape(2) != info.height || inputs.shape(3) != info.width) {
    throw Error(ErrorCode::kInvalidArgument, "inputs must have shape (N, " + std::to_string(info.channels) + ", " +
                                                 std::to_string(info.height) + ", " + std::to_string(info.width) +
                                                 ") with N at least 1, not " + ShapeText(inputs));
  }
  const auto packed = py::array_t<float, py::array::c_style>::ensure(inputs);
  py::array_t<float> scores = out.is_none()
                                  ? py::array_t<float>({packed.shape(0), static_cast<py::ssize_t>(info.num_classes)})
                                  : CheckOut(out, packed.shape(0), info.num_classes);
  const float* from = packed.data();
  float* to = scores.mutable_data();
  {
    const py::gil_scoped_release nogil;
    self.core.Infer(from, static_cast<int>(packed.shape(0)), to, options);
  }
  return scores;
}

py::object Submit(const py::object& self, const py::object& image, std::optional<int> top_k, const std::string& color,
                  std::optional<double> timeout) {
  return PredictorObject::Submit(self, image, MakeRequestOptions(top_k, timeout), ParseColor(color));
}

py::object PredictIter(const py::object& self, const py::object& images, const py::kwargs& options) {
  return py::module_::import("hrnet_native._predict_iter").attr("predict_iter")(self, images, **options);
}

std::unique_ptr<PredictorObject> Clone(const PredictorObject& self) {
  const py::gil_scoped_release nogil;
  return std::make_unique<PredictorObject>(self.core.Clone());
}

void Close(PredictorObject& self) {
  const py::gil_scoped_release nogil;
  self.Close();
}

}  // namespace

void RegisterPredictor(py::module_& module) {
  const PredictorOptions defaults;
  using Self = PredictorObject;
  py::class_<Self>(module, "Predictor")
      .def(py::init(&MakePredictor), py::arg("model") = py::none(), py::arg("device") = "cpu", py::kw_only(),
           py::arg("backend") = "auto", py::arg("precision") = "fp32", py::arg("memory") = "normal",
           py::arg("num_threads") = defaults.num_threads, py::arg("num_instances") = defaults.num_instances,
           py::arg("max_batch_size") = defaults.max_batch_size, py::arg("max_queue_size") = defaults.max_queue_size,
           py::arg("max_queue_delay_us") = defaults.max_queue_delay.count(), py::arg("top_k") = defaults.top_k,
           py::arg("warmup") = py::tuple(), py::arg("exif") = "apply", py::arg("background") = py::none(),
           py::arg("allow_truncated") = false, py::arg("fast_decode") = false,
           py::arg("image_limits") = defaults.image.limits, py::arg("device_id") = defaults.device_id,
           py::arg("gpu_memory_pool_mb") = defaults.gpu_memory_pool_mb, py::arg("tensorrt") = py::none(),
           py::arg("cache_dir") = py::none())
      .def("predict", &Predict, py::arg("image"), py::kw_only(), py::arg("top_k") = py::none(),
           py::arg("color") = "rgb", py::arg("on_error") = "raise", py::arg("timeout") = py::none())
      .def("submit", &Submit, py::arg("image"), py::kw_only(), py::arg("top_k") = py::none(), py::arg("color") = "rgb",
           py::arg("timeout") = py::none())
      .def("predict_iter", &PredictIter, py::arg("images"))
      .def("preprocess", &Preprocess, py::arg("image"), py::kw_only(), py::arg("color") = "rgb")
      .def("infer", &Infer, py::arg("inputs"), py::kw_only(), py::arg("out") = py::none(),
           py::arg("timeout") = py::none())
      .def(
          "warmup",
          [](const Self& self, const std::vector<int>& batch_sizes, int iterations) {
            const py::gil_scoped_release nogil;
            self.core.Warmup(batch_sizes, iterations);
          },
          py::arg("batch_sizes") = py::make_tuple(1), py::arg("iterations") = 3)
      .def("clone", &Clone)
      .def("stats", [](const Self& self) { return self.core.stats(); })
      .def("reset_stats", [](const Self& self) { self.core.ResetStats(); })
      .def("close", &Close)
      .def("__enter__", [](const py::object& self) { return self; })
      .def("__exit__", [](Self& self, const py::args&) { Close(self); })
      .def_property_readonly("backend", [](const Self& self) { return Name(self.core.options().backend); })
      .def_property_readonly("num_threads", [](const Self& self) { return self.core.options().num_threads; })
      .def_property_readonly("num_instances", [](const Self& self) { return self.core.options().num_instances; })
      .def_property_readonly("max_batch_size", [](const Self& self) { return self.core.options().max_batch_size; })
      .def_property_readonly("max_queue_size", [](const Self& self) { return self.core.options().max_queue_size; })
      .def_property_readonly("model_name", [](const Self& self) { return self.core.model_info().name; })
      .def_property_readonly("num_classes", [](const Self& self) { return self.core.model_info().num_classes; })
      .def_property_readonly("label_names",
                             [](const Self& self) { return py::tuple(py::cast(self.core.model_info().labels)); })
      .def_property_readonly("input_shape", [](const Self& self) {
        const ModelInfo& info = self.core.model_info();
        return py::make_tuple(info.channels, info.height, info.width);
      });
}

}  // namespace hrnet_native::bindings
