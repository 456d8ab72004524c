#include "calls.h"

#include <climits>
#include <new>
#include <vector>

#include "arguments.h"
#include "call_timeout.h"
#include "gil.h"
#include "hrnet_native/error.h"
#include "image_argument.h"
#include "interruptible.h"
#include "predict_list.h"
#include "words.h"

namespace hrnet_native::bindings {
namespace {

std::optional<int> ToTopK(const py::object& top_k) { return ToOptional("top_k", top_k, ToInteger<int>); }

py::object PredictOne(const Predictor& self, const ImageArgument& argument, const RequestOptions& options) {
  const Classification result = [&] {
    const GilReleased no_gil;
    return self.Predict(argument.source, options);
  }();
  return ToPython(result);
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

/// The network's inputs, C-contiguous.
py::array_t<float> CheckInputs(const py::object& inputs, const ModelInfo& info) {
  if (!py::isinstance<py::array>(inputs)) RaiseTypeError("inputs must be a float32 array, not " + TypeName(inputs));
  const auto array = py::reinterpret_borrow<py::array>(inputs);
  if (!py::isinstance<py::array_t<float>>(array)) RaiseTypeError("inputs must be float32, not " + DtypeText(array));
  if (array.ndim() != 4 || array.shape(0) < 1 || array.shape(0) > INT_MAX || array.shape(1) != info.channels ||
      array.shape(2) != info.height || array.shape(3) != info.width) {
    throw Error(ErrorCode::kInvalidArgument, "inputs must have shape (N, " + std::to_string(info.channels) + ", " +
                                                 std::to_string(info.height) + ", " + std::to_string(info.width) +
                                                 ") with N at least 1, not " + ShapeText(array));
  }
  auto packed = py::array_t<float, py::array::c_style>::ensure(array);
  if (!packed) throw std::bad_alloc();
  return packed;
}

}  // namespace

py::object Predict(const PredictorObject& self, const py::object& image, const py::object& top_k,
                   const py::object& color, const py::object& on_error, const py::object& timeout) {
  const ColorOrder order = ToWord("color", color, ColorWords());
  const bool raise = ToWord<bool>("on_error", on_error, {{"raise", true}, {"return", false}});
  CallTimeout limit(timeout);
  if (IsSeveral(image)) return PredictList(self.core, image, ToTopK(top_k), limit, order, raise);
  const ImageArgument argument = FromPython(image, order, self.core.options().image.background);
  return PredictOne(self.core, argument, {ToTopK(top_k), limit.Next(), nullptr});
}

py::object Submit(const py::object& self, const py::object& image, const py::object& top_k, const py::object& color,
                  const py::object& timeout) {
  const RequestOptions options{ToTopK(top_k), CallTimeout(timeout).Next(), nullptr};
  return PredictorObject::Submit(self, image, options, ToWord("color", color, ColorWords()));
}

py::array_t<float> Preprocess(const PredictorObject& self, const py::object& image, const py::object& color) {
  const ImageArgument argument =
      FromPython(image, ToWord("color", color, ColorWords()), self.core.options().image.background);
  const ModelInfo& info = self.core.model_info();
  py::array_t<float> out({info.channels, info.height, info.width});
  float* data = out.mutable_data();
  {
    const GilReleased no_gil;
    self.core.Preprocess(argument.source, data);
  }
  return out;
}

py::array_t<float> Infer(const PredictorObject& self, const py::object& inputs, const py::object& out,
                         const py::object& timeout) {
  const ModelInfo& info = self.core.model_info();
  CallTimeout limit(timeout);
  const py::array_t<float> packed = CheckInputs(inputs, info);
  const py::ssize_t batch = packed.shape(0);
  py::array_t<float> scores = out.is_none() ? py::array_t<float>({batch, static_cast<py::ssize_t>(info.num_classes)})
                                            : CheckOut(out, batch, info.num_classes);
  const float* from = packed.data();
  float* to = scores.mutable_data();
  const std::int64_t input_size = packed.strides(0) / static_cast<py::ssize_t>(sizeof(float));
  RunInterruptibly(batch, RoundSize(self.core), [&](std::int64_t begin, std::int64_t size) {
    try {
      self.core.Infer(from + begin * input_size, static_cast<int>(size), to + begin * info.num_classes,
                      {std::nullopt, limit.Next(), nullptr});
    } catch (const Error&) {
      std::rethrow_exception(limit.Whole(std::current_exception()));
    }
  });
  return scores;
}

void Warmup(const PredictorObject& self, const py::object& batch_sizes, const py::object& iterations) {
  const std::vector<int> sizes = ToIntegers("batch_sizes", batch_sizes);
  const int count = ToInteger<int>("iterations", iterations);
  if (count < 1) self.core.Warmup(sizes, count);  // throws
  RunInterruptibly(count, 1, [&](std::int64_t, std::int64_t size) { self.core.Warmup(sizes, static_cast<int>(size)); });
}

}  // namespace hrnet_native::bindings
