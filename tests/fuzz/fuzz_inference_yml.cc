// Reads any text as inference.yml, and preprocesses a picture as it says.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "hrnet_native/error.h"
#include "image/preprocess.h"
#include "model/inference_yml.h"

namespace hrnet_native {
namespace {

constexpr int kMaxSide = 300;

void Fuzz(const std::string& text) {
  try {
    Bundle bundle;
    ParseInferenceYml(text, bundle);
    const PreprocessConfig& config = bundle.preprocess;
    if (config.crop_height < 1 || config.crop_width < 1 || !(config.std[0] > 0)) std::abort();
    if (config.crop_height > kMaxSide || config.crop_width > kMaxSide) return;
    Image image(7, 11);
    for (std::size_t i = 0; i < image.size_bytes(); ++i) image.row(0)[i] = static_cast<std::uint8_t>(i * 31);
    std::vector<float> out(static_cast<std::size_t>(config.channel_num) * static_cast<std::size_t>(config.crop_height) *
                           static_cast<std::size_t>(config.crop_width));
    Preprocessor(config).Run(image.view(), out.data());
  } catch (const Error&) {
  }
}

}  // namespace
}  // namespace hrnet_native

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  hrnet_native::Fuzz(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
