#pragma once

#include <string>
#include <vector>

namespace hrnet_native {

/// The top classes of one image; the three vectors run in parallel, best class first.
struct Classification {
  std::vector<int> class_ids;            ///< Indices into the model's outputs.
  std::vector<float> scores;             ///< Probabilities, 0 to 1, descending; equal ones by ascending class id.
  std::vector<std::string> label_names;  ///< Empty where the model has no labels.
  bool truncated = false;                ///< A part of the image was missing; only with ImageOptions::allow_truncated.
};

}  // namespace hrnet_native
