#pragma once

#include <pybind11/numpy.h>

#include "bindings.h"
#include "predictor_object.h"

// The methods of Python's Predictor that compute.

namespace hrnet_native::bindings {

py::object Predict(const PredictorObject& self, const py::object& image, const py::object& top_k,
                   const py::object& color, const py::object& on_error, const py::object& timeout);
py::object Submit(const py::object& self, const py::object& image, const py::object& top_k, const py::object& color,
                  const py::object& timeout);
py::array_t<float> Preprocess(const PredictorObject& self, const py::object& image, const py::object& color);
py::array_t<float> Infer(const PredictorObject& self, const py::object& inputs, const py::object& out,
                         const py::object& timeout);
void Warmup(const PredictorObject& self, const py::object& batch_sizes, const py::object& iterations);

}  // namespace hrnet_native::bindings
