#include "hrnet_native/predictor.h"

#include <utility>

#include "base/cpu_budget.h"
#include "predictor/options.h"
#include "predictor/pipeline.h"

namespace hrnet_native {

Predictor::Predictor(const std::filesystem::path& model_dir, const PredictorOptions& options) {
  PredictorOptions resolved = Resolve(options, CpuBudget());
  auto bundle = std::make_shared<const Bundle>(ReadBundle(model_dir));
  resolved.backend = ResolveBackend(resolved.backend, resolved.device, !bundle->native.empty());
  auto model = LoadModel({bundle->program, bundle->parameters, bundle->native, resolved.backend, resolved.num_threads});
  pipeline_ = std::make_unique<Pipeline>(std::move(bundle), std::move(model), resolved);
}

Predictor::Predictor(std::unique_ptr<Pipeline> pipeline) : pipeline_(std::move(pipeline)) {}
Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;

Classification Predictor::Predict(const ImageSource& image, const RequestOptions& options) const {
  std::vector<Outcome> outcomes = pipeline_->Predict({image}, options);
  if (outcomes[0].error) std::rethrow_exception(outcomes[0].error);
  return std::move(outcomes[0].classification);
}

std::vector<Outcome> Predictor::Predict(const std::vector<ImageSource>& images, const RequestOptions& options) const {
  return pipeline_->Predict(images, options);
}

Future Predictor::Submit(const ImageSource& image, const RequestOptions& options, std::shared_ptr<const void> owner,
                         std::function<void(const Outcome&)> on_done) const {
  return pipeline_->Submit(image, options, std::move(owner), std::move(on_done));
}

void Predictor::Preprocess(const ImageSource& image, float* chw) const { pipeline_->Preprocess(image, chw); }

void Predictor::Infer(const float* nchw, int batch, float* scores, const RequestOptions& options) const {
  pipeline_->Infer(nchw, batch, scores, options);
}

void Predictor::Warmup(const std::vector<int>& batch_sizes, int iterations) const {
  pipeline_->Warmup(batch_sizes, iterations);
}

Predictor Predictor::Clone() const { return Predictor(pipeline_->Clone()); }
Stats Predictor::stats() const { return pipeline_->stats(); }
void Predictor::ResetStats() const { pipeline_->ResetStats(); }
void Predictor::Close() { pipeline_->Close(); }
const ModelInfo& Predictor::model_info() const noexcept { return pipeline_->info(); }
const PredictorOptions& Predictor::options() const noexcept { return pipeline_->options(); }
const char* Version() noexcept { return HRNET_NATIVE_VERSION; }

}  // namespace hrnet_native
