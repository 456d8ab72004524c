#pragma once

#include <cstddef>
#include <vector>

#include "engine/native/plan_context.h"
#include "engine/native/schedule.h"
#include "engine/native/shared_work.h"
#include "engine/native/thread_team.h"

namespace hrnet_native::native {

/// A network made ready for one batch size, thread count and arena.
struct Plan {
  Schedule schedule;
  int batch = 0;
  std::vector<Step> steps;        ///< By layer.
  std::vector<SharedWork> works;  ///< By phase: a layer's items, or images; none where members have their own layers.
  std::size_t scratch_bytes = 0;
};

/// The team packs, together, the weights that are not yet packed. Throws std::bad_alloc.
Plan MakePlan(const PlanContext& context, ThreadTeam& team);

}  // namespace hrnet_native::native
