#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "engine/native/thread_team.h"
#include "support/standstill.h"

namespace hrnet_native::native {
namespace {

TEST(NativeThreadTeam, NobodyPassesABarrierBeforeAllHaveCome) {
  for (const int size : {1, 2, 5}) {  // five: more than the processors of a small machine
    ThreadTeam team(size);
    for (int run = 0; run < 50; ++run) {
      std::atomic<int> come{0};
      std::atomic<int> early{0};
      team.Run([&](int, int) {
        for (int step = 1; step <= 20; ++step) {
          come.fetch_add(1);
          team.Barrier();
          if (come.load() < step * size) early.fetch_add(1);
          team.Barrier();
        }
      });
      EXPECT_EQ(come.load(), 20 * size);
      EXPECT_EQ(early.load(), 0);
    }
  }
}

TEST(NativeThreadTeam, WakesMembersThatHaveGoneToSleep) {
  ThreadTeam team(3);
  std::vector<int> calls(3, 0);
  for (int run = 0; run < 3; ++run) {
    EXPECT_TRUE(AwaitStandstill());
    team.Run([&](int member, int) {
      if (member == 1) {  // the others have gone to sleep at the barrier
        EXPECT_TRUE(AwaitStandstill());
      }
      ++calls[static_cast<std::size_t>(member)];
    });
  }
  EXPECT_EQ(calls, std::vector<int>(3, 3));
}

}  // namespace
}  // namespace hrnet_native::native
