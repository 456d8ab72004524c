#include "engine/paddle/configure.h"

#include "base/str_cat.h"
#include "engine/paddle/program.h"
#include "hrnet_native/error.h"

namespace hrnet_native {
namespace {

#if HRNET_NATIVE_PADDLE_NUMBER >= 300
void ChooseRepresentation(const EngineConfig& config, const NamedFiles& files, paddle::AnalysisConfig& paddle) {
  const bool is_pir = IsPir(files.program());
  paddle.EnableNewIR(is_pir);
  paddle.EnableNewExecutor(is_pir);
  // With oneDNN, Paddle 3.3 cannot hand over attributes that are arrays of doubles, such as the scale of nearest_interp
  // ("ConvertPirAttribute2RuntimeAttribute not support"). Without the first pass the operators that have one stay
  // outside oneDNN, while convolutions are fused as before. But what the second pass fuses then gives wrong answers in
  // networks with squeeze-and-excitation. A .pdmodel has other passes, which fail without the first.
  if (is_pir && config.backend == Backend::kOneDnn && Interpolates(files.program())) {
    paddle.DeletePass("onednn_placement_pass");
    paddle.DeletePass("elementwise_act_onednn_fuse_pass");
  }
}

void EnableOpenVino(const NamedFiles& files, const std::filesystem::path& scratch, paddle::AnalysisConfig& paddle) {
  if (IsPir(files.program())) {
    throw Error(ErrorCode::kModelLoad,
                StrCat("backend openvino needs the model as inference.pdmodel: Paddle ", HRNET_NATIVE_PADDLE_VERSION,
                       " would run ", files.program(), " without OpenVINO; use onednn or cpu for it"));
  }
  if (&paddle_infer::hrnet_native_openvino_marker == nullptr) {
    throw Error(ErrorCode::kUnsupported,
                StrCat("this Paddle ", HRNET_NATIVE_PADDLE_VERSION, " was built without OpenVINO; use onednn or cpu"));
  }
  paddle.EnableOpenVINOEngine(paddle::AnalysisConfig::Precision::kFloat32);
  paddle.SetOptimCacheDir(scratch.string());  // else it writes into the current directory
}
#else
void ChooseRepresentation(const EngineConfig&, const NamedFiles& files, paddle::AnalysisConfig&) {
  if (!IsPir(files.program())) return;
  throw Error(ErrorCode::kModelLoad,
              StrCat("Paddle ", HRNET_NATIVE_PADDLE_VERSION, " does not read ", files.program(),
                     "; it needs Paddle 3.0 or newer, or the model exported as inference.pdmodel"));
}

void EnableOpenVino(const NamedFiles&, const std::filesystem::path&, paddle::AnalysisConfig&) {
  throw Error(ErrorCode::kUnsupported, StrCat("backend openvino needs Paddle 3.0 or newer, and this is Paddle ",
                                              HRNET_NATIVE_PADDLE_VERSION, "; use onednn or cpu"));
}
#endif

// Shapes whose primitives oneDNN keeps; without a limit its cache grows with every batch size.
constexpr int kOneDnnCacheCapacity = 10;

#if HRNET_NATIVE_PADDLE_NUMBER >= 302  // the older names print that they are deprecated
void EnableOneDnn(paddle::AnalysisConfig& paddle) {
  paddle.EnableONEDNN();
  paddle.SetOnednnCacheCapacity(kOneDnnCacheCapacity);
}

void DisableOneDnn(paddle::AnalysisConfig& paddle) { paddle.DisableONEDNN(); }
#else
void EnableOneDnn(paddle::AnalysisConfig& paddle) {
  paddle.EnableMKLDNN();
  paddle.SetMkldnnCacheCapacity(kOneDnnCacheCapacity);
}

void DisableOneDnn(paddle::AnalysisConfig& paddle) { paddle.DisableMKLDNN(); }
#endif

}  // namespace

void Configure(const EngineConfig& config, const NamedFiles& files, const std::filesystem::path& scratch,
               const TensorRtEngine& engine, paddle::AnalysisConfig& paddle) {
  paddle.SetModel(files.program().string(), files.parameters().string());
  if (UsesGpu(config.backend)) {
    ConfigureGpu(config, paddle);
  } else {
    paddle.DisableGpu();
  }
  if (config.backend == Backend::kTensorRt) ConfigureTensorRt(config, engine, paddle);
  paddle.DisableGlogInfo();
  paddle.EnableMemoryOptim(true);
  paddle.SetCpuMathLibraryNumThreads(config.num_threads);
  ChooseRepresentation(config, files, paddle);
  if (config.backend == Backend::kOneDnn) {
    EnableOneDnn(paddle);
    return;
  }
  DisableOneDnn(paddle);  // Paddle 3.3 turns it on by itself
  if (config.backend == Backend::kOpenVino) EnableOpenVino(files, scratch, paddle);
}

}  // namespace hrnet_native
