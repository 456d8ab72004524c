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

// How far the sum of probabilities may be from 1: of half precision; and of outputs that cannot be anything else.
constexpr double kLoosely = 1e-3;
constexpr double kExactly = 1e-5;

}  // namespace

void CheckOutputs(const Bundle& bundle, const PredictorOptions& options, const OutputView& outputs) {
  RequireFinite(outputs.data, outputs.num_classes, ErrorCode::kModelLoad);
  const auto classes = static_cast<std::size_t>(outputs.num_classes);
  const std::size_t labels = bundle.labels.size();
  Require(labels == 0 || labels == classes,
          StrCat("inference.yml has ", labels, " labels, but the model has ", classes, " outputs"));
  const bool are_logits = bundle.output == OutputKind::kLogits;
  Require(are_logits || IsDistribution(outputs.data, outputs.num_classes, kLoosely),
          "the model's outputs are no probabilities; if they are logits, inference.yml must say "
          "hrnet_native: {output: logits}");
  Require(!are_logits || !IsDistribution(outputs.data, outputs.num_classes, kExactly),
          "inference.yml says hrnet_native: {output: logits}, but the model's outputs are probabilities");
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
