#include "engine/engine.h"

#include "base/str_cat.h"
#include "engine/native/native_engine.h"
#include "engine/paddle_loader.h"
#include "hrnet_native/error.h"

namespace hrnet_native {

std::vector<Backend> Candidates(Backend backend, Device device, bool has_native, bool has_program) {
  if (device != Device::kCpu)
    throw Error(ErrorCode::kUnsupported, "device gpu is not supported by this version; use cpu");
  switch (backend) {
    case Backend::kAuto: {
      std::vector<Backend> candidates;
      if (has_native) candidates.push_back(Backend::kNative);
      if (has_program) candidates.insert(candidates.end(), {Backend::kOneDnn, Backend::kCpu});
      return candidates;
    }
    case Backend::kNative:
    case Backend::kOneDnn:
    case Backend::kOpenVino:
    case Backend::kCpu:
      return {backend};
    default:
      throw Error(ErrorCode::kUnsupported, StrCat("backend ", Name(backend),
                                                  " is not supported by this version; expected "
                                                  "auto, native, onednn, openvino or cpu"));
  }
}

std::shared_ptr<const LoadedModel> LoadModel(const EngineConfig& config) {
  const bool is_native = config.backend == Backend::kNative;
  if (is_native ? config.native.empty() : config.program.empty()) {
    throw Error(ErrorCode::kModelLoad,
                StrCat("backend ", Name(config.backend),
                       is_native ? " needs native.safetensors, which hrnet-native compile makes, and the model has none"
                                 : " needs inference.json or inference.pdmodel, and the model has native.safetensors "
                                   "only; use backend native"));
  }
  return is_native ? native::LoadNativeModel(config) : LoadPaddleModel(config);
}

const char* Name(Backend backend) noexcept {
  switch (backend) {
    case Backend::kAuto:
      return "auto";
    case Backend::kNative:
      return "native";
    case Backend::kOneDnn:
      return "onednn";
    case Backend::kOpenVino:
      return "openvino";
    case Backend::kCpu:
      return "cpu";
    case Backend::kCuda:
      return "cuda";
    case Backend::kTensorRt:
      return "tensorrt";
  }
  return "unknown";
}

}  // namespace hrnet_native
