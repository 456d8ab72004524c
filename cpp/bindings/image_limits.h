#pragma once

#include "bindings.h"
#include "hrnet_native/imaging.h"

namespace hrnet_native::bindings {

/// From hrnet_native.ImageLimits, or None for the defaults.
ImageLimits ToImageLimits(const char* name, const py::handle& value);

}  // namespace hrnet_native::bindings
