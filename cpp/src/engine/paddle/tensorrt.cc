#include "engine/paddle/tensorrt.h"

#include <chrono>
#include <exception>
#include <set>
#include <tuple>

#include "base/sha256.h"
#include "base/str_cat.h"
#include "engine/paddle/cuda_driver.h"
#include "engine/paddle/engine_cache.h"
#include "hrnet_native/error.h"

namespace hrnet_native {
namespace {

/// Where to get a Paddle that can do more than this one.
std::string GpuWheel() {
  return StrCat("install paddlepaddle-gpu==", HRNET_NATIVE_PADDLE_VERSION,
                " from Paddle's own package index in the place of paddlepaddle (docs/gpu.md)");
}

std::string VersionText(const std::tuple<int, int, int>& version) {
  return StrCat(std::get<0>(version), ".", std::get<1>(version), ".", std::get<2>(version));
}

/// The version of the TensorRT that Paddle found.
std::string TensorRtVersion() {
  const auto built_for = paddle_infer::GetTrtCompileVersion();
  if (built_for == std::tuple(0, 0, 0)) {
    throw Error(ErrorCode::kUnsupported,
                StrCat("backend tensorrt: Paddle ", HRNET_NATIVE_PADDLE_VERSION, " was built without TensorRT here; ",
                       GpuWheel(), ", or use backend cuda"));
  }
  std::tuple<int, int, int> found;
  try {
    found = paddle_infer::GetTrtRuntimeVersion();
  } catch (const std::exception&) {
    found = {};  // the library is not there
  }
  if (found == std::tuple(0, 0, 0)) {
    throw Error(ErrorCode::kUnsupported,
                StrCat("backend tensorrt: no libnvinfer was found; install TensorRT ", VersionText(built_for),
                       ", for which this Paddle was built, and let LD_LIBRARY_PATH name its folder"));
  }
  return VersionText(found);
}

/// One hash of both files.
std::string HashOfModel(const EngineConfig& config) {
  return Sha256(Sha256(*Open(config.program)) + Sha256(*Open(config.parameters)));
}

EngineCache CacheFor(const EngineConfig& config) {
  if (config.gpu.cache_dir.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                "there is no place for TensorRT's engines: this user has no home directory; expected cache_dir or "
                "HRNET_NATIVE_CACHE_DIR");
  }
  return EngineCache(config.gpu.cache_dir / "tensorrt");
}

EngineKey KeyFor(const EngineConfig& config) {
  const GpuIdentity gpu = cuda_driver::Identify(config.gpu.device_id);
  const TensorRtOptions& options = config.gpu.tensorrt;
  const InputShape& input = config.gpu.input;
  return {{"model", HashOfModel(config)},
          {"Paddle", HRNET_NATIVE_PADDLE_VERSION},
          {"TensorRT", TensorRtVersion()},
          {"driver", gpu.driver},
          {"GPU", StrCat(gpu.name, " (", gpu.compute_capability, ")")},
          {"precision", Name(config.gpu.precision)},
          {"batches", StrCat("1 to ", config.max_batch_size, ", best at ", options.optimal_batch_size)},
          {"input", StrCat(input.channels, "x", input.height, "x", input.width)},
          {"workspace", StrCat(options.workspace_mb, " MiB")},
          {"smallest subgraph", std::to_string(options.min_subgraph_size)}};
}

}  // namespace

void CheckGpu(const EngineConfig& config) {
  // Only builds with CUDA have this function; asking Paddle for a GPU without one makes it print.
  if (&phi::backends::gpu::GetGPUDeviceCount == nullptr) {
    throw Error(ErrorCode::kUnsupported, StrCat("device gpu: Paddle ", HRNET_NATIVE_PADDLE_VERSION,
                                                " was built without CUDA here; ", GpuWheel()));
  }
  cuda_driver::Identify(config.gpu.device_id);
  if (config.backend == Backend::kTensorRt) TensorRtVersion();
}

TensorRtEngine ObtainEngine(const EngineConfig& config, const std::string& input_name, const EngineRunner& run) {
  if (config.program.path().extension() != ".pdmodel") {
    throw Error(ErrorCode::kModelLoad, StrCat("backend tensorrt needs inference.pdmodel, not ", config.program.path(),
                                              ": export the model with --format pdmodel"));
  }
  const EngineCache cache = CacheFor(config);
  const EngineKey key = KeyFor(config);
  const auto say = [&](LogLevel level, const std::string& message) {
    if (config.gpu.log) config.gpu.log(level, message);
  };
  const EngineCache::Found found = cache.Find(key);
  if (!found.directory.empty()) return {found.directory, input_name};
  if (!config.gpu.tensorrt.build) {
    throw Error(ErrorCode::kUnsupported, StrCat("backend tensorrt has no engine for this model and machine: ",
                                                found.reason, "; hrnet-native build-engine makes one"));
  }
  say(LogLevel::kWarning, StrCat("building a TensorRT engine, which takes minutes: ", found.reason));
  const auto begin = std::chrono::steady_clock::now();
  const std::set<int> batch_sizes = {1, config.gpu.tensorrt.optimal_batch_size, config.max_batch_size};
  const std::filesystem::path directory = cache.Store(key, [&](const std::filesystem::path& empty) {
    run({empty, input_name}, {batch_sizes.begin(), batch_sizes.end()});
  });
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  say(LogLevel::kDebug, StrCat("built a TensorRT engine in ", seconds.count(), " s: ", directory));
  return {directory, input_name};
}

}  // namespace hrnet_native
