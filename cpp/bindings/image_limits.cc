#include "image_limits.h"

#include "arguments.h"
#include "initialised_caster.h"

namespace hrnet_native::bindings {

ImageLimits ToImageLimits(const char* name, const py::handle& value) {
  if (value.is_none()) return {};
  if (py::isinstance<ImageLimits>(value)) return value.cast<const ImageLimits&>();
  RaiseTypeError(std::string(name) + " must be an ImageLimits, not " + TypeName(value));
}

}  // namespace hrnet_native::bindings
