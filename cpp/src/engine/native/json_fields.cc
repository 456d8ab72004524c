#include "engine/native/json_fields.h"

#include <sstream>

#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native::native {
namespace {

constexpr std::size_t kShownLength = 60;

}  // namespace

void FailToLoad(const std::string& what) { throw Error(ErrorCode::kModelLoad, what); }

std::string Shown(const Json& json) {
  if (json.is_object()) return "an object";
  if (json.is_array()) return StrCat("a list of ", json.size());
  std::string text = json.dump();
  if (text.size() > kShownLength) text = text.substr(0, kShownLength) + "...";
  return text;
}

const Json& Member(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) FailToLoad(StrCat("'", key, "' is missing"));
  return *found;
}

int Integer(const Json& json, const char* what, int least, int most) {
  if (json.is_number_integer()) {
    const auto value = json.get<std::int64_t>();  // an unsigned number that does not fit becomes negative
    if (value >= least && value <= most) return static_cast<int>(value);
  }
  FailToLoad(StrCat(what, " must be an integer from ", least, " to ", most, ", not ", Shown(json)));
}

std::string Text(const Json& object, const char* key) {
  const Json& text = Member(object, key);
  if (!text.is_string()) FailToLoad(StrCat("'", key, "' must be a text, not ", Shown(text)));
  return text.get<std::string>();
}

void RequireFields(const Json& object, const char* names) {
  std::size_t known = 0;
  std::istringstream words(names);
  for (std::string name; words >> name;) {
    const bool optional = name.back() == '?';
    if (optional) name.pop_back();
    known += object.count(name);
    if (!optional) Member(object, name.c_str());
  }
  if (known == object.size()) return;
  for (const auto& [name, value] : object.items()) {
    const std::string padded = StrCat(' ', names, ' ');
    if (padded.find(StrCat(' ', name, ' ')) == std::string::npos &&
        padded.find(StrCat(' ', name, "? ")) == std::string::npos) {
      FailToLoad(StrCat("field ", Shown(name), " is not known to this version; expected ", names));
    }
  }
}

}  // namespace hrnet_native::native
