#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "arguments.h"
#include "calls.h"
#include "documented_class.h"
#include "gil.h"
#include "hrnet_native/predictor.h"
#include "image_argument.h"
#include "make_predictor.h"
#include "predictor_object.h"
#include "python_call.h"
#include "registration.h"
#include "words.h"

namespace hrnet_native::bindings {
namespace {

using Self = PredictorObject;
using PredictorClass = DocumentedClass<Self>;

py::bytes ToBytes(const char* name, const py::object& value) {
  if (!py::isinstance<py::bytes>(value)) RaiseTypeError(std::string(name) + " must be bytes, not " + TypeName(value));
  return value;
}

py::object FromBytes(const py::object& program, const py::object& params, const py::object& config,
                     const py::object& native, const py::kwargs& options) {
  const PythonModelBytes bytes{ToBytes("program", program), ToBytes("params", params), ToBytes("config", config),
                               ToBytes("native", native)};
  return py::type::of<Self>()(bytes, **options);
}

py::object PredictIter(const py::object& self, const py::object& images, const py::object& batch_size,
                       const py::object& top_k, const py::object& color, const py::object& on_error) {
  return Call("hrnet_native._predict_iter", "predict_iter", self, images, batch_size, top_k, color, on_error);
}

std::unique_ptr<Self> Clone(const Self& self) {
  const GilReleased no_gil;
  return std::make_unique<Self>(self.core.Clone());
}

void Close(Self& self) {
  const GilReleased no_gil;
  self.Close();
}

/// "<Predictor 'HRNet_W18_C': 1000 classes, input 3x224x224, backend native, num_instances 1, num_threads 2>"
std::string Repr(const Self& self) {
  const ModelInfo& info = self.core.model_info();
  const PredictorOptions& options = self.core.options();
  return "<Predictor '" + info.name + "': " + std::to_string(info.num_classes) + " classes, input " +
         std::to_string(info.channels) + "x" + std::to_string(info.height) + "x" + std::to_string(info.width) +
         ", backend " + Name(options.backend) + ", num_instances " + std::to_string(options.num_instances) +
         ", num_threads " + std::to_string(options.num_threads) + ">";
}

/// A property that one of the options in use makes.
template <typename Get>
auto Option(const Get& get) {
  return [get](const Self& self) { return get(self.core.options()); };
}

template <typename Value>
auto Option(Value PredictorOptions::* field) {
  return [field](const Self& self) -> Value { return self.core.options().*field; };
}

template <typename Value>
auto Option(Value ImageOptions::* field) {
  return [field](const Self& self) -> Value { return self.core.options().image.*field; };
}

void AddMethods(PredictorClass& predictor) {
  predictor
      .StaticMethod("from_bytes", &FromBytes, Arg("program") = py::bytes(), Arg("params") = py::bytes(),
                    Arg("config") = py::bytes(), py::kw_only(), Arg("native") = py::bytes())
      .Method("predict", &Predict, Arg("image"), py::kw_only(), Arg("top_k") = py::none(), Arg("color") = "rgb",
              Arg("on_error") = "raise", Arg("timeout") = py::none())
      .Method("submit", &Submit, Arg("image"), py::kw_only(), Arg("top_k") = py::none(), Arg("color") = "rgb",
              Arg("timeout") = py::none())
      .Method("predict_iter", &PredictIter, Arg("images"), py::kw_only(), Arg("batch_size") = py::none(),
              Arg("top_k") = py::none(), Arg("color") = "rgb", Arg("on_error") = "raise")
      .Method("preprocess", &Preprocess, Arg("image"), py::kw_only(), Arg("color") = "rgb")
      .Method("infer", &Infer, Arg("inputs"), py::kw_only(), Arg("out") = py::none(), Arg("timeout") = py::none())
      .Method("warmup", &Warmup, Arg("batch_sizes") = py::make_tuple(1), Arg("iterations") = 3)
      .Method("clone", &Clone)
      .Method("stats", [](const Self& self) { return self.core.stats(); })
      .Method("reset_stats", [](const Self& self) { self.core.ResetStats(); })
      .Method("close", &Close)
      .Special("__enter__", [](const py::object& self) { return self; })
      .Special("__exit__", [](Self& self, const py::args&) { Close(self); })
      .Special("__repr__", &Repr);
}

void AddModelProperties(PredictorClass& predictor) {
  predictor.Property("model_name", [](const Self& self) { return self.core.model_info().name; })
      .Property("num_classes", [](const Self& self) { return self.core.model_info().num_classes; })
      .Property("label_names", [](const Self& self) { return py::tuple(py::cast(self.core.model_info().labels)); })
      .Property("input_shape", [](const Self& self) {
        const ModelInfo& info = self.core.model_info();
        return py::make_tuple(info.channels, info.height, info.width);
      });
}

void AddOptionProperties(PredictorClass& predictor) {
  using Options = PredictorOptions;
  predictor.Property("device", Option([](const Options& o) { return WordOf(DeviceWords(), o.device); }))
      .Property("backend", Option([](const Options& o) { return Name(o.backend); }))
      .Property("precision", Option([](const Options& o) { return Name(o.precision); }))
      .Property("memory", Option([](const Options& o) { return WordOf(MemoryWords(), o.memory); }))
      .Property("num_threads", Option(&Options::num_threads))
      .Property("num_instances", Option(&Options::num_instances))
      .Property("strict_budget", Option(&Options::strict_budget))
      .Property("private_runtime", Option(&Options::private_runtime))
      .Property("max_batch_size", Option(&Options::max_batch_size))
      .Property("max_queue_size", Option(&Options::max_queue_size))
      .Property("max_queue_delay_us", Option([](const Options& o) { return o.max_queue_delay.count(); }))
      .Property("top_k", Option(&Options::top_k))
      .Property("warmup_sizes", Option([](const Options& o) { return py::tuple(py::cast(o.warmup)); }))
      .Property("verify", Option(&Options::verify))
      .Property("exif", Option([](const Options& o) { return WordOf(ExifWords(), o.image.exif); }))
      .Property("background", Option([](const Options& o) { return ToPython(o.image.background); }))
      .Property("allow_truncated", Option(&ImageOptions::allow_truncated))
      .Property("fast_decode", Option(&ImageOptions::fast_decode))
      .Property("image_limits", Option(&ImageOptions::limits))
      .Property("device_id", Option(&Options::device_id))
      .Property("gpu_memory_pool_mb", Option(&Options::gpu_memory_pool_mb))
      .Property("tensorrt", Option([](const Options& o) { return ToPython(o.tensorrt); }))
      .Property("cache_dir", Option(&Options::cache_dir));
}

}  // namespace

void RegisterPredictor(py::module_& module) {
  const py::class_<PythonModelBytes> bytes(module, "_ModelBytes");
  PredictorClass predictor(module, "Predictor");
  AddConstructor(predictor);
  AddMethods(predictor);
  AddModelProperties(predictor);
  AddOptionProperties(predictor);
}

}  // namespace hrnet_native::bindings
