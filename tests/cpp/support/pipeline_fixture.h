#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "predictor/options.h"
#include "predictor/pipeline.h"
#include "support/fake_engine.h"

namespace hrnet_native {

inline constexpr std::size_t kInput = std::size_t{3} * 8 * 8;

inline PredictorOptions Options(int num_instances = 1, int max_batch_size = 4, int max_queue_size = 0) {
  PredictorOptions options;
  options.num_instances = num_instances;
  options.max_batch_size = max_batch_size;
  options.max_queue_size = max_queue_size;
  options.backend = Backend::kCpu;
  return Resolve(options, 8);
}

/// A picture whose first pixels, and so whose scores, are its own.
struct Picture {
  explicit Picture(int seed) : pixels(kInput) {
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      pixels[i] = static_cast<std::uint8_t>((static_cast<std::size_t>(seed) * 31 + i * 7) % 251);
    }
  }
  ImageView view() const { return {pixels.data(), 8, 8, 24}; }
  std::vector<std::uint8_t> pixels;
};

inline const std::string kJunk = "not a picture";
inline const EncodedImage kBad{kJunk.data(), kJunk.size()};

/// A pipeline whose runs wait for a gate once it has loaded.
struct Gated {
  explicit Gated(const PredictorOptions& options) : pipeline(FakeBundle(), Model(), options) { armed = true; }
  ~Gated() { gate.Open(); }

  std::shared_ptr<const LoadedModel> Model() {
    return std::make_shared<FakeModel>([this](const InputView& input) {
      if (!armed) return;
      {
        const std::lock_guard lock(mutex);
        batches.push_back(input.batch);
      }
      gate.Wait();
    });
  }

  Gate gate;
  std::atomic<bool> armed = false;
  std::mutex mutex;
  std::vector<int> batches;
  Pipeline pipeline;
};

}  // namespace hrnet_native
