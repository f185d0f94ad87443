#include <cstring>

#include "model/float32/passes.hpp"
#include "model/kernels/kernels.hpp"

namespace octet::model::float32 {

namespace scalar {
extern const Passes<float> kFloatPasses;
extern const Passes<double> kDoublePasses;
}  // namespace scalar
namespace avx2 {
extern const Passes<float> kFloatPasses;
}
namespace avx512 {
extern const Passes<float> kFloatPasses;
}

template <>
const Passes<float>& passes<float>() {
  const char* name = kernels().name;
  // AMX is AVX-512 with tiles for bytes.
  if (std::strcmp(name, "avx512") == 0 || std::strcmp(name, "amx") == 0)
    return avx512::kFloatPasses;
  if (std::strcmp(name, "avx2") == 0) return avx2::kFloatPasses;
  return scalar::kFloatPasses;
}

template <>
const Passes<double>& passes<double>() {
  return scalar::kDoublePasses;
}

}  // namespace octet::model::float32
