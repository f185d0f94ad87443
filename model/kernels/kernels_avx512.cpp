#define OCTET_KERNEL_NAMESPACE avx512
#include "model/kernels/plain.inc"
#include "model/kernels/products_avx512.inc"
#include "model/kernels/quads_avx512.inc"

namespace octet::model::avx512 {
namespace {
constexpr KernelTable make_table() {
  KernelTable table = plain_table("avx512");
  table.conv = conv;
  table.weight_gradient = weight_gradient;
  table.quads = quads;
  table.split_gradient_u8 = split_gradient_u8;
  table.split_gradient_u16 = split_gradient_u16;
  return table;
}
}  // namespace
extern const KernelTable kTable;
constexpr KernelTable kTable = make_table();
}  // namespace octet::model::avx512
