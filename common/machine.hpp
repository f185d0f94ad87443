#pragma once
#include <istream>
#include <string>

namespace octet {

// The processor's name as /proc/cpuinfo gives it: the first `model name`. Empty where none is
// given: Linux on 64-bit ARM says only numbers.
[[nodiscard]] std::string processor_name(std::istream& cpuinfo);
// Of this computer; where it has no name, the architecture's, as in `uname -m`.
[[nodiscard]] std::string processor_name();

// Logical cores that this process may run on; at least 1.
[[nodiscard]] int available_cores();

}  // namespace octet
