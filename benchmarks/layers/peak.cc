#include "peak.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "base/aligned_buffer.h"
#include "engine/native/thread_team.h"

namespace {

using hrnet_native::AlignedBuffer;
using namespace hrnet_native::native;

constexpr int kChannels = 256;
constexpr int kRows = 8;  // fills whole pieces of 4 and of 8 rows
constexpr int kRepeats = 2000;
constexpr int kTries = 20;

std::size_t Bytes(int floats) { return static_cast<std::size_t>(floats) * sizeof(float); }

/// A 1x1 convolution of a few pixels to as many channels as one call of the product computes.
class Work {
 public:
  explicit Work(const KernelSet& kernels)
      : kernels_(kernels),
        weights_(Bytes(kChannels * kMaxGroup * kernels.lanes)),
        source_(Bytes(kChannels * kRows)),
        destination_(Bytes(kMaxGroup * kernels.lanes * kRows)),
        bias_(Bytes(kMaxGroup * kernels.lanes)) {
    const auto view = [&](AlignedBuffer& buffer) {
      const std::size_t row = static_cast<std::size_t>(kRows) * static_cast<std::size_t>(kernels.lanes);
      return MapView{buffer.data(), 0, row, row};
    };
    args_.source = view(source_);
    args_.source_lanes = kernels.lanes;
    args_.output = {view(destination_), nullptr, bias_.data(), false};
    args_.weights = weights_.data();
    args_.groups = &group_;
    args_.width = kRows;
    args_.height = 1;
    args_.stride[0] = args_.stride[1] = 1;
    args_.in_channels = kChannels;
    args_.taps = &tap_;
    args_.num_taps = 1;
    args_.blocks_per_pass = kChannels / kernels.lanes;
  }

  double flops() const { return 2.0 * kRepeats * kChannels * kRows * kMaxGroup * kernels_.lanes; }
  void Run() const {
    for (int i = 0; i < kRepeats; ++i) kernels_.direct(args_, {0, kRows}, {0, 1});
  }

 private:
  const KernelSet& kernels_;
  AlignedBuffer weights_;
  AlignedBuffer source_;
  AlignedBuffer destination_;
  AlignedBuffer bias_;
  Group group_{0, kMaxGroup, 0};
  std::int32_t tap_ = 0;
  DirectArgs args_{};
};

}  // namespace

double MeasurePeak(const KernelSet& kernels, int threads) {
  ThreadTeam team(threads);
  double best = 0;
  for (int i = 0; i < kTries; ++i) {
    double flops = 0;
    const auto begin = std::chrono::steady_clock::now();
    team.Run([&](int member, int) {
      const Work work(kernels);
      work.Run();
      if (member == 0) flops = threads * work.flops();
    });
    best = std::max(best, flops / std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}
