#pragma once
#include <cstdint>

namespace octet {

// The most memory that this process has had resident since it began, in bytes: VmHWM of
// /proc/self/status, or getrusage where there is no /proc (which can hold what the program that
// started this one had used).
[[nodiscard]] std::int64_t peak_memory_bytes();

}  // namespace octet
