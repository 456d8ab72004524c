#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "base/worker.h"

namespace hrnet_native {

/// CPUs that the runs of several networks share, and the threads that use them beside those that call. A run takes the
/// CPUs for as long as it lasts, so that no two keep each other's threads from theirs: threads of a run wait for each
/// other at every layer.
class Workers {
 public:
  /// `cpus`: at least 1.
  explicit Workers(int cpus);
  ~Workers();  ///< Joins the threads. Everybody must have given back what he took.
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Before the first `Take` of somebody who takes up to `most` CPUs at a time: starts as many threads as he and those
  /// who came before may use. Throws Error kResourceExhausted.
  void Register(int most);
  /// After the last.
  void Unregister(int most);

  /// Takes up to `most` CPUs for the calling thread and for so many threads that are added to `lent`, which must have
  /// room for them. Those that are free are taken at once, be they only one; where none is, or others wait, callers are
  /// served in the order in which they came.
  void Take(int most, std::vector<Worker*>& lent);

  /// The threads that were lent last are lent first: they are awake, and the caches still hold what they worked on. So
  /// a network that runs alone finds each of its threads in the place that it had in the run before.
  void GiveBack(std::vector<Worker*>& lent);

 private:
  /// A caller that waits, in `Take`.
  struct Waiting {
    Waiting(int cpus, std::vector<Worker*>& threads) : most(cpus), lent(threads) {}

    const int most;
    std::vector<Worker*>& lent;
    bool is_served = false;
    std::condition_variable served;
    Waiting* next = nullptr;
  };

  void Serve(int most, std::vector<Worker*>& lent);

  const int cpus_;

  std::mutex threads_mutex_;  // of these two. Starting a thread takes long, which nobody's run waits for
  int wanted_ = 0;            // threads, by all who are registered
  std::vector<std::unique_ptr<Worker>> threads_;

  std::mutex mutex_;  // of the rest
  int free_;          // CPUs
  std::vector<Worker*> idle_;
  Waiting* first_ = nullptr;
  Waiting* last_ = nullptr;
};

}  // namespace hrnet_native
