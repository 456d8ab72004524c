// Prints what Paddle's own configuration says after our settings for a GPU: summary BACKEND PRECISION. Links no CUDA.
// The values are none of the defaults, so each line proves that ours arrived.

#include <cstdio>
#include <exception>
#include <string>

#include "engine/paddle/configure_gpu.h"
#include "engine/paddle/cuda_driver.h"

using hrnet_native::Backend;
using hrnet_native::Precision;

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
  config.gpu.max_batch_size = 17;
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
