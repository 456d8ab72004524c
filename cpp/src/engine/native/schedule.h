#pragma once

#include <cstddef>
#include <vector>

#include "engine/native/plan_context.h"

namespace hrnet_native::native {

/// How a team's members share the work on layers.
enum class Sharing {
  kTogether,    ///< All run one layer, on all images.
  kSideBySide,  ///< Each runs layers of its own, on all images.
  kByImage,     ///< Each runs all the layers on images of its own, one image after the other.
};

/// What the members of a team do between two barriers.
struct Phase {
  Sharing sharing;
  std::vector<std::vector<std::size_t>> layers;  ///< Of each member, in order.
};

/// Which layers the team shares in which way, and how they are computed there.
struct Schedule {
  std::vector<Phase> phases;
  std::vector<Sharing> sharing;  ///< By layer.
  std::vector<Way> ways;         ///< By layer.
};

/// Layers that do not depend on each other, as HRNet's branches, are run side by side where the cost estimate says that
/// it takes less than dividing each of them: small maps divide badly, each division ends with waiting, and weights that
/// one member alone reads are read while another multiplies.
/// Images of a batch are taken one by one through layers whose weights are few and whose maps are large: those of one
/// image stay in the caches from one layer to the next, those of a batch do not.
Schedule MakeSchedule(const PlanContext& context);

}  // namespace hrnet_native::native
