# What attend is built from. Everything comes from the system; nothing is downloaded.
# cmake/install-dependencies.sh installs it on Debian and Ubuntu.
find_package(Threads REQUIRED)
find_package(Eigen3 3.4 QUIET NO_MODULE)  # for attend::eigen alone, which is there if it is
find_package(nlohmann_json 3.11 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET GLOBAL libutf8proc)
pkg_check_modules(oniguruma REQUIRED IMPORTED_TARGET GLOBAL oniguruma)
if(ATTEND_BUILD_COMMAND)
  find_package(CLI11 2.1 REQUIRED)
endif()
if(ATTEND_BUILD_TESTS)
  find_package(GTest REQUIRED)
  find_package(Eigen3 3.4 REQUIRED NO_MODULE)
  pkg_check_modules(sentencepiece REQUIRED IMPORTED_TARGET GLOBAL sentencepiece)  # an oracle
endif()
if(ATTEND_BUILD_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()
