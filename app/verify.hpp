#pragma once
#include <cstdint>
#include <string>

namespace octet {

// `octet verify`: the RTL against the golden model, bit by bit and cycle by cycle.
struct VerifyOptions {
  std::string source;      // the source tree; empty: the one this program was built from
  std::string rtl;         // the RTL to verify; empty: rtl/ of the source tree
  std::string build;       // where the benches are built; empty: build-verify in the source tree,
                           // or in the user's cache folder where that cannot be written
  std::uint32_t seed = 1;  // of the random tests
  int jobs = 2;            // compiler processes
  std::string capture;     // a folder of captured tensors for the benches, or nothing
};

// Builds the Verilator benches with CMake, runs them and prints a line for each unit. Returns 0 if
// all pass, else 1. Throws octet::Error, one line, if a tool or folder is missing.
[[nodiscard]] int run_verify(const VerifyOptions& options);

}  // namespace octet
