#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace hrnet_native {
namespace {

TEST(ThreadPool, RunsTasksInParallel) {
  std::mutex mutex;
  std::condition_variable both;
  int arrived = 0;
  ThreadPool pool(2);
  for (int i = 0; i < 2; ++i) {
    pool.Post([&] {  // ends only if two threads are inside
      std::unique_lock lock(mutex);
      if (++arrived == 2) both.notify_all();
      both.wait(lock, [&] { return arrived == 2; });
    });
  }
  pool.Close();
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
  EXPECT_EQ(done, 100);
}

}  // namespace
}  // namespace hrnet_native
