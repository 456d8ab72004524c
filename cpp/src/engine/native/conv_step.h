#pragma once

#include "engine/native/plan.h"

namespace hrnet_native::native {

/// A convolution as the cost estimate chooses it. Raises `scratch_floats` to what it needs.
Step ConvStep(const PlanContext& context, const Layer& layer, std::size_t index, std::size_t& scratch_floats);

}  // namespace hrnet_native::native
