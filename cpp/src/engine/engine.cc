#include "engine/engine.h"

#include "base/str_cat.h"
#include "engine/paddle_loader.h"
#include "hrnet_native/error.h"

namespace hrnet_native {

Backend ResolveBackend(Backend backend, Device device) {
  if (device != Device::kCpu)
    throw Error(ErrorCode::kUnsupported, "device gpu is not supported by this version; use cpu");
  switch (backend) {
    case Backend::kAuto:
      return Backend::kOneDnn;
    case Backend::kOneDnn:
    case Backend::kCpu:
      return backend;
    default:
      throw Error(ErrorCode::kUnsupported, StrCat("backend ", Name(backend),
                                                  " is not supported by this version; expected "
                                                  "auto, onednn or cpu"));
  }
}

std::shared_ptr<const LoadedModel> LoadModel(const EngineConfig& config) { return LoadPaddleModel(config); }

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
