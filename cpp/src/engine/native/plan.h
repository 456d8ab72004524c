#pragma once

#include <functional>
#include <vector>

#include "engine/native/graph.h"
#include "engine/native/kernels/kernels.h"
#include "engine/native/layout.h"
#include "engine/native/packing.h"
#include "engine/native/thread_team.h"

namespace hrnet_native::native {

/// One layer, ready to run: every member of the team calls it with its number and its own scratch memory.
using Step = std::function<void(int member, float* scratch)>;

/// A network made ready for one batch size, thread count and arena.
struct Plan {
  std::vector<Step> steps;  ///< In order; all members end one before any begins the next.
  std::size_t scratch_floats = 0;
};

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

/// The team packs, together, the weights that are not yet packed. Throws std::bad_alloc.
Plan MakePlan(const PlanContext& context, ThreadTeam& team);

}  // namespace hrnet_native::native
