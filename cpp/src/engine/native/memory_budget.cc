#include "engine/native/memory_budget.h"

#include <algorithm>
#include <cstddef>
#include <tuple>

#include "engine/native/ceil_divide.h"
#include "engine/native/layout.h"

namespace hrnet_native::native {
namespace {

/// A layer's weights, in floats.
struct Weights {
  std::size_t layer;
  double plain;
  double packed;       ///< Padded to whole blocks of outputs.
  double transformed;  ///< By the form that takes most.
};

Weights WeightsOf(const Layer& layer, std::size_t index, int lanes) {
  Weights weights{index, static_cast<double>(layer.weight.size()), 0, 0};
  const int outputs = layer.weight.shape[0];
  const int padded = CeilDivide(outputs, lanes) * lanes;
  weights.packed = weights.plain / outputs * padded;
  for (const WinogradForm form : WinogradForms(layer)) {
    weights.transformed = std::max(weights.transformed, weights.packed / 9 * ShapeOf(form).weights_per_pair());
  }
  return weights;
}

}  // namespace

std::vector<bool> TransformableLayers(const Graph& graph, int lanes) {
  std::vector<Weights> all;
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    if (graph.layers[i].weight.file != nullptr) all.push_back(WeightsOf(graph.layers[i], i, lanes));
  }
  std::sort(all.begin(), all.end(),
            [](const Weights& a, const Weights& b) { return std::tie(a.plain, a.layer) < std::tie(b.plain, b.layer); });
  double plain = 0;
  double packed = 0;
  for (const Weights& weights : all) {
    plain += weights.plain;
    packed += weights.packed;
  }
  std::vector<bool> transformable(graph.layers.size(), false);
  for (const Weights& weights : all) {
    if (weights.transformed == 0) continue;
    packed += weights.transformed - weights.packed;
    if (packed > kLowMemoryRatio * plain) break;
    transformable[weights.layer] = true;
  }
  return transformable;
}

}  // namespace hrnet_native::native
