// Prints what Paddle's own configuration says after our settings for a GPU: summary BACKEND PRECISION. Links no CUDA.
// The values are none of the defaults, so each line proves that ours arrived. Paddle's summary leaves out TensorRT's
// shapes: the call that sets them is taken by this program, printed, and handed on to Paddle.

#include <dlfcn.h>

#include <cstdio>
#include <exception>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/paddle/configure_gpu.h"
#include "engine/paddle/cuda_driver.h"

using hrnet_native::Backend;
using hrnet_native::Precision;
using Shapes = std::map<std::string, std::vector<int>>;

namespace {

void Print(const char* which, const Shapes& shapes) {
  std::printf("%s", which);
  for (const auto& [name, shape] : shapes) {
    std::printf(" %s=", name.c_str());
    for (std::size_t i = 0; i < shape.size(); ++i) std::printf(i == 0 ? "%d" : "x%d", shape[i]);
  }
  std::printf("\n");
}

}  // namespace

// A program's own definition goes before a library's.
void paddle::AnalysisConfig::SetTRTDynamicShapeInfo(Shapes smallest, Shapes largest, Shapes optimal, bool no_fp16) {
  constexpr const char* kName =
      "_ZN6paddle14AnalysisConfig22SetTRTDynamicShapeInfoESt3mapINSt7__cxx1112basic_stringIcSt11char_"
      "traitsIcESaIcEEESt6"
      "vectorIiSaIiEESt4lessIS7_ESaISt4pairIKS7_SA_EEESH_SH_b";
  Print("shape_min", smallest);
  Print("shape_max", largest);
  Print("shape_optimal", optimal);
  std::printf("shape_no_fp16 %d\n", no_fp16 ? 1 : 0);
  void* next = dlsym(RTLD_NEXT, kName);
  if (next == nullptr) throw std::runtime_error(dlerror());
  reinterpret_cast<void (*)(AnalysisConfig*, Shapes, Shapes, Shapes, bool)>(next)(this, smallest, largest, optimal,
                                                                                  no_fp16);
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string backend = argv[1];
  const std::string precision = argv[2];
  hrnet_native::EngineConfig config{};
  config.backend = backend == "tensorrt" ? Backend::kTensorRt : Backend::kCuda;
  config.gpu.device_id = 3;
  config.gpu.memory_pool_mb = 345;
  config.gpu.precision = precision == "fp16"   ? Precision::kFp16
                         : precision == "int8" ? Precision::kInt8
                                               : Precision::kFp32;
  config.max_batch_size = 17;
  config.gpu.input = {3, 224, 192};
  config.gpu.tensorrt = {678, 5, 4, true};

  std::printf("built_with_cuda %d\n", &phi::backends::gpu::GetGPUDeviceCount != nullptr ? 1 : 0);
  paddle::AnalysisConfig paddle;
  hrnet_native::ConfigureGpu(config, paddle);
  if (config.backend == Backend::kTensorRt) hrnet_native::ConfigureTensorRt(config, {"/tmp/engine", "x"}, paddle);
  std::printf("%s", paddle.Summary().c_str());
  try {
    hrnet_native::cuda_driver::Identify(0);
    std::printf("gpu found\n");
  } catch (const std::exception& error) {
    std::printf("gpu %s\n", error.what());
  }
}
