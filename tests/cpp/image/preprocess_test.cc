#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "hrnet_native/imaging.h"
#include "support/encoders.h"
#include "support/expect_error.h"

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

TEST(Preprocess, RowsFollowEachOtherUnlessAStrideIsGiven) {
  std::vector<std::uint8_t> pixels = Gradient();
  ImageView view;
  view.data = pixels.data();
  view.height = view.width = kSide;
  PreprocessConfig config;
  config.resize_short = 20;
  config.crop_height = config.crop_width = 16;
  const auto run = [&] {
    std::vector<float> out(std::size_t{3} * 16 * 16);
    Preprocess(view, config, out.data());
    return out;
  };
  const std::vector<float> packed = run();
  view.row_stride = std::ptrdiff_t{3} * kSide;
  EXPECT_EQ(packed, run());
  view.row_stride = 0;  // what is asked for is done: one row, repeated
  EXPECT_NE(packed, run());
}

TEST(Preprocess, AViewHasPixelsAndSidesThatCanBeCounted) {
  const std::uint8_t pixel[3] = {};
  std::vector<float> out(std::size_t{3} * 224 * 224);
  const auto run = [&](int height, int width) { Preprocess({pixel, height, width}, {}, out.data()); };
  ExpectError(ErrorCode::kInvalidArgument, "must have pixels, not height 0 and width 1", [&] { run(0, 1); });
  ExpectError(ErrorCode::kInvalidArgument, "at most 536870912, not height 1 and width 2147483647",
              [&] { run(1, std::numeric_limits<int>::max()); });
}

}  // namespace
}  // namespace hrnet_native
