#pragma once
#include <string>
#include <vector>

namespace octet::bench {

// What the processor can multiply at most with one instruction, all operands in registers.
struct Peak {
  std::string isa;          // the kernel table that multiplies with it: avx2, avx512, amx
  std::string instruction;  // vpdpbusd, ...
  double macs_per_second = 0.0;
};

// The peak of each instruction that a kernel table here multiplies with, measured on `threads`
// threads at once, for about a fifth of a second each. The portable kernels have none. Other work
// on the machine lowers what is measured.
[[nodiscard]] std::vector<Peak> measure_peaks(int threads);

}  // namespace octet::bench
