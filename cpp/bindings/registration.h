#pragma once

#include <pybind11/pybind11.h>

#include "bindings.h"

namespace hrnet_native::bindings {

// One per file; module.cc calls them.
void RegisterImaging(py::module_& module);
void RegisterPredictor(py::module_& module);
void RegisterStats(py::module_& module);

}  // namespace hrnet_native::bindings
