#include "hrnet_native/predictor.h"

#include <utility>

#include "base/cpu_budget.h"
#include "base/runtime.h"
#include "hrnet_native/error.h"
#include "predictor/choose_backend.h"
#include "predictor/options.h"
#include "predictor/pipeline.h"

namespace hrnet_native {
namespace {

std::shared_ptr<Runtime> RuntimeFor(const PredictorOptions& options) {
  return options.private_runtime ? std::make_shared<Runtime>(CpuBudget()) : Runtime::Shared();
}

}  // namespace

Predictor::Predictor(const std::filesystem::path& model_dir, const PredictorOptions& options) {
  const std::shared_ptr<Runtime> runtime = RuntimeFor(options);
  const PredictorOptions resolved = Resolve(options, runtime->cpu_budget());
  auto bundle = std::make_shared<const Bundle>(ReadBundle(model_dir, options.native_file, options.verify));
  pipeline_ = MakePipeline(bundle, resolved, runtime, LoadModel);
}

Predictor Predictor::FromBytes(const ModelBytes& files, const PredictorOptions& options) {
  const std::shared_ptr<Runtime> runtime = RuntimeFor(options);
  const PredictorOptions resolved = Resolve(options, runtime->cpu_budget());
  auto bundle = std::make_shared<const Bundle>(ReadBundle(files, options.verify));
  return Predictor(MakePipeline(bundle, resolved, runtime, LoadModel));
}

Predictor::Predictor(std::unique_ptr<Pipeline> pipeline) : pipeline_(std::move(pipeline)) {}
Predictor::Predictor(Predictor&&) noexcept = default;

Predictor::~Predictor() {
  // NOLINTNEXTLINE(bugprone-unused-return-value): given up on purpose, see HomeProcess
  if (pipeline_ && !pipeline_->home().IsHere()) pipeline_.release();
}

Predictor& Predictor::operator=(Predictor&& other) noexcept {
  Predictor taken(std::move(other));
  pipeline_.swap(taken.pipeline_);
  return *this;
}

/// That of any process.
Pipeline& Predictor::Own() const {
  if (pipeline_) return *pipeline_;
  throw Error(ErrorCode::kInvalidArgument,
              "this predictor was moved from: it can be destroyed and assigned to, but not be used");
}

/// That of the process which made it.
Pipeline& Predictor::Use() const {
  Pipeline& pipeline = Own();
  if (pipeline.home().IsHere()) return pipeline;
  throw Error(ErrorCode::kForked,
              "this predictor belongs to the process that this one was forked from, and its threads are only there; "
              "make one in each process, after the fork");
}

Classification Predictor::Predict(const ImageSource& image, const RequestOptions& options) const {
  std::vector<Outcome> outcomes = Use().Predict({image}, options);
  if (outcomes[0].error) std::rethrow_exception(outcomes[0].error);
  return std::move(outcomes[0].classification);
}

std::vector<Outcome> Predictor::Predict(const std::vector<ImageSource>& images, const RequestOptions& options) const {
  return Use().Predict(images, options);
}

Future Predictor::Submit(const ImageSource& image, const RequestOptions& options, std::shared_ptr<const void> owner,
                         std::function<void(const Outcome&)> on_done) const {
  return Use().Submit(image, options, std::move(owner), std::move(on_done));
}

void Predictor::Preprocess(const ImageSource& image, float* chw) const { Use().Preprocess(image, chw); }

void Predictor::Infer(const float* nchw, int batch, float* scores, const RequestOptions& options) const {
  Use().Infer(nchw, batch, scores, options);
}

void Predictor::Warmup(const std::vector<int>& batch_sizes, int iterations) const {
  Use().Warmup(batch_sizes, iterations);
}

Predictor Predictor::Clone() const { return Predictor(Use().Clone()); }
Stats Predictor::stats() const { return Use().stats(); }
void Predictor::ResetStats() const { Use().ResetStats(); }
void Predictor::Close() { Use().Close(); }
const ModelInfo& Predictor::model_info() const { return Own().info(); }
const PredictorOptions& Predictor::options() const { return Own().options(); }
const char* Version() noexcept { return HRNET_NATIVE_VERSION; }

}  // namespace hrnet_native
