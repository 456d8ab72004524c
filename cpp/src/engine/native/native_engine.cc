#include "engine/native/native_engine.h"

#include <utility>

#include "base/isa.h"
#include "engine/native/network.h"

namespace hrnet_native::native {
namespace {

class NativeEngine final : public Engine {
 public:
  NativeEngine(std::shared_ptr<const Model> model, int num_threads, int max_batch_size,
               std::shared_ptr<Workers> workers)
      : network_(std::move(model), num_threads, max_batch_size, std::move(workers)) {}

  OutputView Run(const InputView& input) override {
    const float* output = network_.Run(input.data, input.batch, input.channels, input.height, input.width);
    return {output, input.batch, network_.output_size()};
  }

  EngineMemory memory() const override { return {0, network_.arena_bytes()}; }

 private:
  Network network_;
};

class NativeModel final : public LoadedModel {
 public:
  explicit NativeModel(const EngineConfig& config)
      : model_(std::make_shared<const Model>(ReadGraph(config.native), KernelsFor(SelectedIsa()), config.memory)),
        num_threads_(config.num_threads),
        max_batch_size_(config.max_batch_size),
        workers_(config.workers) {}

  std::unique_ptr<Engine> NewContext() const override {
    return std::make_unique<NativeEngine>(model_, num_threads_, max_batch_size_, workers_);
  }

  std::size_t shared_weights_bytes() const override { return model_->weights().bytes(); }

  std::size_t file_bytes() const override { return model_->graph().file_bytes; }

 private:
  std::shared_ptr<const Model> model_;
  int num_threads_;
  int max_batch_size_;
  std::shared_ptr<Workers> workers_;
};

}  // namespace

std::shared_ptr<const LoadedModel> LoadNativeModel(const EngineConfig& config) {
  return std::make_shared<const NativeModel>(config);
}

}  // namespace hrnet_native::native
