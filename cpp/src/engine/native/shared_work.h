#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "engine/native/kernels/kernels.h"

namespace hrnet_native::native {

/// How work is cut into pieces.
struct PieceSizes {
  int most;    ///< Items of a piece: more would not stay in a cache.
  int fewest;  ///< Fewer are not worth a piece of their own.
};

/// Items that a team works on between two barriers. Each member has a nearly equal share, the same in every run, so
/// that it finds in its caches what it wrote in the layer before; it takes pieces from the front. Who has finished
/// takes from the end of the share that has most left: the CPUs of one machine are rarely equally fast, as others use
/// them too. What is computed must not depend on how it is cut, nor on who computes it.
class SharedWork {
 public:
  SharedWork(int items, PieceSizes sizes, int members);

  /// The next piece for a member; empty when nothing is left.
  Range Take(int member);

  /// Makes a member's share whole again, for the next run: after a barrier behind the last `Take`, and with another one
  /// before the next.
  void Restore(int member);

 private:
  struct alignas(64) Rest {
    std::atomic<std::uint64_t> range;  // what nobody has taken of a share: begin and end in one word
  };

  Rest& rest(int member) { return rests_[static_cast<std::size_t>(member)]; }
  int PieceOf(int left) const;
  /// The member whose share has most left, or -1.
  int Slowest();

  int items_;
  PieceSizes sizes_;
  int members_;
  std::unique_ptr<Rest[]> rests_;
};

}  // namespace hrnet_native::native
