#pragma once

#include <string>
#include <vector>

#include "hrnet_native/classification.h"

namespace hrnet_native {

/// Turns `count` logits into probabilities in place.
void Softmax(float* values, int count);

/// Whether the values are a probability distribution: each in [0, 1], their sum 1 within 1e-3.
bool IsDistribution(const float* values, int count);

/// The `top_k` highest of `count` scores (all, if top_k is larger), ties by ascending class id.
Classification TopK(const float* scores, int count, int top_k, const std::vector<std::string>& labels);

}  // namespace hrnet_native
