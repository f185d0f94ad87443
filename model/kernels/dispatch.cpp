#include <cstdlib>
#include <cstring>
#include <string>

#include "common/error.hpp"
#include "model/kernels/kernels.hpp"

namespace octet::model {

namespace scalar {
extern const KernelTable kTable;
}
#if defined(__x86_64__)
namespace avx2 {
extern const KernelTable kTable;
}
namespace avx512 {
extern const KernelTable kTable;
}
#endif

const KernelTable* kernels_named(const char* name) {
  if (std::strcmp(name, "scalar") == 0) return &scalar::kTable;
#if defined(__x86_64__)
  if (std::strcmp(name, "avx2") == 0)
    return __builtin_cpu_supports("avx2") ? &avx2::kTable : nullptr;
  if (std::strcmp(name, "avx512") == 0)
    return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
               ? &avx512::kTable
               : nullptr;
#endif
  return nullptr;
}

const KernelTable& kernels() {
  static const KernelTable& table = []() -> const KernelTable& {
    if (const char* wanted = std::getenv("OCTET_ISA"); wanted != nullptr && *wanted != '\0') {
      const KernelTable* named = kernels_named(wanted);
      if (named == nullptr)
        throw usage_error("OCTET_ISA", wanted,
                          "scalar, avx2 or avx512, and a processor that has it");
      return *named;
    }
    for (const char* name : {"avx512", "avx2"})
      if (const KernelTable* table_of = kernels_named(name)) return *table_of;
    return scalar::kTable;
  }();
  return table;
}

}  // namespace octet::model
