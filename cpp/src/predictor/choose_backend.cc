#include "predictor/choose_backend.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native {
namespace {

struct Failure {
  Backend backend;
  Error error;
};

/// Whether another backend may do better: not where the caller's options are to blame.
bool IsBackendsFault(const Error& error) {
  return error.code() == ErrorCode::kUnsupported || error.code() == ErrorCode::kModelLoad ||
         error.code() == ErrorCode::kInternal;
}

/// The files that a backend reads, of those that the model has a hash of: not what the caller gave beside it.
std::vector<ModelFile> FilesOf(const Bundle& bundle, Backend backend) {
  std::vector<ModelFile> files;
  if (backend == Backend::kNative) {
    if (!bundle.native.empty() && bundle.native_is_own) files = {bundle.native};
  } else if (!bundle.program.empty()) {
    files = {bundle.program, bundle.parameters};
  }
  return files;
}

/// What is wrong with the model is said once, though every backend met it.
Error NoneWorks(const std::vector<Failure>& failures) {
  const Error& first = failures.front().error;
  const auto says_the_same = [&](const Failure& f) { return std::string(f.error.what()) == first.what(); };
  if (std::all_of(failures.begin(), failures.end(), says_the_same)) return first;
  std::string text = "no backend runs this model";
  ErrorCode code = ErrorCode::kUnsupported;
  const char* separator = ": ";
  for (const Failure& failure : failures) {
    text += StrCat(separator, Name(failure.backend), ": ", failure.error.what());
    separator = "; ";
    if (failure.error.code() != ErrorCode::kUnsupported) code = ErrorCode::kModelLoad;
  }
  return {code, text};
}

GpuConfig GpuConfigFor(const Bundle& bundle, const PredictorOptions& options) {
  GpuConfig gpu;
  gpu.device_id = options.device_id;
  gpu.memory_pool_mb = options.gpu_memory_pool_mb;
  gpu.precision = options.precision;
  gpu.input = {bundle.preprocess.channel_num, bundle.preprocess.crop_height, bundle.preprocess.crop_width};
  gpu.tensorrt = options.tensorrt;
  if (options.backend == Backend::kAuto) gpu.tensorrt.build = false;  // nobody asked for minutes of building
  gpu.log = options.log;
  gpu.cache_dir = options.cache_dir;
  return gpu;
}

}  // namespace

std::unique_ptr<Pipeline> MakePipeline(const std::shared_ptr<const Bundle>& bundle, const PredictorOptions& options,
                                       const std::shared_ptr<Runtime>& runtime, const ModelLoader& load) {
  const auto log = [&](LogLevel level, const std::string& message) {
    if (options.log) options.log(level, message);
  };
  const auto make = [&](Backend backend) {
    PredictorOptions chosen = options;
    chosen.backend = backend;
    const Verification verification(bundle->hashes, FilesOf(*bundle, backend));
    // The native engine takes any bytes without harm, so it loads them while they are hashed. Paddle's loader crashes
    // on some, and is shown none that were not verified.
    if (backend != Backend::kNative) verification.Wait();
    try {
      auto model = load({bundle->program, bundle->parameters, bundle->native, backend, options.num_threads,
                         options.max_batch_size, options.memory, GpuConfigFor(*bundle, options), runtime->workers()});
      auto pipeline = std::make_unique<Pipeline>(bundle, std::move(model), chosen, runtime);
      verification.Wait();
      return pipeline;
    } catch (const Error&) {
      verification.Wait();  // if a file is damaged, that is the reason
      throw;
    }
  };
  const std::vector<Backend> candidates =
      Candidates(options.backend, options.device, options.precision, !bundle->native.empty(), bundle->program.path());
  if (options.backend != Backend::kAuto) return make(candidates.front());

  std::vector<Failure> failures;
  for (const Backend backend : candidates) {
    try {
      auto pipeline = make(backend);
      log(LogLevel::kDebug, StrCat("backend ", Name(backend), " was chosen: the fastest that runs this model",
                                   bundle->probe.outputs.empty() ? " (it records no outputs to check)"
                                                                 : " and gives the outputs that it records"));
      return pipeline;
    } catch (const DamageError&) {
      throw;
    } catch (const Error& error) {
      if (!IsBackendsFault(error)) throw;
      failures.push_back({backend, error});
      log(LogLevel::kWarning, StrCat("backend ", Name(backend), " was passed over: ", error.what()));
    }
  }
  throw NoneWorks(failures);
}

}  // namespace hrnet_native
