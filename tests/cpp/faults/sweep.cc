#include "sweep.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace hrnet_native {
namespace {

constexpr unsigned kSeconds = 60;  // of one trial, which takes milliseconds
constexpr long kEach = 200;        // calls that fail in turn; then every twentieth part of those before
constexpr long kDescriptors = 8;   // more than any operation has open

char current[200];

void Name(int signal) {
  const char* what = signal == SIGALRM ? "does not end: " : "ends the process: ";
  if (write(STDERR_FILENO, what, std::strlen(what)) < 0 || write(STDERR_FILENO, current, std::strlen(current)) < 0) {
    _exit(1);
  }
  std::signal(SIGABRT, SIG_DFL);
  std::abort();
}

const char* NameOf(Fault fault) {
  switch (fault) {
    case Fault::kMemory:
      return "allocation";
    case Fault::kThreads:
      return "thread";
    case Fault::kDescriptors:
      return "descriptor";
  }
  return "";
}

}  // namespace

void Sweep(const char* operation, Fault fault, Extent extent, const std::function<void(Trial&)>& body) {
  std::signal(SIGALRM, Name);
  std::signal(SIGABRT, Name);
  std::signal(SIGSEGV, Name);
  for (long n = 1;; n += n < kEach ? 1 : n / 20) {
    std::snprintf(current, sizeof current, "%s, %s %ld%s fails\n", operation, NameOf(fault), n,
                  extent == Extent::kOne ? "" : " and what follows");
    SCOPED_TRACE(current);
    alarm(kSeconds);
    Trial trial(fault, extent, n);
    body(trial);
    alarm(0);
    if (::testing::Test::HasFailure()) return;
    if (fault == Fault::kDescriptors ? n == kDescriptors : !trial.happened()) return;
  }
}

void SweepAll(const char* operation, const std::function<void(Trial&)>& body) {
  for (const Extent extent : {Extent::kOne, Extent::kFrom}) {
    Sweep(operation, Fault::kMemory, extent, body);
    Sweep(operation, Fault::kThreads, extent, body);
  }
  Sweep(operation, Fault::kDescriptors, Extent::kFrom, body);
}

}  // namespace hrnet_native
