#pragma once

#include <cstddef>

#include "engine/native/cache_line.h"
#include "engine/native/kernels/kernels.h"
#include "engine/native/kernels/vec.h"

namespace hrnet_native::native {

/// Rows (tiles, pixels) whose sums fit the registers together with those of `blocks` blocks: all sums, a vector of
/// weights for each block and one broadcast value.
template <class A>
constexpr int MaxRows(int blocks) {
  const int rows = (A::kRegisters - blocks - 1) / blocks;
  const int enough = A::kRegisters / 2;  // to hide the latency of the sums
  return rows < enough ? rows : enough;
}

/// Channels whose products are written out one after another. All of a block's would be one stretch of code, for which
/// GCC takes a time that grows with its square; where two times this many are a block, GCC still makes them one.
constexpr int kStepsAtOnce = 4;

/// Rows of channels times packed weights. A row's channels lie side by side within a block.
struct Product {
  const float* rows;
  std::size_t block_stride;  ///< Between a row's blocks of channels.
  const float* weights;      ///< [channel][block of the group][lane]
  int channels;
  float* sums;  ///< [block of the group][row][lane]
  std::size_t sums_stride;
  bool accumulate;        ///< Add to the sums that are there.
  const float* prefetch;  ///< What is multiplied next is fetched meanwhile,
  int prefetch_lines;     ///< so many lines for each block of channels.
};

template <class A>
struct Multiply {
  using Args = Product;
  template <int kRows, int kBlocks>
  static void Run(const Product& p);
};

template <class A>
template <int kRows, int kBlocks>
void Multiply<A>::Run(const Product& p) {
  using V = typename A::Vec;
  constexpr int kLanes = A::kLanes;
  V sums[kRows][kBlocks];
  const auto sum = [&](int r, int b) __attribute__((always_inline)) {
    return p.sums + static_cast<std::size_t>(b) * p.sums_stride + r * kLanes;
  };
  HRN_UNROLL for (int r = 0; r < kRows; ++r) HRN_UNROLL for (int b = 0; b < kBlocks; ++b) sums[r][b] = V{};
  const float* rows = p.rows;
  const float* weights = p.weights;
  const float* prefetch = p.prefetch;
  const auto step = [&](const float* x, const float* w) __attribute__((always_inline)) {
    V weight[kBlocks];
    HRN_UNROLL for (int b = 0; b < kBlocks; ++b) weight[b] = Load<A>(w + b * kLanes);
    HRN_UNROLL for (int r = 0; r < kRows; ++r) {
      const V value = Splat<A>(x[r * kLanes]);
      HRN_UNROLL for (int b = 0; b < kBlocks; ++b) sums[r][b] += value * weight[b];
    }
  };
  for (int left = p.channels / kLanes; left > 0; --left) {
    for (int i = 0; i < p.prefetch_lines; ++i, prefetch += kLineFloats) PrefetchFar<A>(prefetch);
    HRN_NO_UNROLL for (int c = 0; c < kLanes; c += kStepsAtOnce) {
      HRN_UNROLL for (int s = 0; s < kStepsAtOnce; ++s) step(rows + c + s, weights + s * kBlocks * kLanes);
      weights += kStepsAtOnce * kBlocks * kLanes;
    }
    rows += p.block_stride;
  }
  HRN_NO_UNROLL for (int c = 0; c < p.channels % kLanes; ++c) step(rows + c, weights + c * kBlocks * kLanes);
  // What is added comes last: a sum that grows from nothing rounds less.
  if (p.accumulate) {
    HRN_UNROLL for (int r = 0; r < kRows; ++r) HRN_UNROLL for (int b = 0; b < kBlocks; ++b) sums[r][b] +=
        Load<A>(sum(r, b));
  }
  HRN_UNROLL for (int r = 0; r < kRows; ++r) HRN_UNROLL for (int b = 0; b < kBlocks; ++b)
      Store<A>(sum(r, b), sums[r][b]);
}

/// Calls Run<rows, blocks>(args) of a kernel for numbers that are known only now: a chain of comparisons that meets
/// the most likely numbers, the largest, first.
template <class Kernel, int kRows, int kBlocks>
inline void CallWithRows(int rows, const typename Kernel::Args& args) {
  if (rows == kRows) {
    Kernel::template Run<kRows, kBlocks>(args);
  } else if constexpr (kRows > 1) {
    CallWithRows<Kernel, kRows - 1, kBlocks>(rows, args);
  }
}

template <class Kernel, class A, int kBlocks = kMaxGroup>
inline void CallWith(int rows, int blocks, const typename Kernel::Args& args) {
  if (blocks == kBlocks) {
    CallWithRows<Kernel, MaxRows<A>(kBlocks), kBlocks>(rows, args);
  } else if constexpr (kBlocks > 1) {
    CallWith<Kernel, A, kBlocks - 1>(rows, blocks, args);
  }
}

/// So many rows in as few pieces of at most `most` as can be, all nearly equal: a short piece wastes the registers. The
/// longer pieces come first, so that where a piece begins takes no division.
class RowPieces {
 public:
  RowPieces(int rows, int most)
      : count_((rows + most - 1) / most), rows_(count_ > 0 ? rows / count_ : 0), longer_(rows - count_ * rows_) {}
  int count() const { return count_; }
  int begin(int piece) const { return piece * rows_ + (piece < longer_ ? piece : longer_); }
  int rows(int piece) const { return rows_ + (piece < longer_ ? 1 : 0); }

 private:
  int count_;
  int rows_;
  int longer_;
};

}  // namespace hrnet_native::native
