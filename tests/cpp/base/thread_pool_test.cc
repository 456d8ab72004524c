#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "base/task_group.h"
#include "support/count_threads.h"

namespace hrnet_native {
namespace {

TEST(ThreadPool, RunsTasksInParallel) {
  std::mutex mutex;
  std::condition_variable both;
  int arrived = 0;
  ThreadPool pool(2);
  TaskGroup group(pool);
  for (int i = 0; i < 2; ++i) {
    group.Post([&] {  // ends only if two threads are inside
      std::unique_lock lock(mutex);
      if (++arrived == 2) both.notify_all();
      both.wait(lock, [&] { return arrived == 2; });
    });
  }
  {
    std::unique_lock lock(mutex);
    both.wait(lock, [&] { return arrived == 2; });
  }
  group.Close();
  EXPECT_EQ(arrived, 2);
}

TEST(ThreadPool, ThreadsWithoutTasksEndAndOthersAreStarted) {
  ThreadPool pool(3, std::chrono::milliseconds(1));
  TaskGroup group(pool);
  const std::size_t before = ThreadsBefore();
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> done = 0;
    std::promise<void> all;
    for (int i = 0; i < 3; ++i) {
      group.Post([&] {
        if (++done == 3) all.set_value();
      });
    }
    all.get_future().wait();
    if (round % 4 == 0) {
      EXPECT_TRUE(AwaitThreads(before));
    }
  }
}

}  // namespace
}  // namespace hrnet_native
