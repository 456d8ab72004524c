#include <pybind11/stl.h>

#include <cstring>

#include "argument.h"
#include "bindings.h"
#include "hrnet_native/error.h"
#include "hrnet_native/imaging.h"
#include "image_argument.h"
#include "words.h"

namespace hrnet_native::bindings {
namespace {

using Background = std::optional<std::array<std::uint8_t, 3>>;

Image DecodeBytes(const py::buffer& encoded, const DecodeOptions& options) {
  const ImageArgument argument = FromPython(encoded, ColorOrder::kRgb);
  const auto bytes = std::get<EncodedImage>(argument.source);
  const py::gil_scoped_release nogil;
  return Decode(bytes.data, bytes.size, options);
}

py::array_t<std::uint8_t> ToArray(Image image) {
  auto owned = std::make_unique<Image>(std::move(image));
  const std::vector<py::ssize_t> shape = {owned->height(), owned->width(), 3};
  const std::uint8_t* pixels = owned->row(0);
  const py::capsule owner(owned.release(), [](void* p) { delete static_cast<Image*>(p); });
  return py::array_t<std::uint8_t>(shape, pixels, owner);
}

py::array_t<std::uint8_t> DecodeToArray(const py::buffer& encoded, const std::string& exif,
                                        const Background& background, std::pair<int, int> min_size,
                                        const ImageLimits& limits) {
  DecodeOptions options;
  options.exif = ParseExif(exif);
  options.background = background;
  std::tie(options.min_height, options.min_width) = min_size;
  options.limits = limits;
  return ToArray(DecodeBytes(encoded, options));
}

py::tuple DecodeTruncatedToArray(const py::buffer& encoded, const std::string& exif, const Background& background,
                                 const ImageLimits& limits) {
  DecodeOptions options;
  options.exif = ParseExif(exif);
  options.background = background;
  options.allow_truncated = true;
  options.limits = limits;
  Image image = DecodeBytes(encoded, options);
  const bool truncated = image.truncated();
  return py::make_tuple(ToArray(std::move(image)), truncated);
}

ImageLimits MakeLimits(std::int64_t max_pixels, int max_side, std::int64_t max_encoded_bytes, int max_scans,
                       int max_decode_ms) {
  return {max_pixels, max_side, max_encoded_bytes, max_scans, max_decode_ms};
}

py::array_t<float> PreprocessArray(const py::array& array, std::optional<int> resize_short,
                                   std::optional<std::pair<int, int>> resize_size, std::pair<int, int> crop_size,
                                   const std::string& interpolation, const std::string& backend, float scale,
                                   const std::array<float, 3>& mean, const std::array<float, 3>& std, int channel_num,
                                   const std::string& color) {
  const ImageArgument argument = FromArray(array, ParseColor(color));
  PreprocessConfig config;
  std::tie(config.crop_height, config.crop_width) = crop_size;
  config.resize_short = resize_size ? 0 : resize_short.value_or(0);
  std::tie(config.resize_height, config.resize_width) = resize_size.value_or(crop_size);
  if (config.resize_short != 0) config.resize_height = config.resize_width = 0;
  config.interpolation = ParseInterpolation(interpolation);
  config.backend = ParseResizeBackend(backend);
  config.scale = scale;
  config.mean = mean;
  config.std = std;
  config.channel_num = channel_num;
  CheckPreprocessConfig(config);
  py::array_t<float> out({config.channel_num, config.crop_height, config.crop_width});
  float* data = out.mutable_data();
  {
    const py::gil_scoped_release nogil;
    Preprocess(std::get<ImageView>(argument.source), config, data);
  }
  return out;
}

void RegisterLimits(py::module_& module) {
  const ImageLimits defaults;
  py::class_<ImageLimits>(module, "ImageLimits")
      .def(py::init(&MakeLimits), py::kw_only(), Arg("max_pixels") = defaults.max_pixels,
           Arg("max_side") = defaults.max_side, Arg("max_encoded_bytes") = defaults.max_encoded_bytes,
           Arg("max_scans") = defaults.max_scans, Arg("max_decode_ms") = defaults.max_decode_ms)
      .def_readonly("max_pixels", &ImageLimits::max_pixels)
      .def_readonly("max_side", &ImageLimits::max_side)
      .def_readonly("max_encoded_bytes", &ImageLimits::max_encoded_bytes)
      .def_readonly("max_scans", &ImageLimits::max_scans)
      .def_readonly("max_decode_ms", &ImageLimits::max_decode_ms);
}

}  // namespace

void RegisterImaging(py::module_& module) {
  RegisterLimits(module);
  module.def("decode", &DecodeToArray, Arg("encoded"), py::kw_only(), Arg("exif") = "apply",
             Arg("background") = py::none(), Arg("min_size") = std::pair(0, 0), Arg("limits") = ImageLimits{});
  module.def("decode_truncated", &DecodeTruncatedToArray, Arg("encoded"), py::kw_only(), Arg("exif") = "apply",
             Arg("background") = py::none(), Arg("limits") = ImageLimits{});
  const PreprocessConfig defaults;
  module.def("preprocess", &PreprocessArray, Arg("image"), py::kw_only(), Arg("resize_short") = defaults.resize_short,
             Arg("resize_size") = py::none(), Arg("crop_size") = std::pair(defaults.crop_height, defaults.crop_width),
             Arg("interpolation") = "bilinear", Arg("backend") = "cv2", Arg("scale") = defaults.scale,
             Arg("mean") = defaults.mean, Arg("std") = defaults.std, Arg("channel_num") = defaults.channel_num,
             Arg("color") = "rgb");
}

}  // namespace hrnet_native::bindings
