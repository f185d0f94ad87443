#define OCTET_KERNEL_NAMESPACE avx2
#define OCTET_KERNEL_NAME "avx2"
#include "model/kernels/kernels.inc"
