#include <new>
#include <string>

#include "bindings.h"
#include "hrnet_native/error.h"
#include "python_call.h"

namespace hrnet_native::bindings {
namespace {

/// The name of the class in hrnet_native.errors.
const char* ClassName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "InvalidArgumentError";
    case ErrorCode::kInvalidImage:
      return "InvalidImageError";
    case ErrorCode::kNotFound:
      return "NotFoundError";
    case ErrorCode::kModelLoad:
      return "ModelLoadError";
    case ErrorCode::kUnsupported:
      return "UnsupportedError";
    case ErrorCode::kQueueFull:
      return "QueueFullError";
    case ErrorCode::kClosed:
      return "ClosedError";
    case ErrorCode::kDeadlineExceeded:
      return "DeadlineExceededError";
    case ErrorCode::kCancelled:
      return "CancelledError";
    case ErrorCode::kForked:
      return "ForkedProcessError";
    case ErrorCode::kResourceExhausted:
      return "ResourceExhaustedError";
    case ErrorCode::kInternal:
      break;
  }
  return "InferenceError";
}

/// Messages may quote bytes of a file or a path, which need not be UTF-8.
py::object Make(const char* class_name, const std::string& message) {
  PyObject* text = PyUnicode_DecodeUTF8(message.data(), static_cast<py::ssize_t>(message.size()), "backslashreplace");
  if (text == nullptr) throw py::error_already_set();
  return Call("hrnet_native.errors", class_name, py::reinterpret_steal<py::str>(text));
}

}  // namespace

void SetError(const py::object& exception) {
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr())), exception.ptr());
}

void Raise(const py::object& exception) {
  SetError(exception);
  throw py::error_already_set();
}

void RaiseTypeError(const std::string& message) { Raise(Make("InvalidTypeError", message)); }

py::object ToPythonException(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Error& e) {
    return Make(ClassName(e.code()), e.what());
  } catch (const py::error_already_set& e) {
    return e.value();
  } catch (const std::bad_alloc&) {
    return Call("builtins", "MemoryError");
  } catch (const std::exception& e) {
    return Make(ClassName(ErrorCode::kInternal), e.what());
  }
}

}  // namespace hrnet_native::bindings
