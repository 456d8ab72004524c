#include "engine/engine.h"

#include <algorithm>

#include "base/str_cat.h"
#include "engine/native/native_engine.h"
#include "engine/paddle_loader.h"
#include "hrnet_native/error.h"

namespace hrnet_native {

namespace {

bool RunsOn(Backend backend, Device device) {
  const bool needs_gpu = backend == Backend::kCuda || backend == Backend::kTensorRt;
  return needs_gpu == (device == Device::kGpu);
}

bool RunsIn(Backend backend, Precision precision) {
  switch (precision) {
    case Precision::kFp32:
      return true;
    case Precision::kFp16:
      return backend == Backend::kCuda || backend == Backend::kTensorRt;
    case Precision::kInt8:
      return backend == Backend::kTensorRt;
    case Precision::kBf16:
      break;
  }
  return false;
}

/// What kAuto stands for, fastest first: the order that docs/performance.md measured.
std::vector<Backend> InOrder(Device device, bool has_native, const std::filesystem::path& program) {
  if (device == Device::kGpu) return {Backend::kTensorRt, Backend::kCuda};
  std::vector<Backend> backends;
  if (has_native) backends.push_back(Backend::kNative);
  if (program.extension() == ".pdmodel") backends.push_back(Backend::kOpenVino);  // it has no part in a .json
  if (!program.empty()) backends.insert(backends.end(), {Backend::kOneDnn, Backend::kCpu});
  return backends;
}

}  // namespace

std::vector<Backend> Candidates(Backend backend, Device device, Precision precision, bool has_native,
                                const std::filesystem::path& program) {
  const char* device_name = device == Device::kGpu ? "gpu" : "cpu";
  if (backend != Backend::kAuto && !RunsOn(backend, device)) {
    throw Error(ErrorCode::kUnsupported,
                StrCat("backend ", Name(backend), " does not run on device ", device_name, "; expected auto, ",
                       device == Device::kGpu ? "cuda or tensorrt" : "native, onednn, openvino or cpu"));
  }
  std::vector<Backend> candidates =
      backend == Backend::kAuto ? InOrder(device, has_native, program) : std::vector{backend};
  const auto lacks_precision = [&](Backend candidate) { return !RunsIn(candidate, precision); };
  candidates.erase(std::remove_if(candidates.begin(), candidates.end(), lacks_precision), candidates.end());
  if (candidates.empty()) {
    throw Error(
        ErrorCode::kUnsupported,
        StrCat("backend ", Name(backend), " does not run in precision ", Name(precision), " on device ", device_name,
               "; device cpu has fp32, device gpu fp32, fp16 (cuda, tensorrt) and int8 (tensorrt)"));
  }
  return candidates;
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

}  // namespace hrnet_native
