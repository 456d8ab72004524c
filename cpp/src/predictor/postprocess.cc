#include "predictor/postprocess.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/str_cat.h"

namespace hrnet_native {

void RequireFinite(const float* outputs, int count, ErrorCode code) {
  const float* end = outputs + count;
  const float* found = std::find_if_not(outputs, end, [](float output) { return std::isfinite(output); });
  if (found == end) return;
  throw Error(code, StrCat("the network's output of class ", found - outputs, " is ", *found,
                           "; its input or its weights hold values that are no numbers, or too large"));
}

void LogitsToProbabilities(float* values, int count) {
  const float highest = *std::max_element(values, values + count);
  double sum = 0;
  for (int i = 0; i < count; ++i) {
    values[i] = std::exp(values[i] - highest);
    sum += values[i];
  }
  const auto inverse = static_cast<float>(1.0 / sum);
  for (int i = 0; i < count; ++i) values[i] *= inverse;
}

bool IsDistribution(const float* values, int count, double tolerance) {
  double sum = 0;
  for (int i = 0; i < count; ++i) {
    if (!(values[i] >= 0 && values[i] <= 1.0001F)) return false;
    sum += values[i];
  }
  return std::abs(sum - 1) < tolerance;
}

Classification TopK(const float* scores, int count, int top_k, const std::vector<std::string>& labels) {
  const int kept = std::min(top_k, count);
  std::vector<int> ids(static_cast<std::size_t>(count));
  std::iota(ids.begin(), ids.end(), 0);
  std::partial_sort(ids.begin(), ids.begin() + kept, ids.end(),
                    [scores](int a, int b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; });
  ids.resize(static_cast<std::size_t>(kept));
  Classification result;
  for (const int id : ids) {
    result.scores.push_back(scores[id]);
    if (!labels.empty()) result.label_names.push_back(labels[static_cast<std::size_t>(id)]);
  }
  result.class_ids = std::move(ids);
  return result;
}

}  // namespace hrnet_native
