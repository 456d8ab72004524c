#include <algorithm>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "encoders.h"
#include "hrnet_native/imaging.h"

namespace hrnet_native {
namespace {

TEST(Preprocess, WritesTheChannelsInTheNetworksOrder) {
  const std::vector<std::uint8_t> pixels = Gradient();
  const ImageView view{pixels.data(), kSide, kSide, std::ptrdiff_t{3} * kSide, ColorOrder::kRgb};
  for (const Interpolation interpolation : {Interpolation::kBilinear, Interpolation::kBicubic}) {
    PreprocessConfig config;
    config.interpolation = interpolation;
    config.resize_short = 20;
    config.crop_height = config.crop_width = 16;
    constexpr std::size_t kPlane = 16 * 16;
    std::vector<float> rgb(3 * kPlane);
    Preprocess(view, config, rgb.data());
    // The same network, fed B, G, R: mean and std stand in the order of its channels.
    config.color = ColorOrder::kBgr;
    std::reverse(config.mean.begin(), config.mean.end());
    std::reverse(config.std.begin(), config.std.end());
    std::vector<float> bgr(3 * kPlane);
    Preprocess(view, config, bgr.data());
    for (std::size_t c = 0; c < 3; ++c) {
      EXPECT_TRUE(std::equal(&rgb[c * kPlane], &rgb[c * kPlane] + kPlane, &bgr[(2 - c) * kPlane])) << "channel " << c;
    }
    EXPECT_NE(rgb, bgr);
  }
}

}  // namespace
}  // namespace hrnet_native
