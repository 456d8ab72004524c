#pragma once

#include <pybind11/pybind11.h>

namespace hrnet_native::bindings {

/// A named argument. In every call that gives keywords pybind11 interns the names of those that it looks for. A name
/// that nothing keeps alive then leaves a gap in Python's table of interned strings, which grows by MBs when the gaps
/// fill it.
inline pybind11::arg Arg(const char* name) {
  pybind11::reinterpret_steal<pybind11::object>(PyUnicode_InternFromString(name)).release();
  return pybind11::arg(name);
}

}  // namespace hrnet_native::bindings
