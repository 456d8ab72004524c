#pragma once

#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/native/limits.h"

namespace hrnet_native::native {

using Json = nlohmann::json;

// Typed reading of a file's JSON. All throw Error kModelLoad that names the field, what was expected and what is there.

[[noreturn]] void FailToLoad(const std::string& what);

/// A value for a message: short, and never walked into (a hostile file may be nested as deep as it is long).
std::string Shown(const Json& json);

/// A member of an object.
const Json& Member(const Json& object, const char* key);

int Integer(const Json& json, const char* what, int least, int most);
std::string Text(const Json& object, const char* key);

/// A list of so many integers from `least` to kMaxSide.
template <std::size_t kCount>
std::array<int, kCount> Integers(const Json& object, const char* key, int least) {
  const Json& list = Member(object, key);
  if (!list.is_array() || list.size() != kCount) {
    FailToLoad("'" + std::string(key) + "' must be a list of " + std::to_string(kCount) + " integers");
  }
  std::array<int, kCount> values{};
  for (std::size_t i = 0; i < kCount; ++i) values[i] = Integer(list[i], key, least, kMaxSide);
  return values;
}

/// Requires that an object has the fields that `names` lists between spaces, and no others; those that end in `?` may
/// be missing.
void RequireFields(const Json& object, const char* names);

}  // namespace hrnet_native::native
