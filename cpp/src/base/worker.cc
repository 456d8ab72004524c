#include "base/worker.h"

#include <utility>

#include "hrnet_native/error.h"

namespace hrnet_native {

void Worker::Run(const std::function<void()>& task) {
  std::packaged_task<void()> job(std::cref(task));
  std::future<void> done = job.get_future();
  {
    const std::lock_guard lock(mutex_);
    if (closed_) throw Error(ErrorCode::kClosed, "the predictor was closed");
    tasks_.push_back(std::move(job));
  }
  changed_.notify_one();
  done.get();
}

void Worker::Close(const std::function<void()>& last_task) {
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) tasks_.emplace_back(last_task);
    closed_ = true;
  }
  changed_.notify_one();
  const std::lock_guard lock(join_mutex_);
  if (thread_.joinable()) thread_.join();
}

void Worker::Loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return closed_ || !tasks_.empty(); });
    if (tasks_.empty()) return;
    std::packaged_task<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

}  // namespace hrnet_native
