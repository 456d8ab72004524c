#include "image_limits.h"

#include "arguments.h"
#include "documented_class.h"

namespace hrnet_native::bindings {
namespace {

ImageLimits MakeImageLimits(const py::object& max_pixels, const py::object& max_side,
                            const py::object& max_encoded_bytes, const py::object& max_scans,
                            const py::object& max_decode_ms) {
  return {ToInteger<std::int64_t>("max_pixels", max_pixels), ToInteger<int>("max_side", max_side),
          ToInteger<std::int64_t>("max_encoded_bytes", max_encoded_bytes), ToInteger<int>("max_scans", max_scans),
          ToInteger<int>("max_decode_ms", max_decode_ms)};
}

}  // namespace

ImageLimits ToImageLimits(const char* name, const py::handle& value) {
  if (value.is_none()) return {};
  if (py::isinstance<ImageLimits>(value)) return value.cast<const ImageLimits&>();
  RaiseTypeError(std::string(name) + " must be an ImageLimits, not " + TypeName(value));
}

void RegisterImageLimits(py::module_& module) {
  const ImageLimits defaults;
  DocumentedClass<ImageLimits>(module, "ImageLimits")
      .Constructor(&MakeImageLimits, py::kw_only(), Arg("max_pixels") = defaults.max_pixels,
                   Arg("max_side") = defaults.max_side, Arg("max_encoded_bytes") = defaults.max_encoded_bytes,
                   Arg("max_scans") = defaults.max_scans, Arg("max_decode_ms") = defaults.max_decode_ms)
      .Field("max_pixels", &ImageLimits::max_pixels)
      .Field("max_side", &ImageLimits::max_side)
      .Field("max_encoded_bytes", &ImageLimits::max_encoded_bytes)
      .Field("max_scans", &ImageLimits::max_scans)
      .Field("max_decode_ms", &ImageLimits::max_decode_ms)
      .ReprOfProperties();
}

}  // namespace hrnet_native::bindings
