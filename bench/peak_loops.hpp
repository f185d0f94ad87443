#pragma once

namespace octet::bench {

// A loop of one multiply-accumulate instruction on registers, in a file of its own because it is
// compiled for a processor that may not be this one: run it only where model::kernels_named(isa)
// finds a table.
struct PeakLoop {
  const char* isa;
  const char* instruction;
  double macs_per_round;
  void (*run)(long rounds);
};

#if defined(__x86_64__)
extern const PeakLoop kPeakAvx2;
extern const PeakLoop kPeakAvx512;
extern const PeakLoop kPeakAmx;
#endif

}  // namespace octet::bench
