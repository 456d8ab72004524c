#pragma once

#include "engine/engine.h"
#include "model/bundle.h"

namespace hrnet_native {

/// Checks that the outputs of the warm-up run, whose input was the bundle's probe, are what the bundle says: as many as
/// it has labels, probabilities unless they are logits, and those recorded at export. Throws Error kModelLoad.
void CheckOutputs(const Bundle& bundle, Backend backend, const OutputView& outputs);

}  // namespace hrnet_native
