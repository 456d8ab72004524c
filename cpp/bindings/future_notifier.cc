#include "future_notifier.h"

#include <utility>

namespace hrnet_native::bindings {

FutureNotifier::~FutureNotifier() {
  if (thread_.joinable()) thread_.detach();  // the thread itself is here, at its end
}

void FutureNotifier::Post(std::function<void()> task) {
  if (!home_.IsHere()) {  // the lock may have been held by a thread that is not here; what the task holds is left alone
    static_cast<void>(new std::function<void()>(std::move(task)));
    return;
  }
  const std::lock_guard lock(mutex_);
  tasks_.push_back(std::move(task));
  if (!closed_ && !thread_.joinable()) thread_ = std::thread([self = shared_from_this()] { self->Loop(); });
  changed_.notify_one();
}

void FutureNotifier::Close() {
  if (!home_.IsHere()) return;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_one();
  if (IsOwnThread()) return;
  const std::lock_guard lock(join_mutex_);
  if (thread_.joinable()) thread_.join();
}

void FutureNotifier::Loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return closed_ || !tasks_.empty(); });
    if (tasks_.empty()) return;
    std::deque<std::function<void()>> tasks;
    tasks.swap(tasks_);
    lock.unlock();
    {
      const py::gil_scoped_acquire gil;
      for (const auto& task : tasks) task();
      tasks.clear();  // what the tasks hold dies under the GIL
    }
    lock.lock();
  }
}

}  // namespace hrnet_native::bindings
