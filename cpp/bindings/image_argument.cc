#include "image_argument.h"

#include <pybind11/numpy.h>

#include <climits>
#include <new>
#include <utility>

#include "arguments.h"
#include "hrnet_native/error.h"
#include "python_call.h"

namespace hrnet_native::bindings {
namespace {

/// Without importing PIL: who has such an image has imported it.
bool IsPilImage(const py::handle& image) {
  const auto name = py::str("PIL.Image");
  const auto module = py::reinterpret_steal<py::object>(PyImport_GetModule(name.ptr()));
  return module && IsInstance(image, module.attr("Image"));
}

bool IsPath(const py::handle& image) { return py::isinstance<py::str>(image) || py::hasattr(image, "__fspath__"); }

ColorOrder Opposite(ColorOrder color) { return color == ColorOrder::kRgb ? ColorOrder::kBgr : ColorOrder::kRgb; }

void CheckPixels(const py::array& array) {
  if (!py::isinstance<py::array_t<std::uint8_t>>(array)) {
    RaiseTypeError("an image array must be uint8, not " + DtypeText(array));
  }
  if (array.ndim() != 3 || array.shape(2) != 3 || array.size() == 0) {
    throw Error(ErrorCode::kInvalidArgument, "an image array must have shape (H, W, 3), not " + ShapeText(array));
  }
  if (array.shape(0) > INT_MAX || array.shape(1) > INT_MAX) {
    throw Error(ErrorCode::kInvalidArgument, "an image array of shape " + ShapeText(array) + " is too large");
  }
}

ImageArgument FromArray(const py::array& array, ColorOrder color) {
  CheckPixels(array);
  const auto* first = static_cast<const std::uint8_t*>(array.data());
  const auto height = static_cast<int>(array.shape(0));
  const auto width = static_cast<int>(array.shape(1));
  if (array.strides(1) == 3 && array.strides(2) == 1) {
    return {ImageView{first, height, width, array.strides(0), color}, array};
  }
  if (array.strides(1) == 3 && array.strides(2) == -1) {  // such as frame[:, :, ::-1]
    return {ImageView{first - 2, height, width, array.strides(0), Opposite(color)}, array};
  }
  py::array pixels = py::array_t<std::uint8_t, py::array::c_style>::ensure(array);
  if (!pixels) throw std::bad_alloc();
  const ImageView view{static_cast<const std::uint8_t*>(pixels.data()), height, width, pixels.strides(0), color};
  return {view, std::move(pixels), true};
}

ImageArgument FromPil(const py::handle& image, const Background& background) {
  const py::object pixels = Call("hrnet_native._pil_image", "pixels", image, ToPython(background));
  ImageArgument argument = FromArray(pixels.cast<py::array>(), ColorOrder::kRgb);
  argument.is_copy = true;
  return argument;
}

}  // namespace

Background ToBackground(const py::handle& value) {
  if (value.is_none()) return std::nullopt;
  Background background({0, 0, 0});
  const auto items = ToItems("background", value, 3, "three numbers from 0 to 255");
  for (std::size_t i = 0; i < 3; ++i) {
    (*background)[i] = static_cast<std::uint8_t>(ToInteger("background", items[i], 0, 255));
  }
  return background;
}

py::object ToPython(const Background& background) {
  if (!background) return py::none();
  return py::make_tuple((*background)[0], (*background)[1], (*background)[2]);
}

std::string ShapeText(const py::handle& array) { return py::str(py::object(array.attr("shape"))); }

std::string DtypeText(const py::handle& array) { return py::str(py::object(array.attr("dtype"))); }

ImageArgument FromPixels(const py::handle& image, ColorOrder color, const Background& background) {
  if (py::isinstance<py::array>(image)) return FromArray(py::reinterpret_borrow<py::array>(image), color);
  if (IsPilImage(image)) return FromPil(image, background);
  RaiseTypeError("an image must be an array of shape (H, W, 3) or a PIL image, not " + TypeName(image));
}

ImageArgument FromEncoded(const py::handle& encoded) {
  if (PyObject_CheckBuffer(encoded.ptr()) == 0) RaiseTypeError("encoded must be bytes, not " + TypeName(encoded));
  const auto view = py::memoryview(py::reinterpret_borrow<py::object>(encoded));
  const Py_buffer* buffer = PyMemoryView_GET_BUFFER(view.ptr());
  if (PyBuffer_IsContiguous(buffer, 'C') == 0) {
    throw Error(ErrorCode::kInvalidArgument, "encoded bytes must be contiguous");
  }
  return {EncodedImage{buffer->buf, static_cast<std::size_t>(buffer->len)}, view};
}

ImageArgument FromPython(const py::handle& image, ColorOrder color, const Background& background) {
  if (py::isinstance<py::array>(image)) return FromArray(py::reinterpret_borrow<py::array>(image), color);
  if (PyObject_CheckBuffer(image.ptr()) != 0) return FromEncoded(image);
  if (IsPath(image)) return {ToPath("image", image), py::none()};
  if (IsPilImage(image)) return FromPil(image, background);
  RaiseTypeError("an image must be a path, encoded bytes, an array of shape (H, W, 3) or a PIL image, not " +
                 TypeName(image));
}

bool IsSeveral(const py::handle& image) {
  if (py::isinstance<py::list>(image) || py::isinstance<py::tuple>(image)) return true;
  if (py::isinstance<py::array>(image)) return py::reinterpret_borrow<py::array>(image).ndim() == 4;
  if (PyObject_CheckBuffer(image.ptr()) != 0 || IsPath(image)) return false;
  return IsInstance(image, Attribute("collections.abc", "Sequence"));
}

}  // namespace hrnet_native::bindings
