#include <exception>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/str_cat.h"
#include "engine/paddle/configure.h"
#include "engine/paddle/cuda_driver.h"
#include "engine/paddle/gpu_kernels.h"
#include "engine/paddle/named_files.h"
#include "engine/paddle/program.h"
#include "engine/paddle/tensorrt.h"
#include "engine/paddle_plugin.h"
#include "hrnet_native/error.h"
#include "paddle/phi/api/include/tensor_utils.h"
#include "paddle_inference_abi.h"

namespace hrnet_native {
namespace {

/// The first line of a message: Paddle appends a stack trace of its own.
std::string Summary(const std::exception& error) {
  const std::string text = error.what();
  const std::size_t at = text.rfind("Error: ");
  const std::size_t begin = at == std::string::npos ? text.find_first_not_of(" \n-") : at;
  return begin == std::string::npos ? "no reason given" : text.substr(begin, text.find('\n', begin) - begin);
}

/// Paddle's C++ classes change with its version; ours are declared for one.
void CheckVersion() {
  const std::string found = paddle_infer::GetVersion();
  const std::string expected = StrCat("version: ", HRNET_NATIVE_PADDLE_VERSION, "\n");
  if (found.compare(0, expected.size(), expected) == 0) return;
  throw Error(ErrorCode::kUnsupported, StrCat("the Paddle engine was built for Paddle ", HRNET_NATIVE_PADDLE_VERSION,
                                              " but found ", found.substr(0, found.find('\n'))));
}

/// Paddle makes and destroys its predictors with global state; no two threads do so at once.
std::mutex& LifetimeMutex() {
  static std::mutex mutex;
  return mutex;
}

/// What may be wrong with a program that Paddle does not load, where the file tells.
std::string Advice(const std::filesystem::path& program) {
  const std::string writer = IsPir(program) ? WriterOf(program) : "";
  const std::string here = HRNET_NATIVE_PADDLE_VERSION;
  if (writer.empty() || here.compare(0, writer.size(), writer) == 0) return {};
  return StrCat("; it was written by Paddle ", writer, " and this is Paddle ", here,
                ": use that version, or export the model as inference.pdmodel, which all versions read");
}

class PaddleEngine final : public Engine {
 public:
  /// `engine`: of kTensorRt.
  explicit PaddleEngine(const EngineConfig& config, const TensorRtEngine& engine = {})
      : place_(UsesGpu(config.backend) ? phi::Place(phi::GPUPlace(config.gpu.device_id)) : phi::CPUPlace()) {
    const std::lock_guard lock(LifetimeMutex());
    const NamedFiles files(config.program, config.parameters);
    try {
      paddle::AnalysisConfig paddle;
      if (config.backend == Backend::kOpenVino) scratch_.emplace(TemporaryPlace(), "hrnet_native_");
      Configure(config, files, scratch_ ? scratch_->path() : std::filesystem::path(), engine, paddle);
      predictor_ = paddle_infer::CreatePredictor(paddle);
      if (OnGpu()) RequireKernels(place_);
      const std::vector<std::string> inputs = predictor_->GetInputNames();
      const std::size_t outputs = predictor_->GetOutputNames().size();
      if (inputs.size() != 1 || outputs != 1) {
        throw Error(ErrorCode::kModelLoad, StrCat(files.program(), " has ", inputs.size(), " inputs and ", outputs,
                                                  " outputs; expected one of each"));
      }
      input_name_ = inputs.front();
      weights_bytes_ = std::filesystem::file_size(files.parameters());
    } catch (const Error&) {
      throw;
    } catch (const std::exception& error) {
      throw Error(ErrorCode::kModelLoad, StrCat("Paddle does not load ", files.program(), " with ", files.parameters(),
                                                ": ", Summary(error), Advice(files.program())));
    }
  }

  ~PaddleEngine() override {
    const std::lock_guard lock(LifetimeMutex());
    outputs_.clear();
    predictor_.reset();
  }

  OutputView Run(const InputView& input) override {
    try {
      // from_blob takes a mutable pointer for its general use; a network's input is only read.
      std::vector<paddle::Tensor> inputs = {
          paddle::from_blob(const_cast<float*>(input.data), {input.batch, input.channels, input.height, input.width},
                            phi::DataType::FLOAT32, phi::DataLayout::NCHW, phi::CPUPlace())};
      if (OnGpu()) inputs[0] = inputs[0].copy_to(place_, /*blocking=*/true);
      inputs[0].set_name(input_name_);
      outputs_.clear();
      if (!predictor_->Run(inputs, &outputs_)) throw Error(ErrorCode::kInternal, "Paddle's Run returned false");
      if (OnGpu()) FetchOutputs();
    } catch (const Error&) {
      throw;
    } catch (const std::exception& error) {
      throw Error(ErrorCode::kInternal,
                  StrCat("Paddle failed on an input of shape (", input.batch, ", ", input.channels, ", ", input.height,
                         ", ", input.width, "): ", Summary(error)));
    }
    const paddle::Tensor& output = outputs_.at(0);
    const std::vector<std::int64_t> shape = output.shape();
    if (shape.size() != 2 || shape[0] != input.batch || output.dtype() != phi::DataType::FLOAT32) {
      throw Error(ErrorCode::kInternal, StrCat("the model's output has rank ", shape.size(),
                                               "; expected float32 of shape (", input.batch, ", classes)"));
    }
    return {output.data<float>(), input.batch, static_cast<int>(shape[1])};
  }

  EngineMemory memory() const override { return {weights_bytes_, 0}; }

  const std::string& input_name() const { return input_name_; }

 private:
  bool OnGpu() const { return place_.GetType() == phi::AllocationType::GPU; }

  /// Run returns before the GPU is done, and a copy by another stream would not wait for it.
  void FetchOutputs() {
    cuda_driver::Synchronize(predictor_->GetExecStream());
    for (paddle::Tensor& output : outputs_) output = output.copy_to(phi::CPUPlace(), /*blocking=*/true);
  }

  const phi::Place place_;
  std::optional<os::TemporaryDirectory> scratch_;
  std::shared_ptr<paddle_infer::Predictor> predictor_;
  std::string input_name_;
  std::vector<paddle::Tensor> outputs_;
  std::size_t weights_bytes_ = 0;
};

/// Calls `action` on a thread of its own and waits: what Paddle changes in the thread that runs it goes with it.
template <typename Action>
auto OnOwnThread(Action action) {
  return std::async(std::launch::async, action).get();
}

/// The name of the program's input, which TensorRT's profile is given for. Any backend can tell.
std::string InputNameOf(EngineConfig config) {
  config.backend = Backend::kCpu;
  return OnOwnThread([&] { return PaddleEngine(config).input_name(); });
}

/// Runs each batch size, which makes Paddle build and write the engine in its directory.
void RunOnce(const EngineConfig& config, const TensorRtEngine& engine, const std::vector<int>& batch_sizes) {
  OnOwnThread([&] {
    PaddleEngine context(config, engine);
    const InputShape& shape = config.gpu.input;
    for (const int batch : batch_sizes) {
      const std::vector<float> zeros(static_cast<std::size_t>(batch) * static_cast<std::size_t>(shape.channels) *
                                     static_cast<std::size_t>(shape.height) * static_cast<std::size_t>(shape.width));
      context.Run({zeros.data(), batch, shape.channels, shape.height, shape.width});
    }
  });
}

/// Every context loads the files for itself. Paddle's own clones of a .json model do so as well; those of a .pdmodel
/// share the weights, but neither the original nor its clones run after one of them was destroyed
/// (tests/python/engines/test_paddle_contexts.py).
class PaddleModel final : public LoadedModel {
 public:
  explicit PaddleModel(const EngineConfig& config) : config_(config) {
    CheckVersion();
    if (UsesGpu(config.backend)) CheckGpu(config);
    if (config.backend == Backend::kTensorRt) {
      engine_ = ObtainEngine(config, InputNameOf(config),
                             [&](const TensorRtEngine& engine, const std::vector<int>& batch_sizes) {
                               RunOnce(config, engine, batch_sizes);
                             });
    }
  }

  std::unique_ptr<Engine> NewContext() const override { return std::make_unique<PaddleEngine>(config_, engine_); }
  std::size_t shared_weights_bytes() const override { return 0; }

 private:
  EngineConfig config_;
  TensorRtEngine engine_;
};

}  // namespace
}  // namespace hrnet_native

const char* hrnet_native_paddle_plugin_version() { return HRNET_NATIVE_VERSION; }

const hrnet_native::LoadedModel* hrnet_native_load_paddle_model(const hrnet_native::EngineConfig& config) {
  return new hrnet_native::PaddleModel(config);
}
