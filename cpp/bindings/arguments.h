#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bindings.h"
#include "hrnet_native/error.h"

// From Python's arguments to C++'s values. pybind11's own converters know no argument's name: what they cannot convert
// is answered with the signatures of the whole function. These throw Error kInvalidArgument for a value that is out of
// range and raise InvalidTypeError for another type, both with the name, the value and what was expected. The GIL is
// held.

namespace hrnet_native::bindings {

/// A named argument. In every call that gives keywords pybind11 interns the names of those that it looks for. A name
/// that nothing keeps alive then leaves a gap in Python's table of interned strings, which grows by MBs when the gaps
/// fill it.
inline py::arg Arg(const char* name) {
  py::reinterpret_steal<py::object>(PyUnicode_InternFromString(name)).release();
  return py::arg(name);
}

/// The name of an object's class, for messages.
std::string TypeName(const py::handle& value);

std::int64_t ToInteger(const char* name, const py::handle& value, std::int64_t least, std::int64_t most);

template <typename Integer>
Integer ToInteger(const char* name, const py::handle& value) {
  using Limits = std::numeric_limits<Integer>;
  return static_cast<Integer>(ToInteger(name, value, Limits::min(), Limits::max()));
}

double ToNumber(const char* name, const py::handle& value);

/// The items of a sequence; `count` of them unless that is 0. `what` describes it: "three numbers".
std::vector<py::object> ToItems(const char* name, const py::handle& value, std::size_t count, const char* what);

std::vector<int> ToIntegers(const char* name, const py::handle& value);

std::string ToString(const char* name, const py::handle& value);

/// As the operating system takes it.
std::filesystem::path ToPath(const char* name, const py::handle& value);

/// None, or what `convert(name, value)` makes of another value.
template <typename Convert>
auto ToOptional(const char* name, const py::handle& value, const Convert& convert) {
  return value.is_none() ? std::nullopt : std::optional(convert(name, value));
}

/// The value of a word, which is one of `words`.
template <typename Value>
Value ToWord(const char* name, const py::handle& value, const std::map<std::string, Value>& words) {
  const std::string word = ToString(name, value);
  const auto found = words.find(word);
  if (found != words.end()) return found->second;
  std::string expected;
  for (const auto& entry : words) expected += (expected.empty() ? "" : ", ") + entry.first;
  throw Error(ErrorCode::kInvalidArgument, std::string(name) + " must be one of " + expected + ", not '" + word + "'");
}

}  // namespace hrnet_native::bindings
