#define OCTET_KERNEL_NAMESPACE avx512
#include "model/kernels/conv_avx512.inc"
#include "model/kernels/elements_avx512.inc"
#include "model/kernels/fc_avx512.inc"
#include "model/kernels/weight_gradient_avx512.inc"

namespace octet::model::avx512 {
namespace {
constexpr KernelTable make_table() {
  KernelTable table = with_fc_avx512(with_elements(plain_table("avx512")));
  table.conv = conv;
  table.weight_gradient = weight_gradient;
  return table;
}
}  // namespace
extern const KernelTable kTable;
constexpr KernelTable kTable = make_table();
}  // namespace octet::model::avx512
