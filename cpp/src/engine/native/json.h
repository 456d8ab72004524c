#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hrnet_native::native {

/// A value of a JSON document. Of our own, as its destructor takes no memory: nlohmann's takes some for every list and
/// object, and ends the process if there is none.
struct Json {
  using Array = std::vector<Json>;
  using Object = std::map<std::string, Json>;

  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, Array, Object> value;

  /// Null if it is of another type. Numbers that are integers and not negative are std::uint64_t.
  template <typename Type>
  const Type* As() const {
    return std::get_if<Type>(&value);
  }
};

/// None if it is not one JSON value, or has a name twice in one object. What is nested deeper than in any file of ours
/// is left out.
std::optional<Json> ParseJson(std::string_view text);

}  // namespace hrnet_native::native
