#include "engine/native/shared_work.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <vector>

#include "engine/native/thread_team.h"

namespace hrnet_native::native {
namespace {

std::vector<Range> AllPieces(SharedWork& work, int member) {
  std::vector<Range> pieces;
  for (Range piece = work.Take(member); piece.begin < piece.end; piece = work.Take(member)) pieces.push_back(piece);
  return pieces;
}

int CountOf(Range range) { return range.end - range.begin; }

TEST(NativeSharedWork, OneMemberTakesNearlyEqualPieces) {
  SharedWork work(100, {40, 8}, 1);
  const std::vector<Range> pieces = AllPieces(work, 0);
  ASSERT_EQ(pieces.size(), 3U);
  int next = 0;
  for (const Range& piece : pieces) {
    EXPECT_EQ(piece.begin, next);
    EXPECT_NEAR(CountOf(piece), 100 / 3.0, 1);
    next = piece.end;
  }
  EXPECT_EQ(next, 100);
}

TEST(NativeSharedWork, OwnPiecesComeFromTheFrontAndGetSmaller) {
  SharedWork work(200, {1000, 1}, 2);
  const Range first = work.Take(1);
  EXPECT_EQ(first.begin, 100);
  EXPECT_EQ(first.end, 150);
  const Range second = work.Take(1);
  EXPECT_EQ(second.begin, 150);
  EXPECT_EQ(second.end, 175);
}

TEST(NativeSharedWork, WhoHasFinishedTakesFromTheEndOfAnothersShare) {
  SharedWork work(200, {1000, 1}, 2);
  EXPECT_EQ(work.Take(1).begin, 100);  // and is held up from now on
  const std::vector<Range> pieces = AllPieces(work, 0);
  int taken = 0;
  int last = 0;  // its own share, and the rest of the other's
  for (const Range& piece : pieces) {
    taken += CountOf(piece);
    last = std::max(last, piece.end);
  }
  EXPECT_EQ(taken, 150);
  EXPECT_EQ(last, 200);
  EXPECT_EQ(CountOf(work.Take(1)), 0);
}

TEST(NativeSharedWork, PiecesKeepTheirSizes) {
  for (int items = 1; items < 300; items += 7) {
    for (const PieceSizes sizes : {PieceSizes{1, 1}, PieceSizes{20, 8}, PieceSizes{items, items}, PieceSizes{50, 50}}) {
      SharedWork work(items, sizes, 3);
      for (const int member : {1, 0, 2}) {
        for (const Range& piece : AllPieces(work, member)) {
          EXPECT_LE(CountOf(piece), sizes.most);
          // A share may be smaller than a piece should be, and equal parts of what exceeds the largest piece half of
          // it.
          EXPECT_GE(CountOf(piece), std::min({sizes.fewest, items / 3, (sizes.most + 1) / 2})) << items;
        }
      }
    }
  }
}

TEST(NativeSharedWork, EveryItemIsTakenOnceInEveryRun) {
  for (const int members : {1, 2, 5}) {  // five: more than the processors of a small machine
    for (const int items : {0, 1, 4, 57, 1000}) {
      SharedWork work(items, {9, 2}, members);
      ThreadTeam team(members);
      std::vector<std::atomic<int>> taken(static_cast<std::size_t>(items));
      constexpr int kRuns = 200;
      for (int run = 0; run < kRuns; ++run) {
        team.Run([&](int member, int) {
          for (Range piece = work.Take(member); piece.begin < piece.end; piece = work.Take(member)) {
            for (int item = piece.begin; item < piece.end; ++item) taken[static_cast<std::size_t>(item)].fetch_add(1);
          }
          team.Barrier();
          work.Restore(member);
        });
      }
      for (const std::atomic<int>& count : taken) EXPECT_EQ(count.load(), kRuns);
    }
  }
}

}  // namespace
}  // namespace hrnet_native::native
