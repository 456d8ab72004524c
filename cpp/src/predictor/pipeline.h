#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/freed_memory.h"
#include "base/home_process.h"
#include "base/runtime.h"
#include "base/task_group.h"
#include "engine/engine.h"
#include "hrnet_native/predictor.h"
#include "image/decode.h"
#include "image/preprocess.h"
#include "model/bundle.h"
#include "predictor/instance_pool.h"
#include "predictor/request_queue.h"
#include "predictor/statistics.h"

namespace hrnet_native {

/// From image to answer, over any engine: what a Predictor is made of. Members as in Predictor.
class Pipeline {
 public:
  /// `options`: resolved for the CPUs of `runtime`.
  Pipeline(std::shared_ptr<const Bundle> bundle, std::shared_ptr<const LoadedModel> model,
           const PredictorOptions& options, std::shared_ptr<Runtime> runtime = Runtime::Shared());
  ~Pipeline() { Close(); }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  std::vector<Outcome> Predict(const std::vector<ImageSource>& images, const RequestOptions& options);
  Future Submit(const ImageSource& image, const RequestOptions& options, std::shared_ptr<const void> owner,
                std::function<void(const Outcome&)> on_done);
  void Preprocess(const ImageSource& image, float* chw) const;
  void Infer(const float* nchw, int batch, float* scores, const RequestOptions& options);
  void Warmup(const std::vector<int>& batch_sizes, int iterations);
  std::unique_ptr<Pipeline> Clone() const { return std::make_unique<Pipeline>(bundle_, model_, options_, runtime_); }
  Stats stats() const;
  void ResetStats() { statistics_->Reset(); }
  void Close();

  const ModelInfo& info() const { return info_; }
  const PredictorOptions& options() const { return options_; }
  const HomeProcess& home() const { return home_; }

 private:
  /// How one image got ready for the queue.
  struct Preparation {
    Clock::time_point asked;  // the call began
    Clock::time_point begun;  // a thread took it up
    Clock::time_point decoded;
    Clock::time_point preprocessed;
    bool truncated = false;
  };
  class ListCall;
  struct Submission;

  std::size_t input_size() const;
  int TopK(const RequestOptions& options) const;
  void Prepare(const ImageSource& source, Preparation& preparation, float* chw) const;
  void PrepareEncoded(EncodedBytes encoded, Preparation& preparation, float* chw) const;
  void PrepareFile(const std::filesystem::path& path, Preparation& preparation, float* chw) const;
  Outcome Answer(const Preparation& preparation, const Request& request, const float* scores, int top_k);
  void Enqueue(const std::shared_ptr<Request>& request);
  std::exception_ptr RunAll(const std::vector<std::shared_ptr<Request>>& requests);
  void Decode(const std::shared_ptr<Submission>& submission);
  void Finish(Submission& submission, const std::exception_ptr& error);

  FreedMemory freed_memory_;  // first, to be destroyed last
  HomeProcess home_;
  std::shared_ptr<Runtime> runtime_;
  std::shared_ptr<const Bundle> bundle_;
  std::shared_ptr<const LoadedModel> model_;
  PredictorOptions options_;
  DecodeOptions decode_options_;
  Preprocessor preprocessor_;
  ModelInfo info_;
  std::shared_ptr<Statistics> statistics_;  // shared with futures, which may outlive this
  std::shared_ptr<RequestQueue> queue_;     // likewise
  TaskGroup decoders_;
  InstancePool instances_;
};

}  // namespace hrnet_native
