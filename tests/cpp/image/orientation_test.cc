#include "image/orientation.h"

#include <gtest/gtest.h>

#include <string>

namespace hrnet_native {
namespace {

/// Exif data whose only entry is the orientation, stored as `type`.
std::string Exif(bool big_endian, char orientation, char type = 3) {
  const std::string header = big_endian ? std::string("MM\0*\0\0\0\x08", 8) : std::string("II*\0\x08\0\0\0", 8);
  const std::string one = big_endian ? std::string("\0\x01", 2) : std::string("\x01\0", 2);
  const std::string tag = big_endian ? std::string("\x01\x12", 2) : std::string("\x12\x01", 2);
  const std::string kind = big_endian ? std::string{0, type} : std::string{type, 0};
  const std::string count = big_endian ? std::string("\0\0\0\x01", 4) : std::string("\x01\0\0\0", 4);
  const std::string value = big_endian ? std::string{0, orientation, 0, 0} : std::string{orientation, 0, 0, 0};
  return header + one + tag + kind + count + value;
}

int Orientation(const std::string& payload) {
  return OrientationInExif(reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size());
}

TEST(ExifOrientation, BothByteOrders) {
  for (char orientation = 1; orientation <= 8; ++orientation) {
    EXPECT_EQ(Orientation(Exif(false, orientation)), orientation);
    EXPECT_EQ(Orientation(Exif(true, orientation)), orientation);
  }
}

TEST(ExifOrientation, WhatIsNotValidIsUpright) {
  EXPECT_EQ(Orientation(""), 1);
  EXPECT_EQ(Orientation("Exif"), 1);
  EXPECT_EQ(Orientation(Exif(false, 0)), 1);
  EXPECT_EQ(Orientation(Exif(false, 9)), 1);
  EXPECT_EQ(Orientation(Exif(false, 6, 4)), 1);
  const std::string whole = Exif(true, 6);
  for (std::size_t size = 0; size + 4 < whole.size(); ++size) EXPECT_EQ(Orientation(whole.substr(0, size)), 1);
}

TEST(ApplyOrientation, EveryOrientationTurnsThePictureUpright) {
  // Where the upright picture's pixels lie in the stored 2x3 one, by Exif's table: a letter is a pixel.
  const char* stored[9] = {"", "abcdef", "cbafed", "fedcba", "defabc", "adbecf", "cfbead", "fcebda", "daebfc"};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const bool turned = orientation >= 5;
    Image image(turned ? 3 : 2, turned ? 2 : 3);
    for (int i = 0; i < 6; ++i) {
      std::fill_n(image.row(0) + std::ptrdiff_t{3} * i, 3, static_cast<std::uint8_t>(stored[orientation][i]));
    }
    ApplyOrientation(image, orientation);
    const Image& upright = image;
    ASSERT_EQ(upright.height(), 2);
    std::string letters;
    for (int i = 0; i < 6; ++i) letters += static_cast<char>(upright.row(0)[3 * i]);
    EXPECT_EQ(letters, "abcdef") << "orientation " << orientation;
  }
}

}  // namespace
}  // namespace hrnet_native
