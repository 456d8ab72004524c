#include "predictor/request_queue.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/expect_error.h"
#include "support/standstill.h"

namespace hrnet_native {
namespace {

using RequestPtr = RequestQueue::RequestPtr;
using std::chrono::microseconds;

constexpr std::chrono::hours kLong(1);

RequestPtr Images(int count) {
  auto request = std::make_shared<Request>(nullptr, count, nullptr);
  request->done = [](const std::exception_ptr&) {};
  return request;
}

RequestPtr ImagesWithin(int count, microseconds timeout) {
  RequestPtr request = Images(count);
  request->deadline = Deadline{Clock::now() + timeout, timeout};
  return request;
}

/// A caller that hands a request over, and waits for room.
class Caller {
 public:
  Caller(RequestQueue& queue, const RequestPtr& request)
      : thread_([&queue, request] {
          queue.Admit(request, true);
          queue.Push(request);
        }) {
    EXPECT_TRUE(Await([&] { return queue.IsWaiting(request); }));
  }
  ~Caller() { thread_.join(); }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

 private:
  std::thread thread_;
};

bool IsRefused(RequestQueue& queue, int count) {
  const RequestPtr request = Images(count);
  try {
    queue.Admit(request, false);
  } catch (const Error& error) {
    return error.code() == ErrorCode::kQueueFull;
  }
  queue.End(request, nullptr);
  return false;
}

std::vector<RequestPtr> Taken(RequestQueue& queue) {
  const RequestQueue::Requests taken = queue.Take(0);
  return {taken.begin(), taken.end()};
}

TEST(RequestQueue, WhatWaitsForRoomIsNotOvertaken) {
  RequestQueue queue(4, 4, microseconds(0));
  const std::vector<RequestPtr> first = {Images(1), Images(1)};
  for (const RequestPtr& request : first) {
    queue.Admit(request, false);
    queue.Push(request);
  }
  const RequestPtr piece = Images(4);
  const RequestPtr single = Images(1);
  const Caller of_piece(queue, piece);
  const Caller of_single(queue, single);
  EXPECT_EQ(queue.size(), 2);
  EXPECT_TRUE(IsRefused(queue, 1)) << "it overtook what waits for more room";
  ExpectError(ErrorCode::kQueueFull, "2 images wait, and callers for room, max_queue_size=4",
              [&] { queue.Admit(Images(1), false); });
  EXPECT_EQ(Taken(queue), first);
  EXPECT_EQ(Taken(queue), std::vector<RequestPtr>{piece});
  EXPECT_EQ(Taken(queue), std::vector<RequestPtr>{single});
  EXPECT_FALSE(IsRefused(queue, 1));
}

TEST(RequestQueue, RoomIsGivenInTheOrderInWhichItWasAskedFor) {
  RequestQueue queue(1, 1, microseconds(0));
  std::vector<RequestPtr> requests;
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < 8; ++i) {
    requests.push_back(Images(1));
    callers.push_back(std::make_unique<Caller>(queue, requests.back()));
  }
  for (const RequestPtr& request : requests) EXPECT_EQ(Taken(queue), std::vector<RequestPtr>{request});
}

/// Lets a request wait for room until it is late. Returns whether another was seen to wait behind it.
bool OneWaitsBehindOneThatIsLate(std::chrono::milliseconds timeout) {
  RequestQueue queue(2, 2, microseconds(0));
  queue.Admit(Images(1), false);
  std::thread late([&] {
    ExpectError(ErrorCode::kDeadlineExceeded, "time-out of", [&] { queue.Admit(ImagesWithin(2, timeout), true); });
  });
  EXPECT_TRUE(AwaitStandstill());  // it waits in line, or its time has passed
  const bool waits = IsRefused(queue, 1);
  const RequestPtr behind = Images(1);
  queue.Admit(behind, true);
  late.join();
  EXPECT_EQ(queue.size(), 2);
  return waits;
}

TEST(RequestQueue, WhatIsLateInLineLetsInThoseBehindIt) {
  std::chrono::milliseconds timeout(20);  // more where this thread has no processor for so long
  while (!OneWaitsBehindOneThatIsLate(timeout)) {
    timeout *= 2;
    ASSERT_LT(timeout, std::chrono::minutes(1));
  }
}

TEST(RequestQueue, CloseEndsTheLine) {
  RequestQueue queue(1, 1, microseconds(0));
  queue.Admit(Images(1), false);
  std::vector<std::thread> callers;
  for (int i = 0; i < 3; ++i) {
    const RequestPtr request = i == 1 ? ImagesWithin(1, kLong) : Images(1);
    callers.emplace_back(
        [&queue, request] { ExpectError(ErrorCode::kClosed, "closed", [&] { queue.Admit(request, true); }); });
    EXPECT_TRUE(Await([&] { return queue.IsWaiting(request); }));
  }
  queue.Close();
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(queue.size(), 0);
}

TEST(RequestQueue, NobodyWaitsForCompanyThatCannotGetIn) {
  RequestQueue queue(4, 4, kLong);
  const std::vector<RequestPtr> ready = {Images(1), Images(1)};
  for (const RequestPtr& request : ready) {
    queue.Admit(request, false);
    queue.Push(request);
  }
  std::vector<RequestPtr> taken;
  std::thread instance([&] { taken = Taken(queue); });
  EXPECT_TRUE(AwaitStandstill());
  EXPECT_TRUE(queue.IsWaiting(ready.front())) << "nothing says that nobody else comes";
  const Caller of_piece(queue, Images(4));
  EXPECT_TRUE(Await([&] { return !queue.IsWaiting(ready.front()); }));
  queue.Close();
  instance.join();
  EXPECT_EQ(taken, ready);
}

TEST(RequestQueue, EndsEachAtItsDeadlineAndTheOthersNot) {
  RequestQueue queue(-1, 1, microseconds(0));
  std::atomic<int> late = 0;
  std::vector<RequestPtr> requests;
  for (const int timeout_ms : {600'000, 300, 500'000, 100, 400'000, 200}) {
    requests.push_back(ImagesWithin(1, std::chrono::milliseconds(timeout_ms)));
    requests.back()->done = [&](const std::exception_ptr& error) { late += error ? 1 : 0; };
    queue.Admit(requests.back(), false);
    ASSERT_TRUE(AwaitStandstill());  // who watches them sleeps until the earliest so far
  }
  EXPECT_TRUE(Await([&] { return late == 3; }));
  for (std::size_t i = 0; i < requests.size(); ++i) EXPECT_EQ(queue.IsWaiting(requests[i]), i % 2 == 0);
}

TEST(RequestQueue, ADeadlineThatIsNotTheNextWakesNobody) {
  RequestQueue queue(-1, 1, microseconds(0));
  queue.Admit(ImagesWithin(1, kLong), false);
  ASSERT_TRUE(AwaitStandstill());
  const std::map<std::string, ThreadState> watcher = OtherThreads();
  ASSERT_FALSE(watcher.empty());
  for (int i = 0; i < 20; ++i) {
    queue.Admit(ImagesWithin(1, 2 * kLong), false);
    ASSERT_TRUE(AwaitStandstill());
  }
  EXPECT_EQ(OtherThreads(), watcher);
}

}  // namespace
}  // namespace hrnet_native
