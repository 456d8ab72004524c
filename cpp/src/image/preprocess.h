#pragma once

#include "hrnet_native/imaging.h"
#include "image/row_kernels.h"
#include "image/tap_kernels.h"

namespace hrnet_native {

/// Turns pictures into the network's input in one pass that computes only what the crop keeps.
class Preprocessor {
 public:
  /// Throws as CheckPreprocessConfig.
  explicit Preprocessor(const PreprocessConfig& config);

  /// As Preprocess in imaging.h. Any number of threads at once.
  void Run(const ImageView& view, float* out) const;

 private:
  PreprocessConfig config_;
  const RowKernels* row_kernels_;
  const TapKernels* tap_kernels_;
};

}  // namespace hrnet_native
