#include "engine/native/symbols.h"

#include <limits>
#include <utility>

#include "base/str_cat.h"
#include "engine/native/json_fields.h"

namespace hrnet_native::native {
namespace {

constexpr int kMaxInt = std::numeric_limits<int>::max();

}  // namespace

ValueId Symbols::Value(const Json& json) const {
  const auto found = defined_.find(Integer(json, "a value", 0, kMaxInt));
  if (found == defined_.end()) FailToLoad(StrCat("value ", Shown(json), " is used before it is defined"));
  return found->second;
}

ValueId Symbols::Define(const Json& json, const char* field) {
  const int number = Integer(json, field, 0, kMaxInt);
  const auto value = static_cast<ValueId>(defined_.size());
  if (!defined_.emplace(number, value).second) FailToLoad(StrCat("value ", number, " is defined twice"));
  return value;
}

Tensor Symbols::Take(const std::string& name) {
  auto taken = tensors_.extract(name);
  if (taken.empty()) FailToLoad(StrCat("tensor ", Shown(name), " is missing, or used by another layer"));
  return std::move(taken.mapped());
}

void Symbols::RequireNoTensorLeft() const {
  if (!tensors_.empty()) FailToLoad(StrCat("tensor ", Shown(tensors_.begin()->first), " is used by no layer"));
}

}  // namespace hrnet_native::native
