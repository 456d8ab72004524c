#include "hrnet_native/imaging.h"
#include "support/encoders.h"
#include "sweep.h"

namespace hrnet_native {
namespace {

std::vector<std::uint8_t> PixelsOf(const Image& image) { return {image.row(0), image.row(0) + image.size_bytes()}; }

/// All but lossless WebP: libwebp 1.2.4 frees what it never had where it finds no memory for a code table.
std::vector<std::string> Kinds() {
  const std::vector<std::uint8_t> pixels = Gradient();
  return {EncodeJpeg(pixels), EncodeJpeg(pixels, true), EncodePng(pixels), EncodeWebp(pixels, false),
          EncodeBmp(pixels)};
}

bool IsWebp(const std::string& encoded) { return encoded.compare(0, 4, "RIFF") == 0; }

TEST(ImagingFaults, Decode) {
  for (const std::string& encoded : Kinds()) {
    const std::vector<std::uint8_t> expected = PixelsOf(Decode(encoded.data(), encoded.size()));
    SweepAll("Decode", [&](Trial& trial) {
      Image image;
      if (trial.Succeeds([&] { image = Decode(encoded.data(), encoded.size()); })) {
        EXPECT_EQ(PixelsOf(image), expected);
      }
      // libwebp alone does not tell whether it found no memory or no picture.
      EXPECT_TRUE(IsWebp(encoded) || trial.code() != ErrorCode::kInvalidImage);
      EXPECT_EQ(PixelsOf(Decode(encoded.data(), encoded.size())), expected);
    });
  }
}

TEST(ImagingFaults, DecodeDamaged) {
  for (const std::string& encoded : Kinds()) {
    SweepAll("Decode of half a file",
             [&](Trial& trial) { EXPECT_FALSE(trial.Succeeds([&] { Decode(encoded.data(), encoded.size() / 2); })); });
  }
}

TEST(ImagingFaults, Preprocess) {
  const std::vector<std::uint8_t> pixels = Gradient();
  const ImageView view{pixels.data(), kSide, kSide, 3 * kSide};
  PreprocessConfig config;
  config.resize_short = 24;
  config.crop_height = config.crop_width = 16;
  for (const ResizeBackend backend : {ResizeBackend::kCv2, ResizeBackend::kPil}) {
    config.backend = backend;
    std::vector<float> expected(std::size_t{3} * 16 * 16);
    Preprocess(view, config, expected.data());
    SweepAll("Preprocess", [&](Trial& trial) {
      std::vector<float> chw(expected.size());
      if (trial.Succeeds([&] { Preprocess(view, config, chw.data()); })) {
        EXPECT_EQ(chw, expected);
      }
    });
  }
}

TEST(ImagingFaults, CheckPreprocessConfig) {
  PreprocessConfig config;
  config.crop_width = -1;
  SweepAll("CheckPreprocessConfig",
           [&](Trial& trial) { EXPECT_FALSE(trial.Succeeds([&] { CheckPreprocessConfig(config); })); });
}

}  // namespace
}  // namespace hrnet_native
