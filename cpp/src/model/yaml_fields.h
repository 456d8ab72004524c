#pragma once

#include <yaml-cpp/yaml.h>

#include <set>
#include <string>

#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native {

/// Throws Error kModelLoad: what all of inference.yml's readers do with a value that they do not expect.
[[noreturn]] inline void FailToRead(const std::string& message) { throw Error(ErrorCode::kModelLoad, message); }

/// The value of a field. `what` names it, `expected` tells what it must be.
template <typename T>
T As(const YAML::Node& node, const std::string& what, const char* expected) {
  T value{};
  if (!node.IsDefined()) FailToRead(StrCat(what, " is missing; expected ", expected));
  if (!node.IsScalar() || !YAML::convert<T>::decode(node, value)) {
    FailToRead(StrCat(what, " must be ", expected, ", not ", YAML::Dump(node)));
  }
  return value;
}

/// Requires that a mapping, or nothing, has no other keys. `kind`: what a key of it is called.
inline void RequireKnownKeys(const YAML::Node& fields, const std::string& what, const char* kind,
                             const std::set<std::string>& known) {
  if (fields.IsNull()) return;
  if (!fields.IsMap()) FailToRead(StrCat(what, " must hold a mapping, not ", YAML::Dump(fields)));
  for (const auto& entry : fields) {
    const auto key = entry.first.as<std::string>();
    if (known.count(key) == 0) FailToRead(StrCat(what, " has an unknown ", kind, ": ", key));
  }
}

}  // namespace hrnet_native
