#pragma once

#include <pybind11/cast.h>  // a third of the time of pybind11.h, which registration.h has

#include <exception>
#include <string>

#ifdef Py_GIL_DISABLED
#error "free-threaded CPython is not supported: the bindings rely on the GIL and were never tested without it"
#endif

namespace hrnet_native::bindings {

namespace py = pybind11;

/// Raises a Python exception object. The GIL is held.
[[noreturn]] void Raise(const py::object& exception);

/// Raises hrnet_native.InvalidTypeError. The GIL is held.
[[noreturn]] void RaiseTypeError(const std::string& message);

/// The Python exception for a C++ one, as an object that is not raised. The GIL is held.
py::object ToPythonException(const std::exception_ptr& error);

/// Makes a Python exception object the current one, as C functions raise it. The GIL is held.
void SetError(const py::object& exception);

}  // namespace hrnet_native::bindings
