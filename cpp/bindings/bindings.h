#pragma once

#include <pybind11/pybind11.h>

#include <exception>
#include <string>

#ifdef Py_GIL_DISABLED
#error "free-threaded CPython is not supported: the bindings rely on the GIL and were never tested without it"
#endif

namespace hrnet_native::bindings {

namespace py = pybind11;

// One per file; module.cc calls them.
void RegisterErrors(py::module_& module);
void RegisterImaging(py::module_& module);
void RegisterPredictor(py::module_& module);
void RegisterStats(py::module_& module);

/// Raises a Python exception object. The GIL is held.
[[noreturn]] void Raise(const py::object& exception);

/// Raises hrnet_native.InvalidTypeError. The GIL is held.
[[noreturn]] void RaiseTypeError(const std::string& message);

/// The Python exception for a C++ one, as an object that is not raised. The GIL is held.
py::object ToPythonException(const std::exception_ptr& error);

}  // namespace hrnet_native::bindings
