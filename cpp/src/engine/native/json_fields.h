#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "engine/native/fail_to_load.h"
#include "engine/native/json.h"
#include "engine/native/limits.h"

namespace hrnet_native::native {

// Typed reading of a file's JSON. All throw Error kModelLoad that names the field, what was expected and what is there.

/// A value, or a name, for a message: short, and never walked into.
std::string Shown(const Json& json);
std::string Shown(const std::string& text);

const Json::Object& Object(const Json& json, const char* what);

/// A member of an object; null if it has none of this name.
const Json* Find(const Json::Object& object, const char* key);
const Json& Member(const Json::Object& object, const char* key);

/// `least`: not negative.
int Integer(const Json& json, const char* what, int least, int most);
const std::string& Text(const Json::Object& object, const char* key);

/// A list of so many integers from `least` to kMaxSide.
template <std::size_t kCount>
std::array<int, kCount> Integers(const Json::Object& object, const char* key, int least) {
  const auto* list = Member(object, key).As<Json::Array>();
  if (list == nullptr || list->size() != kCount) {
    FailToLoad("'" + std::string(key) + "' must be a list of " + std::to_string(kCount) + " integers");
  }
  std::array<int, kCount> values{};
  for (std::size_t i = 0; i < kCount; ++i) values[i] = Integer((*list)[i], key, least, kMaxSide);
  return values;
}

/// Requires that an object has the fields that `names` lists between spaces, and no others; those that end in `?` may
/// be missing.
void RequireFields(const Json::Object& object, const char* names);

}  // namespace hrnet_native::native
