#include "common/machine.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <sstream>

namespace octet {
namespace {

std::string name_in(const std::string& cpuinfo) {
  std::istringstream in(cpuinfo);
  return processor_name(in);
}

TEST(ProcessorName, IsTheFirstModelName) {
  EXPECT_EQ(name_in("processor\t: 0\nmodel\t\t: 207\nmodel name\t: Some(R) Processor @ 2.00GHz \n"
                    "processor\t: 1\nmodel name\t: Another\n"),
            "Some(R) Processor @ 2.00GHz");
}

TEST(ProcessorName, IsEmptyWhereThereIsNone) {
  EXPECT_EQ(name_in(""), "");
  EXPECT_EQ(name_in("processor\t: 0\nBogoMIPS\t: 50.00\nCPU part\t: 0xd0c\n"), "");
  EXPECT_EQ(name_in("model name\nmodel name\t:\nmodel name\t: \t\n"), "");
}

TEST(ProcessorName, OfThisComputerIsOneLine) {
  const std::string name = processor_name();
  EXPECT_FALSE(name.empty());
  EXPECT_EQ(name.find('\n'), std::string::npos);
}

TEST(AvailableCores, AreThoseOfTheAffinityMask) {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  ASSERT_EQ(sched_getaffinity(0, sizeof mask, &mask), 0);
  EXPECT_EQ(available_cores(), CPU_COUNT(&mask));
}

}  // namespace
}  // namespace octet
