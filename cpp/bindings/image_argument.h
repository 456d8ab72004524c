#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "bindings.h"
#include "hrnet_native/predictor.h"

namespace hrnet_native::bindings {

using Background = std::optional<std::array<std::uint8_t, 3>>;

/// A Python image as the core takes it, with the reference that keeps its memory alive.
struct ImageArgument {
  ImageSource source;
  py::object owner;
  bool is_copy = false;  ///< The pixels are nobody else's.
};

/// (R, G, B), or None.
Background ToBackground(const py::handle& value);
py::object ToPython(const Background& background);

/// Converts pixels: an (H, W, 3) uint8 array or a PIL image. An array's memory is borrowed where each pixel's three
/// bytes and each row's pixels lie side by side, in either order of the channels; otherwise it is copied, as a PIL
/// image is. `color` is that of arrays, `background` what a PIL image's transparent pixels are laid over. Throws Error
/// kInvalidArgument for another shape or no pixels, std::bad_alloc, and raises InvalidTypeError for another dtype or
/// type.
ImageArgument FromPixels(const py::handle& image, ColorOrder color, const Background& background);

/// Converts one image: a path, encoded bytes, or pixels. Throws and raises as FromPixels.
ImageArgument FromPython(const py::handle& image, ColorOrder color, const Background& background);

/// Borrows encoded bytes. Throws Error kInvalidArgument if they are not contiguous, and raises InvalidTypeError for
/// what has no bytes.
ImageArgument FromEncoded(const py::handle& encoded);

/// Whether an argument is several images: a 4-D array, or a sequence that is no image itself.
bool IsSeveral(const py::handle& image);

// Of an array, for messages: "(4, 4, 3)" and "float64".
std::string ShapeText(const py::handle& array);
std::string DtypeText(const py::handle& array);

}  // namespace hrnet_native::bindings
