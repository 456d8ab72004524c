#include <pybind11/stl.h>

#include <cstring>

#include "bindings.h"
#include "hrnet_native/error.h"
#include "hrnet_native/imaging.h"
#include "image_argument.h"

namespace hrnet_native::bindings {
namespace {

py::array_t<std::uint8_t> DecodeToArray(const py::buffer& encoded) {
  const ImageArgument argument = FromPython(encoded, ColorOrder::kRgb);
  const auto bytes = std::get<EncodedImage>(argument.source);
  auto image = [&] {
    const py::gil_scoped_release nogil;
    return std::make_unique<Image>(Decode(bytes.data, bytes.size));
  }();
  const std::vector<py::ssize_t> shape = {image->height(), image->width(), 3};
  const std::uint8_t* pixels = image->row(0);
  const py::capsule owner(image.release(), [](void* p) { delete static_cast<Image*>(p); });
  return py::array_t<std::uint8_t>(shape, pixels, owner);
}

py::array_t<float> PreprocessArray(const py::array& array, std::optional<int> resize_short,
                                   std::pair<int, int> crop_size, float scale, const std::array<float, 3>& mean,
                                   const std::array<float, 3>& std, const std::string& color) {
  const ImageArgument argument = FromArray(array, ParseColor(color));
  PreprocessConfig config;
  std::tie(config.crop_height, config.crop_width) = crop_size;
  config.resize_short = resize_short.value_or(0);
  config.resize_height = config.crop_height;
  config.resize_width = config.crop_width;
  if (config.crop_height < 1 || config.crop_width < 1 || resize_short.value_or(1) < 1) {
    throw Error(ErrorCode::kInvalidArgument, "resize_short and crop_size must be positive");
  }
  config.scale = scale;
  config.mean = mean;
  config.std = std;
  py::array_t<float> out({3, config.crop_height, config.crop_width});
  float* data = out.mutable_data();
  {
    const py::gil_scoped_release nogil;
    Preprocess(std::get<ImageView>(argument.source), config, data);
  }
  return out;
}

}  // namespace

void RegisterImaging(py::module_& module) {
  const PreprocessConfig defaults;
  module.def("decode", &DecodeToArray, py::arg("encoded"));
  module.def(
      "preprocess", &PreprocessArray, py::arg("image"), py::kw_only(), py::arg("resize_short") = defaults.resize_short,
      py::arg("crop_size") = std::pair(defaults.crop_height, defaults.crop_width), py::arg("scale") = defaults.scale,
      py::arg("mean") = defaults.mean, py::arg("std") = defaults.std, py::arg("color") = "rgb");
}

}  // namespace hrnet_native::bindings
