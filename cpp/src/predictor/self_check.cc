#include "predictor/self_check.h"

#include <algorithm>
#include <string>

#include "base/str_cat.h"
#include "hrnet_native/error.h"
#include "predictor/postprocess.h"

namespace hrnet_native {
namespace {

void Require(bool holds, const std::string& message) {
  if (!holds) throw Error(ErrorCode::kModelLoad, message);
}

/// The probe's tolerance is that of fp32 on a CPU. GPUs may compute fp32 as TF32, whose factors have 10 bits. What that
/// comes to was measured with an HRNet_W18_C of random weights, which enlarge it (docs/gpu.md).
float Tolerance(const Probe& probe, const PredictorOptions& options) {
  if (options.device == Device::kCpu) return probe.tolerance;
  return std::max(probe.tolerance, options.precision == Precision::kFp32 ? 0.05F : 0.2F);
}

}  // namespace

void CheckOutputs(const Bundle& bundle, const PredictorOptions& options, const OutputView& outputs) {
  const auto classes = static_cast<std::size_t>(outputs.num_classes);
  const std::size_t labels = bundle.labels.size();
  Require(labels == 0 || labels == classes,
          StrCat("inference.yml has ", labels, " labels, but the model has ", classes, " outputs"));
  Require(bundle.output == OutputKind::kLogits || IsDistribution(outputs.data, outputs.num_classes),
          "the model's outputs are no probabilities; if they are logits, inference.yml must say "
          "hrnet_native: {output: logits}");
  const Probe& probe = bundle.probe;
  if (probe.outputs.empty()) return;
  Require(probe.outputs.size() == classes,
          StrCat("inference.yml has a probe of ", probe.outputs.size(), " outputs, but the model has ", classes));
  const float difference = ProbeDifference(probe, outputs.data);
  const float tolerance = Tolerance(probe, options);
  Require(difference <= tolerance,
          StrCat("backend ", Name(options.backend), " gives outputs that differ from those at export by ", difference,
                 " of the largest, expected at most ", tolerance, "; the parameters may not be those of this model"));
}

}  // namespace hrnet_native
