#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

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
namespace amx {
extern const KernelTable kTable;
}

namespace {

bool has_avx512() {
  return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}

// The processor must have the tiles and Linux must grant their state to this process.
bool has_amx() {
  static const bool granted = [] {
    unsigned a = 0, b = 0, c = 0, d = 0;
    constexpr unsigned kTilesAndInt8 = 3U << 24;
    if (!has_avx512() || __get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 ||
        (d & kTilesAndInt8) != kTilesAndInt8)
      return false;
    constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
    constexpr long kTileData = 18;               // XFEATURE_XTILE_DATA
    return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
  }();
  return granted;
}

}  // namespace
#endif

const KernelTable* kernels_named(const char* name) {
  if (std::strcmp(name, "scalar") == 0) return &scalar::kTable;
#if defined(__x86_64__)
  if (std::strcmp(name, "avx2") == 0)
    return __builtin_cpu_supports("avx2") ? &avx2::kTable : nullptr;
  if (std::strcmp(name, "avx512") == 0) return has_avx512() ? &avx512::kTable : nullptr;
  if (std::strcmp(name, "amx") == 0) return has_amx() ? &amx::kTable : nullptr;
#endif
  return nullptr;
}

const KernelTable& kernels() {
  static const KernelTable& table = []() -> const KernelTable& {
    if (const char* wanted = std::getenv("OCTET_ISA"); wanted != nullptr && *wanted != '\0') {
      const KernelTable* named = kernels_named(wanted);
      if (named == nullptr)
        throw usage_error("OCTET_ISA", wanted,
                          "scalar, avx2, avx512 or amx, and a processor that has it");
      return *named;
    }
    for (const char* name : {"amx", "avx512", "avx2"})
      if (const KernelTable* table_of = kernels_named(name)) return *table_of;
    return scalar::kTable;
  }();
  return table;
}

}  // namespace octet::model
