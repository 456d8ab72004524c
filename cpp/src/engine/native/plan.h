#pragma once

#include <functional>
#include <vector>

#include "engine/native/plan_context.h"
#include "engine/native/schedule.h"
#include "engine/native/thread_team.h"

namespace hrnet_native::native {

/// One layer, ready to run: every member that shares it calls it with its number and its own scratch memory.
using Step = std::function<void(int member, float* scratch)>;

/// A network made ready for one batch size, thread count and arena.
struct Plan {
  Schedule schedule;
  std::vector<Step> steps;  ///< By layer. One that is run alone takes member 0.
  std::size_t scratch_floats = 0;
};

/// The team packs, together, the weights that are not yet packed. Throws std::bad_alloc.
Plan MakePlan(const PlanContext& context, ThreadTeam& team);

}  // namespace hrnet_native::native
