#include "predictor/instance_pool.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <new>
#include <utility>

#include "base/start_thread.h"
#include "base/str_cat.h"
#include "hrnet_native/error.h"
#include "predictor/postprocess.h"
#include "predictor/self_check.h"

namespace hrnet_native {
namespace {

Error DoesNotRun(const std::exception& error) {
  return {ErrorCode::kModelLoad, StrCat("the model does not run: ", error.what())};
}

}  // namespace

class InstancePool::Instance {
 public:
  Instance(int index, std::shared_ptr<const Bundle> bundle, const LoadedModel& model, const PredictorOptions& options,
           RequestQueue& queue, Statistics& statistics)
      : index_(index), bundle_(std::move(bundle)), queue_(queue), statistics_(statistics), options_(options) {
    thread_ = StartThread([this, &model] { Main(model); });
  }

  /// Waits until the context has run once. Throws what that threw.
  int NumClasses() { return num_classes_.get(); }

  void Join() {
    if (thread_.joinable()) thread_.join();
  }

  EngineMemory memory() const { return {weights_bytes_, arena_bytes_}; }

 private:
  void Main(const LoadedModel& model) {
    std::unique_ptr<Engine> engine;
    try {
      engine = model.NewContext();
      classes_ = RunProbe(*engine);
      NoteMemory(*engine);
      started_.set_value(classes_);
    } catch (...) {
      started_.set_exception(std::current_exception());
      return;
    }
    while (true) {
      RequestQueue::Requests batch = queue_.Take(index_);
      if (batch.empty()) return;
      Run(*engine, batch);
      NoteMemory(*engine);
    }
  }

  std::size_t input_size() const {
    return static_cast<std::size_t>(channels()) * static_cast<std::size_t>(height()) *
           static_cast<std::size_t>(width());
  }
  int channels() const { return bundle_->preprocess.channel_num; }
  int height() const { return bundle_->preprocess.crop_height; }
  int width() const { return bundle_->preprocess.crop_width; }

  /// Runs the probe, or noise where the model has none, and returns the number of classes.
  int RunProbe(Engine& engine) {
    const std::vector<float> input = ProbeInput(bundle_->probe.seed, input_size());
    OutputView output{};
    try {
      output = engine.Run({input.data(), 1, channels(), height(), width()});
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kResourceExhausted) throw;
      throw DoesNotRun(error);
    } catch (const std::exception& error) {
      throw DoesNotRun(error);
    }
    CheckOutputs(*bundle_, options_, output);
    return output.num_classes;
  }

  /// Leaves nothing of the batch: each request is released once it has its answer.
  void Run(Engine& engine, RequestQueue::Requests& batch) {
    std::exception_ptr error;
    const auto begin = Clock::now();
    try {
      RunTogether(engine, batch);
    } catch (...) {
      error = std::current_exception();
    }
    const auto end = Clock::now();
    for (; !batch.empty(); batch.pop_front()) {
      Request& request = *batch.front();
      request.run_begin = begin;
      request.run_end = end;
      request.done(error ? error : Fault(request));
    }
  }

  /// What is wrong with the scores of one request, which leaves those of its neighbours right.
  std::exception_ptr Fault(const Request& request) const {
    try {
      for (int i = 0; i < request.batch; ++i) {
        const auto image = static_cast<std::size_t>(i) * static_cast<std::size_t>(classes_);
        RequireFinite(request.scores + image, classes_, ErrorCode::kInternal);
      }
    } catch (...) {
      return std::current_exception();
    }
    return nullptr;
  }

  void RunTogether(Engine& engine, const RequestQueue::Requests& batch) {
    int images = 0;
    for (const auto& request : batch) images += request->batch;
    const float* inputs = batch.front()->inputs;
    if (batch.size() > 1) {
      gathered_.resize(static_cast<std::size_t>(images) * input_size());
      float* to = gathered_.data();
      for (const auto& request : batch) {
        to = std::copy_n(request->inputs, static_cast<std::size_t>(request->batch) * input_size(), to);
      }
      inputs = gathered_.data();
    }
    const OutputView output = engine.Run({inputs, images, channels(), height(), width()});
    if (output.num_classes != classes_) {
      throw Error(ErrorCode::kInternal, StrCat("the model gave ", output.num_classes, " outputs, not ", classes_));
    }
    if (!batch.front()->instance) statistics_.AddExecution(images);
    const auto classes = static_cast<std::size_t>(classes_);
    const float* from = output.data;
    for (const auto& request : batch) {
      for (int i = 0; i < request->batch; ++i, from += classes) {
        float* scores = request->scores + static_cast<std::size_t>(i) * classes;
        std::copy_n(from, classes, scores);
        if (bundle_->output == OutputKind::kLogits) LogitsToProbabilities(scores, classes_);
      }
    }
  }

  void NoteMemory(const Engine& engine) {
    const EngineMemory memory = engine.memory();
    weights_bytes_ = memory.weights_bytes;
    arena_bytes_ = memory.arena_bytes;
  }

  const int index_;
  const std::shared_ptr<const Bundle> bundle_;
  RequestQueue& queue_;
  Statistics& statistics_;
  const PredictorOptions& options_;
  int classes_ = 0;
  std::vector<float> gathered_;
  std::atomic<std::size_t> weights_bytes_ = 0;
  std::atomic<std::size_t> arena_bytes_ = 0;
  std::promise<int> started_;
  std::future<int> num_classes_ = started_.get_future();
  std::thread thread_;
};

InstancePool::InstancePool(const std::shared_ptr<const Bundle>& bundle, std::shared_ptr<const LoadedModel> model,
                           const PredictorOptions& options, RequestQueue& queue, Statistics& statistics)
    : model_(std::move(model)), queue_(queue) {
  instances_.reserve(static_cast<std::size_t>(options.num_instances));  // one that was started must find its place
  try {
    for (int index = 0; index < options.num_instances; ++index) {
      instances_.push_back(std::make_unique<Instance>(index, bundle, *model_, options, queue, statistics));
    }
    for (const auto& instance : instances_) num_classes_ = instance->NumClasses();
  } catch (...) {
    queue_.Close();
    Join();
    throw;
  }
}

InstancePool::~InstancePool() {
  queue_.Close();  // nobody may have: the instances' owner can fail while it is made
  Join();
}

void InstancePool::Join() {
  const std::lock_guard lock(join_mutex_);
  for (const auto& instance : instances_) instance->Join();
}

EngineMemory InstancePool::memory() const {
  EngineMemory sum{model_->shared_weights_bytes(), 0};
  for (const auto& instance : instances_) {
    sum.weights_bytes += instance->memory().weights_bytes;
    sum.arena_bytes += instance->memory().arena_bytes;
  }
  return sum;
}

}  // namespace hrnet_native
