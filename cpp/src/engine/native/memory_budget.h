#pragma once

#include <vector>

#include "engine/native/graph.h"

namespace hrnet_native::native {

/// What packed weights may take with Memory::kLow, over the plain ones.
constexpr double kLowMemoryRatio = 1.6;

/// Whether each layer's weights may be stored transformed, for Memory::kLow: the smallest first, as the layers with few
/// weights are those with large maps, which gain the most by it, and as many as the ratio allows in the worst case.
/// Where channels fill vectors badly, the padding alone may exceed the ratio: then no layer's may.
std::vector<bool> TransformableLayers(const Graph& graph, int lanes);

}  // namespace hrnet_native::native
