#include "engine/native/json.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace hrnet_native::native {
namespace {

constexpr std::size_t kDeepest = 16;  // a destructor calls itself as often

/// Told by nlohmann's parser, in its words, what it meets; false ends it.
class Builder {
 public:
  bool null() { return Add(nullptr); }
  bool boolean(bool value) { return Add(value); }
  bool number_integer(std::int64_t value) { return Add(value); }
  bool number_unsigned(std::uint64_t value) { return Add(value); }
  bool number_float(double value, const std::string& /*text*/) { return Add(value); }
  bool string(std::string& value) { return Add(std::move(value)); }
  bool binary(nlohmann::json::binary_t& /*value*/) { return false; }  // JSON has none
  bool start_object(std::size_t /*size*/) { return Open(Json::Object()); }
  bool start_array(std::size_t /*size*/) { return Open(Json::Array()); }
  bool end_object() { return Close(); }
  bool end_array() { return Close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) { return false; }
  bool key(std::string& name) {
    if (left_out_ > 0) return true;
    auto& object = std::get<Json::Object>(open_.back()->value);
    const auto [place, is_new] = object.try_emplace(std::move(name));
    next_ = &place->second;
    return is_new;
  }

  Json Take() { return std::move(root_); }

 private:
  /// Where the next value belongs.
  Json& Place() {
    if (open_.empty()) return root_;
    if (auto* array = std::get_if<Json::Array>(&open_.back()->value)) return array->emplace_back();
    return *next_;
  }

  template <typename Value>
  bool Add(Value value) {
    if (left_out_ > 0) return true;
    Place().value = std::move(value);
    return true;
  }

  template <typename Container>
  bool Open(Container empty) {
    if (open_.size() == kDeepest) {
      ++left_out_;
      return true;
    }
    Json& place = Place();
    place.value = std::move(empty);
    open_.push_back(&place);  // stays where it is: what it lies in does not grow before it is closed
    return true;
  }

  bool Close() {
    if (left_out_ > 0) {
      --left_out_;
    } else {
      open_.pop_back();
    }
    return true;
  }

  Json root_;
  std::vector<Json*> open_;
  Json* next_ = nullptr;      // of the name that was read last
  std::size_t left_out_ = 0;  // lists and objects that are open and too deep
};

}  // namespace

std::optional<Json> ParseJson(std::string_view text) {
  Builder builder;
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) return std::nullopt;
  return builder.Take();
}

}  // namespace hrnet_native::native
