#pragma once

#include "bindings.h"
#include "hrnet_native/imaging.h"

namespace hrnet_native::bindings {

/// From hrnet_native.ImageLimits, or None for the defaults.
ImageLimits ToImageLimits(const char* name, const py::handle& value);

void RegisterImageLimits(py::module_& module);

}  // namespace hrnet_native::bindings
