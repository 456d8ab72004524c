#include "hrnet_native/predictor.h"

#include <algorithm>
#include <utility>

#include "base/cpu_budget.h"
#include "base/file.h"
#include "base/str_cat.h"
#include "base/worker.h"
#include "engine/engine.h"
#include "hrnet_native/error.h"
#include "image/decode.h"
#include "image/preprocess.h"
#include "model/bundle.h"
#include "predictor/postprocess.h"
#include "predictor/self_check.h"

namespace hrnet_native {
namespace {

void CheckOptions(const PredictorOptions& options) {
  const auto require = [](bool valid, const char* name, int value, const char* expected) {
    if (!valid) throw Error(ErrorCode::kInvalidArgument, StrCat(name, " must be ", expected, ", not ", value));
  };
  const int budget = CpuBudget();
  require(options.num_threads >= 0 && options.num_threads <= budget, "num_threads", options.num_threads,
          StrCat("0 (automatic) to ", budget, ", the CPUs of this process").c_str());
  require(options.max_batch_size >= 1, "max_batch_size", options.max_batch_size, "at least 1");
  require(options.top_k >= 1, "top_k", options.top_k, "at least 1");
  CheckLimits(options.image.limits);
  if (options.precision != Precision::kFp32) {
    throw Error(ErrorCode::kUnsupported, "this version runs in precision fp32 only");
  }
}

}  // namespace

class Predictor::Impl {
 public:
  Impl(const std::filesystem::path& model_dir, const PredictorOptions& options)
      : options_(options),
        bundle_(ReadBundle(model_dir)),
        decode_options_(DecodeOptionsFor(options.image, bundle_.preprocess)),
        preprocessor_(bundle_.preprocess) {
    options_.backend = ResolveBackend(options.backend, options.device);
    if (options_.num_threads == 0) options_.num_threads = CpuBudget();
    info_.name = bundle_.name;
    info_.labels = bundle_.labels;
    info_.channels = bundle_.preprocess.channel_num;
    info_.height = bundle_.preprocess.crop_height;
    info_.width = bundle_.preprocess.crop_width;
    try {
      worker_.Run([&] {
        engine_ = MakeEngine({bundle_.program, bundle_.parameters, options_.backend, options_.num_threads});
        Warmup();
      });
    } catch (...) {
      Close();
      throw;
    }
  }

  ~Impl() { Close(); }

  void Close() {
    worker_.Close([this] { engine_.reset(); });  // an engine dies on the thread that made it
  }

  /// Decodes, where needed, and preprocesses one image into the network's input. Returns whether a part was missing.
  bool Preprocess(const ImageSource& source, float* input) const {
    if (const auto* view = std::get_if<ImageView>(&source)) {
      preprocessor_.Run(*view, input);
      return false;
    }
    if (const auto* encoded = std::get_if<EncodedImage>(&source)) {
      return PreprocessEncoded({static_cast<const std::uint8_t*>(encoded->data), encoded->size}, input);
    }
    return PreprocessFile(std::get<std::filesystem::path>(source), input);
  }

  void Infer(const float* nchw, int batch, float* scores) {
    if (batch < 1) throw Error(ErrorCode::kInvalidArgument, StrCat("batch must be at least 1, not ", batch));
    for (int done = 0; done < batch; done += options_.max_batch_size) {
      const int count = std::min(options_.max_batch_size, batch - done);
      const float* input = nchw + input_size() * static_cast<std::size_t>(done);
      float* output = scores + static_cast<std::size_t>(done) * static_cast<std::size_t>(info_.num_classes);
      worker_.Run([&] { RunEngine(input, count, output); });
    }
  }

  std::vector<Outcome> Predict(const std::vector<ImageSource>& images, std::optional<int> top_k) {
    const int kept = top_k.value_or(options_.top_k);
    if (kept < 1) throw Error(ErrorCode::kInvalidArgument, StrCat("top_k must be at least 1, not ", kept));
    std::vector<Outcome> outcomes(images.size());
    const auto piece = static_cast<std::size_t>(options_.max_batch_size);
    for (std::size_t begin = 0; begin < images.size(); begin += piece) {
      PredictPiece(images, begin, std::min(images.size(), begin + piece), kept, outcomes);
    }
    return outcomes;
  }

  const ModelInfo& info() const { return info_; }
  const PredictorOptions& options() const { return options_; }

 private:
  std::size_t input_size() const {
    return static_cast<std::size_t>(info_.channels) * static_cast<std::size_t>(info_.height) *
           static_cast<std::size_t>(info_.width);
  }

  void PredictPiece(const std::vector<ImageSource>& images, std::size_t begin, std::size_t end, int top_k,
                    std::vector<Outcome>& outcomes) {
    std::vector<float> inputs((end - begin) * input_size());
    std::vector<std::size_t> served;
    for (std::size_t i = begin; i < end; ++i) {
      try {
        outcomes[i].classification.truncated = Preprocess(images[i], inputs.data() + served.size() * input_size());
        served.push_back(i);
      } catch (const std::exception&) {
        outcomes[i].error = std::current_exception();
      }
    }
    if (served.empty()) return;
    const auto classes = static_cast<std::size_t>(info_.num_classes);
    std::vector<float> scores(served.size() * classes);
    try {
      Infer(inputs.data(), static_cast<int>(served.size()), scores.data());
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kClosed) throw;
      for (const std::size_t i : served) outcomes[i].error = std::current_exception();
      return;
    }
    for (std::size_t i = 0; i < served.size(); ++i) {
      const bool truncated = outcomes[served[i]].classification.truncated;
      outcomes[served[i]].classification = TopK(scores.data() + i * classes, info_.num_classes, top_k, bundle_.labels);
      outcomes[served[i]].classification.truncated = truncated;
    }
  }

  bool PreprocessEncoded(EncodedBytes encoded, float* input) const {
    const Image& image = DecodeReusing(encoded, decode_options_);
    preprocessor_.Run(image.view(), input);
    return image.truncated();
  }

  bool PreprocessFile(const std::filesystem::path& path, float* input) const {
    const std::uintmax_t size = FileSize(path);
    try {
      DecodeBudget(decode_options_.limits).CheckEncodedBytes(size);
      const std::vector<std::uint8_t> bytes = ReadFile(path);
      return PreprocessEncoded({bytes.data(), bytes.size()}, input);
    } catch (const Error& error) {
      throw Error(error.code(), StrCat(path, ": ", error.what()));
    }
  }

  /// Runs the probe, or noise where the model has none, and learns the number of classes.
  void Warmup() {
    const std::vector<float> input = ProbeInput(bundle_.probe.seed, input_size());
    OutputView output{};
    try {
      output = engine_->Run({input.data(), 1, info_.channels, info_.height, info_.width});
    } catch (const Error& error) {
      throw Error(ErrorCode::kModelLoad, StrCat("the model does not run: ", error.what()));
    }
    CheckOutputs(bundle_, options_.backend, output);
    info_.num_classes = output.num_classes;
  }

  void RunEngine(const float* input, int batch, float* scores) {
    const OutputView output = engine_->Run({input, batch, info_.channels, info_.height, info_.width});
    if (output.num_classes != info_.num_classes) {
      throw Error(ErrorCode::kInternal,
                  StrCat("the model gave ", output.num_classes, " outputs, not ", info_.num_classes));
    }
    std::copy_n(output.data, static_cast<std::size_t>(batch) * static_cast<std::size_t>(output.num_classes), scores);
    if (bundle_.output == OutputKind::kProbabilities) return;
    for (int i = 0; i < batch; ++i) {
      Softmax(scores + static_cast<std::size_t>(i) * static_cast<std::size_t>(output.num_classes), output.num_classes);
    }
  }

  PredictorOptions options_;
  Bundle bundle_;
  DecodeOptions decode_options_;
  Preprocessor preprocessor_;
  ModelInfo info_;
  std::unique_ptr<Engine> engine_;  // made, used and destroyed on the worker's thread
  Worker worker_;
};

Predictor::Predictor(const std::filesystem::path& model_dir, const PredictorOptions& options) {
  CheckOptions(options);
  impl_ = std::make_unique<Impl>(model_dir, options);
}

Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;

Classification Predictor::Predict(const ImageSource& image, std::optional<int> top_k) const {
  std::vector<Outcome> outcomes = impl_->Predict({image}, top_k);
  if (outcomes[0].error) std::rethrow_exception(outcomes[0].error);
  return std::move(outcomes[0].classification);
}

std::vector<Outcome> Predictor::Predict(const std::vector<ImageSource>& images, std::optional<int> top_k) const {
  return impl_->Predict(images, top_k);
}

void Predictor::Preprocess(const ImageSource& image, float* chw) const { impl_->Preprocess(image, chw); }
void Predictor::Infer(const float* nchw, int batch, float* scores) const { impl_->Infer(nchw, batch, scores); }
void Predictor::Close() { impl_->Close(); }
const ModelInfo& Predictor::model_info() const noexcept { return impl_->info(); }
Backend Predictor::backend() const noexcept { return impl_->options().backend; }
int Predictor::num_threads() const noexcept { return impl_->options().num_threads; }
const char* Version() noexcept { return HRNET_NATIVE_VERSION; }

}  // namespace hrnet_native
