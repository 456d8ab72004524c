#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <cmath>
#include <vector>

#include "argument.h"
#include "bindings.h"
#include "hrnet_native/error.h"
#include "hrnet_native/predictor.h"
#include "image_argument.h"
#include "make_predictor.h"
#include "predictor_object.h"
#include "words.h"

namespace hrnet_native::bindings {
namespace {

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

/// Outcomes of a list, whose call ends early where a signal's handler raises: KeyboardInterrupt does not wait for all.
std::vector<Outcome> PredictUnlessInterrupted(const Predictor& self, const std::vector<ImageSource>& sources,
                                              RequestOptions options) {
  using Clock = std::chrono::steady_clock;
  options.is_given_up = [asked = Clock::now()]() mutable {
    if (Clock::now() - asked < std::chrono::milliseconds(100)) return false;  // the GIL may be long in coming
    asked = Clock::now();
    const py::gil_scoped_acquire gil;
    return PyErr_CheckSignals() != 0;
  };
  try {
    const py::gil_scoped_release nogil;
    return self.Predict(sources, options);
  } catch (const Error&) {
    if (PyErr_Occurred() != nullptr) throw py::error_already_set();
    throw;
  }
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
  const std::vector<Outcome> outcomes = PredictUnlessInterrupted(self, sources, options);
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
  const py::class_<PythonModelBytes> bytes(module, "_ModelBytes");
  py::class_<Self>(module, "Predictor")
      .def(py::init(&MakePredictor), Arg("model") = py::none(), Arg("device") = "cpu", py::kw_only(),
           Arg("backend") = "auto", Arg("precision") = "fp32", Arg("memory") = "normal",
           Arg("num_threads") = defaults.num_threads, Arg("num_instances") = defaults.num_instances,
           Arg("max_batch_size") = defaults.max_batch_size, Arg("max_queue_size") = defaults.max_queue_size,
           Arg("max_queue_delay_us") = defaults.max_queue_delay.count(), Arg("top_k") = defaults.top_k,
           Arg("warmup") = py::tuple(), Arg("verify") = defaults.verify, Arg("exif") = "apply",
           Arg("background") = py::none(), Arg("allow_truncated") = false, Arg("fast_decode") = false,
           Arg("image_limits") = defaults.image.limits, Arg("device_id") = defaults.device_id,
           Arg("gpu_memory_pool_mb") = defaults.gpu_memory_pool_mb, Arg("tensorrt") = py::none(),
           Arg("cache_dir") = py::none())
      .def_static(
          "from_bytes",
          [](const py::bytes& program, const py::bytes& params, const py::bytes& config, const py::bytes& native,
             const py::kwargs& options) {
            return py::type::of<Self>()(PythonModelBytes{program, params, config, native}, **options);
          },
          Arg("program") = py::bytes(), Arg("params") = py::bytes(), Arg("config") = py::bytes(), py::kw_only(),
          Arg("native") = py::bytes())
      .def("predict", &Predict, Arg("image"), py::kw_only(), Arg("top_k") = py::none(), Arg("color") = "rgb",
           Arg("on_error") = "raise", Arg("timeout") = py::none())
      .def("submit", &Submit, Arg("image"), py::kw_only(), Arg("top_k") = py::none(), Arg("color") = "rgb",
           Arg("timeout") = py::none())
      .def("predict_iter", &PredictIter, Arg("images"))
      .def("preprocess", &Preprocess, Arg("image"), py::kw_only(), Arg("color") = "rgb")
      .def("infer", &Infer, Arg("inputs"), py::kw_only(), Arg("out") = py::none(), Arg("timeout") = py::none())
      .def(
          "warmup",
          [](const Self& self, const std::vector<int>& batch_sizes, int iterations) {
            const py::gil_scoped_release nogil;
            self.core.Warmup(batch_sizes, iterations);
          },
          Arg("batch_sizes") = py::make_tuple(1), Arg("iterations") = 3)
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
