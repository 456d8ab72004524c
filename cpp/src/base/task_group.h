#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>

#include "base/thread_pool.h"

namespace hrnet_native {

/// The tasks of one owner in a pool that he shares with others. They must not throw, but they and the destructors of
/// what they hold may post others, and may close other groups.
class TaskGroup {
 public:
  /// The pool must outlive it.
  explicit TaskGroup(ThreadPool& pool) : pool_(pool) {}
  ~TaskGroup() { Close(); }
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Queues a task; after Close it does nothing and returns false. Throws Error kResourceExhausted if the pool has no
  /// thread and none can be started.
  bool Post(std::function<void()> task);

  /// Whether tasks wait for a thread, of this group or another. One that takes long should then post what is left of
  /// it, and end: it is run after theirs.
  bool SomeWait() const;

  /// Most tasks that run at the same time.
  std::size_t max_threads() const { return pool_.max_threads(); }

  /// Returns when every task that was posted has run, and what it held is gone. Tasks that nobody has begun are run by
  /// the caller, too: where all threads of the pool wait for something, or are themselves closing groups, none of them
  /// is needed. May be called again, from any thread but one that runs a task of this group.
  void Close();

 private:
  friend class ThreadPool;  // under whose lock everything is

  ThreadPool& pool_;
  std::deque<std::function<void()>> tasks_;  // that nobody has begun
  std::size_t running_ = 0;
  bool closed_ = false;
  std::condition_variable finished_;                          // none is running
  std::list<TaskGroup*> outside_{this};                       // holds `place_` while there are no tasks
  std::list<TaskGroup*>::iterator place_ = outside_.begin();  // else in the pool's list: moving it takes no memory
};

}  // namespace hrnet_native
