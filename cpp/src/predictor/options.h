#pragma once

#include "hrnet_native/options.h"

namespace hrnet_native {

/// Checks every option, caps the threads, and replaces what stands for a default by its value, but for the backend,
/// which depends on the model. `cpu_budget`: CPUs of this process. Throws Error kInvalidArgument.
PredictorOptions Resolve(PredictorOptions options, int cpu_budget);

}  // namespace hrnet_native
