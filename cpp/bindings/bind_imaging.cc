#include <pybind11/numpy.h>

#include <array>
#include <cstring>
#include <memory>
#include <utility>

#include "arguments.h"
#include "docstrings.h"
#include "documented_class.h"
#include "gil.h"
#include "hrnet_native/error.h"
#include "hrnet_native/imaging.h"
#include "image_argument.h"
#include "image_limits.h"
#include "registration.h"
#include "words.h"

namespace hrnet_native::bindings {
namespace {

struct Size {
  int height;
  int width;
};

Size ToSize(const char* name, const py::handle& value) {
  const auto items = ToItems(name, value, 2, "(height, width)");
  return {ToInteger<int>(name, items[0]), ToInteger<int>(name, items[1])};
}

std::array<float, 3> ToThreeFloats(const char* name, const py::handle& value) {
  const auto items = ToItems(name, value, 3, "three numbers");
  std::array<float, 3> numbers{};
  for (std::size_t i = 0; i < 3; ++i) numbers[i] = static_cast<float>(ToNumber(name, items[i]));
  return numbers;
}

Image DecodeBytes(const py::object& encoded, const DecodeOptions& options) {
  const ImageArgument argument = FromEncoded(encoded);
  const auto bytes = std::get<EncodedImage>(argument.source);
  const GilReleased no_gil;
  return Decode(bytes.data, bytes.size, options);
}

py::array_t<std::uint8_t> ToArray(Image image) {
  auto owned = std::make_unique<Image>(std::move(image));
  const std::vector<py::ssize_t> shape = {owned->height(), owned->width(), 3};
  const std::uint8_t* pixels = owned->row(0);
  const py::capsule owner(owned.release(), [](void* p) { delete static_cast<Image*>(p); });
  return py::array_t<std::uint8_t>(shape, pixels, owner);
}

py::array_t<std::uint8_t> DecodeToArray(const py::object& encoded, const py::object& exif, const py::object& background,
                                        const py::object& min_size, const py::object& limits) {
  DecodeOptions options;
  options.exif = ToWord("exif", exif, ExifWords());
  options.background = ToBackground(background);
  const Size least = ToSize("min_size", min_size);
  options.min_height = least.height;
  options.min_width = least.width;
  options.limits = ToImageLimits("limits", limits);
  return ToArray(DecodeBytes(encoded, options));
}

py::tuple DecodeTruncatedToArray(const py::object& encoded, const py::object& exif, const py::object& background,
                                 const py::object& limits) {
  DecodeOptions options;
  options.exif = ToWord("exif", exif, ExifWords());
  options.background = ToBackground(background);
  options.allow_truncated = true;
  options.limits = ToImageLimits("limits", limits);
  Image image = DecodeBytes(encoded, options);
  const bool truncated = image.truncated();
  return py::make_tuple(ToArray(std::move(image)), truncated);
}

py::array_t<float> PreprocessArray(const py::object& image, const py::object& resize_short,
                                   const py::object& resize_size, const py::object& crop_size,
                                   const py::object& interpolation, const py::object& backend, const py::object& scale,
                                   const py::object& mean, const py::object& std, const py::object& channel_num,
                                   const py::object& color) {
  const ImageArgument argument = FromPixels(image, ToWord("color", color, ColorWords()), std::nullopt);
  PreprocessConfig config;
  const Size crop = ToSize("crop_size", crop_size);
  config.crop_height = crop.height;
  config.crop_width = crop.width;
  const auto resized = ToOptional("resize_size", resize_size, ToSize);
  config.resize_short = resized ? 0 : ToOptional("resize_short", resize_short, ToInteger<int>).value_or(0);
  if (config.resize_short == 0) {
    config.resize_height = resized.value_or(crop).height;
    config.resize_width = resized.value_or(crop).width;
  }
  config.interpolation = ToWord("interpolation", interpolation, InterpolationWords());
  config.backend = ToWord("backend", backend, ResizeBackendWords());
  config.scale = static_cast<float>(ToNumber("scale", scale));
  config.mean = ToThreeFloats("mean", mean);
  config.std = ToThreeFloats("std", std);
  config.channel_num = ToInteger<int>("channel_num", channel_num);
  CheckPreprocessConfig(config);
  py::array_t<float> out({config.channel_num, config.crop_height, config.crop_width});
  float* data = out.mutable_data();
  {
    const GilReleased no_gil;
    Preprocess(std::get<ImageView>(argument.source), config, data);
  }
  return out;
}

py::tuple ToTuple(const std::array<float, 3>& values) { return py::make_tuple(values[0], values[1], values[2]); }

ImageLimits MakeImageLimits(const py::object& max_pixels, const py::object& max_side,
                            const py::object& max_encoded_bytes, const py::object& max_scans,
                            const py::object& max_decode_ms) {
  return {ToInteger<std::int64_t>("max_pixels", max_pixels), ToInteger<int>("max_side", max_side),
          ToInteger<std::int64_t>("max_encoded_bytes", max_encoded_bytes), ToInteger<int>("max_scans", max_scans),
          ToInteger<int>("max_decode_ms", max_decode_ms)};
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

}  // namespace

void RegisterImaging(py::module_& module) {
  RegisterImageLimits(module);
  module.def("decode", &DecodeToArray, Doc("decode"), Arg("encoded"), py::kw_only(), Arg("exif") = "apply",
             Arg("background") = py::none(), Arg("min_size") = py::make_tuple(0, 0), Arg("limits") = py::none());
  module.def("decode_truncated", &DecodeTruncatedToArray, Doc("decode_truncated"), Arg("encoded"), py::kw_only(),
             Arg("exif") = "apply", Arg("background") = py::none(), Arg("limits") = py::none());
  const PreprocessConfig defaults;
  module.def("preprocess", &PreprocessArray, Doc("preprocess"), Arg("image"), py::kw_only(),
             Arg("resize_short") = defaults.resize_short, Arg("resize_size") = py::none(),
             Arg("crop_size") = py::make_tuple(defaults.crop_height, defaults.crop_width),
             Arg("interpolation") = Name(defaults.interpolation), Arg("backend") = Name(defaults.backend),
             Arg("scale") = defaults.scale, Arg("mean") = ToTuple(defaults.mean), Arg("std") = ToTuple(defaults.std),
             Arg("channel_num") = defaults.channel_num, Arg("color") = "rgb");
}

}  // namespace hrnet_native::bindings
