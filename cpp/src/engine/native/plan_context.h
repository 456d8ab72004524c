#pragma once

#include <cstddef>
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
  std::byte* arena;  ///< Of layout.image_bytes() for each image.
  int batch;
  int threads;
  /// With Memory::kLow: see TransformableLayers. Else empty.
  const std::vector<bool>& transformable;

  bool is_memory_low() const { return !transformable.empty(); }
};

/// One layer of it, and for what it is made ready.
struct LayerContext {
  const PlanContext& plan;
  std::size_t index;
  int batch;    ///< Images.
  int threads;  ///< That share the layer's work.

  const Layer& layer() const { return plan.graph.layers[index]; }
  const MapLayout& input(std::size_t i) const { return plan.layout.of(layer().inputs[i]); }
  const MapLayout& output() const { return plan.layout.of(layer().output); }
  MapView input_view(std::size_t i) const { return plan.layout.View(layer().inputs[i], plan.arena); }
  MapView output_view() const { return plan.layout.View(layer().output, plan.arena); }

  /// The origin of the residual, whose strides are the output's; null if there is none.
  const void* residual() const {
    return layer().residual == kNoValue ? nullptr : plan.layout.View(layer().residual, plan.arena).origin;
  }

  /// Whether weights may be stored transformed.
  bool may_transform() const { return !plan.is_memory_low() || plan.transformable[index]; }

  /// The layer's weights as it wants them, packed now if nobody has. Throws Error as WeightStore::Get.
  const PackedWeights& PackedBy(const Packing& packing) const { return plan.weights.Get(index, packing); }
};

}  // namespace hrnet_native::native
