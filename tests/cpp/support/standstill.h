#pragma once

#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>

namespace hrnet_native {

/// Waits for a condition that another thread brings about. Returns whether it came within a minute, which is far longer
/// than anything takes that tests wait for.
template <typename Condition>
bool Await(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

/// What the system tells of a thread: whether it sleeps, and how often it has left a processor.
struct ThreadState {
  bool sleeps = false;
  long switches = 0;

  bool operator==(const ThreadState& other) const { return sleeps == other.sleeps && switches == other.switches; }
};

/// Of the threads of this process but the calling one, by their identifiers.
inline std::map<std::string, ThreadState> OtherThreads() {
  std::map<std::string, ThreadState> threads;
  const std::string self = std::to_string(syscall(SYS_gettid));
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    const std::string id = entry.path().filename();
    if (id == self) continue;
    std::ifstream status(entry.path() / "status");
    for (std::string word; status >> word;) {
      if (word == "State:") {
        threads[id].sleeps = status >> word && word == "S";
      } else if (word == "voluntary_ctxt_switches:" || word == "nonvoluntary_ctxt_switches:") {
        long count = 0;
        status >> count;
        threads[id].switches += count;
      }
    }
  }
  return threads;
}

/// Waits until every other thread of this process sleeps and none has run since it was looked at: all is done that can
/// be done before the calling thread does something. Returns whether that came within a minute.
inline bool AwaitStandstill() {
  return Await([] {
    const auto before = OtherThreads();
    for (const auto& [id, state] : before) {
      if (!state.sleeps) return false;
    }
    return OtherThreads() == before;
  });
}

}  // namespace hrnet_native
