#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>

namespace hrnet_native {
namespace {

TEST(ThreadPool, ForEachVisitsEveryIndexOnceAndMayBeCalledByMany) {
  ThreadPool pool(4);
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        std::vector<std::atomic<int>> visits(17);
        pool.ForEach(17, [&](int index) { ++visits[static_cast<std::size_t>(index)]; });
        for (const auto& count : visits) EXPECT_EQ(count, 1);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
}

TEST(ThreadPool, ForEachRunsInParallel) {
  ThreadPool pool(2);
  std::mutex mutex;
  std::condition_variable both;
  int arrived = 0;
  pool.ForEach(2, [&](int) {  // ends only if two threads are inside
    std::unique_lock lock(mutex);
    if (++arrived == 2) both.notify_all();
    both.wait(lock, [&] { return arrived == 2; });
  });
  EXPECT_EQ(arrived, 2);
}

TEST(ThreadPool, CloseRunsWhatWasPosted) {
  std::atomic<int> done = 0;
  ThreadPool pool(2);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(pool.Post([&] { ++done; }));
  pool.Close();
  pool.Close();
  EXPECT_EQ(done, 100);
  EXPECT_FALSE(pool.Post([&] { ++done; }));
  pool.ForEach(3, [&](int) { ++done; });  // on this thread alone
  EXPECT_EQ(done, 103);
}

}  // namespace
}  // namespace hrnet_native
