#pragma once

#include <cstddef>
#include <vector>

#include "engine/native/cost.h"
#include "engine/native/plan_context.h"

namespace hrnet_native::native {

/// What the members of a team do between two barriers.
struct Phase {
  bool together;                                 ///< All run the one layer; else each runs its own, alone.
  std::vector<std::vector<std::size_t>> layers;  ///< Of each member, in order.
};

/// Which layers the team runs together and which its members run alone, and how convolutions are computed there.
struct Schedule {
  std::vector<Phase> phases;
  std::vector<bool> alone;          ///< By layer.
  std::vector<ConvChoice> choices;  ///< By layer; of convolutions.
};

/// Layers that do not depend on each other, as HRNet's branches, are run side by side where the cost estimate says that
/// it takes less than dividing each of them: small maps divide badly, each division ends with waiting, and weights that
/// one member alone reads are read while another multiplies.
Schedule MakeSchedule(const PlanContext& context);

}  // namespace hrnet_native::native
