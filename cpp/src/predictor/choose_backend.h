#pragma once

#include <functional>
#include <memory>

#include "engine/engine.h"
#include "model/bundle.h"
#include "predictor/pipeline.h"

namespace hrnet_native {

using ModelLoader = std::function<std::shared_ptr<const LoadedModel>(const EngineConfig&)>;

/// A pipeline on `runtime` with the backend of the resolved `options`. Where that is kAuto: the first candidate that
/// loads, runs and passes the self-check; what was passed over, and what was taken, is logged. Throws Error: that of an
/// explicit backend, or one that names what each candidate met.
std::unique_ptr<Pipeline> MakePipeline(const std::shared_ptr<const Bundle>& bundle, const PredictorOptions& options,
                                       const std::shared_ptr<Runtime>& runtime, const ModelLoader& load);

}  // namespace hrnet_native
