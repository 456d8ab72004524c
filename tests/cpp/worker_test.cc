#include "base/worker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "expect_error.h"

namespace hrnet_native {
namespace {

TEST(Worker, RunsEveryTaskOnOneThread) {
  Worker worker;
  std::thread::id first;
  worker.Run([&] { first = std::this_thread::get_id(); });
  EXPECT_NE(first, std::this_thread::get_id());
  int done = 0;  // only the worker's thread touches it: a thread sanitizer would see another
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        worker.Run([&] {
          EXPECT_EQ(std::this_thread::get_id(), first);
          ++done;
        });
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(done, 800);
}

TEST(Worker, GivesATasksExceptionToItsCallerOnly) {
  Worker worker;
  EXPECT_THROW(worker.Run([] { throw std::runtime_error("mine"); }), std::runtime_error);
  EXPECT_NO_THROW(worker.Run([] {}));
}

TEST(Worker, RefusesTasksAfterClose) {
  Worker worker;
  worker.Close();
  worker.Close();
  ExpectError(ErrorCode::kClosed, "closed", [&] { worker.Run([] {}); });
}

TEST(Worker, CloseUnderLoadServesOrRefusesEveryTask) {
  for (int round = 0; round < 50; ++round) {
    Worker worker;
    int served_by_worker = 0;
    std::atomic<int> served = 0;
    std::atomic<int> refused = 0;
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 4; ++caller) {
      callers.emplace_back([&] {
        for (int i = 0; i < 20; ++i) {
          try {
            worker.Run([&] { ++served_by_worker; });
            ++served;
          } catch (const Error&) {
            ++refused;
          }
        }
      });
    }
    int served_before_last = -1;
    worker.Close([&] { served_before_last = served_by_worker; });
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(served + refused, 80);
    EXPECT_EQ(served_before_last, served_by_worker);  // nothing runs after the last task
  }
}

}  // namespace
}  // namespace hrnet_native
