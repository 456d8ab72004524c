#include "base/task_group.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>

#include "support/expect_error.h"
#include "support/fake_engine.h"
#include "support/no_threads.h"

namespace hrnet_native {
namespace {

TEST(TaskGroup, CloseRunsWhatWasPosted) {
  std::atomic<int> done = 0;
  ThreadPool pool(2);
  TaskGroup group(pool);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(group.Post([&] { ++done; }));
  group.Close();
  group.Close();
  EXPECT_EQ(done, 100);
  EXPECT_FALSE(group.Post([&] { ++done; }));
  EXPECT_EQ(done, 100);
}

TEST(TaskGroup, WhatATaskHoldsMayPostWhenItDies) {
  std::atomic<int> done = 0;
  std::promise<void> died;
  ThreadPool pool(1);
  TaskGroup group(pool);
  const auto post_another = [&](const int* held) {
    delete held;
    EXPECT_TRUE(group.Post([&done] { ++done; }));
    died.set_value();
  };
  group.Post([&done, held = std::shared_ptr<const int>(new int, post_another)] { ++done; });
  died.get_future().wait();
  group.Close();
  EXPECT_EQ(done, 2);
}

TEST(TaskGroup, SaysSoWhereNoThreadCanBeStartedAndRunsTheNextTask) {
  std::atomic<int> done = 0;
  ThreadPool pool(2);
  TaskGroup group(pool);
  {
    const NoThreads none;
    ExpectError(ErrorCode::kResourceExhausted,
                "no thread could be started: ", [&] { group.Post([&] { done += 100; }); });
  }
  EXPECT_TRUE(group.Post([&] { ++done; }));
  group.Close();
  EXPECT_EQ(done, 1);
}

TEST(TaskGroup, GroupsTakeTurns) {
  ThreadPool pool(1);
  Gate gate;
  TaskGroup busy(pool);
  TaskGroup first(pool);
  TaskGroup second(pool);
  std::string order;  // written by the pool's one thread
  std::promise<void> last;
  busy.Post([&] { gate.Wait(); });
  gate.AwaitArrivals(1);
  for (int i = 0; i < 3; ++i) first.Post([&] { order += 'a'; });
  for (int i = 0; i < 2; ++i) second.Post([&] { order += 'b'; });
  first.Post([&] { last.set_value(); });
  gate.Open();
  last.get_future().wait();
  EXPECT_EQ(order, "ababa");
}

/// What takes long, as decoding the images of a list: it ends where others wait, and goes on after them.
TEST(TaskGroup, ATaskGivesWayToThoseThatWait) {
  ThreadPool pool(1);
  Gate gate;
  TaskGroup group(pool);
  TaskGroup other(pool);
  std::string order;
  std::promise<void> last;
  group.Post([&] {
    EXPECT_FALSE(group.SomeWait());
    gate.Wait();
    order += 'a';
    if (!group.SomeWait()) return;
    group.Post([&] {
      order += 'c';
      last.set_value();
    });
  });
  gate.AwaitArrivals(1);
  other.Post([&] { order += 'b'; });
  gate.Open();
  last.get_future().wait();
  EXPECT_EQ(order, "abc");
}

TEST(TaskGroup, CloseWaitsForWhatOthersRun) {
  ThreadPool pool(1);
  Gate gate;
  TaskGroup group(pool);
  auto held = std::make_shared<int>();
  const std::weak_ptr<int> watched = held;
  group.Post([&gate, held = std::move(held)] { gate.Wait(); });
  gate.AwaitArrivals(1);
  std::future<bool> closed = std::async(std::launch::async, [&] {
    group.Close();
    return watched.expired();  // with what it held
  });
  gate.Open();
  EXPECT_TRUE(closed.get());
}

/// All threads of the pool are busy: with closing, which must not wait for them.
TEST(TaskGroup, ATaskMayCloseAnotherGroup) {
  ThreadPool pool(1);
  TaskGroup group(pool);
  TaskGroup other(pool);
  Gate gate;
  int done = 0;
  group.Post([&] {
    gate.Wait();
    other.Close();
  });
  gate.AwaitArrivals(1);
  for (int i = 0; i < 3; ++i) other.Post([&] { ++done; });
  gate.Open();
  group.Close();
  EXPECT_EQ(done, 3);
}

TEST(TaskGroup, OthersGoOnWhereOneIsClosed) {
  ThreadPool pool(2);
  TaskGroup group(pool);
  {
    TaskGroup other(pool);
    other.Post([] {});
  }
  std::promise<void> ran;
  EXPECT_TRUE(group.Post([&] { ran.set_value(); }));
  ran.get_future().wait();
}

}  // namespace
}  // namespace hrnet_native
