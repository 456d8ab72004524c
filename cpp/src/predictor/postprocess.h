#pragma once

#include <string>
#include <vector>

#include "hrnet_native/classification.h"
#include "hrnet_native/error.h"

namespace hrnet_native {

/// Throws Error `code` if one of an image's outputs is infinite or no number.
void RequireFinite(const float* outputs, int count, ErrorCode code);

/// Turns `count` logits into probabilities in place.
void LogitsToProbabilities(float* values, int count);

/// Whether the values are a probability distribution: each in [0, 1], their sum 1 within `tolerance`.
bool IsDistribution(const float* values, int count, double tolerance);

/// The `top_k` highest of `count` scores (all, if top_k is larger), ties by ascending class id.
Classification TopK(const float* scores, int count, int top_k, const std::vector<std::string>& labels);

}  // namespace hrnet_native
