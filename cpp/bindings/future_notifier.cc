#include "future_notifier.h"

#include <new>
#include <utility>

#include "base/start_thread.h"
#include "gil.h"

namespace hrnet_native::bindings {
namespace {

thread_local const FutureNotifier* own_notifier = nullptr;

}  // namespace

FutureNotifier::~FutureNotifier() {
  if (thread_.joinable()) thread_.detach();  // the thread itself is here, at its end
}

std::uint64_t FutureNotifier::Start() {
  if (!home_.IsHere()) return 0;
  const std::lock_guard lock(mutex_);
  if (!closed_ && !thread_.joinable()) thread_ = StartThread([self = shared_from_this()] { self->Loop(); });
  return static_cast<std::uint64_t>(thread_.native_handle());
}

void FutureNotifier::Post(Task task) noexcept {
  if (!home_.IsHere()) {  // the lock may have been held by a thread that is not here; what the task holds is left alone
    static_cast<void>(new (std::nothrow) Task(std::move(task)));
    return;
  }
  const std::lock_guard lock(mutex_);
  tasks_.splice(tasks_.end(), task);
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

bool FutureNotifier::IsOwnThread() const { return own_notifier == this; }

void FutureNotifier::Loop() {
  own_notifier = this;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return closed_ || !tasks_.empty(); });
    if (tasks_.empty()) return;
    Task tasks = std::exchange(tasks_, {});
    lock.unlock();
    {
      const GilHeld gil;
      for (const auto& task : tasks) task();
      tasks.clear();  // what the tasks hold dies under the GIL
    }
    lock.lock();
  }
}

}  // namespace hrnet_native::bindings
