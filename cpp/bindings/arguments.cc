#include "arguments.h"

#include "gil.h"

namespace hrnet_native::bindings {
namespace {

[[noreturn]] void RaiseOtherType(const char* name, const char* expected, const py::handle& value) {
  RaiseTypeError(std::string(name) + " must be " + expected + ", not " + TypeName(value));
}

/// As repr gives it, or what is to be said of it where Python refuses to write it out.
std::string ValueText(const py::handle& value) {
  const auto text = py::reinterpret_steal<py::object>(PyObject_Repr(value.ptr()));
  if (text) return text.cast<std::string>();
  PyErr_Clear();
  return "a number of thousands of digits";
}

}  // namespace

std::string TypeName(const py::handle& value) { return py::str(py::type::handle_of(value).attr("__name__")); }

std::int64_t ToInteger(const char* name, const py::handle& value, std::int64_t least, std::int64_t most) {
  const auto number = py::reinterpret_steal<py::object>(WithoutUnwinding(PyNumber_Index, value.ptr()));
  if (!number) {
    PyErr_Clear();
    RaiseOtherType(name, "an int", value);
  }
  int overflow = 0;
  const std::int64_t integer = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
  if (overflow == 0 && integer >= least && integer <= most) return integer;
  const bool is_low = overflow < 0 || (overflow == 0 && integer < least);
  throw Error(ErrorCode::kInvalidArgument, std::string(name) + " must be at " + (is_low ? "least " : "most ") +
                                               std::to_string(is_low ? least : most) + ", not " + ValueText(number));
}

double ToNumber(const char* name, const py::handle& value) {
  const double number = WithoutUnwinding(PyFloat_AsDouble, value.ptr());
  if (PyErr_Occurred() == nullptr) return number;
  const py::error_already_set error;
  if (!error.matches(PyExc_OverflowError)) RaiseOtherType(name, "a number", value);
  throw Error(ErrorCode::kInvalidArgument,
              std::string(name) + " must be a number that a float holds, not " + ValueText(value));
}

std::vector<py::object> ToItems(const char* name, const py::handle& value, std::size_t count, const char* what) {
  const auto sequence = py::reinterpret_steal<py::object>(WithoutUnwinding(PySequence_Fast, value.ptr(), ""));
  if (!sequence || py::isinstance<py::str>(value)) {
    PyErr_Clear();
    RaiseOtherType(name, what, value);
  }
  std::vector<py::object> items;
  for (const py::handle item : sequence) items.push_back(py::reinterpret_borrow<py::object>(item));
  if (count == 0 || items.size() == count) return items;
  throw Error(ErrorCode::kInvalidArgument, std::string(name) + " must be " + what + ", not " + ValueText(value));
}

std::vector<int> ToIntegers(const char* name, const py::handle& value) {
  std::vector<int> integers;
  for (const py::object& item : ToItems(name, value, 0, "a sequence of ints")) {
    integers.push_back(ToInteger<int>(name, item));
  }
  return integers;
}

std::string ToString(const char* name, const py::handle& value) {
  if (!py::isinstance<py::str>(value)) RaiseOtherType(name, "a str", value);
  PyObject* encoded = PyUnicode_AsEncodedString(value.ptr(), "utf-8", "backslashreplace");
  if (encoded == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::bytes>(encoded);
}

std::filesystem::path ToPath(const char* name, const py::handle& value) {
  PyObject* encoded = nullptr;
  if (WithoutUnwinding(PyUnicode_FSConverter, value.ptr(), static_cast<void*>(&encoded)) == 0) {
    const py::error_already_set error;
    if (error.matches(PyExc_TypeError)) RaiseOtherType(name, "a path", value);
    throw Error(ErrorCode::kInvalidArgument,
                std::string(name) + " is not a usable path: " + std::string(py::str(error.value())));
  }
  return std::string(py::reinterpret_steal<py::bytes>(encoded));
}

}  // namespace hrnet_native::bindings
