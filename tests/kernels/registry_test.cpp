// SPDX-FileCopyrightText: 2026 The attend authors
// SPDX-License-Identifier: Apache-2.0
//
// The choice of the kernel table: by CPU, by name, and what a wrong name is told.
#include "kernels/registry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "attend/core/cpu.h"
#include "attend/core/error.h"
#include "kernels/cpu_features.h"
#include "support/kernel_tables.h"

namespace attend::kernels {
namespace {

TEST(Registry, BaselineIsAlwaysThereAndLast) {
  ASSERT_FALSE(compiled_tables().empty());
  EXPECT_STREQ(compiled_tables().back()->name, "baseline");
  EXPECT_TRUE(usable(*compiled_tables().back()));
}

TEST(Registry, AnEmptyNameChoosesTheBestUsableTable) {
  const auto tables = test::usable_tables();
  const auto best = std::find_if(tables.begin(), tables.end(),
                                 [](const KernelTable* table) { return !table->only_by_name; });
  EXPECT_EQ(&choose_table(nullptr), *best);
  EXPECT_EQ(&choose_table(""), *best);
  for (const KernelTable* table : tables) EXPECT_EQ(&choose_table(table->name), table);
}

TEST(Registry, AnUnknownNameIsAnErrorThatListsTheUsableOnes) {
  for (const char* name : {"avx1024", "AVX2", "baseline ", "avx"}) {
    try {
      (void)choose_table(name);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::config_error);
      const std::string what = error.what();
      for (const KernelTable* table : test::usable_tables()) {
        EXPECT_NE(what.find(table->name), std::string::npos) << what;
      }
      EXPECT_NE(what.find(quote(name)), std::string::npos) << what;
      EXPECT_NE(what.find("ATTEND_ISA"), std::string::npos) << what;
    }
  }
}

TEST(Registry, TheEnvironmentDecides) {
  EXPECT_EQ(&active_table(), &choose_table(std::getenv("ATTEND_ISA")));
}

TEST(Registry, TestsCanForceATable) {
  const KernelTable& usual = active_table();
  {
    const ForcedTable forced(*compiled_tables().back());
    EXPECT_STREQ(active_table().name, "baseline");
  }
  EXPECT_EQ(&active_table(), &usual);
}

TEST(Registry, TablesNeedOnlyFeaturesThatHaveNames) {
  std::uint32_t named = 0;
  for (const FeatureName& name : feature_names()) named |= name.feature;
  for (const KernelTable* table : compiled_tables()) EXPECT_EQ(table->features & ~named, 0U);
  EXPECT_EQ(cpu_features() & ~named, 0U);
}

TEST(CpuReport, NamesWhatIsInUse) {
  const CpuReport report = cpu_report();
  EXPECT_EQ(report.kernels, active_table().name);
  EXPECT_EQ(report.compiled.size(), compiled_tables().size());
  EXPECT_EQ(report.compiled.back(), "baseline");
  EXPECT_NE(std::find(report.usable.begin(), report.usable.end(), report.kernels),
            report.usable.end());
#if defined(__x86_64__)
  EXPECT_EQ(
      std::find(report.features.begin(), report.features.end(), "avx2") != report.features.end(),
      __builtin_cpu_supports("avx2") != 0);
  EXPECT_EQ(std::find(report.features.begin(), report.features.end(), "avx512bw") !=
                report.features.end(),
            __builtin_cpu_supports("avx512bw") != 0);
#endif
}

}  // namespace
}  // namespace attend::kernels
