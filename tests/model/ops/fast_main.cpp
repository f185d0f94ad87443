#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "model/kernels/kernels.hpp"

// Runs the tests with the kernels that OCTET_ISA names; 77 (skipped) where the processor lacks
// them.
int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  const char* isa = std::getenv("OCTET_ISA");
  if (isa != nullptr && octet::model::kernels_named(isa) == nullptr) {
    std::printf("skipped: this processor or build has no %s kernels\n", isa);
    return 77;
  }
  std::printf("kernels: %s\n", octet::model::kernels().name);
  const int failed = RUN_ALL_TESTS();
  if (failed == 0 && ::testing::UnitTest::GetInstance()->successful_test_count() == 0) {
    std::printf("no test ran\n");
    return 1;
  }
  return failed;
}
