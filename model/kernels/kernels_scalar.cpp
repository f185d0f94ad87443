#define OCTET_KERNEL_NAMESPACE scalar
#include "model/kernels/plain.inc"

namespace octet::model::scalar {
extern const KernelTable kTable;
constexpr KernelTable kTable = plain_table("scalar");
}  // namespace octet::model::scalar
