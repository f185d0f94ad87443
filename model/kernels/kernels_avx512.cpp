#define OCTET_KERNEL_NAMESPACE avx512
#define OCTET_KERNEL_NAME "avx512"
#include "model/kernels/kernels.inc"
