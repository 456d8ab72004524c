#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <vector>

#include "bindings.h"
#include "hrnet_native/error.h"
#include "hrnet_native/predictor.h"
#include "image_argument.h"
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

std::unique_ptr<Predictor> MakePredictor(const std::optional<std::filesystem::path>& model, const std::string& device,
                                         const std::string& backend, const std::string& precision, int num_threads,
                                         int max_batch_size, int top_k, const std::string& exif,
                                         const std::optional<std::array<std::uint8_t, 3>>& background,
                                         bool allow_truncated, bool fast_decode, const ImageLimits& image_limits) {
  const auto directory =
      model ? *model
            : py::module_::import("hrnet_native.default_model").attr("DIRECTORY").cast<std::filesystem::path>();
  PredictorOptions options;
  options.device = ParseDevice(device);
  options.backend = ParseBackend(backend);
  options.precision = ParsePrecision(precision);
  options.num_threads = num_threads;
  options.max_batch_size = max_batch_size;
  options.top_k = top_k;
  options.image = {ParseExif(exif), background, allow_truncated, fast_decode, image_limits};
  const py::gil_scoped_release nogil;
  return std::make_unique<Predictor>(directory, options);
}

py::object ToPython(const Classification& result) {
  return py::module_::import("hrnet_native.classification")
      .attr("Classification")(py::tuple(py::cast(result.class_ids)), py::tuple(py::cast(result.scores)),
                              py::tuple(py::cast(result.label_names)), result.truncated);
}

py::object PredictOne(const Predictor& self, const ImageArgument& argument, std::optional<int> top_k) {
  const Classification result = [&] {
    const py::gil_scoped_release nogil;
    return self.Predict(argument.source, top_k);
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

py::list PredictMany(const Predictor& self, const py::object& images, std::optional<int> top_k, ColorOrder color,
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
    return self.Predict(sources, top_k);
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

py::object Predict(const Predictor& self, const py::object& image, std::optional<int> top_k, const std::string& color,
                   const std::string& on_error) {
  const ColorOrder order = ParseColor(color);
  const bool raise = ParseWord<bool>("on_error", on_error, {{"raise", true}, {"return", false}});
  if (IsSeveral(image)) return PredictMany(self, image, top_k, order, raise);
  return PredictOne(self, FromPython(image, order), top_k);
}

py::array_t<float> Preprocess(const Predictor& self, const py::object& image, const std::string& color) {
  const ImageArgument argument = FromPython(image, ParseColor(color));
  const ModelInfo& info = self.model_info();
  py::array_t<float> out({info.channels, info.height, info.width});
  float* data = out.mutable_data();
  {
    const py::gil_scoped_release nogil;
    self.Preprocess(argument.source, data);
  }
  return out;
}

py::array_t<float> Infer(const Predictor& self, const py::array& inputs) {
  const ModelInfo& info = self.model_info();
  if (!py::isinstance<py::array_t<float>>(inputs)) RaiseTypeError("inputs must be float32, not " + DtypeText(inputs));
  if (inputs.ndim() != 4 || inputs.shape(0) < 1 || inputs.shape(1) != info.channels || inputs.shape(2) != info.height ||
      inputs.shape(3) != info.width) {
    throw Error(ErrorCode::kInvalidArgument, "inputs must have shape (N, " + std::to_string(info.channels) + ", " +
                                                 std::to_string(info.height) + ", " + std::to_string(info.width) +
                                                 ") with N at least 1, not " + ShapeText(inputs));
  }
  const auto packed = py::array_t<float, py::array::c_style>::ensure(inputs);
  py::array_t<float> scores({packed.shape(0), static_cast<py::ssize_t>(info.num_classes)});
  const float* in = packed.data();
  float* out = scores.mutable_data();
  {
    const py::gil_scoped_release nogil;
    self.Infer(in, static_cast<int>(packed.shape(0)), out);
  }
  return scores;
}

}  // namespace

void RegisterPredictor(py::module_& module) {
  const PredictorOptions defaults;
  py::class_<Predictor>(module, "Predictor")
      .def(py::init(&MakePredictor), py::arg("model") = py::none(), py::arg("device") = "cpu", py::kw_only(),
           py::arg("backend") = "auto", py::arg("precision") = "fp32", py::arg("num_threads") = defaults.num_threads,
           py::arg("max_batch_size") = defaults.max_batch_size, py::arg("top_k") = defaults.top_k,
           py::arg("exif") = "apply", py::arg("background") = py::none(), py::arg("allow_truncated") = false,
           py::arg("fast_decode") = false, py::arg("image_limits") = defaults.image.limits)
      .def("predict", &Predict, py::arg("image"), py::kw_only(), py::arg("top_k") = py::none(),
           py::arg("color") = "rgb", py::arg("on_error") = "raise")
      .def("preprocess", &Preprocess, py::arg("image"), py::kw_only(), py::arg("color") = "rgb")
      .def("infer", &Infer, py::arg("inputs"))
      .def("close", &Predictor::Close, py::call_guard<py::gil_scoped_release>())
      .def("__enter__", [](const py::object& self) { return self; })
      .def("__exit__",
           [](Predictor& self, const py::args&) {
             const py::gil_scoped_release nogil;
             self.Close();
           })
      .def_property_readonly("backend", [](const Predictor& self) { return Name(self.backend()); })
      .def_property_readonly("num_threads", &Predictor::num_threads)
      .def_property_readonly("model_name", [](const Predictor& self) { return self.model_info().name; })
      .def_property_readonly("num_classes", [](const Predictor& self) { return self.model_info().num_classes; })
      .def_property_readonly("label_names",
                             [](const Predictor& self) { return py::tuple(py::cast(self.model_info().labels)); })
      .def_property_readonly("input_shape", [](const Predictor& self) {
        const ModelInfo& info = self.model_info();
        return py::make_tuple(info.channels, info.height, info.width);
      });
}

}  // namespace hrnet_native::bindings
