#pragma once
#include <gtest/gtest.h>

#include <string>

#include "sim/config/dram_kinds.hpp"

namespace octet::sim {

inline Dram quiet_dram(const std::string& kind) {  // without refresh
  Dram dram = find_dram(kind);
  dram.t.refi = dram.t.rfc = 0;
  return dram;
}

inline Dram mapped(Dram dram, const std::string& mapping) {
  EXPECT_EQ(parse_mapping(mapping, dram), "") << mapping;
  return dram;
}

}  // namespace octet::sim
