#pragma once

#include "engine/native/cost.h"
#include "engine/native/plan.h"

namespace hrnet_native::native {

/// A convolution in the chosen way. Raises `scratch_floats` to what it needs.
Step ConvStep(const PlanContext& context, std::size_t index, const ConvChoice& choice, std::size_t& scratch_floats);

}  // namespace hrnet_native::native
