#include "engine/native/layer_fields.h"

#include <string>
#include <vector>

#include "base/str_cat.h"

namespace hrnet_native::native {

ValueId LayerFields::Residual() const {
  const Json* residual = Find(object_, "residual");
  return residual == nullptr ? kNoValue : symbols_.Value(*residual);
}

Activation LayerFields::ReadActivation(bool has_sigmoid) const {
  const Json& json = Member(object_, "activation");
  const auto is = [word = json.As<std::string>()](const char* name) { return word != nullptr && *word == name; };
  if (is("none")) return Activation::kNone;
  if (is("relu")) return Activation::kRelu;
  if (is("sigmoid") && has_sigmoid) return Activation::kSigmoid;
  FailToLoad(StrCat("activation ", Shown(json), " is not known for this operator"));
}

Weights LayerFields::TakeWeights(std::size_t sides) {
  Weights weights{symbols_.Take(Text(object_, "weight")), {}};
  if (weights.values.shape.size() != sides) FailToLoad(StrCat("a weight must have ", sides, " sides"));
  if (Find(object_, "bias") == nullptr) return weights;
  weights.bias = symbols_.Take(Text(object_, "bias"));
  if (weights.bias.shape != std::vector<int>{weights.values.shape[0]}) {
    FailToLoad("a bias must have one value an output");
  }
  return weights;
}

}  // namespace hrnet_native::native
