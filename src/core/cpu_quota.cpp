// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// Quotas by the files of control groups where they are usually mounted.
#include "core/cpu_quota.h"

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

}  // namespace

double cpu_quota(const fs::path& root) {
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
      least = std::min(least, least_quota(groups, group, quota_of_version_2));
    } else if (controllers.find(",cpu,") != std::string::npos) {
      least = std::min(least, least_quota(groups / "cpu", group, quota_of_version_1));
    }
  }
  return least;
}

}  // namespace attend
