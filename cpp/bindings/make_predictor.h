#pragma once

#include "bindings.h"
#include "documented_class.h"
#include "predictor_object.h"

namespace hrnet_native::bindings {

/// What Predictor.from_bytes hands to the constructor in place of a directory.
struct PythonModelBytes {
  py::bytes program, params, config, native;
};

/// Adds Python's constructor: words and numbers to options, the model to its files, and the core's constructor.
void AddConstructor(DocumentedClass<PredictorObject>& predictor);

/// The options in use as hrnet_native.TensorRtOptions.
py::object ToPython(const TensorRtOptions& options);

}  // namespace hrnet_native::bindings
