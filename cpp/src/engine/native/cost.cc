#include "engine/native/cost.h"

#include "engine/native/ceil_divide.h"

namespace hrnet_native::native {
namespace {

// Reading a vector of a map in sums, pools and products with factors, and writing one.
constexpr double kMapVector = 6;
// Fetching a vector of a map from memory. It takes half of that where a member's share of a layer's maps has so many
// floats, as then some of them are still in a cache, and little where they fit the second-level cache.
constexpr double kFarVector = 14;
constexpr double kHalfFarFloats = 1 << 19;

}  // namespace

double MapCost(const LayerContext& context, double vectors) {
  const MapLayout& output = context.output();
  return kMapVector * vectors * CeilDivide(context.batch * output.shape.height * output.blocks, context.threads) *
         output.shape.width;
}

double TrafficCost(const Layer& layer, const Layout& layout, int images) {
  const MapLayout& output = layout.of(layer.output);
  std::size_t floats = output.size() * (layer.residual == kNoValue ? 1 : 2);
  for (const ValueId input : layer.inputs) floats += layout.of(input).size();
  const double share = static_cast<double>(floats) * images;
  const double far = share * share / (share * share + kHalfFarFloats * kHalfFarFloats);
  return kFarVector * far * share / output.lanes;
}

}  // namespace hrnet_native::native
