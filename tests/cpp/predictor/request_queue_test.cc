#include "predictor/request_queue.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/expect_error.h"

namespace hrnet_native {
namespace {

using RequestPtr = RequestQueue::RequestPtr;
using std::chrono::microseconds;

constexpr auto kLong = std::chrono::seconds(20);

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

/// Waits for a condition that another thread brings about. Returns whether it came.
template <typename Condition>
bool Await(const Condition& condition) {
  const auto end = Clock::now() + kLong;
  while (!condition()) {
    if (Clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
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

TEST(RequestQueue, WhatIsLateInLineLetsInThoseBehindIt) {
  RequestQueue queue(2, 2, microseconds(0));
  const RequestPtr first = Images(1);
  queue.Admit(first, false);
  std::thread late([&] {
    ExpectError(ErrorCode::kDeadlineExceeded, "time-out of 0.03 s",
                [&] { queue.Admit(ImagesWithin(2, std::chrono::milliseconds(30)), true); });
  });
  EXPECT_TRUE(Await([&] { return IsRefused(queue, 1); }));
  const RequestPtr behind = Images(1);
  queue.Admit(behind, true);
  late.join();
  EXPECT_EQ(queue.size(), 2);
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
  const auto begin = Clock::now();
  std::vector<RequestPtr> taken;
  std::thread instance([&] { taken = Taken(queue); });
  const Caller of_piece(queue, Images(4));
  instance.join();
  EXPECT_EQ(taken, ready);
  EXPECT_LT(Clock::now() - begin, kLong);
}

TEST(RequestQueue, EndsEachAtItsDeadlineAndTheOthersNot) {
  RequestQueue queue(-1, 1, microseconds(0));
  std::atomic<int> late = 0;
  std::vector<RequestPtr> requests;
  for (const int timeout_ms : {60'000, 30, 50'000, 10, 40'000, 20}) {
    requests.push_back(ImagesWithin(1, std::chrono::milliseconds(timeout_ms)));
    requests.back()->done = [&](const std::exception_ptr& error) { late += error ? 1 : 0; };
    queue.Admit(requests.back(), false);
  }
  EXPECT_TRUE(Await([&] { return late == 3; }));
  for (std::size_t i = 0; i < requests.size(); ++i) EXPECT_EQ(queue.IsWaiting(requests[i]), i % 2 == 0);
}

std::set<std::string> ThreadsOfThisProcess() {
  std::set<std::string> threads;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) threads.insert(entry.path());
  return threads;
}

/// How often a thread went to sleep.
long Sleeps(const std::string& thread) {
  std::ifstream status(thread + "/status");
  for (std::string word; status >> word;) {
    if (word == "voluntary_ctxt_switches:")
      status >> word;
    else
      continue;
    return std::stol(word);
  }
  return -1;
}

TEST(RequestQueue, ADeadlineThatIsNotTheNextWakesNobody) {
  RequestQueue queue(-1, 1, microseconds(0));
  const std::set<std::string> before = ThreadsOfThisProcess();
  queue.Admit(ImagesWithin(1, kLong), false);
  std::string watcher;
  for (const std::string& thread : ThreadsOfThisProcess()) {
    if (before.count(thread) == 0) watcher = thread;
  }
  ASSERT_FALSE(watcher.empty());
  ASSERT_TRUE(Await([&] { return Sleeps(watcher) > 0; }));
  const long before_them = Sleeps(watcher);
  for (int i = 0; i < 200; ++i) {
    queue.Admit(ImagesWithin(1, 2 * kLong), false);
    std::this_thread::sleep_for(microseconds(200));  // in which it would wake and sleep again
  }
  EXPECT_LT(Sleeps(watcher) - before_them, 20);
}

}  // namespace
}  // namespace hrnet_native
