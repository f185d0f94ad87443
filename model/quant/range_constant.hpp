#pragma once
#include <cstdint>

namespace octet::model {

enum class RangeConstant { kPaper, kAuthors, kGaussian };
// C(m) of Range BN for chunks of m values: docs/numerics.md section 6.
[[nodiscard]] float range_constant(RangeConstant kind, std::int64_t m);

}  // namespace octet::model
