#include "engine/native/json_fields.h"

#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "base/str_cat.h"

namespace hrnet_native::native {
namespace {

constexpr std::size_t kShownLength = 60;

/// As JSON writes it; of what holds others only the kind.
template <typename Scalar>
std::string Written(const Scalar& value) {
  return nlohmann::json(value).dump();
}

std::string Written(const Json::Array& list) { return StrCat("a list of ", list.size()); }
std::string Written(const Json::Object& /*object*/) { return "an object"; }

std::string Shortened(const std::string& text) {
  return text.size() > kShownLength ? text.substr(0, kShownLength) + "..." : text;
}

}  // namespace

std::string Shown(const Json& json) {
  return std::visit([](const auto& value) { return Shortened(Written(value)); }, json.value);
}

std::string Shown(const std::string& text) { return Shortened(Written(text)); }

const Json::Object& Object(const Json& json, const char* what) {
  if (const auto* object = json.As<Json::Object>()) return *object;
  FailToLoad(StrCat(what, " must be an object, not ", Shown(json)));
}

const Json* Find(const Json::Object& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &found->second;
}

const Json& Member(const Json::Object& object, const char* key) {
  if (const Json* member = Find(object, key)) return *member;
  FailToLoad(StrCat("'", key, "' is missing"));
}

int Integer(const Json& json, const char* what, int least, int most) {
  const auto* number = json.As<std::uint64_t>();
  if (number != nullptr && *number >= static_cast<std::uint64_t>(least) &&
      *number <= static_cast<std::uint64_t>(most)) {
    return static_cast<int>(*number);
  }
  FailToLoad(StrCat(what, " must be an integer from ", least, " to ", most, ", not ", Shown(json)));
}

const std::string& Text(const Json::Object& object, const char* key) {
  const Json& json = Member(object, key);
  if (const auto* text = json.As<std::string>()) return *text;
  FailToLoad(StrCat("'", key, "' must be a text, not ", Shown(json)));
}

void RequireFields(const Json::Object& object, const char* names) {
  std::size_t known = 0;
  std::istringstream words(names);
  for (std::string name; words >> name;) {
    const bool optional = name.back() == '?';
    if (optional) name.pop_back();
    known += object.count(name);
    if (!optional) Member(object, name.c_str());
  }
  if (known == object.size()) return;
  for (const auto& [name, value] : object) {
    const std::string padded = StrCat(' ', names, ' ');
    if (padded.find(StrCat(' ', name, ' ')) == std::string::npos &&
        padded.find(StrCat(' ', name, "? ")) == std::string::npos) {
      FailToLoad(StrCat("field ", Shown(name), " is not known to this version; expected ", names));
    }
  }
}

}  // namespace hrnet_native::native
