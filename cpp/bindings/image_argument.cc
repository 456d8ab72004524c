#include "image_argument.h"

#include <climits>
#include <filesystem>
#include <utility>

#include "hrnet_native/error.h"

namespace hrnet_native::bindings {
namespace {

ImageArgument FromBuffer(const py::handle& encoded) {
  const auto view = py::memoryview(py::reinterpret_borrow<py::object>(encoded));
  const Py_buffer* buffer = PyMemoryView_GET_BUFFER(view.ptr());
  if (PyBuffer_IsContiguous(buffer, 'C') == 0) {
    throw Error(ErrorCode::kInvalidArgument, "encoded bytes must be contiguous");
  }
  return {EncodedImage{buffer->buf, static_cast<std::size_t>(buffer->len)}, view};
}

/// The path as the operating system takes it; Python's own converter refuses what it could not take whole.
std::filesystem::path FileSystemPath(const py::handle& path) {
  PyObject* encoded = nullptr;
  if (PyUnicode_FSConverter(path.ptr(), static_cast<void*>(&encoded)) == 0) {
    const py::error_already_set error;
    throw Error(ErrorCode::kInvalidArgument, "not a usable path: " + std::string(py::str(error.value())));
  }
  return std::string(py::reinterpret_steal<py::bytes>(encoded));
}

}  // namespace

ColorOrder ParseColor(const std::string& word) {
  if (word == "rgb") return ColorOrder::kRgb;
  if (word == "bgr") return ColorOrder::kBgr;
  throw Error(ErrorCode::kInvalidArgument, "color must be 'rgb' or 'bgr', not '" + word + "'");
}

std::string ShapeText(const py::array& array) { return py::str(py::object(array.attr("shape"))); }

std::string DtypeText(const py::array& array) { return py::str(py::object(array.dtype())); }

ImageArgument FromArray(const py::array& array, ColorOrder color) {
  if (!py::isinstance<py::array_t<std::uint8_t>>(array)) {
    RaiseTypeError("an image array must be uint8, not " + DtypeText(array));
  }
  if (array.ndim() != 3 || array.shape(2) != 3 || array.size() == 0) {
    throw Error(ErrorCode::kInvalidArgument, "an image array must have shape (H, W, 3), not " + ShapeText(array));
  }
  if (array.shape(0) > INT_MAX || array.shape(1) > INT_MAX) {
    throw Error(ErrorCode::kInvalidArgument, "an image array of shape " + ShapeText(array) + " is too large");
  }
  const bool packed = array.strides(2) == 1 && array.strides(1) == 3;
  py::array pixels = packed ? array : py::array_t<std::uint8_t, py::array::c_style>::ensure(array);
  const ImageView view{static_cast<const std::uint8_t*>(pixels.data()), static_cast<int>(pixels.shape(0)),
                       static_cast<int>(pixels.shape(1)), pixels.strides(0), color};
  return {view, std::move(pixels)};
}

ImageArgument FromPython(const py::handle& image, ColorOrder color) {
  if (py::isinstance<py::array>(image)) return FromArray(py::reinterpret_borrow<py::array>(image), color);
  if (PyObject_CheckBuffer(image.ptr()) != 0) return FromBuffer(image);
  if (py::isinstance<py::str>(image) || py::hasattr(image, "__fspath__")) {
    return {FileSystemPath(image), py::none()};
  }
  RaiseTypeError("an image must be a path, encoded bytes, or an array of shape (H, W, 3), not " +
                 std::string(py::str(py::type::handle_of(image).attr("__name__"))));
}

}  // namespace hrnet_native::bindings
