#include "engine/native/shared_work.h"

#include <algorithm>

#include "engine/native/ceil_divide.h"
#include "engine/native/even_piece.h"

namespace hrnet_native::native {
namespace {

// No piece is a smaller part of a member's share than this, or a layer would be all beginnings. Shares of 1/2, 1/4 and
// 1/4 leave nobody waiting for more than a quarter.
constexpr int kSmallestPart = 4;

std::uint64_t Packed(Range range) {
  return static_cast<std::uint64_t>(range.end) << 32 | static_cast<std::uint32_t>(range.begin);
}

Range Unpacked(std::uint64_t packed) { return {static_cast<int>(packed & 0xffffffff), static_cast<int>(packed >> 32)}; }

int CountOf(Range range) { return range.end - range.begin; }

}  // namespace

SharedWork::SharedWork(int items, PieceSizes sizes, int members)
    : items_(items),
      sizes_(sizes),
      members_(members),
      rests_(std::make_unique<Rest[]>(static_cast<std::size_t>(members))) {
  sizes_.fewest = std::max(sizes.fewest, members == 1 ? items : CeilDivide(items, kSmallestPart * members));
  for (int member = 0; member < members; ++member) Restore(member);
}

Range SharedWork::Take(int member) {
  for (int from = member; from >= 0; from = Slowest()) {
    std::atomic<std::uint64_t>& range = rest(from).range;
    std::uint64_t seen = range.load(std::memory_order_relaxed);  // barriers order what is computed
    for (;;) {
      const Range left = Unpacked(seen);
      if (CountOf(left) == 0) break;
      const int count = PieceOf(CountOf(left));
      const bool own = from == member;
      const Range piece = own ? Range{left.begin, left.begin + count} : Range{left.end - count, left.end};
      const Range after = own ? Range{piece.end, left.end} : Range{left.begin, piece.begin};
      if (range.compare_exchange_weak(seen, Packed(after), std::memory_order_relaxed)) return piece;
    }
  }
  return {0, 0};
}

void SharedWork::Restore(int member) {
  rest(member).range.store(Packed(EvenPiece({0, items_}, member, members_)), std::memory_order_relaxed);
}

int SharedWork::PieceOf(int left) const {
  const int half = std::max(CeilDivide(left, 2), sizes_.fewest);
  const int count = left - half < sizes_.fewest ? left : half;
  return CeilDivide(count, CeilDivide(count, sizes_.most));
}

int SharedWork::Slowest() {
  int slowest = -1;
  int most = 0;
  for (int member = 0; member < members_; ++member) {
    const int left = CountOf(Unpacked(rest(member).range.load(std::memory_order_relaxed)));
    if (left > most) {
      most = left;
      slowest = member;
    }
  }
  return slowest;
}

}  // namespace hrnet_native::native
