// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Quotas by the files of control groups where they are usually mounted.
#include "core/control_groups.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <istream>
#include <limits>
#include <string>

namespace attend {
namespace {

namespace fs = std::filesystem;

// Time by the period in which it may be used; "max" and -1 are no quota.
double quota_of(std::istream& time, std::istream& period) {
  double used = 0;
  double each = 0;
  const bool is_limited = time >> used && period >> each && used > 0 && each > 0;
  return is_limited ? used / each : std::numeric_limits<double>::infinity();
}

double quota_of_version_1(const fs::path& group) {
  std::ifstream time(group / "cpu.cfs_quota_us");
  std::ifstream period(group / "cpu.cfs_period_us");
  return quota_of(time, period);
}

double quota_of_version_2(const fs::path& group) {
  std::ifstream both(group / "cpu.max");
  return quota_of(both, both);
}

// In bytes; "max" is none, and version 1 has a number that no machine has.
double memory_of(const fs::path& file) {
  std::ifstream in(file);
  double bytes = 0;
  return in >> bytes && bytes > 0 ? bytes : std::numeric_limits<double>::infinity();
}

double memory_of_version_1(const fs::path& group) {
  return memory_of(group / "memory.limit_in_bytes");
}

double memory_of_version_2(const fs::path& group) { return memory_of(group / "memory.max"); }

// A container sees its own group as the root, but may be told the path that the host sees: groups
// that are not there say nothing.
template <class Quota>
double least_quota(const fs::path& root, fs::path group, const Quota& quota) {
  double least = quota(root);
  for (group = group.relative_path(); !group.empty(); group = group.parent_path()) {
    least = std::min(least, quota(root / group));
  }
  return least;
}

// A controller of control groups, and how its quota is read by version 1 and 2.
struct Controller {
  std::string name;
  double (*version_1)(const fs::path&);
  double (*version_2)(const fs::path&);
};

double least_quota(const fs::path& root, const Controller& controller) {
  const fs::path groups = root / "sys/fs/cgroup";
  std::ifstream own(root / "proc/self/cgroup");
  double least = std::numeric_limits<double>::infinity();
  for (std::string line; std::getline(own, line);) {  // number:controllers:path
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const fs::path group = line.substr(second + 1);
    if (controllers == ",,") {
      least = std::min(least, least_quota(groups, group, controller.version_2));
    } else if (controllers.find("," + controller.name + ",") != std::string::npos) {
      least = std::min(least, least_quota(groups / controller.name, group, controller.version_1));
    }
  }
  return least;
}

}  // namespace

double cpu_quota(const fs::path& root) {
  return least_quota(root, {"cpu", quota_of_version_1, quota_of_version_2});
}

std::uint64_t memory_limit(const fs::path& root) {
  const auto machine =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  return static_cast<std::uint64_t>(
      std::min(machine, least_quota(root, {"memory", memory_of_version_1, memory_of_version_2})));
}

}  // namespace attend
