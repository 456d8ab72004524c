#include "python_call.h"

#include "gil.h"

namespace hrnet_native::bindings {
namespace {

py::object Checked(PyObject* result) {
  if (result == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(result);
}

}  // namespace

py::object Attribute(const char* module, const char* name) {
  return Checked(WithoutUnwinding(PyImport_ImportModule, module)).attr(name);
}

py::object CallObject(const py::object& callable, const py::tuple& arguments) {
  return Checked(WithoutUnwinding(PyObject_CallObject, callable.ptr(), arguments.ptr()));
}

bool IsInstance(const py::handle& object, const py::object& type) {
  const int result = WithoutUnwinding(PyObject_IsInstance, object.ptr(), type.ptr());
  if (result < 0) throw py::error_already_set();
  return result != 0;
}

}  // namespace hrnet_native::bindings
