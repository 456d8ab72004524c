#include "base/runtime.h"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <memory>

namespace hrnet_native {
namespace {

TEST(Runtime, IsThereWhileSomebodyHoldsIt) {
  std::shared_ptr<Runtime> first = Runtime::Shared();
  EXPECT_EQ(Runtime::Shared(), first);
  const std::weak_ptr<Runtime> watched = first;
  first.reset();
  EXPECT_TRUE(watched.expired());
  EXPECT_NE(Runtime::Shared(), nullptr);
}

TEST(Runtime, AForkedChildHasOneOfItsOwn) {
  const std::shared_ptr<Runtime> parents = Runtime::Shared();
  const pid_t child = fork();
  if (child == 0) {
    const std::shared_ptr<Runtime> own = Runtime::Shared();
    _exit(own != parents && Runtime::Shared() == own ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(Runtime::Shared(), parents);
}

}  // namespace
}  // namespace hrnet_native
