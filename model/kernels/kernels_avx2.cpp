#define OCTET_KERNEL_NAMESPACE avx2
#include "model/kernels/fc_avx2.inc"
#include "model/kernels/products_avx2.inc"

namespace octet::model::avx2 {
namespace {
constexpr KernelTable make_table() {
  KernelTable table = with_fc_avx2(plain_table("avx2"));
  table.conv = conv;
  table.weight_gradient = weight_gradient;
  return table;
}
}  // namespace
extern const KernelTable kTable;
constexpr KernelTable kTable = make_table();
}  // namespace octet::model::avx2
