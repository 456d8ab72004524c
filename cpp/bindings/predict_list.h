#pragma once

#include <cstdint>
#include <optional>

#include "bindings.h"
#include "call_timeout.h"
#include "hrnet_native/predictor.h"

namespace hrnet_native::bindings {

/// Images of a round in which every instance runs a full batch. A call of the core that is cut at multiples of it runs
/// the same batches, and so gives the same bits, as one that is not (the core's run_sizes.h).
std::int64_t RoundSize(const Predictor& predictor);

/// Classifies the images of a sequence: a list of hrnet_native.Classification and errors. `raise`: the first error is
/// raised, with the list in its attribute `results`.
py::list PredictList(const Predictor& predictor, const py::object& images, std::optional<int> top_k,
                     CallTimeout& timeout, ColorOrder color, bool raise);

}  // namespace hrnet_native::bindings
