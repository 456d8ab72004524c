#pragma once

#include <cstddef>
#include <set>
#include <vector>

#include "engine/native/plan_context.h"

namespace hrnet_native::native {

/// Layers in their order; no other chain of its section writes what they touch, nor touches what they write.
struct Chain {
  std::vector<std::size_t> layers;
  std::set<const void*> reads;  ///< Places in the arena.
  std::set<const void*> writes;
};

/// The chains of the longest section that begins with a layer, within a range. It ends where a layer joins two chains,
/// or where a chain forks: what comes then is for the next section to tell apart.
std::vector<Chain> SectionOf(const PlanContext& context, std::size_t begin, std::size_t end);

}  // namespace hrnet_native::native
