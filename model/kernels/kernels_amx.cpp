#define OCTET_KERNEL_NAMESPACE amx
#include "model/kernels/elements_avx512.inc"
#include "model/kernels/fc_avx512.inc"
#include "model/kernels/products_amx.inc"

namespace octet::model::amx {
namespace {
constexpr KernelTable make_table() {
  KernelTable table = with_fc_avx512(with_elements(plain_table("amx")));
  table.conv = conv_amx;
  table.weight_gradient = weight_gradient_amx;
  table.weight_gradient_quads = 16 * kTurned;
  return table;
}
}  // namespace
extern const KernelTable kTable;
constexpr KernelTable kTable = make_table();
}  // namespace octet::model::amx
