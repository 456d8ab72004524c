#pragma once

#include <utility>

#include "bindings.h"

// Calls of Python code. A thread that is in one when the interpreter ends stays there (gil.h). They throw
// py::error_already_set. The GIL is held.

namespace hrnet_native::bindings {

/// `module.name`.
py::object Attribute(const char* module, const char* name);

/// `callable(*arguments)`.
py::object CallObject(const py::object& callable, const py::tuple& arguments);

/// `module.function(args...)`, or an object of a class.
template <typename... Args>
py::object Call(const char* module, const char* function, Args&&... args) {
  return CallObject(Attribute(module, function), py::make_tuple(std::forward<Args>(args)...));
}

/// `object.method(args...)`.
template <typename... Args>
py::object CallMethod(const py::handle& object, const char* method, Args&&... args) {
  return CallObject(object.attr(method), py::make_tuple(std::forward<Args>(args)...));
}

bool IsInstance(const py::handle& object, const py::object& type);

}  // namespace hrnet_native::bindings
