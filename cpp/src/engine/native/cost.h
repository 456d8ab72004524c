#pragma once

#include "engine/native/plan_context.h"

namespace hrnet_native::native {

// Estimates of what layers take. The unit is the time of one vector multiply-add, of which a core begins two a cycle.
// The constants were fitted to HRNet's layers on a Zen 4, each computed in every way, and are of the right size for any
// core with two such units.

/// Fetching a float of packed weights from memory, as a whole network's do not fit any cache: two cores share what the
/// memory gives, about 7 bytes a cycle.
constexpr double kWeightFloat = 1.3;

/// What a layer takes that reads so many vectors of maps for each that it writes.
double MapCost(const LayerContext& context, double vectors);

/// What it takes, besides, that a layer's maps of so many images come from afar: the more of them, the farther.
double TrafficCost(const Layer& layer, const Layout& layout, int images);

}  // namespace hrnet_native::native
