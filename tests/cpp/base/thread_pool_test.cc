#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>

#include "support/expect_error.h"
#include "support/no_threads.h"

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

TEST(ThreadPool, WhatATaskHoldsMayPostWhenItDies) {
  std::atomic<int> done = 0;
  std::promise<void> died;
  ThreadPool pool(1);
  const auto post_another = [&](const int* held) {
    delete held;
    EXPECT_TRUE(pool.Post([&done] { ++done; }));
    died.set_value();
  };
  pool.Post([&done, held = std::shared_ptr<const int>(new int, post_another)] { ++done; });
  died.get_future().wait();
  pool.Close();
  EXPECT_EQ(done, 2);
}

TEST(ThreadPool, SaysSoWhereNoThreadCanBeStartedAndRunsTheNextTask) {
  std::atomic<int> done = 0;
  ThreadPool pool(2);
  {
    const NoThreads none;
    ExpectError(ErrorCode::kResourceExhausted,
                "no thread could be started: ", [&] { pool.Post([&] { done += 100; }); });
  }
  EXPECT_TRUE(pool.Post([&] { ++done; }));
  pool.Close();
  EXPECT_EQ(done, 1);
}

}  // namespace
}  // namespace hrnet_native
