#pragma once

#include <pybind11/pybind11.h>

#include <string>
#include <utility>
#include <vector>

#include "docstrings.h"
#include "initialised_caster.h"

namespace hrnet_native::bindings {

/// py::class_ whose members have the docstrings of the stub.
template <typename T>
class DocumentedClass {
 public:
  DocumentedClass(py::module_& module, const char* name) : name_(name), class_(module, name, Doc(name)) {}

  template <typename Function, typename... Extra>
  DocumentedClass& Constructor(Function&& function, const Extra&... extra) {
    class_.def(py::init(std::forward<Function>(function)), DocOf("__init__"), extra...);
    return *this;
  }

  template <typename Function, typename... Extra>
  DocumentedClass& Method(const char* name, Function&& function, const Extra&... extra) {
    class_.def(name, std::forward<Function>(function), DocOf(name), extra...);
    return *this;
  }

  template <typename Function, typename... Extra>
  DocumentedClass& StaticMethod(const char* name, Function&& function, const Extra&... extra) {
    class_.def_static(name, std::forward<Function>(function), DocOf(name), extra...);
    return *this;
  }

  template <typename Getter>
  DocumentedClass& Property(const char* name, Getter&& getter) {
    class_.def_property_readonly(name, std::forward<Getter>(getter), DocOf(name));
    properties_.emplace_back(name);
    return *this;
  }

  template <typename Value>
  DocumentedClass& Field(const char* name, Value T::* field) {
    return Property(name, [field](const T& self) { return self.*field; });
  }

  /// A method that Python calls by itself, such as "__enter__", and that needs no docstring.
  template <typename Function>
  DocumentedClass& Special(const char* name, Function&& function) {
    class_.def(name, std::forward<Function>(function));
    return *this;
  }

  /// A repr that looks like a call with every property so far.
  DocumentedClass& ReprOfProperties() {
    return Special("__repr__", [name = name_, properties = properties_](const py::object& self) {
      std::string text;
      for (const std::string& property : properties) {
        text += (text.empty() ? "" : ", ") + property + "=";
        text += py::cast<std::string>(py::repr(self.attr(property.c_str())));
      }
      return name + "(" + text + ")";
    });
  }

 private:
  const char* DocOf(const char* member) const { return Doc(name_ + "." + member); }

  std::string name_;
  py::class_<T> class_;
  std::vector<std::string> properties_;
};

}  // namespace hrnet_native::bindings
