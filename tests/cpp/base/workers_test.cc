#include "base/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/native/thread_team.h"
#include "support/count_threads.h"
#include "support/expect_error.h"
#include "support/fake_engine.h"
#include "support/no_threads.h"
#include "support/standstill.h"

namespace hrnet_native {
namespace {

using native::ThreadTeam;

/// Runs on a thread of its own, which is joined in the end.
class Aside {
 public:
  explicit Aside(std::function<void()> body) : thread_(std::move(body)) {}
  ~Aside() { thread_.join(); }
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;

 private:
  std::thread thread_;
};

TEST(Workers, RunsOnCpusOfTheirOwnGoOnTogetherAndAThirdWaits) {
  const auto workers = std::make_shared<Workers>(4);
  ThreadTeam one(2, workers);
  ThreadTeam two(2, workers);
  ThreadTeam three(2, workers);
  Gate first;
  Gate second;
  std::atomic<bool> third_ran = false;
  {
    const Aside a([&] { one.Run([&](int, int) { first.Wait(); }); });
    const Aside b([&] { two.Run([&](int, int) { second.Wait(); }); });
    first.AwaitArrivals(2);
    second.AwaitArrivals(2);  // all four members are at work
    const Aside c([&] { three.Run([&](int, int) { third_ran = true; }); });
    EXPECT_TRUE(AwaitStandstill());  // it waits
    EXPECT_FALSE(third_ran);
    first.Open();
    EXPECT_TRUE(Await([&] { return third_ran.load(); }));  // though the other still runs
    second.Open();
  }
}

TEST(Workers, ARunTakesWhatIsFreeAndNoMoreThanItAskedFor) {
  for (const int cpus : {1, 2, 3, 5}) {
    ThreadTeam team(3, std::make_shared<Workers>(cpus));
    std::vector<std::atomic<int>> calls(3);
    for (int run = 0; run < 20; ++run) {
      team.Run([&](int member, int members) {
        EXPECT_EQ(members, std::min(cpus, 3));
        ++calls[static_cast<std::size_t>(member)];
        team.Barrier();
      });
    }
    for (int member = 0; member < 3; ++member)
      EXPECT_EQ(calls[static_cast<std::size_t>(member)], member < cpus ? 20 : 0);
  }
}

TEST(Workers, ARunTakesTheRestOfTheCpus) {
  const auto workers = std::make_shared<Workers>(3);
  ThreadTeam one(2, workers);
  ThreadTeam two(2, workers);
  Gate gate;
  const Aside a([&] { one.Run([&](int, int) { gate.Wait(); }); });
  gate.AwaitArrivals(2);
  two.Run([&](int, int members) { EXPECT_EQ(members, 1); });
  gate.Open();
}

TEST(Workers, CallersAreServedInTheOrderInWhichTheyCame) {
  const auto workers = std::make_shared<Workers>(1);
  ThreadTeam busy(1, workers);
  Gate gate;
  std::string order;  // written by one run at a time
  std::vector<std::unique_ptr<ThreadTeam>> teams;
  {
    const Aside holder([&] { busy.Run([&](int, int) { gate.Wait(); }); });
    gate.AwaitArrivals(1);
    std::vector<std::unique_ptr<Aside>> callers;
    for (int i = 0; i < 4; ++i) {
      teams.push_back(std::make_unique<ThreadTeam>(1 + i % 2, workers));
      callers.push_back(std::make_unique<Aside>(
          [&order, &team = *teams.back(), i] { team.Run([&](int, int) { order += static_cast<char>('a' + i); }); }));
      EXPECT_TRUE(AwaitStandstill());  // it waits
    }
    gate.Open();
  }
  EXPECT_EQ(order, "abcd");
}

TEST(Workers, ATeamAloneFindsItsThreadsInTheirPlaces) {
  const auto workers = std::make_shared<Workers>(4);
  const ThreadTeam idle(4, workers);
  ThreadTeam team(3, workers);
  std::vector<std::set<std::thread::id>> threads(3);
  for (int run = 0; run < 50; ++run) {
    team.Run([&](int member, int) { threads[static_cast<std::size_t>(member)].insert(std::this_thread::get_id()); });
  }
  for (const auto& of_member : threads) EXPECT_EQ(of_member.size(), 1U);
}

TEST(Workers, TeamsShareAsManyThreadsAsThereAreCpus) {
  const auto workers = std::make_shared<Workers>(4);
  const std::size_t before = ThreadsBefore();
  const ThreadTeam one(2, workers);
  EXPECT_EQ(CountThreads(), before + 1);
  const ThreadTeam two(2, workers);
  EXPECT_EQ(CountThreads(), before + 2);  // both may run at the same time
  std::vector<std::unique_ptr<ThreadTeam>> more;
  more.reserve(10);
  for (int i = 0; i < 10; ++i) more.push_back(std::make_unique<ThreadTeam>(4, workers));
  EXPECT_EQ(CountThreads(), before + 3);
}

TEST(Workers, ATeamForWhichNoThreadCanBeStartedIsAnError) {
  const auto workers = std::make_shared<Workers>(3);
  {
    const NoThreads none;
    ExpectError(ErrorCode::kResourceExhausted,
                "no thread could be started: ", [&] { const ThreadTeam team(3, workers); });
    ThreadTeam alone(1, workers);
    alone.Run([](int, int members) { EXPECT_EQ(members, 1); });
  }
  ThreadTeam team(3, workers);
  team.Run([](int, int members) { EXPECT_EQ(members, 3); });
}

/// Teams of all sizes, more of them than CPUs, which ask again as soon as they are served.
TEST(Workers, ManyBusyTeams) {
  constexpr int kCpus = 3;
  constexpr int kTeams = 7;
  const auto workers = std::make_shared<Workers>(kCpus);
  std::atomic<int> at_work = 0;
  std::vector<std::unique_ptr<Aside>> callers;
  callers.reserve(kTeams);
  for (int i = 0; i < kTeams; ++i) {
    callers.push_back(std::make_unique<Aside>([&, size = 1 + i % 4] {
      ThreadTeam team(size, workers);
      for (int run = 0; run < 200; ++run) {
        team.Run([&](int, int members) {
          EXPECT_LE(at_work.fetch_add(1), kCpus - 1);
          EXPECT_LE(members, size);
          team.Barrier();
          at_work.fetch_sub(1);
        });
      }
    }));
  }
}

}  // namespace
}  // namespace hrnet_native
