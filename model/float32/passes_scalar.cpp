#define OCTET_PASSES_NAMESPACE scalar
#include "model/float32/passes.inc"

namespace octet::model::float32::scalar {

extern const Passes<double> kDoublePasses;
constexpr Passes<double> kDoublePasses = table<double>();

}  // namespace octet::model::float32::scalar
