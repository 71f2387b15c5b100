// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Quotas of control groups, as files say them.
#include "core/control_groups.h"

#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>
#include <utility>

#include "support/paths.h"

namespace attend {
namespace {

using Files = std::initializer_list<std::pair<const char*, const char*>>;

template <class Read>
auto read_with(const Read& read, const char* own, Files files) {
  const test::TemporaryFolder root;
  test::write_file(root.path() / "proc/self/cgroup", own);
  for (const auto& [name, content] : files) {
    test::write_file(root.path() / "sys/fs/cgroup" / name, content);
  }
  return read(root.path());
}

double quota_with(const char* own, Files files) { return read_with(cpu_quota, own, files); }
std::uint64_t memory_with(const char* own, Files files) {
  return read_with(memory_limit, own, files);
}

TEST(CpuQuota, OfVersion2IsTheLeastOnTheWayToTheRoot) {
  EXPECT_EQ(quota_with("0::/\n", {{"cpu.max", "250000 100000\n"}}), 2.5);
  constexpr const char* nested = "0::/system.slice/some.service\n";
  EXPECT_EQ(quota_with(nested, {{"system.slice/some.service/cpu.max", "200000 100000\n"}}), 2);
  EXPECT_EQ(quota_with(nested, {{"system.slice/some.service/cpu.max", "max 100000\n"},
                                {"system.slice/cpu.max", "60000 20000\n"}}),
            3);
  EXPECT_EQ(quota_with(nested, {{"system.slice/some.service/cpu.max", "400000 100000\n"},
                                {"system.slice/cpu.max", "300000 100000\n"},
                                {"another.slice/cpu.max", "100000 100000\n"}}),
            3);
}

TEST(CpuQuota, OfVersion1IsThatOfTheCpuController) {
  constexpr const char* own =
      "5:cpuset:/elsewhere\n4:cpu,cpuacct:/docker/0123\n1:name=systemd:/docker/0123\n0::/\n";
  EXPECT_EQ(quota_with(own, {{"cpu/docker/0123/cpu.cfs_quota_us", "150000\n"},
                             {"cpu/docker/0123/cpu.cfs_period_us", "100000\n"},
                             {"cpu/elsewhere/cpu.cfs_quota_us", "50000\n"},
                             {"cpu/elsewhere/cpu.cfs_period_us", "100000\n"},
                             {"cpuset/elsewhere/cpu.cfs_quota_us", "50000\n"},
                             {"cpuset/elsewhere/cpu.cfs_period_us", "100000\n"}}),
            1.5);
  // A container whose group is mounted as the root.
  EXPECT_EQ(quota_with(
                own, {{"cpu/cpu.cfs_quota_us", "400000\n"}, {"cpu/cpu.cfs_period_us", "100000\n"}}),
            4);
}

TEST(CpuQuota, WhereThereIsNoneIsInfinite) {
  EXPECT_TRUE(std::isinf(quota_with("", {})));
  EXPECT_TRUE(std::isinf(quota_with("0::/\n", {{"cpu.max", "max 100000\n"}})));
  EXPECT_TRUE(std::isinf(quota_with("0::/\n", {{"cpu.max", "100000 0\n"}})));
  EXPECT_TRUE(std::isinf(quota_with(
      "1:cpu:/\n", {{"cpu/cpu.cfs_quota_us", "-1\n"}, {"cpu/cpu.cfs_period_us", "100000\n"}})));
  EXPECT_TRUE(std::isinf(quota_with("no groups\n0:\n", {{"cpu.max", "100000 100000\n"}})));
  EXPECT_TRUE(std::isinf(cpu_quota("/nowhere")));
}

TEST(MemoryLimit, IsTheLeastOnTheWayToTheRootAndNoMoreThanTheMachineHas) {
  const std::uint64_t machine = memory_limit("/nowhere");
  EXPECT_GT(machine, std::uint64_t{1} << 26U);
  EXPECT_EQ(memory_with("0::/\n", {{"memory.max", "1048576\n"}}), 1048576U);
  EXPECT_EQ(memory_with("0::/a/b\n", {{"a/b/memory.max", "max\n"}, {"a/memory.max", "4096\n"}}),
            4096U);
  EXPECT_EQ(memory_with("4:memory:/a\n0::/\n", {{"memory/a/memory.limit_in_bytes", "8192\n"}}),
            8192U);
  EXPECT_EQ(memory_with("4:memory:/\n", {{"memory/memory.limit_in_bytes", "9223372036854771712"}}),
            machine);
  EXPECT_EQ(memory_with("0::/\n", {{"memory.max", "0\n"}}), machine);
}

}  // namespace
}  // namespace attend
