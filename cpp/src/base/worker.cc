#include "base/worker.h"

#include "base/start_thread.h"

namespace hrnet_native {

Worker::Worker() : thread_(StartThread([this] { Loop(); })) {}

Worker::~Worker() {
  body_ = nullptr;
  begun_.Increment();
  thread_.join();
}

void Worker::Begin(const TeamBody& body, int member, int members) {
  body_ = &body;
  member_ = member;
  members_ = members;
  begun_.Increment();
}

void Worker::Await() { ended_.WaitWhile(begun_.value() - 1); }

void Worker::Loop() {
  for (std::uint32_t run = 0;; ++run) {
    begun_.WaitWhile(run);
    if (body_ == nullptr) return;
    (*body_)(member_, members_);
    ended_.Increment();
  }
}

}  // namespace hrnet_native
