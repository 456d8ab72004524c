#include "engine/paddle/configure_gpu.h"

#include <cstdint>
#include <map>
#include <vector>

namespace hrnet_native {
namespace {

using PaddlePrecision = paddle::AnalysisConfig::Precision;

PaddlePrecision ForPaddle(Precision precision) {
  switch (precision) {
    case Precision::kFp16:
      return PaddlePrecision::kHalf;
    case Precision::kBf16:
      return PaddlePrecision::kBf16;
    case Precision::kInt8:
      return PaddlePrecision::kInt8;
    case Precision::kFp32:
      break;
  }
  return PaddlePrecision::kFloat32;
}

}  // namespace

void ConfigureGpu(const EngineConfig& config, paddle::AnalysisConfig& paddle) {
  // Beside TensorRT, whose precision is its own, Paddle would mix precisions a second time.
  const Precision precision = config.backend == Backend::kCuda ? config.gpu.precision : Precision::kFp32;
  paddle.EnableUseGpu(static_cast<std::uint64_t>(config.gpu.memory_pool_mb), config.gpu.device_id,
                      ForPaddle(precision));
}

void ConfigureTensorRt(const EngineConfig& config, const TensorRtEngine& engine, paddle::AnalysisConfig& paddle) {
  const TensorRtOptions& options = config.gpu.tensorrt;
  constexpr std::int64_t kMiB = 1 << 20;
  paddle.EnableTensorRtEngine(options.workspace_mb * kMiB, config.max_batch_size, options.min_subgraph_size,
                              ForPaddle(config.gpu.precision), /*use_static=*/true, /*use_calib_mode=*/false,
                              /*use_cuda_graph=*/false);
  paddle.SetOptimCacheDir(engine.directory.string());
  const auto batch_of = [&](int batch) {
    const InputShape& input = config.gpu.input;
    return std::map<std::string, std::vector<int>>{
        {engine.input_name, {batch, input.channels, input.height, input.width}}};
  };
  paddle.SetTRTDynamicShapeInfo(batch_of(1), batch_of(config.max_batch_size), batch_of(options.optimal_batch_size),
                                /*disable_trt_plugin_fp16=*/false);
}

}  // namespace hrnet_native
