#include "engine/native/thread_team.h"

#include <cstdint>
#include <utility>

namespace hrnet_native::native {

ThreadTeam::ThreadTeam(int size, std::shared_ptr<Workers> workers)
    : size_(size), workers_(workers ? std::move(workers) : std::make_shared<Workers>(size)) {
  lent_.reserve(static_cast<std::size_t>(size - 1));
  workers_->Register(size);
}

ThreadTeam::~ThreadTeam() { workers_->Unregister(size_); }

void ThreadTeam::Run(const TeamBody& body) {
  workers_->Take(size_, lent_);
  members_ = 1 + static_cast<int>(lent_.size());
  for (int member = 1; member < members_; ++member) {
    lent_[static_cast<std::size_t>(member - 1)]->Begin(body, member, members_);
  }
  body(0, members_);
  for (Worker* worker : lent_) worker->Await();
  workers_->GiveBack(lent_);
}

void ThreadTeam::Barrier() {
  if (members_ == 1) return;
  const std::uint32_t barrier = barriers_.value();
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) == members_ - 1) {
    arrived_.store(0, std::memory_order_relaxed);
    barriers_.Increment();
  } else {
    barriers_.WaitWhile(barrier);
  }
}

}  // namespace hrnet_native::native
