#include "engine/native/operators/operators.h"

#include "base/str_cat.h"
#include "engine/native/json_fields.h"

namespace hrnet_native::native {
namespace {

/// All operators, as docs/native-format.md has them.
constexpr OperatorRow kOperators[] = {
    {"conv", ReadConv},
    {"add", ReadAdd},
    {"max_pool", ReadMaxPool},
    {"average_pool", ReadAveragePool},
    {"global_average_pool", ReadGlobalAveragePool},
    {"fc", ReadFullyConnected},
    {"scale", ReadScale},
    {"softmax", ReadSoftmax},
};

}  // namespace

const OperatorRow& FindOperator(const std::string& name) {
  for (const OperatorRow& row : kOperators) {
    if (name == row.name) return row;
  }
  FailToLoad(StrCat("operator ", Shown(name), " is not known to this version"));
}

}  // namespace hrnet_native::native
