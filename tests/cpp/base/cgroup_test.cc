#include "base/cgroup.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace hrnet_native {
namespace {

namespace fs = std::filesystem;

class Cgroup : public testing::Test {
 protected:
  Cgroup() { fs::create_directories(root_); }
  ~Cgroup() override { fs::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }

  const fs::path root_ = fs::path(testing::TempDir()) /
                         ("cgroup_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
};

TEST_F(Cgroup, NoneIsNoLimit) { EXPECT_EQ(CgroupCpuQuota(root_), std::nullopt); }

TEST_F(Cgroup, V2TakesTheSmallestFromTheGroupUp) {
  Write("proc/self/mountinfo", "30 1 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n");
  Write("proc/self/cgroup", "0::/pod/app\n");
  Write("sys/fs/cgroup/pod/app/cpu.max", "max 100000\n");
  EXPECT_EQ(CgroupCpuQuota(root_), std::nullopt);
  Write("sys/fs/cgroup/pod/cpu.max", "150000 100000\n");
  EXPECT_EQ(CgroupCpuQuota(root_), 1.5);
  Write("sys/fs/cgroup/pod/app/cpu.max", "50000 100000\n");
  EXPECT_EQ(CgroupCpuQuota(root_), 0.5);
}

TEST_F(Cgroup, V1InAContainerThatSeesItsGroupAsTheTop) {
  Write("proc/self/mountinfo",
        "29 1 0:25 / /proc rw - proc proc rw\n"
        "31 1 0:28 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n"
        "32 1 0:29 /docker/abc /sys/fs/cgroup/cpuset ro - cgroup cgroup rw,cpuset\n");
  Write("proc/self/cgroup", "3:cpuset:/docker/abc\n2:cpu,cpuacct:/docker/abc\n");
  Write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  Write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(CgroupCpuQuota(root_), std::nullopt);
  Write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "300000\n");
  EXPECT_EQ(CgroupCpuQuota(root_), 3.0);
}

}  // namespace
}  // namespace hrnet_native
