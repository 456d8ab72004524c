#pragma once

#include "engine/native/operators/conv_cost.h"
#include "engine/native/plan_context.h"

namespace hrnet_native::native {

/// A convolution in the chosen way.
Step ConvStep(const LayerContext& context, const ConvFields& conv, const ConvChoice& choice);

}  // namespace hrnet_native::native
