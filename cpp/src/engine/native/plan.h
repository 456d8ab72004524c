#pragma once

#include <functional>
#include <vector>

#include "engine/native/plan_context.h"
#include "engine/native/schedule.h"
#include "engine/native/thread_team.h"

namespace hrnet_native::native {

/// One layer, ready to run: for each of those who share it, it is called with a number and the caller's scratch memory.
/// The number is a member's, or 0 where one runs it alone, or an image's where it is run by image.
using Step = std::function<void(int number, float* scratch)>;

/// A network made ready for one batch size, thread count and arena.
struct Plan {
  Schedule schedule;
  int batch = 0;
  std::vector<Step> steps;  ///< By layer.
  std::size_t scratch_floats = 0;
};

/// The team packs, together, the weights that are not yet packed. Throws std::bad_alloc.
Plan MakePlan(const PlanContext& context, ThreadTeam& team);

}  // namespace hrnet_native::native
