#pragma once

#include <vector>

#include "engine/native/graph.h"
#include "engine/native/kernels/kernels.h"
#include "engine/native/layout.h"
#include "engine/native/packing.h"

namespace hrnet_native::native {

/// Where a plan's network lives.
struct PlanContext {
  const Graph& graph;
  const Layout& layout;
  const KernelSet& kernels;
  const WeightStore& weights;
  float* arena;  ///< Of layout.image_floats() for each image.
  int batch;
  int threads;
  /// With Memory::kLow: see TransformableLayers. Else empty.
  const std::vector<bool>& transformable;
};

}  // namespace hrnet_native::native
