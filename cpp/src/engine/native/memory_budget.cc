#include "engine/native/memory_budget.h"

#include <algorithm>
#include <cstddef>
#include <tuple>

#include "engine/native/ceil_divide.h"

namespace hrnet_native::native {
namespace {

/// Floats that a layer's weights take.
struct WeightFloats {
  std::size_t layer;
  double plain;
  double packed;       ///< Padded to whole blocks of outputs.
  double transformed;  ///< By the form that takes most.
};

WeightFloats FloatsOf(const Operator& op, std::size_t index, int lanes) {
  const Tensor& values = op.weights()->values;
  const int outputs = values.shape[0];
  const auto plain = static_cast<double>(values.size());
  const double packed = plain / outputs * (CeilDivide(outputs, lanes) * lanes);
  return {index, plain, packed, packed * op.most_transformed()};
}

}  // namespace

std::vector<bool> TransformableLayers(const Graph& graph, int lanes) {
  std::vector<WeightFloats> all;
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const Operator& op = *graph.layers[i].op;
    if (op.weights() != nullptr) all.push_back(FloatsOf(op, i, lanes));
  }
  std::sort(all.begin(), all.end(), [](const WeightFloats& a, const WeightFloats& b) {
    return std::tie(a.plain, a.layer) < std::tie(b.plain, b.layer);
  });
  double plain = 0;
  double packed = 0;
  for (const WeightFloats& weights : all) {
    plain += weights.plain;
    packed += weights.packed;
  }
  std::vector<bool> transformable(graph.layers.size(), false);
  for (const WeightFloats& weights : all) {
    if (weights.transformed == weights.packed) continue;
    packed += weights.transformed - weights.packed;
    if (packed > kLowMemoryRatio * plain) break;
    transformable[weights.layer] = true;
  }
  return transformable;
}

}  // namespace hrnet_native::native
