#pragma once

#include "engine/engine.h"
#include "hrnet_native/options.h"
#include "model/bundle.h"

namespace hrnet_native {

/// Checks that the outputs of the warm-up run, whose input was the bundle's probe, are what the bundle says: finite, as
/// many as it has labels, probabilities or logits, and those recorded at export, as exactly as the device and precision
/// of the options allow. Throws Error kModelLoad.
void CheckOutputs(const Bundle& bundle, const PredictorOptions& options, const OutputView& outputs);

}  // namespace hrnet_native
