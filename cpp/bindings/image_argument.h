#pragma once

#include <pybind11/numpy.h>

#include <string>

#include "bindings.h"
#include "hrnet_native/predictor.h"

namespace hrnet_native::bindings {

/// A Python image as the core takes it, with the reference that keeps its memory alive.
struct ImageArgument {
  ImageSource source;
  py::object owner;
};

/// Parses "rgb" or "bgr". Throws Error kInvalidArgument for another word.
ColorOrder ParseColor(const std::string& word);

/// Borrows the pixels of an (H, W, 3) uint8 array: the memory itself where each pixel's three bytes and each row's
/// pixels lie side by side, one copy otherwise. Throws Error kInvalidArgument for another shape or an empty array, and
/// raises InvalidTypeError for another dtype.
ImageArgument FromArray(const py::array& array, ColorOrder color);

/// Converts one image: a path, encoded bytes, or an array. Throws as FromArray, and raises InvalidTypeError for
/// anything else.
ImageArgument FromPython(const py::handle& image, ColorOrder color);

// For messages: "(4, 4, 3)" and "float64".
std::string ShapeText(const py::array& array);
std::string DtypeText(const py::array& array);

}  // namespace hrnet_native::bindings
