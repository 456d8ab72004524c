#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/str_cat.h"
#include "engine/paddle/configure.h"
#include "engine/paddle/program.h"
#include "engine/paddle/scratch_directory.h"
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
std::string Advice(const EngineConfig& config) {
  const std::string writer = IsPir(config.program) ? WriterOf(config.program) : "";
  const std::string here = HRNET_NATIVE_PADDLE_VERSION;
  if (writer.empty() || here.compare(0, writer.size(), writer) == 0) return {};
  return StrCat("; it was written by Paddle ", writer, " and this is Paddle ", here,
                ": use that version, or export the model as inference.pdmodel, which all versions read");
}

class PaddleEngine final : public Engine {
 public:
  explicit PaddleEngine(const EngineConfig& config) {
    const std::lock_guard lock(LifetimeMutex());
    try {
      paddle::AnalysisConfig paddle;
      if (config.backend == Backend::kOpenVino) scratch_.emplace();
      Configure(config, scratch_ ? scratch_->path() : std::filesystem::path(), paddle);
      predictor_ = paddle_infer::CreatePredictor(paddle);
      const std::vector<std::string> inputs = predictor_->GetInputNames();
      const std::size_t outputs = predictor_->GetOutputNames().size();
      if (inputs.size() != 1 || outputs != 1) {
        throw Error(ErrorCode::kModelLoad, StrCat(config.program, " has ", inputs.size(), " inputs and ", outputs,
                                                  " outputs; expected one of each"));
      }
      input_name_ = inputs.front();
      weights_bytes_ = std::filesystem::file_size(config.parameters);
    } catch (const Error&) {
      throw;
    } catch (const std::exception& error) {
      throw Error(ErrorCode::kModelLoad, StrCat("Paddle does not load ", config.program, " with ", config.parameters,
                                                ": ", Summary(error), Advice(config)));
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
      inputs[0].set_name(input_name_);
      outputs_.clear();
      if (!predictor_->Run(inputs, &outputs_)) throw Error(ErrorCode::kInternal, "Paddle's Run returned false");
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

 private:
  std::optional<ScratchDirectory> scratch_;
  std::shared_ptr<paddle_infer::Predictor> predictor_;
  std::string input_name_;
  std::vector<paddle::Tensor> outputs_;
  std::size_t weights_bytes_ = 0;
};

/// Every context loads the files for itself. Paddle's own clones of a .json model do so as well; those of a .pdmodel
/// share the weights, but neither the original nor its clones run after one of them was destroyed
/// (tests/python/test_paddle_contexts.py).
class PaddleModel final : public LoadedModel {
 public:
  explicit PaddleModel(const EngineConfig& config) : config_(config) { CheckVersion(); }

  std::unique_ptr<Engine> NewContext() const override { return std::make_unique<PaddleEngine>(config_); }
  std::size_t shared_weights_bytes() const override { return 0; }

 private:
  EngineConfig config_;
};

}  // namespace
}  // namespace hrnet_native

const hrnet_native::LoadedModel* hrnet_native_load_paddle_model(const hrnet_native::EngineConfig& config) {
  return new hrnet_native::PaddleModel(config);
}
